//! Telling the Patient Service, with a service and duties in memory. Time stands still unless all wait.

use super::*;
use crate::testing::{Lamps, adapters};
use async_trait::async_trait;
use chrono::NaiveDate;
use comm_ports::Patient;
use comm_ports::testing::MockOutreachTx;
use std::sync::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

/// What the service answers, and how long it takes.
#[derive(Clone, Copy)]
enum Mood {
    Takes,
    Refuses,
    Fails,
    Hangs,
}

#[derive(Default)]
struct State {
    owed: Vec<Kontaktmeldung>,
    ended: Vec<(i64, Meldung)>,
    told: Vec<LetzterKontakt>,
    next_due: Option<Duration>,
    away: bool,
}

struct World {
    state: Mutex<State>,
    mood: Mood,
}

fn contact(patient_id: i64, day: u32) -> LetzterKontakt {
    let datum = NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
    LetzterKontakt { patient_id, datum }
}

fn duty(patient_id: i64, versuche: u32) -> Kontaktmeldung {
    Kontaktmeldung {
        contact: contact(patient_id, 20),
        versuche,
        sperre: Uuid::new_v4(),
    }
}

#[async_trait]
impl PatientDirectory for World {
    async fn patient(&self, _: i64) -> Result<Option<Patient>, DirectoryError> {
        Err(DirectoryError::Unavailable("nobody asks".into()))
    }

    async fn tell_last_contact(&self, contact: LetzterKontakt) -> Result<(), DirectoryError> {
        self.state.lock().unwrap().told.push(contact);
        match self.mood {
            Mood::Takes => Ok(()),
            Mood::Refuses => Err(DirectoryError::Refused("404".into())),
            Mood::Fails => Err(DirectoryError::Unavailable("500".into())),
            Mood::Hangs => std::future::pending().await,
        }
    }
}

#[async_trait]
impl ContactDuties for World {
    async fn claim_due(
        &self,
        _: Duration,
        limit: usize,
    ) -> Result<Vec<Kontaktmeldung>, StoreError> {
        let mut state = self.state.lock().unwrap();
        if state.away {
            return Err(StoreError::Unavailable("away".into()));
        }
        let count = limit.min(state.owed.len());
        Ok(state.owed.drain(..count).collect())
    }

    async fn claim(&self, id: i64, _: Duration) -> Result<Option<Kontaktmeldung>, StoreError> {
        let mut state = self.state.lock().unwrap();
        let place = state
            .owed
            .iter()
            .position(|duty| duty.contact.patient_id == id);
        Ok(place.map(|place| state.owed.remove(place)))
    }

    async fn settle(&self, duty: &Kontaktmeldung, ended: Meldung) -> Result<(), StoreError> {
        let mut state = self.state.lock().unwrap();
        state.ended.push((duty.contact.patient_id, ended));
        Ok(())
    }

    async fn next_duty(&self) -> Result<Option<Duration>, StoreError> {
        Ok(self.state.lock().unwrap().next_due)
    }
}

fn world(mood: Mood, owed: Vec<Kontaktmeldung>) -> (Arc<World>, Adapters, Arc<Lamps>) {
    let world = Arc::new(World {
        state: Mutex::new(State {
            owed,
            ..State::default()
        }),
        mood,
    });
    let signals = Arc::new(Lamps::default());
    let service = PatientService {
        directory: world.clone(),
        duties: world.clone(),
        zone: Zeitzone::parse("service.time_zone", "Europe/Berlin").unwrap(),
    };
    let adapters = Adapters {
        patient_service: Some(service),
        signals: signals.clone(),
        ..adapters()
    };
    (world, adapters, signals)
}

fn ended(world: &World) -> Vec<(i64, Meldung)> {
    world.state.lock().unwrap().ended.clone()
}

#[tokio::test(start_paused = true)]
async fn what_arrives_and_what_is_refused_is_done() {
    for (mood, expected) in [
        (Mood::Takes, Meldung::Angekommen),
        (Mood::Refuses, Meldung::Abgelehnt),
    ] {
        let (world, adapters, signals) = world(mood, vec![duty(3, 0)]);
        adapters.tell_now(Some(contact(3, 20))).await;
        assert_eq!(ended(&world), [(3, expected)]);
        assert_eq!(*signals.raised.lock().unwrap(), [Signal::LastContact]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_fails_waits_longer_each_time_up_to_ten_minutes() {
    for (versuche, longest) in [
        (0, 2),
        (1, 4),
        (5, 64),
        (9, 600),
        (40, 600),
        (u32::MAX, 600),
    ] {
        let (world, adapters, _) = world(Mood::Fails, vec![duty(3, versuche)]);
        adapters.tell_now(Some(contact(3, 20))).await;
        let Some((3, Meldung::Spaeter(pause))) = ended(&world).pop() else {
            unreachable!("it is put off");
        };
        let longest = Duration::from_secs(longest);
        assert!(pause >= longest / 2 && pause <= longest, "{pause:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_two_seconds_and_no_longer() {
    let (world, adapters, _) = world(Mood::Hangs, vec![duty(3, 0)]);
    let begun = Instant::now();
    adapters.tell_now(Some(contact(3, 20))).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
    assert_eq!(ended(&world), []);
}

#[tokio::test(start_paused = true)]
async fn a_duty_that_another_holds_is_not_waited_for_and_without_one_nothing_happens() {
    let (world, adapters, signals) = world(Mood::Hangs, vec![]);
    let begun = Instant::now();
    adapters.tell_now(Some(contact(3, 20))).await;
    adapters.tell_now(None).await;
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!(world.state.lock().unwrap().told, []);
    assert_eq!(signals.raised.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_worker_tells_all_that_is_due_and_sleeps_until_the_next() {
    let (world, adapters, _) = world(Mood::Takes, (1..=20).map(|id| duty(id, 0)).collect());
    world.state.lock().unwrap().next_due = Some(Duration::from_secs(7));
    let worker = LastContacts::new(&adapters).unwrap();
    assert_eq!(
        worker.step().await.unwrap(),
        Duration::ZERO,
        "there may be more"
    );
    assert_eq!(worker.step().await.unwrap(), Duration::ZERO);
    assert_eq!(worker.step().await.unwrap(), Duration::from_secs(7));
    assert_eq!(ended(&world).len(), 20);
    world.state.lock().unwrap().next_due = None;
    assert_eq!(worker.step().await.unwrap(), POLL);
}

#[tokio::test(start_paused = true)]
async fn a_worker_is_woken_at_once_survives_a_database_that_is_away_and_stops() {
    let (world, adapters, signals) = world(Mood::Takes, vec![]);
    world.state.lock().unwrap().away = true;
    let worker = LastContacts::new(&adapters).unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { worker.run(stop).await }
    });
    sleep(Duration::from_secs(10)).await;
    world.state.lock().unwrap().away = false;
    sleep(Duration::from_secs(31)).await;
    let begun = Instant::now();
    world.state.lock().unwrap().owed.push(duty(3, 0));
    comm_ports::Signals::raise(signals.as_ref(), Signal::LastContact);
    while ended(&world).is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn duties_are_written_once_per_patient_the_latest_by_ascending_id() {
    let (_, adapters, _) = world(Mood::Takes, vec![]);
    let mut tx = MockOutreachTx::new();
    tx.expect_owe_contacts()
        .times(1)
        .withf(|contacts, wait| {
            contacts == [contact(3, 22), contact(4, 1), contact(5, 2)] && *wait == HEAD_START
        })
        .returning(|_, _| Ok(()));
    let contacts = [
        contact(5, 2),
        contact(3, 21),
        contact(4, 1),
        contact(3, 22),
        contact(3, 20),
    ];
    adapters.owe(&mut tx, contacts, HEAD_START).await.unwrap();
    // Nothing owed is no statement.
    adapters.owe(&mut tx, None, HEAD_START).await.unwrap();
}

#[test]
fn without_a_patient_service_there_is_no_worker() {
    assert!(LastContacts::new(&adapters()).is_none());
}
