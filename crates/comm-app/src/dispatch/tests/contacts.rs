//! What the Patient Service has to be told of outcomes.

use super::{hold, settings};
use crate::dispatch::Dispatch;
use crate::dispatch::flight::Flight;
use crate::testing::{Lamps, adapters};
use crate::{Adapters, PatientService};
use comm_domain::Zeitzone;
use comm_domain::outreach::{
    Email, EmailId, EmailStatus, Empfaenger, Fehler, Fehlergrund, LetzterKontakt, Outcome,
};
use comm_ports::Signal;
use comm_ports::testing::build::{email, instant};
use comm_ports::testing::{
    MockContactDuties, MockOutreachStore, MockOutreachTx, MockPatientDirectory,
};
use mockall::Sequence;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

fn dispatch(store: MockOutreachStore) -> (Dispatch, Arc<Lamps>) {
    let service = PatientService {
        directory: Arc::new(MockPatientDirectory::new()),
        duties: Arc::new(MockContactDuties::new()),
        zone: Zeitzone::parse("service.time_zone", "Europe/Berlin").unwrap(),
    };
    let signals = Arc::new(Lamps::default());
    let adapters = Adapters {
        patient_service: Some(service),
        store: Arc::new(store),
        signals: signals.clone(),
        ..adapters()
    };
    (Dispatch::new(adapters, settings()), signals)
}

fn under_way(id: i64, empfaenger: Empfaenger) -> Email {
    let mut record = (*email(id, EmailStatus::WirdGesendet)).clone();
    record.empfaenger = empfaenger;
    Email::restore(record)
}

async fn landed(mails: Vec<(Empfaenger, Outcome)>) -> Flight {
    let mut flight = Flight::default();
    for (id, (empfaenger, outcome)) in (1..).zip(mails) {
        let email = Arc::new(under_way(id, empfaenger));
        flight.launch(email, Uuid::new_v4(), hold(), async move { outcome });
        flight.landed().await;
    }
    flight
}

fn told(patient_id: i64) -> LetzterKontakt {
    let datum = instant().date_naive();
    LetzterKontakt { patient_id, datum }
}

#[tokio::test]
async fn a_verdict_says_what_the_patient_service_has_to_be_told() {
    let doubt = Outcome::Failed(Fehler::in_doubt(Fehlergrund::AntwortFehlt));
    let mut flight = landed(vec![
        (Empfaenger::Patient(9), Outcome::Accepted),
        (Empfaenger::Patient(5), doubt),
        (Empfaenger::Therapeut(2), Outcome::Accepted),
    ])
    .await;
    let (dispatch, signals) = dispatch(MockOutreachStore::new());
    let verdicts = dispatch.verdicts(flight.landed_attempts());
    let contacts: Vec<_> = verdicts.iter().map(|verdict| verdict.contact).collect();
    assert_eq!(contacts, [Some(told(9)), None, None]);
    dispatch.settled(&mut flight, &verdicts, &[EmailId(2), EmailId(3)]);
    assert_eq!(
        *signals.raised.lock().unwrap(),
        [Signal::Outbox, Signal::Outbox]
    );
    dispatch.settled(&mut flight, &verdicts, &[EmailId(1)]);
    assert!(
        signals
            .raised
            .lock()
            .unwrap()
            .contains(&Signal::LastContact)
    );
    assert!(flight.landed_attempts().is_empty());
}

#[tokio::test]
async fn patients_whose_email_was_changed_meanwhile_are_owed_in_one_statement_after_all_emails() {
    let (mut tx, mut order) = (MockOutreachTx::new(), Sequence::new());
    let people = [9, 7, 9].map(Empfaenger::Patient);
    tx.expect_lock_held()
        .times(1)
        .in_sequence(&mut order)
        .returning(move |_| Ok((1..).zip(people).map(|(id, p)| under_way(id, p)).collect()));
    tx.expect_save_email()
        .times(3)
        .in_sequence(&mut order)
        .returning(|change| Ok(change.into_after()));
    tx.expect_owe_contacts()
        .times(1)
        .in_sequence(&mut order)
        .withf(|contacts, wait| contacts == [told(7), told(9)] && *wait == Duration::ZERO)
        .returning(|_, _| Ok(()));
    tx.expect_commit()
        .times(1)
        .in_sequence(&mut order)
        .returning(|| Ok(()));
    let mut store = MockOutreachStore::new();
    store.expect_begin().return_once(move || Ok(Box::new(tx)));
    let mut flight = landed(people.map(|person| (person, Outcome::Accepted)).into()).await;
    let (dispatch, signals) = dispatch(store);
    dispatch.settle_changed(&mut flight).await.unwrap();
    assert!(
        signals
            .raised
            .lock()
            .unwrap()
            .contains(&Signal::LastContact)
    );
    assert_eq!(flight.held(), 0);
}
