//! Attachments on a real PostgreSQL.

use crate::support::{Db, LEASE, db};
use chrono::TimeDelta;
use comm_domain::outreach::{
    AnhangWunsch, Deletion, Email, EmailId, EmailPatch, EmailStatus, NewAnhang,
};
use comm_ports::outreach::{Claim, OutreachStore};
use comm_ports::testing::build::{self, instant};
use std::sync::Arc;
use uuid::Uuid;

const UNDO: TimeDelta = TimeDelta::seconds(5);
const CONTENTS: &str = "SELECT count(*) FROM communication_service.anhang_inhalte";

fn file(filename: &str, content: &str) -> NewAnhang {
    let content = Arc::new(content.as_bytes().to_vec());
    NewAnhang::with_content(0, filename, "application/pdf", content).unwrap()
}

fn in_folder() -> NewAnhang {
    NewAnhang::at_path(0, "c.pdf", "a/b", ("x/c.pdf".to_owned(), 9)).unwrap()
}

async fn insert(db: &Db, id: i64, status: EmailStatus) -> Email {
    let files = vec![file("a.pdf", "aa"), in_folder(), file("b.pdf", "bbb")];
    let new = build::new_email(status).with_anhaenge(files).unwrap();
    let change = new.create(
        EmailId(id),
        format!("{id}@example.org"),
        instant(),
        TimeDelta::zero(),
    );
    db.store.insert_email(change).await.unwrap()
}

/// The contents under the first numbers.
async fn contents(db: &Db, id: i64) -> Vec<Option<String>> {
    let mut contents = Vec::new();
    for number in 0..4 {
        let content = db.store.attachment(EmailId(id), number).await.unwrap();
        contents.push(content.map(|content| String::from_utf8(content).unwrap()));
    }
    contents
}

async fn put(db: &Db, email: &Email, wishes: Vec<AnhangWunsch>) -> Email {
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(email.id).await.unwrap().unwrap();
    let patch = EmailPatch {
        anhaenge: Some(wishes),
        ..EmailPatch::default()
    };
    let change = locked.apply(patch, instant(), UNDO).unwrap();
    let saved = tx.save_email(change).await.unwrap();
    tx.commit().await.unwrap();
    saved
}

fn some(content: &str) -> Option<String> {
    Some(content.to_owned())
}

#[tokio::test]
async fn attachments_come_back_as_they_were_and_are_claimed_with_their_email() {
    let db = db().await;
    let stored = insert(&db, 1, EmailStatus::InWarteschlange).await;
    assert_eq!(stored.anhaenge.len(), 3);
    assert!(stored.anhaenge.unsaved().is_none());
    assert_eq!(
        db.store.email(EmailId(1)).await.unwrap(),
        Some(stored.clone())
    );
    assert_eq!(
        contents(&db, 1).await,
        [some("aa"), some("bbb"), None, None]
    );
    db.sql("UPDATE communication_service.emails SET faellig_am = now()")
        .await;
    let claim = Claim {
        sperre: Uuid::new_v4(),
        lease: LEASE,
        limit: 1,
    };
    let turn = db.store.turn(&[], claim).await.unwrap();
    let claimed = turn.claimed.first().unwrap();
    assert_eq!(claimed.anhaenge, stored.anhaenge);
}

#[tokio::test]
async fn a_changed_list_stores_what_is_new_and_removes_what_is_gone() {
    let db = db().await;
    let email = insert(&db, 1, EmailStatus::Entwurf).await;
    insert(&db, 2, EmailStatus::Entwurf).await;
    let stays = AnhangWunsch::Bleibt {
        filename: "b.pdf".to_owned(),
        content_type: None,
        size: None,
    };
    let saved = put(
        &db,
        &email,
        vec![AnhangWunsch::Neu(file("d.pdf", "d")), stays],
    )
    .await;
    assert_eq!(contents(&db, 1).await, [None, some("bbb"), some("d"), None]);
    assert_eq!(
        db.store.email(EmailId(1)).await.unwrap(),
        Some(saved.clone())
    );
    put(&db, &saved, Vec::new()).await;
    assert_eq!(
        db.number(CONTENTS).await,
        2,
        "only those of the other email"
    );
    let without = "SELECT count(*) FROM communication_service.emails WHERE anhaenge IS NULL";
    assert_eq!(db.number(without).await, 1);
}

#[tokio::test]
async fn another_change_leaves_the_contents_alone() {
    let db = db().await;
    let email = insert(&db, 1, EmailStatus::Entwurf).await;
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(email.id).await.unwrap().unwrap();
    let patch = EmailPatch {
        betreff: Some("Neu".to_owned()),
        ..EmailPatch::default()
    };
    tx.save_email(locked.apply(patch, instant(), UNDO).unwrap())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let stored = db.store.email(EmailId(1)).await.unwrap().unwrap();
    assert_eq!(stored.anhaenge, email.anhaenge);
    assert_eq!(db.number(CONTENTS).await, 2);
}

#[tokio::test]
async fn contents_go_with_a_removed_email_and_stay_with_a_hidden_one() {
    let db = db().await;
    let draft = insert(&db, 1, EmailStatus::Entwurf).await;
    insert(&db, 2, EmailStatus::Entwurf).await;
    let Deletion::Remove(change) = draft.delete(instant()).unwrap() else {
        unreachable!()
    };
    let mut tx = db.store.begin().await.unwrap();
    tx.remove_email(change).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(contents(&db, 1).await, [None, None, None, None]);

    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(EmailId(2)).await.unwrap().unwrap();
    let sent = EmailPatch {
        status: Some(EmailStatus::Gesendet),
        ..EmailPatch::default()
    };
    let change = locked.apply(sent, instant(), UNDO).unwrap();
    let sent = tx.save_email(change).await.unwrap();
    let Deletion::Hide(change) = sent.delete(instant()).unwrap() else {
        unreachable!()
    };
    tx.save_email(change).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.number(CONTENTS).await, 2);
}

#[tokio::test]
async fn a_list_that_nobody_can_read_keeps_no_other_email_from_being_sent() {
    let db = db().await;
    insert(&db, 1, EmailStatus::InWarteschlange).await;
    insert(&db, 2, EmailStatus::InWarteschlange).await;
    db.sql(
        "UPDATE communication_service.emails SET faellig_am = now(); \
         UPDATE communication_service.emails SET anhaenge = '[{\"filename\": \"a/b\"}]' WHERE id = 1",
    )
    .await;
    let claim = Claim {
        sperre: Uuid::new_v4(),
        lease: LEASE,
        limit: 2,
    };
    let turn = db.store.turn(&[], claim).await.unwrap();
    let ids: Vec<_> = turn.claimed.iter().map(|email| email.id.0).collect();
    assert_eq!(ids, [2]);
}
