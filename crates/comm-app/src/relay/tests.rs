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
mod publishing;

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
