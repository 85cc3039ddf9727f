//! The leadership of the relay: when the database last confirmed it, and what it allows.

use super::HEARTBEAT;
use comm_ports::RelayLease;
use comm_ports::error::StoreError;
use comm_ports::outbox::OutboxRow;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// For how long a confirmation is believed. A process that was frozen asks again before it sends anything.
const FRESH: Duration = Duration::from_secs(1);

pub(super) struct Leadership {
    lease: Box<dyn RelayLease>,
    confirmed: Instant,
    message_timeout: Duration,
}

impl Leadership {
    pub(super) fn new(lease: Box<dyn RelayLease>, message_timeout: Duration) -> Self {
        Self {
            lease,
            confirmed: Instant::now(),
            message_timeout,
        }
    }

    /// How long what the leader before has sent may still arrive.
    pub(super) fn in_flight_before(&self) -> Duration {
        self.lease.in_flight()
    }

    /// How long what is sent while a confirmation is fresh may still arrive.
    fn in_flight(&self) -> Duration {
        FRESH + self.message_timeout
    }

    /// Asks the database, unless it has confirmed a moment ago; no answer in time is a no.
    pub(super) async fn holds(&mut self) -> bool {
        self.ask(Duration::ZERO).await
    }

    /// The same before something is sent, so that a successor waits until it can no longer arrive.
    pub(super) async fn holds_for_sending(&mut self) -> bool {
        self.ask(self.in_flight()).await
    }

    async fn ask(&mut self, in_flight: Duration) -> bool {
        if self.confirmed.elapsed() < FRESH {
            return true;
        }
        let asked = Instant::now();
        let held = timeout(HEARTBEAT, self.lease.holds(in_flight)).await == Ok(true);
        if held {
            self.confirmed = asked;
        }
        held
    }

    pub(super) async fn unpublished(&mut self, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let asked = Instant::now();
        let in_flight = self.in_flight();
        let rows = in_time(self.lease.unpublished(limit, in_flight)).await?;
        self.confirmed = asked;
        Ok(rows)
    }

    pub(super) async fn mark_published(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        in_time(self.lease.mark_published(ids)).await
    }

    pub(super) async fn park(&mut self, id: i64, reason: &str) -> Result<(), StoreError> {
        in_time(self.lease.park(id, reason)).await
    }

    pub(super) async fn count_failures(
        &mut self,
        failures: &[(String, i64)],
    ) -> Result<(), StoreError> {
        in_time(self.lease.count_failures(failures)).await
    }

    /// With nothing on its way.
    pub(super) async fn release(self) {
        // Without an answer the connection is dropped, which gives the lock back, too.
        let _ = timeout(HEARTBEAT, self.lease.release()).await;
    }
}

/// A connection that says nothing any more is a lost one; the lock is asked for next.
async fn in_time<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let late = |_| StoreError::Unavailable("the database did not answer in time".into());
    timeout(HEARTBEAT * 2, answer)
        .await
        .unwrap_or_else(|elapsed| Err(late(elapsed)))
}
