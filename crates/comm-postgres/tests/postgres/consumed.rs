//! Consumed events and wishes for calls on a real PostgreSQL.

use crate::support::{db, store};
use comm_domain::outreach::{Anrufwunsch, EmailId, EmailStatus, RawAnrufwunsch};
use comm_domain::timestamp;
use comm_ports::outreach::OutreachStore;
use comm_ports::{ConsumedEvent, ConsumedStore};
use std::time::Duration;
use tokio::time::timeout;

const DAY: Duration = Duration::from_secs(86_400);
const COUNT: &str = "SELECT count(*) FROM communication_service.consumed_events";

fn event(key: &str) -> ConsumedEvent {
    ConsumedEvent {
        key: key.to_owned(),
        event_type: "communication.schedule_call",
        topic: "events".to_owned(),
        partition: 2,
        offset: 41,
    }
}

#[tokio::test]
async fn an_event_is_remembered_only_if_its_work_is_committed() {
    let db = db().await;
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.remember(&event("a")).await.unwrap());
    assert!(!tx.remember(&event("a")).await.unwrap(), "already now");
    drop(tx);
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.remember(&event("a")).await.unwrap(), "nothing was done");
    tx.commit().await.unwrap();
    let mut tx = store(&db.database.url()).begin().await.unwrap();
    assert!(!tx.remember(&event("a")).await.unwrap());
    assert!(
        tx.remember(&event("b")).await.unwrap(),
        "the transaction lives"
    );
    tx.commit().await.unwrap();
    assert_eq!(db.number(COUNT).await, 2);
}

#[tokio::test]
async fn two_members_with_the_same_event_do_its_work_once() {
    let db = db().await;
    for (key, first_commits) in [("kept", true), ("given up", false)] {
        let mut first = db.store.begin().await.unwrap();
        assert!(first.remember(&event(key)).await.unwrap());
        let store = db.store.clone();
        let mut second = tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let is_new = tx.remember(&event(key)).await.unwrap();
            tx.commit().await.unwrap();
            is_new
        });
        let early = timeout(Duration::from_millis(200), &mut second).await;
        assert!(early.is_err(), "it waits for the first");
        if first_commits {
            first.commit().await.unwrap();
        } else {
            drop(first);
        }
        assert_eq!(second.await.unwrap(), !first_commits, "{key}");
    }
}

#[tokio::test]
async fn old_events_are_forgotten_in_small_batches_and_the_last_one_is_known() {
    let db = db().await;
    assert_eq!(db.store.last_consumed().await.unwrap(), None);
    db.sql(
        "INSERT INTO communication_service.consumed_events \
         SELECT n::text, 't', 'events', 0, n, now() - make_interval(days => n) FROM generate_series(25, 36) n",
    )
    .await;
    let mut removed = Vec::new();
    for _ in 0..3 {
        removed.push(db.store.purge_consumed(DAY * 30, 5).await.unwrap());
    }
    assert_eq!(removed, [5, 2, 0]);
    let youngest = "SELECT max(position) FROM communication_service.consumed_events";
    assert_eq!(db.number(youngest).await, 29, "30 days and older are gone");
    let last = db.store.last_consumed().await.unwrap().unwrap();
    let age = "SELECT floor(extract(epoch FROM max(consumed_at)))::bigint FROM communication_service.consumed_events";
    assert_eq!(db.number(age).await, last.timestamp());
}

#[tokio::test]
async fn old_wishes_for_calls_are_removed_in_small_batches_whatever_day_they_are_for() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.anrufwuensche (event_key, patient_id, notizen, geplantes_datum, empfangen_am) \
         SELECT n::text, n, 'Anna Muster', now() + interval '1 year', now() - make_interval(days => n) \
         FROM generate_series(85, 96) n",
    )
    .await;
    let other = store(&db.database.url());
    let mut removed = Vec::new();
    for store in [&db.store, &other, &db.store] {
        removed.push(store.purge_anrufwuensche(DAY * 90, 5).await.unwrap());
    }
    assert_eq!(removed, [5, 2, 0]);
    let kept = "SELECT max(patient_id) FROM communication_service.anrufwuensche";
    assert_eq!(db.number(kept).await, 89, "90 days and older are gone");

    // What another instance is about to remove is left to it.
    let mut blocker = db.database.connect().await.unwrap();
    let lock = blocker.transaction().await.unwrap();
    let oldest =
        "SELECT id FROM communication_service.anrufwuensche WHERE patient_id = 89 FOR UPDATE";
    lock.batch_execute(oldest).await.unwrap();
    let removed = db.store.purge_anrufwuensche(DAY * 87, 1).await.unwrap();
    lock.rollback().await.unwrap();
    assert_eq!((removed, db.number(kept).await), (1, 89));
}

#[tokio::test]
async fn a_wish_for_a_call_is_stored_with_every_field() {
    let db = db().await;
    let text = |text: &str| Some(text.to_owned());
    let whole = RawAnrufwunsch {
        therapist_id: Some(7),
        geplantes_datum: text("2026-02-03"),
        geplante_zeit: text("9:05"),
        dauer_minuten: Some(15),
        notizen: text("leise"),
        therapeutenanfrage_id: Some(3),
        ..RawAnrufwunsch::default()
    };
    let bare = RawAnrufwunsch {
        patient_id: Some(8),
        ..RawAnrufwunsch::default()
    };
    let angefragt_am = timestamp::parse("2026-01-31T09:15:00.123456");
    for (raw, at, id) in [(whole, angefragt_am, 1), (bare, None, 2)] {
        let wunsch = Anrufwunsch::parse(raw).unwrap();
        let mut tx = db.store.begin().await.unwrap();
        let stored = tx.insert_anrufwunsch(&wunsch, &event("e"), at).await;
        assert_eq!(stored.unwrap(), id);
        tx.commit().await.unwrap();
    }
    let whole = "SELECT count(*) FROM communication_service.anrufwuensche WHERE (id, event_key, therapist_id, \
         geplantes_datum, geplante_zeit, dauer_minuten, notizen, therapeutenanfrage_id, angefragt_am) \
         = (1, 'e', 7, '2026-02-03', '09:05', 15, 'leise', 3, '2026-01-31T09:15:00.123456Z') \
         AND patient_id IS NULL AND empfangen_am > now() - interval '1 minute'";
    let bare = "SELECT count(*) FROM communication_service.anrufwuensche WHERE patient_id = 8 AND num_nonnulls(\
         therapist_id, geplantes_datum, geplante_zeit, dauer_minuten, notizen, therapeutenanfrage_id, angefragt_am) = 0";
    assert_eq!((db.number(whole).await, db.number(bare).await), (1, 1));
}

/// A back-off is cut short and says so; `senden_ab` still holds; any other state stays as it is.
#[tokio::test]
async fn a_request_to_send_cuts_a_back_off_short_but_not_senden_ab() {
    let db = db().await;
    for _ in 0..3 {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    db.sql(
        "UPDATE communication_service.emails SET faellig_am = now() + interval '4 hours', \
           naechster_versuch_am = now() + interval '4 hours' WHERE id <= 2; \
         UPDATE communication_service.emails SET senden_ab = now() + interval '1 hour' WHERE id = 2; \
         UPDATE communication_service.emails SET status = 'Fehlgeschlagen', faellig_am = NULL WHERE id = 3",
    )
    .await;
    for (id, status) in [
        (1, EmailStatus::InWarteschlange),
        (2, EmailStatus::InWarteschlange),
        (3, EmailStatus::Fehlgeschlagen),
    ] {
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.expedite(EmailId(id)).await.unwrap(), Some(status));
        tx.commit().await.unwrap();
    }
    for condition in [
        "id = 1 AND faellig_am <= now() AND naechster_versuch_am = faellig_am AND rang = -1",
        "id = 2 AND faellig_am = senden_ab AND naechster_versuch_am = senden_ab AND rang = -1",
        "id = 3 AND faellig_am IS NULL AND naechster_versuch_am IS NULL AND rang = 5",
    ] {
        let count = format!("SELECT count(*) FROM communication_service.emails WHERE {condition}");
        assert_eq!(db.number(&count).await, 1, "{condition}");
    }
}
