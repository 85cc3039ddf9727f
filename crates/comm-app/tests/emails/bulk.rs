//! `POST /api/emails/bulk`.

use crate::support::{bound_by_no_rule, emails, request, store_with};
use comm_app::outreach::{CreateEmail, ShownEmail};
use comm_app::{BulkError, OutreachError};
use comm_domain::outreach::EmailId;
use comm_ports::KeptAnswer;
use comm_ports::Signal::{Outbox, Queue};
use comm_ports::error::StoreError;
use comm_ports::testing::MockOutreachTx;

#[derive(Debug)]
enum Refusal {
    At(usize),
    All,
}

impl From<BulkError> for Refusal {
    fn from(error: BulkError) -> Self {
        Self::At(error.index)
    }
}

impl From<OutreachError> for Refusal {
    fn from(_: OutreachError) -> Self {
        Self::All
    }
}

/// Requests that can be read.
fn taken(
    requests: Vec<CreateEmail>,
) -> Result<impl Iterator<Item = Result<CreateEmail, Refusal>> + Send + 'static, Refusal> {
    Ok(requests.into_iter().map(Ok))
}

fn answer(shown: Vec<ShownEmail>) -> KeptAnswer {
    let ids: Vec<String> = shown
        .iter()
        .map(|shown| shown.email.id.to_string())
        .collect();
    KeptAnswer {
        status: 201,
        location: None,
        body: ids.join(",").into_bytes(),
    }
}

fn inserting(inserted: fn() -> Result<(), StoreError>) -> MockOutreachTx {
    let mut tx = bound_by_no_rule();
    tx.expect_next_email_ids()
        .times(1)
        .returning(|count| Ok((5..).take(count).map(EmailId).collect()));
    tx.expect_insert_emails()
        .times(1)
        .withf(|changes| changes.iter().all(|change| change.events().len() == 1))
        .returning(move |_| inserted());
    tx
}

#[tokio::test]
async fn all_are_stored_in_one_transaction_and_answered_in_their_order() {
    let mut tx = inserting(|| Ok(()));
    tx.expect_commit().times(1).returning(|| Ok(()));
    let queued = CreateEmail {
        status: Some("In_Warteschlange".to_owned()),
        ..request()
    };
    let requests = taken(vec![request(), queued, request()]);
    let emails = emails(store_with(vec![tx]), &[Outbox, Queue]);
    let stored = emails.create_all(requests, answer, None).await.unwrap();
    assert_eq!(stored.body, b"5,6,7");
}

#[tokio::test]
async fn one_that_is_wrong_is_named_and_none_is_stored() {
    let wrong = CreateEmail {
        betreff: None,
        ..request()
    };
    let mut tx = bound_by_no_rule();
    tx.expect_rollback().times(1).return_const(());
    let requests = taken(vec![request(), request(), wrong]);
    let refused = emails(store_with(vec![tx]), &[])
        .create_all(requests, answer, None)
        .await;
    assert!(matches!(refused, Err(Refusal::At(2))), "{refused:?}");
}

#[tokio::test]
async fn what_cannot_be_stored_is_rolled_back() {
    let mut tx = inserting(|| Err(StoreError::Unavailable("away".into())));
    tx.expect_rollback().times(1).return_const(());
    let requests = taken(vec![request()]);
    let refused = emails(store_with(vec![tx]), &[])
        .create_all(requests, answer, None)
        .await;
    assert!(matches!(refused, Err(Refusal::All)), "{refused:?}");
}

#[tokio::test]
async fn behind_one_that_cannot_be_read_none_is_looked_into() {
    let mut tx = bound_by_no_rule();
    tx.expect_rollback().times(1).return_const(());
    let requests = (0..).map(|place| match place {
        0 => Ok(request()),
        1 => Err(Refusal::At(place)),
        _ => unreachable!("one behind it was looked into"),
    });
    let refused = emails(store_with(vec![tx]), &[])
        .create_all(Ok(requests), answer, None)
        .await;
    assert!(matches!(refused, Err(Refusal::At(1))), "{refused:?}");
}
