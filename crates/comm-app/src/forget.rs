//! Forgetting consumed events that the topic cannot repeat any more.

use comm_ports::ConsumedStore;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

const EVERY: Duration = Duration::from_secs(3600);
const BATCH: i64 = 1000;
/// Between two batches, so that the purge of many leaves the database to others.
const BREATH: Duration = Duration::from_millis(100);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The worker. Every instance runs one; two at a time do no harm.
pub struct Forget {
    store: Arc<dyn ConsumedStore>,
    keep: Duration,
}

impl Forget {
    /// Keeps events for so many days.
    pub fn new(store: Arc<dyn ConsumedStore>, keep_days: u32) -> Self {
        Self {
            store,
            keep: DAY.saturating_mul(keep_days),
        }
    }

    /// Works until it is told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            let pause = self.step().await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(pause) => {}
            }
        }
    }

    /// Removes one batch; says how long to wait for the next.
    async fn step(&self) -> Duration {
        match self.store.purge_consumed(self.keep, BATCH).await {
            Ok(removed) if removed > 0 => BREATH,
            Ok(_) => EVERY,
            Err(error) => {
                warn!(error = %error, "Old consumed events could not be removed");
                EVERY
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use comm_ports::error::StoreError;
    use comm_ports::testing::MockConsumedStore;
    use std::sync::Mutex;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn old_events_go_batch_by_batch_then_once_an_hour_also_after_an_error() {
        let answers = Mutex::new(vec![
            Ok(0),
            Err(StoreError::Unavailable("away".into())),
            Ok(7),
            Ok(1000),
        ]);
        let begun = Instant::now();
        let (asked, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let mut store = MockConsumedStore::new();
        store.expect_purge_consumed().returning(move |keep, limit| {
            let _ = asked.send((keep, limit, begun.elapsed()));
            answers.lock().unwrap().pop().unwrap_or(Ok(0))
        });
        let worker = Forget::new(Arc::new(store), 30);
        let stop = CancellationToken::new();
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { worker.run(stop).await }
        });
        let mut moments = Vec::new();
        for _ in 0..4 {
            let (keep, limit, at) = heard.recv().await.unwrap();
            assert_eq!((keep, limit), (DAY * 30, BATCH));
            moments.push(at.as_secs());
        }
        stop.cancel();
        running.await.unwrap();
        assert_eq!(moments, [0, 0, 0, 3600]);
    }
}
