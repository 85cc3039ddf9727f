//! What becomes of calls: deleted and purged, retried, followed up no more.

use crate::support::{assert_conflict, db};
use crate::telefonanrufe::{THERAPIST, event, events, held, rich, to};
use comm_domain::outreach::{
    EmailId, EmailPatch, EmailStatus, ErgebnisArt, Patch, TelefonanrufId, TelefonanrufPatch,
    TelefonanrufStatus,
};
use comm_ports::outreach::{Ablage, OutreachStore, TelefonanrufStore};
use comm_ports::testing::build::{self, moment, zeit};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_deleted_call_is_hidden_and_only_one_that_no_rule_needs_is_purged() {
    let db = db().await;
    db.insert_telefonanruf(rich(1), Ablage::default())
        .await
        .unwrap();
    db.insert_telefonanruf(held(2), Ablage::default())
        .await
        .unwrap();
    let refused = TelefonanrufPatch {
        ergebnis_art: Patch::Set(ErgebnisArt::Abgelehnt),
        ..to(TelefonanrufStatus::Fehlgeschlagen)
    };
    db.plan(3, THERAPIST, zeit(4, 9, 0)).await.unwrap();
    db.edit(3, refused).await.unwrap();
    for id in 1..=3 {
        db.delete(id).await;
        assert_eq!(
            db.store.telefonanruf(TelefonanrufId(id)).await.unwrap(),
            None
        );
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(
            tx.lock_telefonanruf(TelefonanrufId(id)).await.unwrap(),
            None
        );
    }
    let cancelled = event("Cancelled", 1, 2, 0);
    assert!(events(&db).await.contains(&cancelled));
    let state = "SELECT count(*) FROM communication_service.telefonanrufe \
        WHERE id = 1 AND status = 'abgebrochen' AND platz IS NULL AND geloescht_am IS NOT NULL";
    assert_eq!(db.number(state).await, 1);

    db.sql(
        "UPDATE communication_service.telefonanrufe SET geloescht_am = now() - interval '31 days'",
    )
    .await;
    let purge = async |days| db.store.purge_telefonanrufe(DAY * days, 10).await.unwrap();
    assert_eq!(purge(32).await, 0, "it is kept for a while");
    assert_eq!(db.rows("telefonanruf_emails").await, 2);
    assert_eq!(purge(30).await, 1);
    assert_eq!(db.rows("telefonanrufe").await, 2);
    assert_eq!(db.rows("telefonanruf_emails").await, 0);
}

#[tokio::test]
async fn deleted_calls_are_purged_in_small_batches_oldest_first_past_those_that_are_locked() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.telefonanrufe (id, therapist_id, geplantes_datum, geplante_zeit, dauer_minuten, \
           status, versuch, created_at, updated_at, geloescht_am, sequence, entbehrlich) \
         SELECT n, 7, '2026-02-02', '09:00', 5, 'abgebrochen', 1, now(), now(), now() - make_interval(days => n::integer), 1, true \
         FROM generate_series(28, 36) n",
    )
    .await;
    let mut blocker = db.database.connect().await.unwrap();
    let lock = blocker.transaction().await.unwrap();
    let oldest = "SELECT FROM communication_service.telefonanrufe WHERE id = 36 FOR UPDATE";
    lock.batch_execute(oldest).await.unwrap();
    let mut purged = Vec::new();
    for _ in 0..3 {
        let some = db.store.purge_telefonanrufe(DAY * 30, 4).await.unwrap();
        purged.push(some);
    }
    lock.rollback().await.unwrap();
    assert_eq!(purged, [4, 2, 0]);
    let left = "SELECT sum(id)::bigint FROM communication_service.telefonanrufe";
    assert_eq!(db.number(left).await, 28 + 29 + 36);
}

#[tokio::test]
async fn a_call_is_retried_once_and_its_retry_is_found_also_when_it_was_deleted() {
    let db = db().await;
    let (first, second) = (TelefonanrufId(1), TelefonanrufId(2));
    db.plan(1, THERAPIST, zeit(2, 9, 0)).await.unwrap();
    let retry = |id: i64| {
        let beginn = zeit(3, 9, 5 * u32::try_from(id).unwrap());
        build::retry_of(1)
            .plan(TelefonanrufId(id), beginn, moment())
            .unwrap()
    };
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.nachfolger(first).await.unwrap(), None);
    tx.insert_telefonanruf(retry(2), Ablage::default())
        .await
        .unwrap();
    assert_eq!(tx.nachfolger(first).await.unwrap(), Some(second));
    assert_eq!(tx.nachfolger(second).await.unwrap(), None);
    tx.commit().await.unwrap();
    let again = db.insert_telefonanruf(retry(3), Ablage::default()).await;
    assert_conflict(again, "telefonanrufe_vorgaenger_key");
    db.delete(2).await;
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.nachfolger(first).await.unwrap(), Some(second));
}

#[tokio::test]
async fn calls_that_want_another_attempt_are_found_page_by_page_until_they_are_deleted() {
    let db = db().await;
    let offen = Ablage {
        platz: None,
        wiederholung_offen: true,
    };
    for id in 1..=5 {
        let ablage = if id == 3 { Ablage::default() } else { offen };
        db.insert_telefonanruf(held(id), ablage).await.unwrap();
    }
    db.delete(4).await;
    let after = async |id| {
        let found = db.store.offene_wiederholungen(TelefonanrufId(id), 2).await;
        found.unwrap().iter().map(|id| id.0).collect::<Vec<_>>()
    };
    assert_eq!(after(0).await, [1, 2]);
    assert_eq!(after(2).await, [5]);
    assert_eq!(after(5).await, [0; 0]);
}

#[tokio::test]
async fn emails_that_were_answered_or_switched_off_are_told_apart() {
    let db = db().await;
    let mut tx = db.store.begin().await.unwrap();
    for id in 1..=4 {
        let email = build::created(id, EmailStatus::Entwurf);
        tx.insert_email(email).await.unwrap();
    }
    let answered = EmailPatch {
        antwort_erhalten: Some(true),
        ..EmailPatch::default()
    };
    let off = EmailPatch {
        nachverfolgung_erforderlich: Patch::Set(false),
        ..EmailPatch::default()
    };
    for (id, patch) in [(2, answered), (4, off)] {
        let email = tx.lock_email(EmailId(id)).await.unwrap().unwrap();
        let change = email.apply(patch, build::instant(), chrono::TimeDelta::zero());
        tx.save_email(change.unwrap()).await.unwrap();
    }
    let asked = [4, 3, 2, 77].map(EmailId);
    assert_eq!(tx.erledigte(&asked).await.unwrap(), [2, 4].map(EmailId));
    assert_eq!(tx.erledigte(&[EmailId(1)]).await.unwrap(), []);
    assert_eq!(tx.erledigte(&[]).await.unwrap(), []);
}
