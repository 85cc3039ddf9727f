//! Tidying up: forgets what is kept for a while only, and keeps `q` quick. Every instance may do it at any moment.

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
/// Calendars show for 30 days that a call was deleted (contract, 'Telefonanruf'), and count whole days.
const KEEP_CALLS: Duration = Duration::from_secs(31 * 86_400);
/// In so many emails a word is frequent: going through them all takes 10 ms.
const FREQUENT: i64 = 50_000;

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
    /// one kind is no reason to leave the others.
    async fn step(&self, stop: &CancellationToken) -> bool {
        let Adapters {
            store,
            telefonanrufe,
            directories,
            ..
        } = &self.adapters;
        let Directories {
            copies, settings, ..
        } = directories;
        let keep = settings.keep_copies;
        let keys = all(stop, || store.purge_keys(BATCH)).await;
        let copies = all(stop, || copies.purge_copies(keep, BATCH)).await;
        let calls = all(stop, || {
            telefonanrufe.purge_telefonanrufe(KEEP_CALLS, BATCH)
        })
        .await;
        let words = self.take_up_frequent_words(stop).await;
        let went_well = [
            noted("answers to requests", keys),
            noted("copies out of the directories", copies),
            noted("deleted calls", calls),
            words,
        ];
        went_well.iter().all(|well| *well)
    }

    /// One after the other, so that who writes emails gets a turn in between; says whether that went well.
    async fn take_up_frequent_words(&self, stop: &CancellationToken) -> bool {
        while !stop.is_cancelled() {
            let taken = tokio::select! {
                () = stop.cancelled() => return true,
                taken = self.adapters.store.take_up_frequent_word(FREQUENT) => taken,
            };
            match taken {
                Ok(true) => info!(
                    "A word that many emails have by now is found beside others as soon as a rare one"
                ),
                Ok(false) => break,
                Err(error) => {
                    warn!(error = %error, "A frequent word could not be taken up; trying again");
                    return false;
                }
            }
        }
        true
    }
}

/// Logs what was removed, if anything was, and says whether that went well.
fn noted(what: &'static str, removed: Result<usize, StoreError>) -> bool {
    match &removed {
        Ok(0) => {}
        Ok(rows) => info!(what, rows, "What is no longer kept was removed"),
        Err(error) => warn!(what, error = %error, "What is no longer kept could not be removed"),
    }
    removed.is_ok()
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
    use comm_ports::testing::{MockDirectoryCopies, MockOutreachStore, MockTelefonanrufStore};
    use std::sync::Arc;

    /// What one kind of rows answers, batch by batch.
    type Batches = &'static [Option<usize>];

    fn answers(batches: Batches) -> impl FnMut() -> Result<usize, StoreError> {
        let mut batches = batches.iter().copied();
        let away = || StoreError::Unavailable("away".into());
        move || batches.next().unwrap().ok_or_else(away)
    }

    fn purging(keys: Batches, copies: Batches, calls: Batches) -> Upkeep {
        let mut store = MockOutreachStore::new();
        store
            .expect_take_up_frequent_word()
            .returning(|_| Ok(false));
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
        let mut deleted = MockTelefonanrufStore::new();
        let mut next = answers(calls);
        deleted
            .expect_purge_telefonanrufe()
            .times(calls.len())
            .withf(|keep, _| *keep > Duration::from_secs(30 * 86_400))
            .returning(move |_, _| next());
        Upkeep::new(Adapters {
            store: Arc::new(store),
            telefonanrufe: Arc::new(deleted),
            directories: Directories::none(Arc::new(kept)),
            ..adapters()
        })
    }

    #[tokio::test]
    async fn what_is_too_old_goes_in_small_batches_until_none_is_left() {
        let stop = CancellationToken::new();
        let keys = &[Some(200), Some(200), Some(7)];
        let upkeep = purging(keys, &[Some(200), Some(0)], &[Some(200), Some(1)]);
        assert!(upkeep.step(&stop).await);
        let nothing = &[Some(0)];
        assert!(purging(nothing, nothing, nothing).step(&stop).await);
    }

    #[tokio::test]
    async fn an_error_with_one_kind_leaves_the_others_to_go() {
        let stop = CancellationToken::new();
        let upkeep = purging(&[Some(200), None], &[Some(200), Some(1)], &[Some(3)]);
        assert!(!upkeep.step(&stop).await);
        assert!(!purging(&[Some(3)], &[None], &[Some(3)]).step(&stop).await);
        assert!(!purging(&[Some(3)], &[Some(3)], &[None]).step(&stop).await);
    }

    #[tokio::test]
    async fn frequent_words_are_taken_up_one_by_one_and_an_error_is_told() {
        let taking = |answers: Vec<Result<bool, StoreError>>| {
            let mut store = MockOutreachStore::new();
            store.expect_purge_keys().returning(|_| Ok(0));
            let times = answers.len();
            let mut answers = answers.into_iter();
            store
                .expect_take_up_frequent_word()
                .times(times)
                .returning(move |_| answers.next().unwrap());
            Upkeep {
                adapters: Adapters {
                    store: Arc::new(store),
                    ..purging(&[], &[Some(0)], &[Some(0)]).adapters
                },
            }
        };
        let stop = CancellationToken::new();
        assert!(
            taking(vec![Ok(true), Ok(true), Ok(false)])
                .step(&stop)
                .await
        );
        let away = StoreError::Unavailable("away".into());
        assert!(!taking(vec![Ok(true), Err(away)]).step(&stop).await);
    }

    #[tokio::test]
    async fn it_stops_when_it_is_told_to() {
        let stop = CancellationToken::new();
        stop.cancel();
        purging(&[], &[], &[]).run(stop).await;
    }
}
