//! Signs of life: from the loop that does the work, and no more once it has ended.

use super::{Dispatch, queue, settings, settle_down};
use crate::Adapters;
use crate::testing::adapters;
use comm_ports::error::StoreError;
use comm_ports::testing::MockQueueMonitor;
use queue::Queue;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::advance;
use tokio_util::sync::CancellationToken;

#[tokio::test(start_paused = true)]
async fn a_worker_says_every_five_seconds_that_it_works_and_in_the_end_that_it_has_ended() {
    let said = Arc::new(Mutex::new(Vec::new()));
    let mut monitor = MockQueueMonitor::new();
    let (seen, gone) = (said.clone(), said.clone());
    // A database that is away must not end the worker.
    monitor.expect_seen().returning(move |instanz| {
        seen.lock().unwrap().push(("seen", instanz));
        Err(StoreError::Unavailable("away".into()))
    });
    monitor.expect_gone().returning(move |instanz| {
        gone.lock().unwrap().push(("gone", instanz));
        Ok(())
    });
    let dispatch = Dispatch::new(
        Adapters {
            store: Arc::new(queue::store(&Arc::new(Queue::of(0)))),
            monitor: Arc::new(monitor),
            ..adapters()
        },
        settings(),
    );
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { dispatch.run(stop).await }
    });
    settle_down().await;
    let words = || -> Vec<&str> { said.lock().unwrap().iter().map(|(word, _)| *word).collect() };
    assert_eq!(words(), ["seen"], "at once");
    for _ in 0..2 {
        advance(Duration::from_secs(5)).await;
        settle_down().await;
    }
    stop.cancel();
    running.await.unwrap();
    assert_eq!(words(), ["seen", "seen", "seen", "gone"]);
    let said = said.lock().unwrap();
    assert!(said.iter().all(|(_, instanz)| *instanz == said[0].1));
}
