//! Forgetting what consumed events have left: their ids, which the topic cannot repeat any more, and wishes for
//! calls, whose notes may be about people.

use crate::EventSettings;
use comm_ports::ConsumedStore;
use comm_ports::error::StoreError;
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
    keep_seen: Duration,
    keep_anrufwuensche: Duration,
}

impl Forget {
    /// Keeps everything for as many days as the settings say.
    pub fn new(store: Arc<dyn ConsumedStore>, settings: &EventSettings) -> Self {
        Self {
            store,
            keep_seen: DAY.saturating_mul(settings.keep_seen_days),
            keep_anrufwuensche: DAY.saturating_mul(settings.keep_anrufwuensche_days),
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

    /// Removes one batch of each kind; says how long to wait for the next.
    async fn step(&self) -> Duration {
        let store = &self.store;
        let seen = store.purge_consumed(self.keep_seen, BATCH).await;
        let wuensche = store
            .purge_anrufwuensche(self.keep_anrufwuensche, BATCH)
            .await;
        match removed("consumed_events", seen) + removed("anrufwuensche", wuensche) {
            0 => EVERY,
            _ => BREATH,
        }
    }
}

/// What cannot be removed from one table is no reason to leave the other.
fn removed(table: &str, batch: Result<usize, StoreError>) -> usize {
    batch.unwrap_or_else(|error| {
        warn!(table, error = %error, "Old rows could not be removed");
        0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScheduleCall;
    use crate::envelope::FreeText;
    use comm_ports::testing::MockConsumedStore;
    use std::collections::VecDeque;
    use std::sync::Mutex;
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
    use tokio::time::Instant;

    type Answer = Result<usize, StoreError>;
    /// The table, for how long its rows are kept, and the second of the batch.
    type Batch = (&'static str, Duration, u64);

    fn away() -> Answer {
        Err(StoreError::Unavailable("away".into()))
    }

    /// Answers batch after batch, then that nothing is left; and tells the test.
    fn purging(
        table: &'static str,
        answers: impl IntoIterator<Item = Answer>,
        tell: UnboundedSender<Batch>,
    ) -> impl Fn(Duration, i64) -> Answer {
        let answers: Mutex<VecDeque<Answer>> = Mutex::new(answers.into_iter().collect());
        let begun = Instant::now();
        move |keep, limit| {
            assert_eq!(limit, BATCH);
            let _ = tell.send((table, keep, begun.elapsed().as_secs()));
            answers.lock().unwrap().pop_front().unwrap_or(Ok(0))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn old_rows_go_batch_by_batch_then_once_an_hour_also_after_an_error() {
        let (tell, mut told) = unbounded_channel();
        let mut store = MockConsumedStore::new();
        let seen = purging("seen", [Ok(1000), away(), Ok(0), Ok(7)], tell.clone());
        store.expect_purge_consumed().returning(seen);
        let wuensche = purging("wuensche", [Ok(3), Ok(2), away(), Ok(0)], tell);
        store.expect_purge_anrufwuensche().returning(wuensche);
        let settings = EventSettings {
            topic: "events".to_owned(),
            free_text: FreeText::Send,
            schedule_call: ScheduleCall::Record,
            keep_seen_days: 30,
            keep_anrufwuensche_days: 90,
            also_publish_old_names: false,
            keep_days: 7,
        };
        let worker = Forget::new(Arc::new(store), &settings);
        let stop = CancellationToken::new();
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { worker.run(stop).await }
        });
        let mut batches = Vec::new();
        for _ in 0..10 {
            batches.push(told.recv().await.unwrap());
        }
        stop.cancel();
        running.await.unwrap();
        // An error keeps neither table from the next batch of the other.
        let expected: Vec<Batch> = [0, 0, 0, 3600, 3600]
            .into_iter()
            .flat_map(|at| [("seen", DAY * 30, at), ("wuensche", DAY * 90, at)])
            .collect();
        assert_eq!(batches, expected);
    }
}
