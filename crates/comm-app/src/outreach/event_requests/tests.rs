use super::*;
use crate::Directories;
use crate::outreach::Verzeichnis;
use crate::outreach::telefonanrufe::AnrufSettings;
use crate::testing::{Lamps, adapters, anrufe};
use comm_domain::outreach::RawAnrufwunsch;
use comm_ports::error::StoreError;
use comm_ports::outreach::Belegung;
use comm_ports::testing::build::instant;
use comm_ports::testing::{
    MockDirectoryCopies, MockOutreachStore, MockOutreachTx, MockPatientDirectory,
};
use mockall::Sequence;
use mockall::predicate::eq;
use std::sync::Arc;

fn event() -> ConsumedEvent {
    ConsumedEvent {
        key: "0197e5a0-0000-7000-8000-000000000001".to_owned(),
        event_type: "communication.send_email",
        topic: "events".to_owned(),
        partition: 2,
        offset: 41,
    }
}

/// Whether the database has the event already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    New,
    Known,
}

/// A transaction that is asked for the event first; what else is expected comes after it in this order.
fn remembering(known: Event) -> (MockOutreachTx, Sequence) {
    let (mut tx, mut order) = (MockOutreachTx::new(), Sequence::new());
    tx.expect_remember()
        .with(eq(event()))
        .times(1)
        .in_sequence(&mut order)
        .returning(move |_| Ok(known == Event::New));
    (tx, order)
}

fn committing((mut tx, mut order): (MockOutreachTx, Sequence)) -> MockOutreachTx {
    tx.expect_commit()
        .times(1)
        .in_sequence(&mut order)
        .returning(|| Ok(()));
    tx
}

fn expediting(status: Option<EmailStatus>) -> (MockOutreachTx, Sequence) {
    let (mut tx, mut order) = remembering(Event::New);
    tx.expect_expedite()
        .with(eq(EmailId(1)))
        .times(1)
        .in_sequence(&mut order)
        .returning(move |_| Ok(status));
    (tx, order)
}

/// The use cases over one transaction, and what they raise.
fn requests(tx: MockOutreachTx) -> (EventRequests, Arc<Lamps>) {
    requests_with(tx, anrufe())
}

fn requests_with(tx: MockOutreachTx, settings: AnrufSettings) -> (EventRequests, Arc<Lamps>) {
    let (mut store, signals) = (MockOutreachStore::new(), Arc::new(Lamps::default()));
    store.expect_begin().return_once(|| Ok(Box::new(tx)));
    let adapters = Adapters {
        store: Arc::new(store),
        signals: signals.clone(),
        ..adapters()
    };
    let verzeichnis = Verzeichnis::new(adapters.directories.clone());
    let calls = Telefonanrufe::new(adapters.clone(), verzeichnis, Arc::new(settings));
    (EventRequests::new(adapters, calls), signals)
}

fn wunsch() -> Anrufwunsch {
    let raw = RawAnrufwunsch {
        patient_id: Some(8),
        ..RawAnrufwunsch::default()
    };
    Anrufwunsch::parse(raw).unwrap()
}

#[tokio::test]
async fn only_a_waiting_email_becomes_due_now_and_wakes_the_worker() {
    use EmailStatus::{Entwurf, Fehlgeschlagen, Gesendet, InWarteschlange, WirdGesendet};
    for (status, becomes) in [
        (Some(InWarteschlange), Expedited::Due),
        (Some(Entwurf), Expedited::Not(Entwurf)),
        (Some(WirdGesendet), Expedited::Not(WirdGesendet)),
        (Some(Gesendet), Expedited::Not(Gesendet)),
        (Some(Fehlgeschlagen), Expedited::Not(Fehlgeschlagen)),
        (None, Expedited::Unknown),
    ] {
        let (requests, signals) = requests(committing(expediting(status)));
        let became = requests.expedite(EmailId(1), &event()).await.unwrap();
        assert_eq!(became, becomes);
        let raised = signals.raised.lock().unwrap();
        let woken = *raised == [Signal::Queue];
        assert_eq!(woken, becomes == Expedited::Due, "{raised:?}");
    }
}

#[tokio::test]
async fn a_repeated_event_touches_and_commits_nothing_but_wakes_the_worker_again() {
    let (again, signals) = requests(remembering(Event::Known).0);
    let became = again.expedite(EmailId(1), &event()).await.unwrap();
    assert_eq!(became, Expedited::Repeated);
    assert_eq!(*signals.raised.lock().unwrap(), [Signal::Queue]);
    let (again, _) = requests(remembering(Event::Known).0);
    let became = again.schedule_call(&wunsch(), &event(), None).await;
    assert_eq!(became.unwrap(), Scheduled::Repeated);
}

#[tokio::test]
async fn a_wish_for_a_call_is_recorded_with_its_event() {
    let (mut tx, mut order) = remembering(Event::New);
    tx.expect_insert_anrufwunsch()
        .with(eq(wunsch()), eq(event()), eq(None))
        .times(1)
        .in_sequence(&mut order)
        .returning(|_, _, _| Ok(5));
    let (requests, _) = requests(committing((tx, order)));
    let became = requests.schedule_call(&wunsch(), &event(), None).await;
    assert_eq!(became.unwrap(), Scheduled::Recorded(5));
}

fn booking() -> AnrufSettings {
    AnrufSettings {
        schedule_call: ScheduleCall::Book,
        ..anrufe()
    }
}

#[tokio::test]
async fn where_that_is_configured_a_wish_becomes_a_call_in_the_transaction_of_its_event() {
    let (mut tx, mut order) = remembering(Event::New);
    tx.expect_lock_kontaktstand().times(1).returning(|_| Ok(()));
    tx.expect_belegung()
        .returning(|_, _| Ok(Belegung::default()));
    tx.expect_next_telefonanruf_id()
        .returning(|| Ok(TelefonanrufId(9)));
    tx.expect_insert_telefonanruf()
        .times(1)
        .in_sequence(&mut order)
        .returning(|change, _| Ok(change.into_after()));
    let (requests, signals) = requests_with(committing((tx, order)), booking());
    let asked = Some(instant() - TimeDelta::hours(23));
    let became = requests.schedule_call(&wunsch(), &event(), asked).await;
    assert_eq!(became.unwrap(), Scheduled::Booked(TelefonanrufId(9)));
    assert_eq!(*signals.raised.lock().unwrap(), [Signal::Outbox]);
}

/// Whether this wish becomes a call or not, of a patient whom the directory does not know.
async fn wish_of_a_stranger(known: Event) -> Result<Scheduled, OutreachError> {
    let (mut tx, mut order) = remembering(known);
    let rollbacks = usize::from(known == Event::New);
    tx.expect_rollback()
        .times(rollbacks)
        .in_sequence(&mut order)
        .returning(|| ());
    let mut store = MockOutreachStore::new();
    store.expect_begin().return_once(|| Ok(Box::new(tx)));
    let adapters = Adapters {
        store: Arc::new(store),
        ..adapters()
    };
    let mut copies = MockDirectoryCopies::new();
    copies.expect_copy().returning(|_| Ok(None));
    copies.expect_forget_copy().returning(|_| Ok(()));
    let mut patients = MockPatientDirectory::new();
    patients.expect_patient().returning(|_| Ok(None));
    let verzeichnis = Verzeichnis::new(Directories {
        patients: Some(Arc::new(patients)),
        ..Directories::none(Arc::new(copies))
    });
    let calls = Telefonanrufe::new(adapters.clone(), verzeichnis, Arc::new(booking()));
    let requests = EventRequests::new(adapters, calls);
    requests.schedule_call(&wunsch(), &event(), None).await
}

#[tokio::test]
async fn a_wish_that_was_booked_is_no_mistake_though_its_person_is_gone_by_now() {
    let refused = wish_of_a_stranger(Event::New).await.unwrap_err();
    assert!(matches!(refused, OutreachError::PatientNotFound));
    let repeated = wish_of_a_stranger(Event::Known).await.unwrap();
    assert_eq!(repeated, Scheduled::Repeated);
}

#[tokio::test]
async fn a_wish_of_yesterday_is_recorded_and_not_booked_any_more() {
    let (mut tx, mut order) = remembering(Event::New);
    tx.expect_insert_anrufwunsch()
        .times(1)
        .in_sequence(&mut order)
        .returning(|_, _, _| Ok(5));
    let (requests, _) = requests_with(committing((tx, order)), booking());
    let asked = Some(instant() - TimeDelta::hours(25));
    let became = requests.schedule_call(&wunsch(), &event(), asked).await;
    assert_eq!(became.unwrap(), Scheduled::Recorded(5));
}

#[tokio::test]
async fn nothing_is_raised_for_a_commit_that_failed() {
    let (mut tx, _) = expediting(Some(EmailStatus::InWarteschlange));
    tx.expect_commit()
        .returning(|| Err(StoreError::Unavailable("away".into())));
    let (requests, signals) = requests(tx);
    let error = requests.expedite(EmailId(1), &event()).await.unwrap_err();
    assert!(error.is_transient());
    assert!(signals.raised.lock().unwrap().is_empty());
}
