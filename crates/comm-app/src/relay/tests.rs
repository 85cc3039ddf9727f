//! The relay between an outbox in memory and a broker whose reports the test decides.

use super::*;
use crate::testing::{Lamps, adapters};
use async_trait::async_trait;
use comm_ports::error::StoreError;
use comm_ports::outbox::Priority;
use comm_ports::testing::build::instant;
use comm_ports::testing::{MockOutboxStore, MockRelayLease};
use comm_ports::{EventPublisher, Signals};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::advance;
use uuid::Uuid;

mod leadership;

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
    /// For how long what the leader before has sent may still arrive.
    in_flight_before: Duration,
    /// For how long each confirmation said that what is sent may still arrive.
    announced: Vec<Duration>,
    parked: Vec<(i64, String)>,
    failures: Vec<(String, i64)>,
    released: bool,
    abandoned: bool,
    /// Reports never come.
    silent: bool,
}

const KEEP: Duration = Duration::from_secs(3 * 24 * 3600);
const SETTINGS: RelaySettings = RelaySettings {
    keep: KEEP,
    message_timeout: Duration::from_secs(10),
};

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
            priority: Priority::Normal,
            is_copy: false,
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
    outbox.expect_purge().returning(move |keep, limit| {
        assert_eq!((keep, limit), (KEEP, 1000));
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
        drop(state);
        Ok(Some(Box::new(lease(&s))))
    });
    outbox
}

/// What only the leader may do: it fails once the lock is gone.
fn lease(state: &Arc<Mutex<State>>) -> MockRelayLease {
    let mut lease = MockRelayLease::new();
    let in_flight = state.lock().unwrap().in_flight_before;
    lease.expect_in_flight().return_const(in_flight);
    let s = state.clone();
    lease.expect_holds().returning(move |in_flight| {
        let mut state = s.lock().unwrap();
        state.asked += 1;
        state.announced.push(in_flight);
        state.holds
    });
    let s = state.clone();
    lease
        .expect_unpublished()
        .returning(move |limit, in_flight| {
            let mut state = s.lock().unwrap();
            state.announced.push(in_flight);
            state.unpublished(limit)
        });
    let s = state.clone();
    lease
        .expect_mark_published()
        .returning(move |ids| s.lock().unwrap().mark(ids));
    let s = state.clone();
    lease.expect_park().returning(move |id, reason| {
        let mut state = s.lock().unwrap();
        state.parked.push((id, reason.to_owned()));
        Ok(())
    });
    let s = state.clone();
    lease.expect_count_failures().returning(move |failures| {
        s.lock().unwrap().failures.extend(failures.to_vec());
        Ok(())
    });
    let s = state.clone();
    lease
        .expect_release()
        .returning(move || s.lock().unwrap().released = true);
    lease
}

impl State {
    fn unpublished(&self, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        if !self.holds {
            return Err(unavailable());
        }
        let parked = |row: &OutboxRow| {
            let of_parked = |(id, _): &(i64, String)| {
                let found = self.rows.iter().find(|row| row.id == *id);
                found.is_some_and(|parked| subject(parked) == subject(row))
            };
            self.parked.iter().any(of_parked)
        };
        let waits = |row: &&OutboxRow| !self.marked.contains(&row.id) && !parked(row);
        let limit = usize::try_from(limit).unwrap();
        Ok(self
            .rows
            .iter()
            .filter(waits)
            .take(limit)
            .cloned()
            .collect())
    }

    fn mark(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        if self.mark_fails || !self.holds {
            return Err(unavailable());
        }
        self.marked.extend(ids);
        Ok(())
    }
}

/// A broker whose reports the test decides.
struct Broker(Arc<Mutex<State>>);

#[async_trait]
impl EventPublisher for Broker {
    async fn publish(&self, records: &[OutboxRecord]) -> Vec<Result<(), PublishError>> {
        let (reports, silent) = {
            let mut state = self.0.lock().unwrap();
            let ids: Vec<i64> = records.iter().map(|record| record.sequence).collect();
            let reports: Vec<_> = ids.iter().map(|id| state.report(*id)).collect();
            state.waves.push(ids);
            if state.lose_after == Some(state.waves.len()) {
                state.holds = false;
            }
            (reports, state.silent)
        };
        if silent {
            std::future::pending::<()>().await;
        }
        reports
    }

    fn abandon(&self) {
        self.0.lock().unwrap().abandoned = true;
    }
}

impl State {
    fn report(&self, id: i64) -> Result<(), PublishError> {
        match self.faults.get(&id) {
            Some(Fault::Away) => Err(PublishError::Unavailable("away".into())),
            Some(Fault::TooLarge) => Err(PublishError::Rejected("too large".into())),
            None => Ok(()),
        }
    }
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
            publisher: Arc::new(Broker(state.clone())),
            signals: signals.clone(),
            ..adapters()
        };
        Self {
            relay: Arc::new(Relay::new(adapters, SETTINGS)),
            state,
            signals,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn step(&self) -> Result<Step, StoreError> {
        let mut leadership = leadership(&self.state);
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

fn leadership(state: &Arc<Mutex<State>>) -> Leadership {
    Leadership::new(Box::new(lease(state)), SETTINGS.message_timeout)
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
async fn an_event_that_kafka_can_never_take_is_parked_and_holds_back_only_its_email() {
    let world = World::new(vec![
        row(1, 5),
        row(2, 5),
        row(3, 6),
        about(4, "telefonanruf", 5),
    ]);
    world.state().faults.insert(1, Fault::TooLarge);
    assert_eq!(world.step().await.unwrap(), Step::Published);
    assert_eq!(world.state().marked, [3, 4]);
    assert_eq!(world.state().parked, [(1, "too large".to_owned())]);
    assert_eq!(world.step().await.unwrap(), Step::Idle);
    assert_eq!(world.state().waves, [[1, 3, 4]], "it is not tried again");
    world.state().parked.clear();
    world.state().faults.clear();
    assert_eq!(world.step().await.unwrap(), Step::Published);
    assert_eq!(
        world.state().marked,
        [3, 4, 1, 2],
        "until a person asks for it"
    );
}

#[tokio::test]
async fn attempts_that_fail_are_counted_by_reason() {
    let world = World::new(vec![row(1, 5), row(2, 6), row(3, 7), row(4, 8)]);
    for (id, fault) in [(1, Fault::Away), (2, Fault::TooLarge), (3, Fault::Away)] {
        world.state().faults.insert(id, fault);
    }
    assert_eq!(world.step().await.unwrap(), Step::Failed);
    let counted = [("away".to_owned(), 2), ("too large".to_owned(), 1)];
    assert_eq!(world.state().failures, counted);
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
