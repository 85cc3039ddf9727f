//! The relay: publishes the outbox in order per email or call, and marks only what was acknowledged.

use crate::Adapters;
use crate::backoff::Backoff;
use comm_ports::error::StoreError;
use comm_ports::outbox::OutboxRow;
use comm_ports::{PublishError, RelayLease, Signal};
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

/// Most rows that are read at once.
const BATCH: i64 = 500;
/// How often an instance that does not lead asks again, and a leader asks whether it still does.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Published events are kept for a week (contract-events).
const KEEP: Duration = Duration::from_secs(7 * 24 * 3600);
const PURGE_EVERY: Duration = Duration::from_secs(3600);
const PURGE_BATCH: i64 = 1000;

/// The worker. Every instance runs one; only the leader publishes.
pub struct Relay {
    adapters: Adapters,
}

impl Relay {
    pub(crate) fn new(adapters: Adapters) -> Self {
        Self { adapters }
    }

    /// Works until it is told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.adapters.outbox.try_lead().await {
                Ok(Some(lease)) => {
                    info!("This instance publishes the events");
                    self.lead(lease, &stop).await;
                }
                Ok(None) => {}
                Err(error) => warn!(error = %error, "The relay cannot reach the database"),
            }
            pause(HEARTBEAT, &stop).await;
        }
    }

    /// Publishes until the leadership is lost or the work ends.
    async fn lead(&self, mut lease: Box<dyn RelayLease>, stop: &CancellationToken) {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(30));
        let mut not_before = Instant::now();
        let mut heartbeat = Instant::now();
        let mut purge = Instant::now();
        while !stop.is_cancelled() {
            if heartbeat.elapsed() >= HEARTBEAT {
                if !lease.holds().await {
                    warn!("This instance no longer publishes the events: its lock is gone");
                    return;
                }
                heartbeat = Instant::now();
            }
            if not_before > Instant::now() {
                pause(HEARTBEAT.min(not_before - Instant::now()), stop).await;
                continue;
            }
            match self.step().await {
                Ok(Step::Published) => backoff.succeeded(),
                Ok(Step::Failed) => not_before = Instant::now() + backoff.failed(),
                Ok(Step::Idle) => {
                    backoff.succeeded();
                    self.tidy(&mut purge).await;
                    self.idle(stop).await;
                }
                Err(error) => {
                    warn!(error = %error, "The outbox cannot be read or marked; trying again");
                    not_before = Instant::now() + backoff.failed();
                }
            }
        }
    }

    async fn idle(&self, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.adapters.signals.wait(Signal::Outbox) => {}
            () = sleep(HEARTBEAT) => {}
        }
    }

    /// Publishes one batch.
    ///
    /// # Errors
    /// Storage. What was published but not marked is published again, with the same `eventId`.
    pub async fn step(&self) -> Result<Step, StoreError> {
        let rows = self.adapters.outbox.unpublished(BATCH).await?;
        if rows.is_empty() {
            return Ok(Step::Idle);
        }
        let mut failed = HashSet::new();
        for wave in waves(rows) {
            self.publish(wave, &mut failed).await?;
        }
        Ok(if failed.is_empty() {
            Step::Published
        } else {
            Step::Failed
        })
    }

    /// Publishes one wave and marks what was acknowledged. What failed keeps back the later events of
    /// its email or call.
    async fn publish(
        &self,
        wave: Vec<OutboxRow>,
        failed: &mut HashSet<(String, i64)>,
    ) -> Result<(), StoreError> {
        let (rows, records): (Vec<_>, Vec<_>) = wave
            .into_iter()
            .filter(|row| !failed.contains(&subject(row)))
            .map(|row| ((row.id, subject(&row)), row.record))
            .unzip();
        let reports = self.adapters.publisher.publish(&records).await;
        let mut published = Vec::with_capacity(rows.len());
        for ((id, subject), report) in rows.into_iter().zip(reports) {
            match report {
                Ok(()) => published.push(id),
                Err(error) => {
                    log_failure(id, &error);
                    failed.insert(subject);
                }
            }
        }
        if published.is_empty() {
            return Ok(());
        }
        self.adapters.outbox.mark_published(&published).await
    }

    /// Removes old published rows once an hour, in small batches.
    async fn tidy(&self, next: &mut Instant) {
        if *next > Instant::now() {
            return;
        }
        match self.adapters.outbox.purge(KEEP, PURGE_BATCH).await {
            Ok(removed) if removed > 0 => {}
            Ok(_) => *next = Instant::now() + PURGE_EVERY,
            Err(error) => warn!(error = %error, "Old events could not be removed"),
        }
    }
}

/// What one turn of the relay came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There was nothing to publish.
    Idle,
    /// All of the batch was published.
    Published,
    /// Some of it was not.
    Failed,
}

fn subject(row: &OutboxRow) -> (String, i64) {
    (row.record.aggregate.clone(), row.record.aggregate_id)
}

/// Splits rows so that each wave has at most one event of an email or call, and an event stands in a
/// later wave than those before it. So the next event of a key is only sent once the one before it has
/// been acknowledged, and no retry can let it overtake.
fn waves(rows: Vec<OutboxRow>) -> Vec<Vec<OutboxRow>> {
    let mut waves: Vec<Vec<OutboxRow>> = Vec::new();
    let mut depth = std::collections::HashMap::new();
    for row in rows {
        let wave: &mut usize = depth.entry(subject(&row)).or_insert(0);
        if waves.len() <= *wave {
            waves.push(Vec::new());
        }
        if let Some(rows) = waves.get_mut(*wave) {
            rows.push(row);
        }
        *wave += 1;
    }
    waves
}

fn log_failure(id: i64, error: &PublishError) {
    match error {
        PublishError::Unavailable(cause) => {
            warn!(outbox_id = id, error = %cause, "An event was not acknowledged; trying again");
        }
        PublishError::Rejected(cause) => {
            error!(outbox_id = id, error = %cause, "Kafka does not take an event; trying again");
        }
    }
}

async fn pause(duration: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = sleep(duration) => {}
    }
}
