//! What the Patient Service has to be told of outcomes.

use super::settings;
use crate::dispatch::Dispatch;
use crate::dispatch::flight::Attempt;
use crate::testing::adapters;
use crate::{Adapters, PatientService};
use comm_domain::Zeitzone;
use comm_domain::outreach::{
    Email, EmailId, EmailStatus, Empfaenger, Fehler, Fehlergrund, LetzterKontakt, Outcome,
};
use comm_ports::Signal;
use comm_ports::testing::build::{email, instant};
use comm_ports::testing::{MockContactDuties, MockOutreachTx, MockPatientDirectory};
use mockall::Sequence;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

fn dispatch() -> Dispatch {
    let service = PatientService {
        directory: Arc::new(MockPatientDirectory::new()),
        duties: Arc::new(MockContactDuties::new()),
        zone: Zeitzone::parse("service.time_zone", "Europe/Berlin").unwrap(),
    };
    let adapters = Adapters {
        patient_service: Some(service),
        ..adapters()
    };
    Dispatch::new(adapters, settings())
}

fn under_way(id: i64, empfaenger: Empfaenger) -> Email {
    let mut record = (*email(id, EmailStatus::WirdGesendet)).clone();
    record.empfaenger = empfaenger;
    Email::restore(record)
}

fn attempt(id: i64, empfaenger: Empfaenger, outcome: Outcome) -> Attempt {
    Attempt {
        email: Arc::new(under_way(id, empfaenger)),
        sperre: Uuid::new_v4(),
        outcome,
    }
}

#[tokio::test]
async fn patients_whose_mail_was_sent_are_owed_in_one_statement_after_all_emails() {
    let doubt = Outcome::Failed(Fehler::in_doubt(Fehlergrund::AntwortFehlt));
    let landed = [
        attempt(1, Empfaenger::Patient(9), Outcome::Accepted),
        attempt(2, Empfaenger::Patient(7), Outcome::Accepted),
        attempt(3, Empfaenger::Patient(9), Outcome::Accepted),
        attempt(4, Empfaenger::Patient(5), doubt),
        attempt(5, Empfaenger::Therapeut(2), Outcome::Accepted),
    ];
    let (mut tx, mut order) = (MockOutreachTx::new(), Sequence::new());
    let unchanged = [1, 3, 4, 5].map(EmailId).to_vec();
    tx.expect_save_claimed()
        .times(1)
        .in_sequence(&mut order)
        .returning(move |_| Ok(unchanged.clone()));
    tx.expect_lock_held()
        .times(1)
        .in_sequence(&mut order)
        .withf(|held| held.iter().map(|(id, _)| id.0).eq([2]))
        .returning(|_| Ok(vec![under_way(2, Empfaenger::Patient(7))]));
    tx.expect_save_email()
        .times(1)
        .in_sequence(&mut order)
        .returning(|change| Ok(change.into_after()));
    tx.expect_owe_contacts()
        .times(1)
        .in_sequence(&mut order)
        .withf(|contacts, wait| {
            let datum = instant().date_naive();
            let owed = [7, 9].map(|patient_id| LetzterKontakt { patient_id, datum });
            contacts == owed && *wait == Duration::ZERO
        })
        .returning(|_, _| Ok(()));
    let raise = dispatch().settle(&mut tx, &landed).await.unwrap();
    assert_eq!(raise, [Signal::Outbox, Signal::LastContact]);
}

#[tokio::test]
async fn mails_to_therapists_make_no_duty() {
    let mut tx = MockOutreachTx::new();
    tx.expect_save_claimed().returning(|_| Ok(vec![EmailId(1)]));
    let landed = [attempt(1, Empfaenger::Therapeut(2), Outcome::Accepted)];
    let raise = dispatch().settle(&mut tx, &landed).await.unwrap();
    assert_eq!(raise, [Signal::Outbox]);
    assert_eq!(dispatch().settle(&mut tx, &[]).await.unwrap(), []);
}
