//! What the staff reads about calls, out of a real PostgreSQL.

use crate::support::{Db, db};
use chrono::{NaiveDate, NaiveTime, Weekday};
use comm_domain::outreach::{ErgebnisArt, Planungsgrund, TelefonanrufStatus, Vorgaenger};
use comm_ports::outreach::{Anrufberichte, Anrufzahlen, FRUEHERE_MAX, Tagesanruf};

pub(crate) fn day(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

/// SQL that stores a planned call to the therapist with its own id, and then changes it.
pub(crate) fn call(id: i64, slot: &str, set: &str) -> String {
    let (datum, zeit) = slot.split_once(' ').unwrap();
    let set = match set {
        "" => String::new(),
        set => format!("UPDATE communication_service.telefonanrufe SET {set} WHERE id = {id};"),
    };
    format!(
        "INSERT INTO communication_service.telefonanrufe (id, therapist_id, geplantes_datum, geplante_zeit, \
           dauer_minuten, status, versuch, created_at, updated_at, sequence) \
         VALUES ({id}, {id}, '{datum}', '{zeit}', 5, 'geplant', 1, '2026-01-01', '2026-01-01', 1); {set}"
    )
}

/// What makes a call one that was held.
pub(crate) const HELD: &str = "status = 'abgeschlossen', tatsaechliches_datum = geplantes_datum, \
     tatsaechliche_zeit = geplante_zeit";

impl Db {
    /// Stores calls by [`call`].
    pub(crate) async fn calls(&self, calls: &[(i64, &str, &str)]) {
        for (id, slot, set) in calls {
            self.sql(&call(*id, slot, set)).await;
        }
    }

    /// An email that was sent then, followed up by a call.
    pub(crate) async fn followed_up(&self, call: i64, sent: Option<&str>) -> i64 {
        let email = self
            .insert(comm_domain::outreach::EmailStatus::Entwurf)
            .await;
        let sent = sent.map_or("NULL".to_owned(), |sent| format!("'{sent}'"));
        self.sql(&format!(
            "UPDATE communication_service.emails SET gesendet_am = {sent} WHERE id = {0}; \
             INSERT INTO communication_service.telefonanruf_emails VALUES ({call}, {0})",
            email.id
        ))
        .await;
        email.id.0
    }

    async fn list(&self, datum: &str, bearbeiter: Option<&str>) -> Vec<Tagesanruf> {
        let bearbeiter = bearbeiter.map(str::to_owned);
        self.store.tagesliste(day(datum), bearbeiter).await.unwrap()
    }
}

fn ids(liste: &[Tagesanruf]) -> Vec<i64> {
    liste.iter().map(|row| row.anruf.id.0).collect()
}

#[tokio::test]
async fn the_list_of_a_day_has_its_calls_in_the_order_of_their_time() {
    let db = db().await;
    let deleted = "status = 'abgebrochen', geloescht_am = now(), entbehrlich = true";
    db.calls(&[
        (1, "2026-02-02 10:00", "bearbeiter = 'Jana'"),
        (2, "2026-02-02 09:00", "status = 'abgebrochen'"),
        (3, "2026-02-02 10:00", HELD),
        (
            4,
            "2026-02-02 09:30",
            "status = 'fehlgeschlagen', bearbeiter = 'Jana'",
        ),
        (5, "2026-02-02 08:00", deleted),
        (6, "2026-02-01 09:00", "bearbeiter = 'Jana'"),
        (7, "2026-02-03 09:00", ""),
    ])
    .await;
    assert_eq!(ids(&db.list("2026-02-02", None).await), [2, 4, 1, 3]);
    assert_eq!(ids(&db.list("2026-02-02", Some("Jana")).await), [4, 1]);
    assert_eq!(ids(&db.list("2026-02-02", Some("jana")).await), [0; 0]);
    assert_eq!(ids(&db.list("2026-02-04", None).await), [0; 0]);
}

#[tokio::test]
async fn a_call_comes_with_the_emails_that_it_follows_up_but_hidden_ones() {
    let db = db().await;
    db.calls(&[(1, "2026-02-02 09:00", ""), (2, "2026-02-02 10:00", "")])
        .await;
    let sent = db.followed_up(1, Some("2026-01-12 08:00+00")).await;
    let hidden = db.followed_up(1, Some("2026-01-13 08:00+00")).await;
    let unsent = db.followed_up(1, None).await;
    db.sql(&format!(
        "UPDATE communication_service.emails SET geloescht_am = now() WHERE id = {hidden}; \
         UPDATE communication_service.emails SET betreff = 'Zweite Anfrage' WHERE id = {unsent}"
    ))
    .await;
    let liste = db.list("2026-02-02", None).await;
    let emails: Vec<_> = liste[0]
        .emails
        .iter()
        .map(|email| (email.id.0, email.betreff.as_str(), email.gesendet_am))
        .collect();
    let at = "2026-01-12T08:00:00Z".parse().ok();
    assert_eq!(
        emails,
        [(sent, "Anfrage", at), (unsent, "Zweite Anfrage", None)]
    );
    assert_eq!(liste[0].anruf.email_ids.len(), 3);
    assert_eq!(liste[0].herkunft().grund(), Planungsgrund::Nachverfolgung);
    assert_eq!(liste[1].emails, []);
    assert_eq!(liste[1].herkunft().grund(), Planungsgrund::Anforderung);
}

#[tokio::test]
async fn a_call_comes_with_the_attempts_before_it_latest_first_but_deleted_ones() {
    let db = db().await;
    let failed = "status = 'fehlgeschlagen', ergebnis_art = 'nicht_erreicht', notizen = 'besetzt'";
    let moved = "status = 'abgeschlossen', tatsaechliches_datum = '2026-01-21', tatsaechliche_zeit = '11:15', \
         versuch = 2, vorgaenger_id = 1, geloescht_am = now()";
    let second = "status = 'abgeschlossen', tatsaechliches_datum = '2026-01-28', tatsaechliche_zeit = '11:15', \
         ergebnis_art = 'rueckruf_vereinbart', versuch = 3, vorgaenger_id = 2";
    db.calls(&[
        (1, "2026-01-19 09:00", failed),
        (2, "2026-01-20 09:00", moved),
        (3, "2026-01-27 09:00", second),
        (4, "2026-02-02 09:00", "versuch = 3, vorgaenger_id = 3"),
        (5, "2026-02-02 10:00", "versuch = 2, vorgaenger_id = 77"),
        (6, "2026-02-02 11:00", "versuch = 4, vorgaenger_id = 5"),
        (7, "2026-02-02 12:00", ""),
    ])
    .await;
    let liste = db.list("2026-02-02", None).await;
    let [callback, orphan, retry, first] = liste.as_slice() else {
        panic!("{liste:?}");
    };
    assert_eq!(callback.vorgaenger, Vorgaenger::Versuch(3));
    assert_eq!(callback.herkunft().grund(), Planungsgrund::Rueckruf);
    let [latest, earliest] = callback.fruehere.as_slice() else {
        panic!("{:?}", callback.fruehere);
    };
    assert_eq!((latest.id.0, latest.versuch), (3, 3));
    assert_eq!(latest.datum, day("2026-01-28"));
    assert_eq!(latest.zeit, NaiveTime::from_hms_opt(11, 15, 0).unwrap());
    assert_eq!(latest.status, TelefonanrufStatus::Abgeschlossen);
    assert_eq!(latest.ergebnis_art, Some(ErgebnisArt::RueckrufVereinbart));
    assert_eq!((earliest.id.0, earliest.datum), (1, day("2026-01-19")));
    assert_eq!(earliest.notizen.as_deref(), Some("besetzt"));
    assert_eq!(earliest.ergebnis_art, Some(ErgebnisArt::NichtErreicht));
    assert_eq!(orphan.vorgaenger, Vorgaenger::Entfernt);
    assert_eq!(orphan.fruehere, []);
    assert_eq!(retry.vorgaenger, Vorgaenger::Versuch(2));
    assert_eq!(retry.fruehere.len(), 1);
    assert_eq!(first.vorgaenger, Vorgaenger::Keiner);
    assert_eq!(first.fruehere, []);
}

#[tokio::test]
async fn a_chain_without_end_is_followed_so_far() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.telefonanrufe (id, patient_id, geplantes_datum, geplante_zeit, \
           dauer_minuten, status, versuch, vorgaenger_id, created_at, updated_at, sequence) \
         SELECT n, 7, date '2026-02-02' + n, '10:00', 10, 'fehlgeschlagen', 1, nullif(n - 1, 0), now(), now(), 1 \
         FROM generate_series(1, 100) n",
    )
    .await;
    let liste = db.list("2026-05-13", None).await;
    assert_eq!(ids(&liste), [100]);
    let before: Vec<i64> = liste[0].fruehere.iter().map(|call| call.id.0).collect();
    let expected: Vec<i64> = (50..100).rev().collect();
    assert_eq!(before, expected);
    assert_eq!(i32::try_from(before.len()).unwrap(), FRUEHERE_MAX);
}

fn zahlen(anrufe: i64, gefuehrt: i64, erreicht: i64) -> Anrufzahlen {
    Anrufzahlen {
        anrufe,
        gefuehrt,
        erreicht,
    }
}

/// A Monday and a Tuesday, with one call before and one after.
async fn some_days() -> Db {
    let db = db().await;
    let held = |more: &str| format!("{HELD}, {more}");
    let late = "status = 'abgeschlossen', tatsaechliches_datum = '2026-02-03', tatsaechliche_zeit = '14:59', \
         ergebnis_art = 'angenommen', bearbeiter = 'Jana', versuch = 2";
    let nobody = held("ergebnis_art = 'nicht_erreicht', bearbeiter = 'Jana'");
    let refused = held("ergebnis_art = 'abgelehnt'");
    let hidden = held("geloescht_am = now()");
    db.calls(&[
        (1, "2026-02-01 09:00", HELD),
        (2, "2026-02-02 09:00", &nobody),
        (3, "2026-02-02 09:30", &refused),
        (
            4,
            "2026-02-02 10:00",
            "status = 'fehlgeschlagen', versuch = 3",
        ),
        (5, "2026-02-02 11:00", late),
        (6, "2026-02-03 09:00", "bearbeiter = 'Ärztin'"),
        (7, "2026-02-03 10:00", "status = 'abgebrochen'"),
        (8, "2026-02-03 11:00", &hidden),
        (9, "2026-02-04 09:00", HELD),
    ])
    .await;
    db
}

#[tokio::test]
async fn figures_count_calls_by_outcome_and_by_who_made_them() {
    use TelefonanrufStatus::{Abgebrochen, Abgeschlossen, Fehlgeschlagen, Geplant};
    let db = some_days().await;
    let tage = day("2026-02-02")..=day("2026-02-03");
    let figures = db.store.statistik(tage).await.unwrap();
    assert_eq!(figures.gesamt, zahlen(6, 4, 2));
    let outcomes: Vec<_> = figures
        .nach_ergebnis
        .iter()
        .map(|outcome| (outcome.status, outcome.ergebnis_art, outcome.anrufe))
        .collect();
    assert_eq!(
        outcomes,
        [
            (Geplant, None, 1),
            (Abgeschlossen, Some(ErgebnisArt::Angenommen), 1),
            (Abgeschlossen, Some(ErgebnisArt::Abgelehnt), 1),
            (Abgeschlossen, Some(ErgebnisArt::NichtErreicht), 1),
            (Fehlgeschlagen, None, 1),
            (Abgebrochen, None, 1),
        ]
    );
    let mut by_staff = figures.nach_bearbeiter;
    by_staff.sort_by_key(|(wer, _)| wer.clone());
    assert_eq!(
        by_staff,
        [
            (None, zahlen(3, 2, 1)),
            (Some("Jana".to_owned()), zahlen(2, 2, 1)),
            (Some("Ärztin".to_owned()), zahlen(1, 0, 0)),
        ]
    );
    assert_eq!(
        figures.nach_versuch,
        [
            (1, zahlen(4, 2, 1)),
            (2, zahlen(1, 1, 1)),
            (3, zahlen(1, 1, 0))
        ]
    );
}

/// Call 5 was planned for Monday at 11 and made on Tuesday before 15.
#[tokio::test]
async fn figures_count_calls_by_the_weekday_and_the_hour_in_which_they_were_made() {
    let db = some_days().await;
    let tage = day("2026-02-02")..=day("2026-02-03");
    let figures = db.store.statistik(tage).await.unwrap();
    let (monday, tuesday) = (Weekday::Mon, Weekday::Tue);
    assert_eq!(
        figures.nach_wochentag,
        [(monday, zahlen(3, 3, 1)), (tuesday, zahlen(3, 1, 1))]
    );
    assert_eq!(
        figures.nach_stunde,
        [
            (9, zahlen(3, 2, 1)),
            (10, zahlen(2, 1, 0)),
            (14, zahlen(1, 1, 1))
        ]
    );
    assert_eq!(
        figures.nach_wochentag_und_stunde,
        [
            (monday, 9, zahlen(2, 2, 1)),
            (monday, 10, zahlen(1, 1, 0)),
            (tuesday, 9, zahlen(1, 0, 0)),
            (tuesday, 10, zahlen(1, 0, 0)),
            (tuesday, 14, zahlen(1, 1, 1)),
        ]
    );
}

#[tokio::test]
async fn days_without_calls_have_figures_of_nothing() {
    let db = db().await;
    let tage = day("2025-02-02")..=day("2026-02-02");
    let figures = db.store.statistik(tage).await.unwrap();
    assert_eq!(figures, comm_ports::outreach::Anrufstatistik::default());
}
