//! Who holds which slot: the last line of the constraints, the locks before it, and what they show.

use crate::support::{Db, assert_conflict, db};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use comm_domain::Change;
use comm_domain::outreach::{
    Dauer, EmailId, EmailPatch, EmailStatus, Empfaenger, ErgebnisArt, Erreichbarkeit,
    NewTelefonanruf, Patch, Telefonanruf, TelefonanrufId, TelefonanrufPatch, TelefonanrufStatus,
    Termin,
};
use comm_ports::error::StoreError;
use comm_ports::outreach::{
    Ablage, BelegterPlatz, Belegung, OVERLAP_CONSTRAINTS, OutreachStore, PLATZ_CONSTRAINT,
    TelefonanrufStore,
};
use comm_ports::testing::build::{self, instant, moment, planned, tag, zeit};
use std::collections::BTreeSet;
use std::time::Duration;

const THERAPIST: Empfaenger = Empfaenger::Therapeut(7);
const PATIENT: Empfaenger = Empfaenger::Patient(7);

fn slot(beginn: NaiveDateTime, minuten: i64) -> Termin {
    Termin::new(beginn.date(), beginn.time(), Dauer::parse(minuten).unwrap()).unwrap()
}

/// A planned call of this length.
fn as_long_as(id: i64, person: Empfaenger, termin: Termin) -> Change<Telefonanruf> {
    let mut new = NewTelefonanruf::to(person);
    new.dauer = termin.dauer();
    new.plan(TelefonanrufId(id), termin.beginn(), moment())
        .unwrap()
}

fn on_seat(platz: i16) -> Ablage {
    Ablage {
        platz: Some(platz),
        wiederholung_offen: false,
    }
}

fn to(status: TelefonanrufStatus) -> TelefonanrufPatch {
    TelefonanrufPatch {
        status: Some(status),
        ..TelefonanrufPatch::default()
    }
}

#[tokio::test]
async fn two_planned_calls_of_one_person_never_overlap() {
    let db = db().await;
    let day = |hour, minute| zeit(2, hour, minute);
    for (person, name) in [
        (THERAPIST, OVERLAP_CONSTRAINTS[0]),
        (PATIENT, OVERLAP_CONSTRAINTS[1]),
    ] {
        let base = if person == THERAPIST { 10 } else { 20 };
        let insert = async |id, beginn, minuten| {
            let change = as_long_as(base + id, person, slot(beginn, minuten));
            db.insert_telefonanruf(change, Ablage::default()).await
        };
        insert(0, day(9, 0), 10).await.unwrap();
        assert_conflict(insert(1, day(9, 0), 10).await, name);
        assert_conflict(insert(1, day(9, 5), 5).await, name);
        assert_conflict(insert(1, day(8, 55), 10).await, name);
        assert_conflict(insert(1, day(8, 0), 120).await, name);
        // Those that only touch it do not.
        insert(1, day(8, 50), 10).await.unwrap();
        insert(2, day(9, 10), 5).await.unwrap();
        // Another one may hold it as soon as the first is over, and no earlier one comes back then.
        db.edit(base, to(TelefonanrufStatus::Abgebrochen))
            .await
            .unwrap();
        insert(3, day(9, 0), 10).await.unwrap();
        let back = db.edit(base, to(TelefonanrufStatus::Geplant)).await;
        assert_conflict(back, name);
        let move_there = TelefonanrufPatch {
            geplante_zeit: Some(day(9, 5).time()),
            ..TelefonanrufPatch::default()
        };
        assert_conflict(db.edit(base + 2, move_there).await, name);
    }
    // The other person of the same number and another one of the same kind have slots of their own.
    db.plan(30, Empfaenger::Therapeut(8), day(9, 0))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_call_past_midnight_holds_the_first_minutes_of_the_next_day() {
    let db = db().await;
    let late = as_long_as(1, THERAPIST, slot(zeit(2, 23, 50), 20));
    db.insert_telefonanruf(late, Ablage::default())
        .await
        .unwrap();
    let early = db.plan(2, THERAPIST, zeit(3, 0, 5)).await;
    assert_conflict(early, OVERLAP_CONSTRAINTS[0]);
    db.plan(2, THERAPIST, zeit(3, 0, 10)).await.unwrap();
}

#[tokio::test]
async fn a_seat_is_held_by_one_planned_call_at_a_time() {
    let db = db().await;
    let call = |id| planned(id, Empfaenger::Therapeut(id), zeit(2, 9, 0));
    db.insert_telefonanruf(call(1), on_seat(1)).await.unwrap();
    let taken = db.insert_telefonanruf(call(2), on_seat(1)).await;
    assert_conflict(taken, PLATZ_CONSTRAINT);
    db.insert_telefonanruf(call(2), on_seat(2)).await.unwrap();
    db.edit(1, to(TelefonanrufStatus::Fehlgeschlagen))
        .await
        .unwrap();
    db.insert_telefonanruf(call(3), on_seat(1)).await.unwrap();
    // Without a configured capacity nobody counts.
    for id in 4..=6 {
        let free = db.insert_telefonanruf(call(id), Ablage::default()).await;
        free.unwrap();
    }
}

/// Books the earliest free five minutes from nine o'clock on, as every booking does it.
async fn book(db: &Db, person: Empfaenger) -> Result<Termin, StoreError> {
    let mut tx = db.store.begin().await?;
    tx.lock_kontaktstand(person).await?;
    let belegt = tx.belegung(person, tag(2)).await?.belegt;
    let mut beginn = zeit(2, 9, 0);
    while belegt.iter().any(|termin| termin.beginn() == beginn) {
        beginn += TimeDelta::minutes(5);
    }
    let id = tx.next_telefonanruf_id().await?;
    let change = as_long_as(id.0, person, slot(beginn, 5));
    let stored = tx.insert_telefonanruf(change, Ablage::default()).await?;
    tx.commit().await?;
    Ok(stored.termin)
}

#[tokio::test]
async fn bookings_of_one_person_come_one_after_the_other_and_see_each_other() {
    let db = db().await;
    // First the row is made, and then it is there.
    for round in 0..2 {
        let mut first = db.store.begin().await.unwrap();
        first.lock_kontaktstand(THERAPIST).await.unwrap();
        // The same again is not waited for, and neither is another person.
        first.lock_kontaktstand(THERAPIST).await.unwrap();
        let other = book(&db, PATIENT).await.unwrap();
        assert_eq!(other.beginn(), zeit(2, 9, 5 * round));
        let second = tokio::spawn({
            let store = db.store.clone();
            async move {
                let mut tx = store.begin().await.unwrap();
                tx.lock_kontaktstand(THERAPIST).await.unwrap();
                tx.belegung(THERAPIST, tag(2)).await.unwrap().belegt
            }
        });
        db.until_somebody_waits().await;
        let id = first.next_telefonanruf_id().await.unwrap();
        let change = planned(id.0, THERAPIST, zeit(2, 9, 5 * round));
        first
            .insert_telefonanruf(change, Ablage::default())
            .await
            .unwrap();
        first.commit().await.unwrap();
        let seen = second.await.unwrap();
        assert_eq!(seen.len(), usize::try_from(round).unwrap() + 1);
    }
    assert_eq!(db.rows("kontaktstand").await, 2);
}

#[tokio::test]
async fn whoever_waits_for_a_row_that_is_given_up_makes_it() {
    let db = db().await;
    let mut first = db.store.begin().await.unwrap();
    first.lock_kontaktstand(PATIENT).await.unwrap();
    let store = db.store.clone();
    let second = tokio::spawn(async move {
        let mut tx = store.begin().await.unwrap();
        tx.lock_kontaktstand(PATIENT).await.unwrap();
        tx.commit().await.unwrap();
    });
    db.until_somebody_waits().await;
    first.rollback().await;
    second.await.unwrap();
    assert_eq!(db.rows("kontaktstand").await, 1);
}

#[tokio::test]
async fn a_lock_on_a_contact_state_that_is_there_writes_no_new_row() {
    let db = db().await;
    for _ in 0..3 {
        let mut tx = db.store.begin().await.unwrap();
        tx.lock_kontaktstand(THERAPIST).await.unwrap();
        tx.commit().await.unwrap();
    }
    let place = "SELECT (ctid::text::point)[1]::bigint FROM communication_service.kontaktstand";
    assert_eq!(db.number(place).await, 1);
}

#[tokio::test]
async fn many_bookings_at_once_get_as_many_slots() {
    let db = db().await;
    let db = std::sync::Arc::new(db);
    let mut booking = tokio::task::JoinSet::new();
    for n in 0..40 {
        let db = std::sync::Arc::clone(&db);
        let person = [THERAPIST, PATIENT][n % 2];
        booking.spawn(async move { (person.patient_id(), book(&db, person).await.unwrap()) });
    }
    let slots: BTreeSet<_> = booking.join_all().await.into_iter().collect();
    assert_eq!(slots.len(), 40);
    assert_eq!(db.rows("telefonanrufe").await, 40);
}

/// A refusal, with the time at which it came, or without one.
async fn refuse_by_mail(db: &Db, id: i64, came: Option<DateTime<Utc>>) {
    let mut tx = db.store.begin().await.unwrap();
    tx.insert_email(build::created(id, EmailStatus::Entwurf))
        .await
        .unwrap();
    let email = tx.lock_email(EmailId(id)).await.unwrap().unwrap();
    let refused = EmailPatch {
        antwort_art: Patch::Set(ErgebnisArt::Abgelehnt),
        antwort_erhalten: Some(came.is_some()),
        antwortdatum: came.map_or(Patch::Keep, Patch::Set),
        ..EmailPatch::default()
    };
    let change = email.apply(refused, instant(), TimeDelta::zero()).unwrap();
    tx.save_email(change).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_booking_knows_the_planned_slots_from_a_day_on() {
    let db = db().await;
    let nothing = Belegung::default();
    for person in [THERAPIST, PATIENT] {
        let base = if person == THERAPIST { 10 } else { 20 };
        assert_eq!(db.store.belegung(person, tag(2)).await.unwrap(), nothing);
        let slots = [
            slot(zeit(3, 8, 0), 5),
            slot(zeit(1, 23, 55), 5),
            slot(zeit(2, 10, 0), 30),
            slot(zeit(1, 23, 50), 5),
            slot(zeit(2, 9, 0), 5),
            slot(zeit(1, 9, 0), 5),
        ];
        for (n, termin) in (0_i64..).zip(slots) {
            let change = as_long_as(base + n, person, termin);
            let stored = db.insert_telefonanruf(change, Ablage::default()).await;
            stored.unwrap();
        }
        let past_midnight = TelefonanrufPatch {
            dauer_minuten: Some(10),
            ..TelefonanrufPatch::default()
        };
        db.edit(base + 1, past_midnight).await.unwrap();
        db.edit(base + 4, to(TelefonanrufStatus::Abgebrochen))
            .await
            .unwrap();
        let expected = Belegung {
            belegt: vec![
                slot(zeit(1, 23, 55), 10),
                slot(zeit(2, 10, 0), 30),
                slot(zeit(3, 8, 0), 5),
            ],
            ..Belegung::default()
        };
        let read = db.store.belegung(person, tag(2)).await.unwrap();
        assert_eq!(read, expected);
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.belegung(person, tag(2)).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_booking_knows_of_refusals_by_mail_and_by_phone_also_hidden_ones() {
    let db = db().await;
    let known = async |person| {
        let belegung = db.store.belegung(person, tag(2)).await.unwrap();
        let kontakt = belegung.kontakt;
        (kontakt.abgelehnt_per_mail, kontakt.abgelehnt_am_telefon)
    };
    // A kind of answer without an answer is none.
    refuse_by_mail(&db, 1, None).await;
    assert_eq!(known(THERAPIST).await, (None, None));
    let mail = instant() - TimeDelta::days(3);
    for (id, came) in [(2, mail), (3, mail - TimeDelta::days(5))] {
        refuse_by_mail(&db, id, Some(came)).await;
    }
    assert_eq!(known(THERAPIST).await, (Some(mail), None));
    let refused = |day: Option<u64>| TelefonanrufPatch {
        ergebnis_art: Patch::Set(ErgebnisArt::Abgelehnt),
        tatsaechliches_datum: day.map_or(Patch::Keep, |day| Patch::Set(tag(day))),
        ..to(TelefonanrufStatus::Fehlgeschlagen)
    };
    db.plan(1, THERAPIST, zeit(2, 9, 0)).await.unwrap();
    db.edit(1, refused(None)).await.unwrap();
    assert_eq!(known(THERAPIST).await, (Some(mail), Some(tag(2))));
    db.plan(2, THERAPIST, zeit(1, 9, 0)).await.unwrap();
    db.edit(2, refused(Some(4))).await.unwrap();
    assert_eq!(known(THERAPIST).await, (Some(mail), Some(tag(4))));

    db.delete(2).await;
    db.sql("UPDATE communication_service.emails SET geloescht_am = now() WHERE id = 2")
        .await;
    assert_eq!(known(THERAPIST).await, (Some(mail), Some(tag(4))));
    // A refusal of which somebody has taken the date away is not forgotten.
    db.sql("UPDATE communication_service.emails SET antwortdatum = NULL WHERE id = 2")
        .await;
    assert_eq!(known(THERAPIST).await.0, Some(instant()));
    assert_eq!(known(Empfaenger::Therapeut(8)).await, (None, None));
    // Patients refuse nothing.
    assert_eq!(known(PATIENT).await, (None, None));
}

#[tokio::test]
async fn hours_by_hand_are_kept_replaced_and_cleared() {
    let db = db().await;
    let kept = async || {
        let belegung = db.store.belegung(THERAPIST, tag(0)).await.unwrap();
        belegung.erreichbarkeit
    };
    assert_eq!(kept().await, None);
    let save = async |hours| db.store.save_erreichbarkeit(7, hours).await.unwrap();
    let none_stated = Erreichbarkeit::default();
    for hours in [Erreichbarkeit::office_hours(), none_stated] {
        save(Some(hours.clone())).await;
        assert_eq!(kept().await, Some(hours));
    }
    let others = db.store.belegung(PATIENT, tag(0)).await.unwrap();
    assert_eq!(others, Belegung::default());
    save(None).await;
    save(None).await;
    assert_eq!(kept().await, None);
    db.sql(
        "INSERT INTO communication_service.erreichbarkeiten VALUES (7, '{\"monday\": [\"9-25\"]}')",
    )
    .await;
    let read = db.store.belegung(THERAPIST, tag(0)).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
}

#[tokio::test]
async fn seats_are_those_of_all_planned_calls_on_these_days() {
    let db = db().await;
    let slots = [
        (slot(zeit(1, 23, 55), 10), Some(1)),
        (slot(zeit(1, 23, 50), 5), Some(1)),
        (slot(zeit(2, 9, 0), 5), Some(2)),
        (slot(zeit(3, 9, 0), 5), None),
        (slot(zeit(3, 9, 0), 10), Some(1)),
        (slot(zeit(4, 0, 0), 5), Some(1)),
    ];
    for (n, (termin, platz)) in (1_i64..).zip(slots) {
        let person = match n % 2 {
            0 => Empfaenger::Patient(n),
            _ => Empfaenger::Therapeut(n),
        };
        let ablage = Ablage {
            platz,
            wiederholung_offen: false,
        };
        let change = as_long_as(n, person, termin);
        db.insert_telefonanruf(change, ablage).await.unwrap();
    }
    db.edit(3, to(TelefonanrufStatus::Abgeschlossen))
        .await
        .unwrap();
    let expected: Vec<_> = [0, 3, 4]
        .map(|n: usize| {
            let (termin, platz) = slots[n];
            BelegterPlatz { platz, termin }
        })
        .into();
    let days = tag(2)..=tag(3);
    assert_eq!(db.store.plaetze(days.clone()).await.unwrap(), expected);
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.lock_plaetze(days).await.unwrap(), expected);
}

#[tokio::test]
async fn bookings_that_need_a_seat_come_one_after_the_other() {
    let db = db().await;
    let days = tag(2)..=tag(2);
    let mut first = db.store.begin().await.unwrap();
    assert_eq!(first.lock_plaetze(days.clone()).await.unwrap(), []);
    let store = db.store.clone();
    let second = tokio::spawn(async move {
        let mut tx = store.begin().await.unwrap();
        tx.lock_plaetze(days).await.unwrap().len()
    });
    db.until_somebody_waits().await;
    let change = planned(1, THERAPIST, zeit(2, 9, 0));
    first.insert_telefonanruf(change, on_seat(1)).await.unwrap();
    first.commit().await.unwrap();
    let seen = tokio::time::timeout(Duration::from_secs(30), second).await;
    assert_eq!(seen.unwrap().unwrap(), 1);
}
