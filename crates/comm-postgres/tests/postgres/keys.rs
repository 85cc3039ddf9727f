//! Keys of repeated requests on a real PostgreSQL.

use crate::support::{Db, db};
use comm_domain::outreach::EmailStatus;
use comm_ports::error::StoreError;
use comm_ports::outreach::{OutreachStore, OutreachTx};
use comm_ports::testing::build;
use comm_ports::{KeptAnswer, KeyState, RequestKey};
use std::time::Duration;

fn key(route: &str, body: u8) -> RequestKey {
    RequestKey {
        route: route.to_owned(),
        key: "8e03978e".to_owned(),
        body_hash: [body; 32],
    }
}

fn answer(body: &[u8]) -> KeptAnswer {
    KeptAnswer {
        status: 201,
        location: Some("/api/emails/1".to_owned()),
        body: body.to_vec(),
    }
}

impl Db {
    async fn tx(&self) -> Box<dyn OutreachTx> {
        self.store.begin().await.unwrap()
    }

    /// What a transaction that begins now finds.
    async fn state(&self, key: &RequestKey) -> KeyState {
        let mut tx = self.tx().await;
        let state = tx.claim_key(key).await.unwrap();
        tx.rollback().await;
        state
    }

    async fn keep(&self, key: &RequestKey, body: &[u8]) {
        let mut tx = self.tx().await;
        assert_eq!(tx.claim_key(key).await.unwrap(), KeyState::Free);
        tx.keep_answer(key, &answer(body)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A transaction that was dropped rolls back by itself, a moment later.
async fn until_free(db: &Db, key: &RequestKey) {
    for _ in 0..500 {
        // A connection that was cut is noticed by whoever gets it next.
        if let Ok(mut tx) = db.store.begin().await {
            let state = tx.claim_key(key).await;
            tx.rollback().await;
            if state.is_ok_and(|state| state == KeyState::Free) {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    unreachable!("the key is never free");
}

#[tokio::test]
async fn an_answer_is_kept_for_its_route_and_given_back_byte_by_byte() {
    let db = db().await;
    let key_of_emails = key("POST /api/emails", 1);
    db.keep(&key_of_emails, &[0, 1, 255]).await;
    let kept = KeyState::Answered {
        body_hash: [1; 32],
        answer: answer(&[0, 1, 255]),
    };
    assert_eq!(db.state(&key_of_emails).await, kept);
    assert_eq!(db.state(&key("POST /api/emails", 2)).await, kept);
    assert_eq!(db.state(&key("POST /api/x", 1)).await, KeyState::Free);
}

#[tokio::test]
async fn of_two_at_the_same_moment_one_works_and_the_other_is_told_so() {
    let db = db().await;
    let key = key("POST /api/emails", 1);
    let mut first = db.tx().await;
    assert_eq!(first.claim_key(&key).await.unwrap(), KeyState::Free);
    let id = first.next_email_id().await.unwrap();
    let change = build::created(id.0, EmailStatus::Entwurf);
    first.insert_email(change).await.unwrap();
    assert_eq!(db.state(&key).await, KeyState::Running);
    first.keep_answer(&key, &answer(b"1")).await.unwrap();
    assert_eq!(db.state(&key).await, KeyState::Running);
    first.commit().await.unwrap();
    let answered = KeyState::Answered {
        body_hash: [1; 32],
        answer: answer(b"1"),
    };
    assert_eq!(db.state(&key).await, answered);
    assert_eq!((db.rows("emails").await, db.rows("outbox").await), (1, 1));
}

#[tokio::test]
async fn two_repeats_at_the_same_moment_both_get_the_kept_answer() {
    let db = db().await;
    let key = key("POST /api/emails", 1);
    db.keep(&key, b"1").await;
    let mut first = db.tx().await;
    let answered = first.claim_key(&key).await.unwrap();
    assert!(matches!(answered, KeyState::Answered { .. }));
    assert_eq!(db.state(&key).await, answered);
    first.rollback().await;
}

#[tokio::test]
async fn many_at_the_same_moment_make_one_email() {
    let db = db().await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let store = db.store.clone();
        racing.spawn(async move {
            let key = key("POST /api/emails", 1);
            let mut tx = store.begin().await.unwrap();
            if tx.claim_key(&key).await.unwrap() != KeyState::Free {
                return 0;
            }
            let id = tx.next_email_id().await.unwrap();
            let change = build::created(id.0, EmailStatus::Entwurf);
            tx.insert_email(change).await.unwrap();
            tx.keep_answer(&key, &answer(b"1")).await.unwrap();
            tx.commit().await.unwrap();
            1
        });
    }
    let made: i32 = racing.join_all().await.into_iter().sum();
    assert_eq!((made, db.rows("emails").await), (1, 1));
    assert_eq!(db.rows("idempotency_keys").await, 1);
}

#[tokio::test]
async fn work_that_is_given_up_or_cut_off_leaves_nothing_behind() {
    let db = db().await;
    let key = key("POST /api/emails", 1);
    let mut tx = db.tx().await;
    tx.claim_key(&key).await.unwrap();
    tx.keep_answer(&key, &answer(b"1")).await.unwrap();
    drop(tx);
    until_free(&db, &key).await;

    let mut tx = db.tx().await;
    tx.claim_key(&key).await.unwrap();
    tx.rollback().await;
    assert_eq!(db.state(&key).await, KeyState::Free, "at once");

    let mut tx = db.tx().await;
    tx.claim_key(&key).await.unwrap();
    tx.keep_answer(&key, &answer(b"1")).await.unwrap();
    db.database.kill_connections().await.unwrap();
    let refused = tx.commit().await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    until_free(&db, &key).await;
    assert_eq!(db.rows("idempotency_keys").await, 0);
}

#[tokio::test]
async fn a_key_is_forgotten_after_24_hours_and_purged_in_small_batches() {
    let db = db().await;
    let age = |hours: i32| {
        format!(
            "UPDATE communication_service.idempotency_keys SET created_at = now() - make_interval(hours => {hours})"
        )
    };
    let old = key("POST /api/emails", 1);
    db.keep(&old, b"old").await;
    db.sql(&age(23)).await;
    assert_ne!(db.state(&old).await, KeyState::Free);
    db.sql(&age(25)).await;
    assert_eq!(db.state(&old).await, KeyState::Free);
    db.keep(&key("POST /api/emails", 2), b"new").await;
    let renewed = KeyState::Answered {
        body_hash: [2; 32],
        answer: answer(b"new"),
    };
    assert_eq!(db.state(&old).await, renewed);

    for route in ["a", "b", "c"] {
        db.keep(&key(route, 1), b"old").await;
    }
    db.sql(&format!("{} WHERE route <> 'c'", age(25))).await;
    let mut batches = Vec::new();
    for _ in 0..3 {
        batches.push(db.store.purge_keys(2).await.unwrap());
    }
    assert_eq!(
        (batches, db.rows("idempotency_keys").await),
        (vec![2, 1, 0], 1)
    );
}
