//! Tidying up: forgets what is kept for a while only. Every instance may do it at any moment.

use crate::backoff::Backoff;
use crate::{Adapters, Directories};
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
            let pause = if self.step(&stop).await {
                backoff.succeeded();
                EVERY
            } else {
                backoff.failed()
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(pause) => {}
            }
        }
    }

    /// Removes all that is too old, batch by batch; says whether that went well. What cannot be removed of
    /// one kind is no reason to leave the other.
    async fn step(&self, stop: &CancellationToken) -> bool {
        let store = &self.adapters.store;
        let keys = all(stop, || store.purge_keys(BATCH)).await;
        match &keys {
            Ok(0) => {}
            Ok(keys) => info!(keys, "Answers that are no longer kept were removed"),
            Err(error) => {
                warn!(error = %error, "Answers that are no longer kept could not be removed");
            }
        }
        let Directories {
            copies, settings, ..
        } = &self.adapters.directories;
        let keep = settings.keep_copies;
        let copies = all(stop, || copies.purge_copies(keep, BATCH)).await;
        match &copies {
            Ok(0) => {}
            Ok(copies) => info!(copies, "Old copies out of the directories were removed"),
            Err(error) => {
                warn!(error = %error, "Old copies out of the directories could not be removed");
            }
        }
        keys.is_ok() && copies.is_ok()
    }
}

/// Batch by batch, until one is not full.
async fn all<F>(stop: &CancellationToken, purge: impl Fn() -> F) -> Result<usize, StoreError>
where
    F: Future<Output = Result<usize, StoreError>>,
{
    let mut removed = 0;
    while !stop.is_cancelled() {
        let batch = purge().await?;
        removed += batch;
        if i64::try_from(batch).unwrap_or(i64::MAX) < BATCH {
            break;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::adapters;
    use comm_ports::testing::{MockDirectoryCopies, MockOutreachStore};
    use std::sync::Arc;

    /// What one kind of rows answers, batch by batch.
    type Batches = &'static [Option<usize>];

    fn answers(batches: Batches) -> impl FnMut() -> Result<usize, StoreError> {
        let mut batches = batches.iter().copied();
        let away = || StoreError::Unavailable("away".into());
        move || batches.next().unwrap().ok_or_else(away)
    }

    fn purging(keys: Batches, copies: Batches) -> Upkeep {
        let mut store = MockOutreachStore::new();
        let mut next = answers(keys);
        store
            .expect_purge_keys()
            .times(keys.len())
            .returning(move |_| next());
        let mut kept = MockDirectoryCopies::new();
        let mut next = answers(copies);
        kept.expect_purge_copies()
            .times(copies.len())
            .withf(|keep, _| *keep == Duration::from_secs(90 * 86_400))
            .returning(move |_, _| next());
        Upkeep::new(Adapters {
            store: Arc::new(store),
            directories: Directories::none(Arc::new(kept)),
            ..adapters()
        })
    }

    #[tokio::test]
    async fn what_is_too_old_goes_in_small_batches_until_none_is_left() {
        let stop = CancellationToken::new();
        let upkeep = purging(&[Some(200), Some(200), Some(7)], &[Some(200), Some(0)]);
        assert!(upkeep.step(&stop).await);
        assert!(purging(&[Some(0)], &[Some(0)]).step(&stop).await);
    }

    #[tokio::test]
    async fn an_error_with_one_kind_leaves_the_other_to_go() {
        let stop = CancellationToken::new();
        let upkeep = purging(&[Some(200), None], &[Some(200), Some(1)]);
        assert!(!upkeep.step(&stop).await);
        assert!(!purging(&[Some(3)], &[None]).step(&stop).await);
    }

    #[tokio::test]
    async fn it_stops_when_it_is_told_to() {
        let stop = CancellationToken::new();
        stop.cancel();
        purging(&[], &[]).run(stop).await;
    }
}
