//! Tidying up: forgets what is kept for a while only. Every instance may do it at any moment.

use crate::Adapters;
use crate::backoff::Backoff;
use comm_ports::error::StoreError;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Most rows that one statement removes, so that none takes long.
const BATCH: i64 = 200;
const EVERY: Duration = Duration::from_secs(600);
const SHORTEST_RETRY: Duration = Duration::from_secs(5);

/// The worker.
pub struct Upkeep {
    adapters: Adapters,
}

impl Upkeep {
    pub(crate) fn new(adapters: Adapters) -> Self {
        Self { adapters }
    }

    /// Works until it is told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        let mut backoff = Backoff::new(SHORTEST_RETRY, EVERY);
        loop {
            let pause = match self.step(&stop).await {
                Ok(0) => EVERY,
                Ok(keys) => {
                    backoff.succeeded();
                    info!(keys, "Answers that are no longer kept were removed");
                    EVERY
                }
                Err(error) => {
                    warn!(error = %error, "Answers that are no longer kept could not be removed");
                    backoff.failed()
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(pause) => {}
            }
        }
    }

    /// Removes all that is too old, batch by batch; says how much it was.
    async fn step(&self, stop: &CancellationToken) -> Result<usize, StoreError> {
        let mut removed = 0;
        while !stop.is_cancelled() {
            let batch = self.adapters.store.purge_keys(BATCH).await?;
            removed += batch;
            if i64::try_from(batch).unwrap_or(i64::MAX) < BATCH {
                break;
            }
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::adapters;
    use comm_ports::testing::MockOutreachStore;
    use std::sync::Arc;

    fn purging(batches: &'static [usize]) -> Upkeep {
        let mut store = MockOutreachStore::new();
        let count = batches.len();
        let mut batches = batches.iter().copied();
        store
            .expect_purge_keys()
            .times(count)
            .returning(move |_| Ok(batches.next().unwrap()));
        Upkeep::new(Adapters {
            store: Arc::new(store),
            ..adapters()
        })
    }

    #[tokio::test]
    async fn what_is_too_old_goes_in_small_batches_until_none_is_left() {
        let upkeep = purging(&[200, 200, 7]);
        let removed = upkeep.step(&CancellationToken::new()).await.unwrap();
        assert_eq!(removed, 407);
        let upkeep = purging(&[0]);
        assert_eq!(upkeep.step(&CancellationToken::new()).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn it_stops_when_it_is_told_to() {
        let stop = CancellationToken::new();
        stop.cancel();
        purging(&[]).run(stop).await;
    }
}
