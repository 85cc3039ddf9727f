//! Calls with their emails and events on a real PostgreSQL.

use crate::support::{Db, assert_conflict, db};
use comm_domain::Change;
use comm_domain::outreach::telefonanruf::{Ergebnis, Gefuehrt, Tatsaechlich};
use comm_domain::outreach::{
    EmailId, EmailStatus, Empfaenger, ErgebnisArt, Erledigt, NewTelefonanruf, Patch, Telefonanruf,
    TelefonanrufId, TelefonanrufPatch, TelefonanrufStatus,
};
use comm_ports::error::StoreError;
use comm_ports::outreach::{Ablage, OutreachStore, TelefonanrufStore};
use comm_ports::testing::build::{self, moment, planned, tag, zeit};

pub(crate) const THERAPIST: Empfaenger = Empfaenger::Therapeut(7);

/// A call with a value in every field that a planned one may have.
pub(crate) fn rich(id: i64) -> Change<Telefonanruf> {
    let mut new = build::retry_of(99)
        .with_email_ids(vec![EmailId(12), EmailId(11)])
        .with_bearbeiter("Anna Berger")
        .unwrap()
        .with_notizen("Wegen der Anfrage")
        .unwrap();
    new.therapeutenanfrage_id = Some(5);
    new.plan(TelefonanrufId(id), zeit(2, 9, 0), moment())
        .unwrap()
}

/// One that was made without a plan.
pub(crate) fn held(id: i64) -> Change<Telefonanruf> {
    let ergebnis = Ergebnis {
        text: Some("Ruft am Montag an".to_owned()),
        art: Some(ErgebnisArt::RueckrufVereinbart),
        wiederholen_nach: Some(tag(9)),
        wiederholen_zeit: Some(zeit(9, 14, 30).time()),
    };
    let gefuehrt = Gefuehrt {
        tatsaechlich: Tatsaechlich {
            datum: Some(tag(0)),
            zeit: Some(zeit(0, 8, 10).time()),
        },
        ..Gefuehrt::default()
    };
    NewTelefonanruf::to(Empfaenger::Patient(8))
        .with_ergebnis(ergebnis)
        .unwrap()
        .record(TelefonanrufId(id), gefuehrt, moment())
        .unwrap()
}

pub(crate) fn to(status: TelefonanrufStatus) -> TelefonanrufPatch {
    TelefonanrufPatch {
        status: Some(status),
        ..TelefonanrufPatch::default()
    }
}

/// The events of the calls, in the order in which they were written.
pub(crate) async fn events(db: &Db) -> Vec<(String, String, i64, i64, i16)> {
    let client = db.database.connect().await.unwrap();
    let rows = client
        .query(
            "SELECT aggregate, event_type, aggregate_id, sequence, priority FROM communication_service.outbox ORDER BY id",
            &[],
        )
        .await
        .unwrap();
    let values = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4)));
    values.collect()
}

pub(crate) fn event(
    kind: &str,
    id: i64,
    sequence: i64,
    priority: i16,
) -> (String, String, i64, i64, i16) {
    let aggregate = "telefonanruf".to_owned();
    (aggregate, kind.to_owned(), id, sequence, priority)
}

#[tokio::test]
async fn a_new_call_comes_back_as_it_was_with_its_event_beside_it() {
    let db = db().await;
    let ablage = Ablage {
        platz: Some(2),
        wiederholung_offen: false,
    };
    let offen = Ablage {
        platz: None,
        wiederholung_offen: true,
    };
    for (change, ablage) in [(rich(1), ablage), (held(2), offen)] {
        let expected = change.after().clone();
        let stored = db.insert_telefonanruf(change, ablage).await.unwrap();
        assert_eq!(stored, expected);
        let read = db.store.telefonanruf(expected.id).await.unwrap();
        assert_eq!(read.as_ref(), Some(&expected));
        let mut tx = db.store.begin().await.unwrap();
        let locked = tx.lock_telefonanruf(expected.id).await.unwrap();
        assert_eq!(locked, Some((expected, ablage)));
    }
    let expected = [event("Scheduled", 1, 1, 1), event("Completed", 2, 1, 0)];
    assert_eq!(events(&db).await, expected);
    let none = db.store.telefonanruf(TelefonanrufId(3)).await.unwrap();
    assert_eq!(none, None);
}

#[tokio::test]
async fn a_call_its_emails_and_its_events_are_stored_together_or_not_at_all() {
    let db = db().await;
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_telefonanruf(rich(1), Ablage::default())
        .await
        .unwrap();
    tx.rollback().await;
    for table in ["telefonanrufe", "telefonanruf_emails", "outbox"] {
        assert_eq!(db.rows(table).await, 0, "{table}");
    }
    db.plan(1, THERAPIST, zeit(2, 9, 0)).await.unwrap();
    let taken = db.insert_telefonanruf(rich(2), Ablage::default()).await;
    assert_conflict(taken, "telefonanrufe_therapist_overlap");
    assert_eq!(db.rows("telefonanruf_emails").await, 0);
    assert_eq!(events(&db).await, [event("Scheduled", 1, 1, 1)]);
}

#[tokio::test]
async fn ids_of_calls_count_up_and_are_not_those_of_emails() {
    let db = db().await;
    db.store.next_email_id().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    let first = tx.next_telefonanruf_id().await.unwrap();
    let second = tx.next_telefonanruf_id().await.unwrap();
    assert_eq!((first, second), (TelefonanrufId(1), TelefonanrufId(2)));
}

#[tokio::test]
async fn a_changed_call_is_stored_whole_and_its_end_goes_first() {
    let db = db().await;
    db.insert_telefonanruf(rich(1), Ablage::default())
        .await
        .unwrap();
    // Its first event waits, and so does one of an email of the same number.
    db.insert(EmailStatus::Entwurf).await;
    let patch = TelefonanrufPatch {
        geplantes_datum: Some(tag(3)),
        geplante_zeit: Some(zeit(3, 10, 5).time()),
        dauer_minuten: Some(15),
        tatsaechliches_datum: Patch::Set(tag(1)),
        tatsaechliche_zeit: Patch::Set(zeit(1, 7, 0).time()),
        ergebnis: Patch::Set("Nimmt niemanden auf".to_owned()),
        ergebnis_art: Patch::Set(ErgebnisArt::RueckrufVereinbart),
        wiederholen_nach: Patch::Set(tag(20)),
        wiederholen_zeit: Patch::Set(zeit(20, 16, 45).time()),
        notizen: Patch::Clear,
        bearbeiter: Patch::Set("Uwe Klein".to_owned()),
        ..to(TelefonanrufStatus::Abgeschlossen)
    };
    let saved = db.edit(1, patch).await.unwrap();
    let read = db.store.telefonanruf(TelefonanrufId(1)).await.unwrap();
    assert_eq!(read, Some(saved));
    let email =
        "SELECT priority::bigint FROM communication_service.outbox WHERE aggregate = 'email'";
    assert_eq!(db.number(email).await, 1);
    db.sql("DELETE FROM communication_service.outbox WHERE aggregate = 'email'")
        .await;
    let expected = [event("Scheduled", 1, 1, 0), event("Completed", 1, 2, 0)];
    assert_eq!(events(&db).await, expected);
}

#[tokio::test]
async fn what_is_stored_beside_a_call_changes_with_it() {
    let db = db().await;
    db.insert_telefonanruf(rich(1), Ablage::default())
        .await
        .unwrap();
    let ablage = Ablage {
        platz: Some(3),
        wiederholung_offen: true,
    };
    let mut tx = db.store.begin().await.unwrap();
    let (anruf, before) = tx
        .lock_telefonanruf(TelefonanrufId(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(before, Ablage::default());
    let unchanged = anruf.apply(TelefonanrufPatch::default(), moment()).unwrap();
    tx.save_telefonanruf(unchanged, ablage).await.unwrap();
    let (_, after) = tx
        .lock_telefonanruf(TelefonanrufId(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(after, ablage);
}

#[tokio::test]
async fn a_call_that_is_not_there_cannot_be_saved_and_the_transaction_says_so() {
    let db = db().await;
    let mut tx = db.store.begin().await.unwrap();
    let change = planned(1, THERAPIST, zeit(2, 9, 0));
    let saved = tx.save_telefonanruf(change, Ablage::default()).await;
    assert!(matches!(saved, Err(StoreError::Failed(_))), "{saved:?}");
    assert!(tx.commit().await.is_err());
    assert_eq!(db.rows("outbox").await, 0);
}

#[tokio::test]
async fn emails_join_and_leave_a_call_and_the_others_stay_untouched() {
    let db = db().await;
    db.insert_telefonanruf(rich(1), Ablage::default())
        .await
        .unwrap();
    let links = "SELECT sum(xmin::text::bigint)::bigint FROM communication_service.telefonanruf_emails WHERE email_id = 12";
    let before = db.number(links).await;
    let mut tx = db.store.begin().await.unwrap();
    let (anruf, ablage) = tx
        .lock_telefonanruf(TelefonanrufId(1))
        .await
        .unwrap()
        .unwrap();
    let joined = anruf.join(EmailId(13), build::instant()).unwrap();
    let anruf = tx.save_telefonanruf(joined, ablage).await.unwrap();
    let answered = anruf.settled(EmailId(11), Erledigt::Beantwortet, build::instant());
    let anruf = tx.save_telefonanruf(answered, ablage).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(anruf.email_ids, [EmailId(12), EmailId(13)]);
    let read = db.store.telefonanruf(anruf.id).await.unwrap();
    assert_eq!(read, Some(anruf));
    assert_eq!(db.number(links).await, before, "it was written anew");
}

#[tokio::test]
async fn a_waiting_lock_finds_the_emails_that_its_predecessor_has_left() {
    let db = db().await;
    db.insert_telefonanruf(rich(1), Ablage::default())
        .await
        .unwrap();
    let mut first = db.store.begin().await.unwrap();
    let (anruf, ablage) = first
        .lock_telefonanruf(TelefonanrufId(1))
        .await
        .unwrap()
        .unwrap();
    let store = db.store.clone();
    let second = tokio::spawn(async move {
        let mut tx = store.begin().await.unwrap();
        let locked = tx.lock_telefonanruf(TelefonanrufId(1)).await.unwrap();
        locked.unwrap().0
    });
    db.until_somebody_waits().await;
    let joined = anruf.join(EmailId(13), build::instant()).unwrap();
    first.save_telefonanruf(joined, ablage).await.unwrap();
    first.commit().await.unwrap();
    let ids = [EmailId(11), EmailId(12), EmailId(13)];
    assert_eq!(second.await.unwrap().email_ids, ids);
}

#[tokio::test]
async fn calendars_are_told_of_another_slot_or_state_and_of_nothing_else() {
    let db = db().await;
    db.plan(1, THERAPIST, zeit(2, 9, 0)).await.unwrap();
    let sequence = "SELECT kalender_sequenz::bigint FROM communication_service.telefonanrufe";
    let base = TelefonanrufPatch::default;
    let steps = [
        (base(), 0),
        (
            TelefonanrufPatch {
                notizen: Patch::Set("x".to_owned()),
                bearbeiter: Patch::Set("Anna".to_owned()),
                ..base()
            },
            0,
        ),
        (
            TelefonanrufPatch {
                geplantes_datum: Some(tag(3)),
                ..base()
            },
            1,
        ),
        (
            TelefonanrufPatch {
                geplante_zeit: Some(zeit(3, 9, 5).time()),
                ..base()
            },
            2,
        ),
        (
            TelefonanrufPatch {
                dauer_minuten: Some(20),
                ..base()
            },
            3,
        ),
        (to(TelefonanrufStatus::Abgebrochen), 4),
        (to(TelefonanrufStatus::Geplant), 5),
        (to(TelefonanrufStatus::Fehlgeschlagen), 6),
        (
            TelefonanrufPatch {
                ergebnis_art: Patch::Set(ErgebnisArt::NichtErreicht),
                ..base()
            },
            6,
        ),
    ];
    for (patch, expected) in steps {
        db.edit(1, patch.clone()).await.unwrap();
        assert_eq!(db.number(sequence).await, expected, "{patch:?}");
    }
    db.plan(2, THERAPIST, zeit(2, 9, 0)).await.unwrap();
    db.delete(2).await;
    let of_deleted = format!("{sequence} WHERE id = 2");
    assert_eq!(db.number(&of_deleted).await, 1);
}

#[tokio::test]
async fn a_stored_call_that_the_domain_refuses_is_named() {
    let db = db().await;
    db.plan(1, THERAPIST, zeit(2, 9, 0)).await.unwrap();
    db.sql("UPDATE communication_service.telefonanrufe SET geplante_zeit = '09:00:30'")
        .await;
    let read = db.store.telefonanruf(TelefonanrufId(1)).await;
    assert!(
        matches!(&read, Err(StoreError::Corrupt(words)) if words.starts_with("call 1: ")),
        "{read:?}"
    );
    let listed = db.store.list_telefonanrufe(&Default::default()).await;
    assert!(matches!(listed, Err(StoreError::Corrupt(_))), "{listed:?}");
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_telefonanruf(TelefonanrufId(1)).await;
    assert!(matches!(locked, Err(StoreError::Corrupt(_))), "{locked:?}");
    let belegung = tx.belegung(THERAPIST, tag(0)).await;
    assert!(
        matches!(belegung, Err(StoreError::Corrupt(_))),
        "{belegung:?}"
    );
    let plaetze = tx.lock_plaetze(tag(0)..=tag(9)).await;
    assert!(
        matches!(plaetze, Err(StoreError::Corrupt(_))),
        "{plaetze:?}"
    );
}
