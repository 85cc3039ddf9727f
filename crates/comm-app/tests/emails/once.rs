//! `POST /api/emails` with an `Idempotency-Key`.

use crate::support::{bound_by_no_rule, emails, request, store_with};
use comm_app::outreach::{CreateEmail, ShownEmail};
use comm_app::{Emails, Once, OutreachError};
use comm_domain::outreach::{EmailError, EmailId};
use comm_ports::Signal::{self, Outbox, Queue};
use comm_ports::error::StoreError;
use comm_ports::testing::MockOutreachTx;
use comm_ports::{KeptAnswer, KeyState, RequestKey};

const BODY: [u8; 32] = [7; 32];

fn key() -> RequestKey {
    RequestKey {
        route: "POST /api/emails".to_owned(),
        key: "8e03978e".to_owned(),
        body_hash: BODY,
    }
}

fn answer(shown: ShownEmail) -> KeptAnswer {
    KeptAnswer {
        status: 201,
        location: Some(format!("/api/emails/{}", shown.email.id)),
        body: shown.email.betreff.clone().into_bytes(),
    }
}

fn first_answer() -> KeptAnswer {
    KeptAnswer {
        status: 201,
        location: Some("/api/emails/1".to_owned()),
        body: b"Anfrage".to_vec(),
    }
}

async fn post(
    emails: Emails,
    request: Result<CreateEmail, OutreachError>,
) -> Result<KeptAnswer, OutreachError> {
    let key = key();
    emails.create_once(request, Once { key, answer }).await
}

/// A transaction that finds the key in this state.
fn finds(state: KeyState) -> MockOutreachTx {
    let mut tx = bound_by_no_rule();
    tx.expect_claim_key()
        .times(1)
        .withf(|asked| *asked == key())
        .return_once(move |_| Ok(state));
    tx
}

/// The key is free again before the client has its answer.
fn gives_up(mut tx: MockOutreachTx) -> MockOutreachTx {
    tx.expect_rollback().times(1).return_const(());
    tx
}

/// It also stores the email, and its answer after it.
fn stores(order: &mut mockall::Sequence) -> MockOutreachTx {
    let mut tx = finds(KeyState::Free);
    tx.expect_next_email_id()
        .times(1)
        .in_sequence(order)
        .returning(|| Ok(EmailId(1)));
    tx.expect_insert_email()
        .times(1)
        .in_sequence(order)
        .returning(|change| Ok(change.into_after()));
    tx.expect_keep_answer()
        .times(1)
        .in_sequence(order)
        .withf(|asked, kept| *asked == key() && *kept == first_answer())
        .returning(|_, _| Ok(()));
    tx
}

fn over(tx: MockOutreachTx, raised: &[Signal]) -> Emails {
    emails(store_with(vec![tx]), raised)
}

#[tokio::test]
async fn the_work_and_its_answer_are_stored_in_one_transaction() {
    let mut order = mockall::Sequence::new();
    let mut tx = stores(&mut order);
    tx.expect_commit()
        .times(1)
        .in_sequence(&mut order)
        .returning(|| Ok(()));
    let queued = CreateEmail {
        status: Some("In_Warteschlange".to_owned()),
        ..request()
    };
    let answer = post(over(tx, &[Outbox, Queue]), Ok(queued)).await.unwrap();
    assert_eq!(answer, first_answer());
}

#[tokio::test]
async fn a_repeated_request_is_answered_as_before_and_does_nothing() {
    let known = KeyState::Answered {
        body_hash: BODY,
        answer: first_answer(),
    };
    let answer = post(over(gives_up(finds(known)), &[]), Ok(request()))
        .await
        .unwrap();
    assert_eq!(answer, first_answer());
}

#[tokio::test]
async fn a_key_that_is_taken_is_a_conflict_whatever_the_request_says() {
    let of_another = || KeyState::Answered {
        body_hash: [8; 32],
        answer: first_answer(),
    };
    let wrong = || Err(OutreachError::Email(EmailError::InhaltMissing));
    for request in [Ok(request()), wrong()] {
        let refused = post(over(gives_up(finds(of_another())), &[]), request).await;
        assert!(matches!(refused, Err(OutreachError::KeyReused)));
    }
    for request in [Ok(request()), wrong()] {
        let refused = post(over(gives_up(finds(KeyState::Running)), &[]), request).await;
        assert!(matches!(refused, Err(OutreachError::StillRunning)));
    }
}

#[tokio::test]
async fn what_is_refused_or_cannot_be_stored_is_not_kept() {
    let nobody = CreateEmail {
        therapist_id: None,
        ..request()
    };
    for (request, words) in [
        (Ok(nobody), "Either therapist_id or patient_id is required"),
        (
            Err(OutreachError::Email(EmailError::InitialStatus)),
            "Invalid status. Only 'Entwurf' or 'In_Warteschlange' allowed",
        ),
    ] {
        let refused = post(over(gives_up(finds(KeyState::Free)), &[]), request).await;
        assert_eq!(refused.unwrap_err().to_string(), words);
    }
    let mut order = mockall::Sequence::new();
    let mut tx = stores(&mut order);
    tx.expect_commit()
        .returning(|| Err(StoreError::Unavailable("away".into())));
    let refused = post(over(tx, &[]), Ok(request())).await.unwrap_err();
    assert!(refused.is_transient(), "{refused}");
}
