//! `PUT /api/emails/{id}` that marks an email to a patient as sent: the Patient Service is told.

use crate::support::{bound_by_no_rule, emails_telling, store_with};
use comm_app::PatientService;
use comm_app::outreach::UpdateEmail;
use comm_domain::Zeitzone;
use comm_domain::outreach::{Email, EmailId, EmailPatch, EmailStatus, Empfaenger, LetzterKontakt};
use comm_ports::Signal::{LastContact, Outbox};
use comm_ports::outreach::{Kontaktmeldung, Meldung};
use comm_ports::testing::build::{email, instant};
use comm_ports::testing::{
    MockContactDuties, MockOutreachStore, MockOutreachTx, MockPatientDirectory,
};
use comm_ports::{DirectoryError, StoreError};
use mockall::Sequence;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

fn to_patient(status: EmailStatus) -> Email {
    let mut record = (*email(1, status)).clone();
    record.empfaenger = Empfaenger::Patient(3);
    Email::restore(record)
}

fn contact() -> LetzterKontakt {
    LetzterKontakt {
        patient_id: 3,
        datum: instant().date_naive(),
    }
}

fn sent_by_hand() -> UpdateEmail {
    UpdateEmail {
        patch: EmailPatch {
            status: Some(EmailStatus::Gesendet),
            ..EmailPatch::default()
        },
        ..UpdateEmail::default()
    }
}

fn store(email: Email, tx: MockOutreachTx) -> MockOutreachStore {
    let mut store = store_with(vec![tx]);
    store
        .expect_email()
        .returning(move |_| Ok(Some(email.clone())));
    store
}

/// Locks and saves; the rest is the test's.
fn saves(email: Email, order: &mut Sequence) -> MockOutreachTx {
    let mut tx = bound_by_no_rule();
    tx.expect_lock_email()
        .times(1)
        .in_sequence(order)
        .return_once(move |_| Ok(Some(email)));
    tx.expect_save_email()
        .times(1)
        .in_sequence(order)
        .returning(|change| Ok(change.into_after()));
    tx
}

fn owes(email: Email, order: &mut Sequence) -> MockOutreachTx {
    let mut tx = saves(email, order);
    tx.expect_owe_contacts()
        .times(1)
        .in_sequence(order)
        .withf(|owed, wait| owed == [contact()] && *wait == Duration::from_secs(5))
        .returning(|_, _| Ok(()));
    tx
}

fn commits(mut tx: MockOutreachTx, order: &mut Sequence) -> MockOutreachTx {
    tx.expect_commit()
        .times(1)
        .in_sequence(order)
        .returning(|| Ok(()));
    tx
}

fn service(duties: MockContactDuties, directory: MockPatientDirectory) -> PatientService {
    PatientService {
        directory: Arc::new(directory),
        duties: Arc::new(duties),
        zone: Zeitzone::parse("service.time_zone", "Europe/Berlin").unwrap(),
    }
}

#[tokio::test]
async fn the_duty_is_written_in_the_transaction_and_done_after_it() {
    let mut order = Sequence::new();
    let email = to_patient(EmailStatus::InWarteschlange);
    let tx = owes(email.clone(), &mut order);
    let tx = commits(tx, &mut order);
    let duty = Kontaktmeldung {
        contact: contact(),
        versuche: 0,
        sperre: Uuid::new_v4(),
    };
    let (mut duties, mut directory) = (MockContactDuties::new(), MockPatientDirectory::new());
    duties
        .expect_claim()
        .times(1)
        .in_sequence(&mut order)
        .withf(|patient, _| *patient == 3)
        .returning(move |_, _| Ok(Some(duty)));
    directory
        .expect_tell_last_contact()
        .times(1)
        .in_sequence(&mut order)
        .withf(|told| *told == contact())
        .returning(|_| Err(DirectoryError::Unavailable("500".into())));
    duties
        .expect_settle()
        .times(1)
        .in_sequence(&mut order)
        .withf(move |settled, ended| *settled == duty && matches!(ended, Meldung::Spaeter(_)))
        .returning(|_, _| Ok(()));
    let service = Some(service(duties, directory));
    let emails = emails_telling(store(email, tx), &[Outbox, LastContact], service);
    let shown = emails.update(EmailId(1), sent_by_hand()).await.unwrap();
    assert_eq!(shown.email.status, EmailStatus::Gesendet, "all the same");
}

#[tokio::test]
async fn nobody_is_told_of_what_was_not_committed() {
    let mut order = Sequence::new();
    let email = to_patient(EmailStatus::Entwurf);
    let mut tx = owes(email.clone(), &mut order);
    tx.expect_commit()
        .returning(|| Err(StoreError::Unavailable("away".into())));
    let service = service(MockContactDuties::new(), MockPatientDirectory::new());
    let emails = emails_telling(store(email, tx), &[], Some(service));
    emails.update(EmailId(1), sent_by_hand()).await.unwrap_err();
}

#[tokio::test]
async fn nothing_is_owed_for_a_therapist_for_another_change_or_without_a_service() {
    let to_therapist = || email(1, EmailStatus::Entwurf);
    let answered = || UpdateEmail {
        patch: EmailPatch {
            antwort_erhalten: Some(true),
            ..EmailPatch::default()
        },
        ..UpdateEmail::default()
    };
    let deaf = || {
        Some(service(
            MockContactDuties::new(),
            MockPatientDirectory::new(),
        ))
    };
    for (email, request, service) in [
        (to_therapist(), sent_by_hand(), deaf()),
        (to_patient(EmailStatus::Entwurf), answered(), deaf()),
        (to_patient(EmailStatus::Entwurf), sent_by_hand(), None),
    ] {
        let mut order = Sequence::new();
        let tx = saves(email.clone(), &mut order);
        let tx = commits(tx, &mut order);
        let emails = emails_telling(store(email, tx), &[Outbox], service);
        emails.update(EmailId(1), request).await.unwrap();
    }
}
