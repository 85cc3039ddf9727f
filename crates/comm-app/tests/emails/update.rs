//! `PUT /api/emails/{id}`, but for the bodies.

use crate::support::{UNDO, emails, locks, saves, store_with};
use comm_app::OutreachError;
use comm_app::outreach::{Bodies, ShownEmail, UpdateEmail};
use comm_domain::outreach::{
    Email, EmailId, EmailPatch, EmailStatus,
    EmailStatus::{Entwurf, Gesendet, InWarteschlange, WirdGesendet},
};
use comm_ports::Signal::{self, Outbox, Queue};
use comm_ports::testing::MockOutreachStore;
use comm_ports::testing::build::email;
use mockall::predicate::eq;

/// A store that answers this email to a read, and the transaction that follows.
fn store(email: Email) -> MockOutreachStore {
    let mut store = store_with(vec![saves(email.clone())]);
    sees(&mut store, email);
    store
}

fn sees(store: &mut MockOutreachStore, email: Email) {
    store
        .expect_email()
        .with(eq(EmailId(1)))
        .returning(move |_| Ok(Some(email.clone())));
}

fn patch(patch: EmailPatch) -> UpdateEmail {
    UpdateEmail {
        patch,
        ..UpdateEmail::default()
    }
}

fn to(status: EmailStatus) -> UpdateEmail {
    patch(EmailPatch {
        status: Some(status),
        ..EmailPatch::default()
    })
}

async fn put(email: Email, request: UpdateEmail, raised: &[Signal]) -> ShownEmail {
    let emails = emails(store(email), raised);
    emails.update(EmailId(1), request).await.unwrap()
}

/// A change that is refused: nothing is saved or committed.
async fn refused(email: Email, request: UpdateEmail) -> OutreachError {
    let mut store = store_with(vec![locks(Some(email.clone()))]);
    sees(&mut store, email);
    let answer = emails(store, &[]).update(EmailId(1), request).await;
    answer.unwrap_err()
}

#[tokio::test]
async fn a_draft_can_be_changed_and_queued_in_one_request() {
    let request = patch(EmailPatch {
        betreff: Some("Neu".to_owned()),
        status: Some(InWarteschlange),
        ..EmailPatch::default()
    });
    let email = put(email(1, Entwurf), request, &[Outbox, Queue])
        .await
        .email;
    assert_eq!(
        (email.betreff.as_str(), email.status),
        ("Neu", InWarteschlange)
    );
    assert_eq!(email.due_in, Some(UNDO), "it can be recalled for a while");
}

#[tokio::test]
async fn a_recall_raises_no_queue_signal() {
    let recalled = put(email(1, InWarteschlange), to(Entwurf), &[Outbox]).await;
    assert_eq!(recalled.email.status, Entwurf);
}

#[tokio::test]
async fn a_whole_object_sent_back_as_answered_is_taken_in_every_state() {
    for status in EmailStatus::ALL {
        let stored = email(1, *status);
        let request = UpdateEmail {
            patch: EmailPatch {
                betreff: Some(stored.betreff.clone()),
                empfaenger_email: Some(stored.an.address.clone()),
                empfaenger_name: Some(stored.an.name().to_owned()),
                prioritaet: Some(stored.prioritaet.into()),
                status: Some(*status),
                ..EmailPatch::default()
            },
            bodies: Bodies {
                markdown: None,
                html: Some(format!("{}{}", stored.inhalt.html, crate::support::FOOTER)),
                text: Some(format!("{}{}", stored.inhalt.text, crate::support::FOOTER)),
            },
            ..UpdateEmail::default()
        };
        let raised: &[Signal] = if *status == InWarteschlange {
            &[Outbox, Queue]
        } else {
            &[Outbox]
        };
        assert_eq!(put(stored.clone(), request, raised).await.email, stored);
    }
}

#[tokio::test]
async fn an_unknown_email_is_not_found_before_or_after_rendering() {
    let mut store = MockOutreachStore::new();
    store.expect_email().returning(|_| Ok(None));
    let answer = emails(store, &[]).update(EmailId(1), to(Entwurf)).await;
    assert!(matches!(answer, Err(OutreachError::EmailNotFound)));

    let mut store = store_with(vec![locks(None)]);
    sees(&mut store, email(1, Entwurf));
    let answer = emails(store, &[]).update(EmailId(1), to(Entwurf)).await;
    assert!(matches!(answer, Err(OutreachError::EmailNotFound)));
}

#[tokio::test]
async fn what_the_present_state_forbids_is_a_conflict_that_names_it() {
    let new_subject = patch(EmailPatch {
        betreff: Some("Neu".to_owned()),
        ..EmailPatch::default()
    });
    for (email, request, words) in [
        (
            email(1, Gesendet),
            new_subject,
            "betreff cannot be changed while status is 'Gesendet'",
        ),
        (
            email(1, WirdGesendet),
            to(Entwurf),
            "status cannot be changed from 'Wird_gesendet' to 'Entwurf'",
        ),
        (
            email(1, Gesendet),
            to(InWarteschlange),
            "status cannot be changed from 'Gesendet' to 'In_Warteschlange'",
        ),
    ] {
        let error = refused(email, request).await;
        assert_eq!(error.to_string(), words);
        assert!(matches!(error, OutreachError::Email(error) if error.is_conflict()));
    }
}

#[tokio::test]
async fn a_new_body_of_a_sent_email_is_a_conflict_too() {
    let request = UpdateEmail {
        bodies: Bodies {
            text: Some("Anderes".to_owned()),
            ..Bodies::default()
        },
        ..UpdateEmail::default()
    };
    let error = refused(email(1, Gesendet), request).await;
    assert!(matches!(error, OutreachError::Email(error) if error.is_conflict()));
}
