//! The relay: publishes the outbox in order per email or call, and marks only what was acknowledged.

mod leadership;
mod turn;

use crate::Adapters;
use crate::backoff::Backoff;
use comm_ports::error::StoreError;
use comm_ports::outbox::OutboxRow;
use comm_ports::{OutboxRecord, PublishError, Signal};
use leadership::Leadership;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use turn::{Step, Turn, subject, waves};

/// Most rows that are read at once.
const BATCH: i64 = 2000;
/// How often an instance that does not lead asks again, and a leader that waits says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);
const PURGE_EVERY: Duration = Duration::from_secs(3600);
const PURGE_BATCH: i64 = 1000;
/// How long a batch under way may wait for its reports when the work is to end.
const LAST_REPORTS: Duration = Duration::from_secs(2);

/// How the relay works.
#[derive(Debug, Clone, Copy)]
pub struct RelaySettings {
    /// How long published events are kept.
    pub keep: Duration,
    /// How long the publisher tries to hand over an event before it reports a failure.
    pub message_timeout: Duration,
}

/// The worker. Every instance runs one; only the leader publishes.
pub struct Relay {
    adapters: Adapters,
    settings: RelaySettings,
}

impl Relay {
    pub(crate) fn new(adapters: Adapters, settings: RelaySettings) -> Self {
        Self { adapters, settings }
    }

    /// Works until it is told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.adapters.outbox.try_lead().await {
                Ok(Some(lease)) => {
                    info!("This instance publishes the events");
                    let leadership = Leadership::new(lease, self.settings.message_timeout);
                    self.lead(leadership, &stop).await;
                }
                Ok(None) => {}
                Err(error) => warn!(error = %error, "The relay cannot reach the database"),
            }
            pause(HEARTBEAT, &stop).await;
        }
    }

    /// Publishes until the leadership is lost or the work ends. Nothing is published before what the leader
    /// before has sent can no longer arrive.
    async fn lead(&self, mut leadership: Leadership, stop: &CancellationToken) {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(30));
        let in_flight = leadership.in_flight_before();
        if !in_flight.is_zero() {
            info!(
                seconds = in_flight.as_secs(),
                "Waiting for what the leader before may have on its way"
            );
        }
        let mut not_before = Instant::now() + in_flight;
        let mut purge = Instant::now();
        while !stop.is_cancelled() && leadership.holds().await {
            self.tidy(&mut purge).await;
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
                    self.idle(stop).await;
                }
                Err(error) => {
                    warn!(error = %error, "The outbox cannot be read or marked; trying again");
                    not_before = Instant::now() + backoff.failed();
                }
            }
        }
        if stop.is_cancelled() {
            leadership.release().await;
        } else {
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
        for wave in waves(leadership.unpublished(BATCH).await?) {
            // A slow broker can hold up a batch for longer than a lost lock may stay unnoticed.
            if !leadership.holds_for_sending().await {
                break;
            }
            self.publish(wave, leadership, &mut turn).await?;
        }
        let failures = turn.failures();
        if !failures.is_empty() {
            leadership.count_failures(&failures).await?;
        }
        Ok(turn.into_step())
    }

    /// Publishes one wave, marks what was acknowledged and parks what never will be. What failed keeps
    /// back the later events of its email or call.
    async fn publish(
        &self,
        wave: Vec<OutboxRow>,
        leadership: &mut Leadership,
        turn: &mut Turn,
    ) -> Result<(), StoreError> {
        let (rows, records): (Vec<_>, Vec<_>) = wave
            .into_iter()
            .filter(|row| !turn.keeps_back(row))
            .map(|row| ((row.id, subject(&row)), row.record))
            .unzip();
        if records.is_empty() {
            return Ok(());
        }
        let Some(reports) = self.send(&records, leadership).await else {
            return Ok(());
        };
        let (mut published, mut refused) = (Vec::with_capacity(rows.len()), Vec::new());
        for ((id, subject), report) in rows.into_iter().zip(reports) {
            match report {
                Ok(()) => published.push(id),
                Err(error) => {
                    let reason = turn.note(id, subject, &error);
                    if matches!(error, PublishError::Rejected(_)) {
                        refused.push((id, reason));
                    }
                }
            }
        }
        if !published.is_empty() {
            turn.published = true;
            leadership.mark_published(&published).await?;
        }
        for (id, reason) in refused {
            leadership.park(id, &reason).await?;
        }
        Ok(())
    }

    /// Sends records and says again and again that this leader lives. `None`: it is none any more, and what
    /// has not left yet never will.
    async fn send(
        &self,
        records: &[OutboxRecord],
        leadership: &mut Leadership,
    ) -> Option<Vec<Result<(), PublishError>>> {
        let publisher = &self.adapters.publisher;
        let mut sending = publisher.publish(records);
        loop {
            tokio::select! {
                reports = &mut sending => return Some(reports),
                () = sleep(HEARTBEAT) => {}
            }
            if !leadership.holds_for_sending().await {
                publisher.abandon();
                return None;
            }
        }
    }

    /// Removes old published rows once an hour, in small batches.
    async fn tidy(&self, next: &mut Instant) {
        if *next > Instant::now() {
            return;
        }
        let outbox = &self.adapters.outbox;
        match outbox.purge(self.settings.keep, PURGE_BATCH).await {
            Ok(removed) if removed > 0 => {}
            Ok(_) => *next = Instant::now() + PURGE_EVERY,
            Err(error) => {
                warn!(error = %error, "Old events could not be removed");
                *next = Instant::now() + HEARTBEAT;
            }
        }
    }
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
