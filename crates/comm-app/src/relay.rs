//! The relay: publishes the outbox in order per email or call, and marks only what was acknowledged.

use crate::Adapters;
use crate::backoff::Backoff;
use comm_ports::error::StoreError;
use comm_ports::outbox::OutboxRow;
use comm_ports::{PublishError, RelayLease, Signal};
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
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
/// How long a batch under way may wait for its reports when the work is to end.
const LAST_REPORTS: Duration = Duration::from_secs(2);

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
    async fn lead(&self, lease: Box<dyn RelayLease>, stop: &CancellationToken) {
        let mut leadership = Leadership::new(lease);
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(30));
        let mut not_before = Instant::now();
        let mut purge = Instant::now();
        while !stop.is_cancelled() && leadership.holds().await {
            if not_before > Instant::now() {
                pause(HEARTBEAT.min(not_before - Instant::now()), stop).await;
                continue;
            }
            let step = tokio::select! {
                step = self.step(&mut leadership) => step,
                () = last_reports(stop) => return,
            };
            match step {
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
        if !stop.is_cancelled() {
            warn!("This instance no longer publishes the events: its lock is gone");
        }
    }

    async fn idle(&self, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.adapters.signals.wait(Signal::Outbox) => {}
            () = sleep(HEARTBEAT) => {}
        }
    }

    /// Publishes one batch, as long as the leadership holds.
    ///
    /// # Errors
    /// Storage. What was published but not marked is published again, with the same `eventId`.
    async fn step(&self, leadership: &mut Leadership) -> Result<Step, StoreError> {
        let mut turn = Turn::default();
        for wave in waves(self.adapters.outbox.unpublished(BATCH).await?) {
            // A slow broker can hold up a batch for longer than a lost lock may stay unnoticed.
            if !leadership.holds().await {
                break;
            }
            self.publish(wave, &mut turn).await?;
        }
        Ok(turn.into_step())
    }

    /// Publishes one wave and marks what was acknowledged. What failed keeps back the later events of
    /// its email or call.
    async fn publish(&self, wave: Vec<OutboxRow>, turn: &mut Turn) -> Result<(), StoreError> {
        let (rows, records): (Vec<_>, Vec<_>) = wave
            .into_iter()
            .filter(|row| !turn.kept_back.contains(&subject(row)))
            .map(|row| ((row.id, subject(&row)), row.record))
            .unzip();
        if records.is_empty() {
            return Ok(());
        }
        let reports = self.adapters.publisher.publish(&records).await;
        let mut published = Vec::with_capacity(rows.len());
        for ((id, subject), report) in rows.into_iter().zip(reports) {
            match report {
                Ok(()) => published.push(id),
                Err(error) => {
                    turn.note(id, error);
                    turn.kept_back.insert(subject);
                }
            }
        }
        if published.is_empty() {
            return Ok(());
        }
        turn.published = true;
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

/// The leadership, and when the database last confirmed it.
struct Leadership {
    lease: Box<dyn RelayLease>,
    confirmed: Instant,
}

impl Leadership {
    fn new(lease: Box<dyn RelayLease>) -> Self {
        Self {
            lease,
            confirmed: Instant::now(),
        }
    }

    /// Asks the database, unless it has confirmed a moment ago; no answer in time is a no.
    async fn holds(&mut self) -> bool {
        if self.confirmed.elapsed() < HEARTBEAT {
            return true;
        }
        let held = timeout(HEARTBEAT, self.lease.holds()).await == Ok(true);
        if held {
            self.confirmed = Instant::now();
        }
        held
    }
}

/// What one turn of the relay came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// There was nothing that Kafka would take.
    Idle,
    /// Some events were published, and Kafka refused none for the moment.
    Published,
    /// Kafka is away, or was for some of the events.
    Failed,
}

/// What has happened in a turn so far.
#[derive(Default)]
struct Turn {
    /// Emails and calls with an event that failed.
    kept_back: HashSet<(String, i64)>,
    published: bool,
    /// How many events were not acknowledged because Kafka is away.
    away: usize,
}

impl Turn {
    /// Kafka away is one line a turn, however many events wait for it.
    fn note(&mut self, outbox_id: i64, error: PublishError) {
        match error {
            PublishError::Unavailable(cause) => {
                if self.away == 0 {
                    warn!(outbox_id, error = %cause, "An event was not acknowledged; trying again");
                }
                self.away += 1;
            }
            PublishError::Rejected(cause) => {
                error!(outbox_id, error = %cause, "Kafka does not take an event; trying again");
            }
        }
    }

    /// An event that Kafka can never take blocks nothing but its email or call, so it is no reason to
    /// back off.
    fn into_step(self) -> Step {
        match self {
            Self { away, .. } if away > 0 => Step::Failed,
            Self {
                published: true, ..
            } => Step::Published,
            Self { .. } => Step::Idle,
        }
    }
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

/// While Kafka is away a batch waits for longer than the process may take to end. What is not marked is
/// published again by the next leader.
async fn last_reports(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(LAST_REPORTS).await;
}

async fn pause(duration: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = sleep(duration) => {}
    }
}

#[cfg(test)]
mod tests;
