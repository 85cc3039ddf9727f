//! The relay between an outbox in memory and a broker whose reports the test decides.

use super::*;
use crate::testing::{Lamps, adapters};
use comm_ports::error::StoreError;
use comm_ports::testing::build::instant;
use comm_ports::testing::{MockEventPublisher, MockOutboxStore, MockRelayLease};
use comm_ports::{OutboxRecord, Signals};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::advance;
use uuid::Uuid;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Away,
    TooLarge,
}

#[derive(Default)]
struct State {
    rows: Vec<OutboxRow>,
    /// The row ids of every wave that was published.
    waves: Vec<Vec<i64>>,
    marked: Vec<i64>,
    faults: HashMap<i64, Fault>,
    mark_fails: bool,
    purged: Vec<usize>,
    purgeable: usize,
    holds: bool,
    asked: usize,
    /// The leadership is lost while this many waves have been published.
    lose_after: Option<usize>,
    leading: bool,
    attempts: usize,
}

struct World {
    relay: Arc<Relay>,
    state: Arc<Mutex<State>>,
    signals: Arc<Lamps>,
}

/// Row `id` reports event after event of the email `of`.
fn row(id: i64, of: i64) -> OutboxRow {
    about(id, "email", of)
}

fn about(id: i64, aggregate: &str, of: i64) -> OutboxRow {
    OutboxRow {
        id,
        record: OutboxRecord {
            event_id: Uuid::from_u128(id.try_into().unwrap()),
            event_type: "email.sent".to_owned(),
            aggregate: aggregate.to_owned(),
            aggregate_id: of,
            sequence: id,
            topic: "events".to_owned(),
            key: of.to_string(),
            payload: b"{}".to_vec(),
            occurred_at: instant(),
            traceparent: String::new(),
        },
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("away".into())
}

fn outbox(state: &Arc<Mutex<State>>) -> MockOutboxStore {
    let mut outbox = MockOutboxStore::new();
    let s = state.clone();
    outbox.expect_unpublished().returning(move |limit| {
        let state = s.lock().unwrap();
        let unpublished = |row: &&OutboxRow| !state.marked.contains(&row.id);
        let limit = usize::try_from(limit).unwrap();
        Ok(state
            .rows
            .iter()
            .filter(unpublished)
            .take(limit)
            .cloned()
            .collect())
    });
    let s = state.clone();
    outbox.expect_mark_published().returning(move |ids| {
        let mut state = s.lock().unwrap();
        if state.mark_fails {
            return Err(unavailable());
        }
        state.marked.extend(ids);
        Ok(())
    });
    let s = state.clone();
    outbox.expect_purge().returning(move |keep, limit| {
        assert_eq!((keep.as_secs(), limit), (7 * 24 * 3600, 1000));
        let mut state = s.lock().unwrap();
        let removed = state.purgeable.min(1000);
        state.purgeable -= removed;
        state.purged.push(removed);
        Ok(removed)
    });
    let s = state.clone();
    outbox.expect_try_lead().returning(move || {
        let mut state = s.lock().unwrap();
        state.attempts += 1;
        if !state.leading {
            return Ok(None);
        }
        Ok(Some(Box::new(lease(&s))))
    });
    outbox
}

fn lease(state: &Arc<Mutex<State>>) -> MockRelayLease {
    let mut lease = MockRelayLease::new();
    let s = state.clone();
    lease.expect_holds().returning(move || {
        let mut state = s.lock().unwrap();
        state.asked += 1;
        state.holds
    });
    lease
}

fn publisher(state: &Arc<Mutex<State>>) -> MockEventPublisher {
    let mut publisher = MockEventPublisher::new();
    let s = state.clone();
    publisher.expect_publish().returning(move |records| {
        let mut state = s.lock().unwrap();
        let ids: Vec<i64> = records.iter().map(|record| record.sequence).collect();
        let reports = ids.iter().map(|id| match state.faults.get(id) {
            Some(Fault::Away) => Err(PublishError::Unavailable("away".into())),
            Some(Fault::TooLarge) => Err(PublishError::Rejected("too large".into())),
            None => Ok(()),
        });
        let reports = reports.collect();
        state.waves.push(ids);
        if state.lose_after == Some(state.waves.len()) {
            state.holds = false;
        }
        reports
    });
    publisher
}

impl World {
    fn new(rows: Vec<OutboxRow>) -> Self {
        let state = Arc::new(Mutex::new(State {
            rows,
            holds: true,
            leading: true,
            ..State::default()
        }));
        let signals = Arc::new(Lamps::default());
        let adapters = Adapters {
            outbox: Arc::new(outbox(&state)),
            publisher: Arc::new(publisher(&state)),
            signals: signals.clone(),
            ..adapters()
        };
        Self {
            relay: Arc::new(Relay::new(adapters)),
            state,
            signals,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn step(&self) -> Result<Step, StoreError> {
        let mut leadership = Leadership::new(Box::new(lease(&self.state)));
        self.relay.step(&mut leadership).await
    }

    async fn run(&self) -> (CancellationToken, JoinHandle<()>) {
        let (stop, relay) = (CancellationToken::new(), self.relay.clone());
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { relay.run(stop).await }
        });
        settle_down().await;
        (stop, running)
    }
}

async fn settle_down() {
    for _ in 0..200 {
        yield_now().await;
    }
}

async fn pass(seconds: u64) {
    for _ in 0..seconds * 10 {
        advance(Duration::from_millis(100)).await;
        settle_down().await;
    }
}

#[test]
fn a_wave_has_one_event_of_an_email_or_call_and_keeps_their_order() {
    let rows = vec![
        row(1, 5),
        row(2, 6),
        row(3, 5),
        row(4, 5),
        about(5, "telefonanruf", 5),
        row(6, 6),
    ];
    let ids = |wave: &Vec<OutboxRow>| wave.iter().map(|row| row.id).collect::<Vec<_>>();
    let waves: Vec<_> = waves(rows).iter().map(ids).collect();
    assert_eq!(waves, [vec![1, 2, 5], vec![3, 6], vec![4]]);
    assert!(super::waves(Vec::new()).is_empty());
}

#[tokio::test]
async fn acknowledged_events_are_marked_wave_by_wave() {
    let world = World::new(vec![row(1, 5), row(2, 6), row(3, 5)]);
    assert_eq!(world.step().await.unwrap(), Step::Published);
    assert_eq!(world.state().waves, [vec![1, 2], vec![3]]);
    assert_eq!(world.state().marked, [1, 2, 3]);
    assert_eq!(world.step().await.unwrap(), Step::Idle);
}

#[tokio::test]
async fn a_failed_event_keeps_back_later_ones_of_its_email_and_no_others() {
    let world = World::new(vec![row(1, 5), row(2, 6), row(3, 5), row(4, 6), row(5, 5)]);
    world.state().faults.insert(1, Fault::Away);
    assert_eq!(world.step().await.unwrap(), Step::Failed);
    assert_eq!(world.state().waves, [vec![1, 2], vec![4]], "no empty wave");
    assert_eq!(world.state().marked, [2, 4]);
    world.state().faults.clear();
    assert_eq!(world.step().await.unwrap(), Step::Published);
    assert_eq!(world.state().marked, [2, 4, 1, 3, 5]);
}

#[tokio::test]
async fn what_was_published_but_not_marked_is_published_again() {
    let world = World::new(vec![row(1, 5), row(2, 5)]);
    world.state().mark_fails = true;
    assert!(world.step().await.is_err());
    assert_eq!(
        world.state().waves,
        [[1]],
        "the next one waits for the mark"
    );
    world.state().mark_fails = false;
    world.step().await.unwrap();
    assert_eq!(world.state().waves, [[1], [1], [2]]);
    assert_eq!(world.state().marked, [1, 2]);
}

#[tokio::test]
async fn an_event_that_kafka_can_never_take_is_no_reason_to_back_off() {
    let world = World::new(vec![row(1, 5), row(2, 5), row(3, 6)]);
    world.state().faults.insert(1, Fault::TooLarge);
    assert_eq!(world.step().await.unwrap(), Step::Published);
    assert_eq!(world.state().marked, [3]);
    assert_eq!(world.step().await.unwrap(), Step::Idle);
}

#[tokio::test(start_paused = true)]
async fn others_are_published_at_once_beside_an_event_that_kafka_never_takes() {
    let world = World::new(vec![row(1, 5)]);
    world.state().faults.insert(1, Fault::TooLarge);
    let (stop, running) = world.run().await;
    pass(60).await;
    world.state().rows.push(row(2, 6));
    world.signals.raise(Signal::Outbox);
    settle_down().await;
    assert_eq!(world.state().marked, [2]);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_idle_relay_publishes_on_a_signal_and_looks_by_itself_otherwise() {
    let world = World::new(Vec::new());
    let (stop, running) = world.run().await;
    world.state().rows.push(row(1, 5));
    settle_down().await;
    assert_eq!(world.state().marked, [] as [i64; 0], "nothing told it");
    world.signals.raise(Signal::Outbox);
    settle_down().await;
    assert_eq!(world.state().marked, [1]);
    world.state().rows.push(row(2, 5));
    pass(6).await;
    assert_eq!(world.state().marked, [1, 2]);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn while_kafka_is_away_the_pauses_grow_to_thirty_seconds_and_the_lock_is_kept() {
    let world = World::new(vec![row(1, 5)]);
    world.state().faults.insert(1, Fault::Away);
    let (stop, running) = world.run().await;
    pass(120).await;
    let attempts = world.state().waves.len();
    let asked = world.state().asked;
    assert!(
        (9..=20).contains(&attempts),
        "{attempts} attempts in two minutes"
    );
    // The lock is lost after 15 seconds without a word; a pause is cut so that it is at most 10.
    assert!(asked >= 120 / 10, "{asked} heartbeats");
    world.state().faults.clear();
    pass(31).await;
    assert_eq!(world.state().marked, [1]);
    assert_eq!(world.state().attempts, 1, "it led all the time");
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_has_lost_its_lock_publishes_no_further_wave() {
    let world = World::new(vec![row(1, 5), row(2, 5), row(3, 5)]);
    world.state().holds = false;
    let mut leadership = Leadership::new(Box::new(lease(&world.state)));
    advance(Duration::from_secs(6)).await;
    assert_eq!(world.relay.step(&mut leadership).await.unwrap(), Step::Idle);
    assert!(world.state().waves.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_has_lost_its_lock_asks_for_it_again() {
    let world = World::new(vec![row(1, 5)]);
    world.state().lose_after = Some(1);
    let (stop, running) = world.run().await;
    world.state().leading = false;
    pass(30).await;
    world.state().rows.push(row(2, 5));
    world.signals.raise(Signal::Outbox);
    pass(30).await;
    assert_eq!(world.state().marked, [1], "another instance leads");
    assert!(world.state().attempts >= 5);
    world.state().holds = true;
    world.state().leading = true;
    pass(6).await;
    assert_eq!(world.state().marked, [1, 2]);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn old_events_are_removed_in_batches_and_then_once_an_hour() {
    let world = World::new(Vec::new());
    world.state().purgeable = 1500;
    let (stop, running) = world.run().await;
    pass(20).await;
    assert_eq!(world.state().purged, [1000, 500, 0]);
    for _ in 0..2 {
        advance(Duration::from_secs(1800)).await;
        settle_down().await;
    }
    pass(6).await;
    assert_eq!(world.state().purged, [1000, 500, 0, 0]);
    stop.cancel();
    running.await.unwrap();
}
