//! A new email: its first status, and whom it is for.

use crate::support::{UNDO, at, draft, kinds, new_email};
use comm_domain::outreach::{EmailError, EmailEventKind, EmailId, EmailStatus, Empfaenger};

#[test]
fn a_new_email_is_a_draft_or_queued_and_says_that_it_was_created() {
    let queued = new_email()
        .with_status(EmailStatus::InWarteschlange)
        .unwrap();
    let change = queued.create(EmailId(1), "id".to_owned(), at(0), UNDO);
    assert_eq!(kinds(&change), [EmailEventKind::Created]);
    let email = change.into_after();
    assert_eq!(email.in_warteschlange_am, Some(at(0)));
    assert_eq!(email.due_in, Some(UNDO));
    assert_eq!(draft().in_warteschlange_am, None);
    assert_eq!(draft().due_in, None);
    for status in [
        EmailStatus::WirdGesendet,
        EmailStatus::Gesendet,
        EmailStatus::Fehlgeschlagen,
    ] {
        assert_eq!(
            new_email().with_status(status),
            Err(EmailError::InitialStatus)
        );
    }
}

#[test]
fn exactly_one_person_is_addressed_and_0_counts_as_absent() {
    assert_eq!(
        Empfaenger::parse(Some(7), None),
        Ok(Empfaenger::Therapeut(7))
    );
    assert_eq!(
        Empfaenger::parse(Some(0), Some(3)),
        Ok(Empfaenger::Patient(3))
    );
    assert_eq!(
        Empfaenger::parse(Some(0), None),
        Err(EmailError::EmpfaengerMissing)
    );
    assert_eq!(
        Empfaenger::parse(Some(1), Some(2)),
        Err(EmailError::EmpfaengerAmbiguous)
    );
    assert!(Empfaenger::parse(Some(-1), None).is_err());
}
