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

fn attempt(id: i64, outcome: Outcome) -> Attempt {
    Attempt {
        id: EmailId(id),
        sperre: Uuid::new_v4(),
        outcome,
    }
}

#[tokio::test]
async fn patients_whose_mail_was_sent_are_owed_in_one_statement_after_all_emails() {
    let (mut tx, mut order) = (MockOutreachTx::new(), Sequence::new());
    tx.expect_lock_held()
        .times(1)
        .in_sequence(&mut order)
        .returning(|_| {
            let people = [9, 7, 9, 5].map(Empfaenger::Patient);
            let mut emails: Vec<_> = (1..).zip(people).map(|(id, p)| under_way(id, p)).collect();
            emails.push(under_way(5, Empfaenger::Therapeut(2)));
            Ok(emails)
        });
    tx.expect_save_email()
        .times(5)
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
    let doubt = Outcome::Failed(Fehler::in_doubt(Fehlergrund::AntwortFehlt));
    let mut landed: Vec<_> = [1, 2, 3, 5].map(|id| attempt(id, Outcome::Accepted)).into();
    landed.push(attempt(4, doubt));
    let raise = dispatch().settle(&mut tx, &landed).await.unwrap();
    assert_eq!(raise, [Signal::Outbox, Signal::LastContact]);
}

#[tokio::test]
async fn mails_to_therapists_make_no_duty() {
    let mut tx = MockOutreachTx::new();
    tx.expect_lock_held()
        .returning(|_| Ok(vec![under_way(1, Empfaenger::Therapeut(2))]));
    tx.expect_save_email()
        .returning(|change| Ok(change.into_after()));
    let landed = [attempt(1, Outcome::Accepted)];
    let raise = dispatch().settle(&mut tx, &landed).await.unwrap();
    assert_eq!(raise, [Signal::Outbox]);
    assert_eq!(dispatch().settle(&mut tx, &[]).await.unwrap(), []);
}
