//! The plans of the lists of calls, and of what a booking and the daily work read.

use crate::watched::Watched;
use chrono::NaiveDate;
use comm_domain::outreach::{Empfaenger, RecipientType, TelefonanrufId, TelefonanrufStatus};
use comm_ports::outreach::{TelefonanrufFilter, TelefonanrufQuery, TelefonanrufStore};
use comm_ports::page::{Cursor, PageRequest};
use comm_ports::testing::build::moment;
use std::time::Duration;

/// Calls and the emails that they follow up.
const TABLES: &str = "telefonanruf";

/// Two calls a minute, the last of them at the moment of the tests.
fn fill(rows: u32) -> String {
    format!(
        "INSERT INTO communication_service.telefonanrufe (id, therapist_id, patient_id, therapeutenanfrage_id, \
           geplantes_datum, geplante_zeit, dauer_minuten, status, tatsaechliches_datum, tatsaechliche_zeit, versuch, \
           bearbeiter, created_at, updated_at, sequence) \
         SELECT n, CASE WHEN n % 10 > 0 THEN n % 500 END, CASE WHEN n % 10 = 0 THEN n % 5000 + 1 END, \
           CASE WHEN n % 2 = 0 THEN n / 30 + 1 END, at::date, at::time, 5, status, \
           CASE status WHEN 'abgeschlossen' THEN at::date END, CASE status WHEN 'abgeschlossen' THEN at::time END, 1, \
           CASE n % 10000 WHEN 7 THEN 'Ruth' ELSE (ARRAY['Anna', 'Uwe', NULL])[n % 3 + 1] END, at, at, 1 \
         FROM generate_series(1, {rows}) n, \
           LATERAL (SELECT timestamp '{}' - ({rows} - n) / 2 * interval '1 minute' AS at) moment, \
           LATERAL (SELECT CASE n % 100 WHEN 1 THEN 'geplant' WHEN 50 THEN 'geplant' WHEN 2 THEN 'fehlgeschlagen' \
             WHEN 3 THEN 'abgebrochen' ELSE 'abgeschlossen' END AS status) stand; \
         INSERT INTO communication_service.telefonanruf_emails \
         SELECT n, n FROM generate_series(1, {rows}, 3) n",
        moment().wall.format("%Y-%m-%d %H:%M")
    )
}

type Set = fn(&mut TelefonanrufFilter);

/// Each filter, and the index that has its rows newest first. What many rows have may as well be found among all.
const ANY: &str = "_idx on telefonanrufe";
const FILTERS: &[(&str, Set)] = &[
    ("telefonanrufe_newest_idx", |_| {}),
    ("telefonanrufe_therapist_idx", |filter| {
        filter.therapist_id = Some(8)
    }),
    ("telefonanrufe_patient_idx", |filter| {
        filter.patient_id = Some(11)
    }),
    ("telefonanrufe_therapeutenanfrage_idx", |filter| {
        filter.therapeutenanfrage_id = Some(20)
    }),
    (ANY, |filter| {
        filter.recipient_type = Some(RecipientType::Therapist);
    }),
    ("telefonanrufe_to_patients_idx", |filter| {
        filter.recipient_type = Some(RecipientType::Patient);
    }),
    (ANY, |filter| {
        filter.status = Some(TelefonanrufStatus::Abgeschlossen)
    }),
    ("telefonanrufe_status_idx", |filter| {
        filter.status = Some(TelefonanrufStatus::Geplant)
    }),
    ("telefonanrufe_status_idx", |filter| {
        filter.status = Some(TelefonanrufStatus::Fehlgeschlagen)
    }),
    ("telefonanrufe_status_idx", |filter| {
        filter.status = Some(TelefonanrufStatus::Abgebrochen)
    }),
    (ANY, |filter| filter.bearbeiter = Some("Anna".to_owned())),
    ("telefonanrufe_bearbeiter_idx", |filter| {
        filter.bearbeiter = Some("Ruth".to_owned())
    }),
    (ANY, |filter| filter.bearbeiter = Some("Niemand".to_owned())),
    // A cursor may be far from the day: only a range ends the scan there.
    ("Index Cond: ((geplantes_datum >= ", |filter| {
        filter.geplantes_datum = Some(days_ago(15))
    }),
    ("telefonanrufe_newest_idx", |filter| {
        filter.von = Some(days_ago(20))
    }),
    ("telefonanrufe_newest_idx", |filter| {
        filter.bis = Some(days_ago(10))
    }),
    ("telefonanrufe_newest_idx", |filter| {
        filter.von = Some(days_ago(20));
        filter.bis = Some(days_ago(19));
    }),
];

fn days_ago(days: u64) -> NaiveDate {
    moment().heute() - chrono::Days::new(days)
}

fn only(set: Set) -> TelefonanrufFilter {
    let mut filter = TelefonanrufFilter::default();
    set(&mut filter);
    filter
}

/// The plans of a list, page 1 and in the middle.
async fn assert_reads_no_whole_table(
    watched: &Watched,
    filter: &TelefonanrufFilter,
    index: Option<&str>,
) {
    let minutes = chrono::TimeDelta::minutes(i64::from(watched.rows / 4));
    let middle = Cursor {
        created_at: (moment().wall - minutes).and_utc(),
        id: i64::from(watched.rows / 2),
    };
    for page in [PageRequest::default(), PageRequest::after(middle, 20)] {
        let query = TelefonanrufQuery {
            filter: filter.clone(),
            page,
            ..TelefonanrufQuery::default()
        };
        let list = async || {
            watched.store.list_telefonanrufe(&query).await.unwrap();
        };
        watched
            .assert_reads_no_whole_table(TABLES, list, index, &query)
            .await;
    }
}

/// What a booking and the daily work read.
async fn assert_work_reads_no_whole_table(watched: &Watched) {
    let store = &watched.store;
    for person in [Empfaenger::Therapeut(1), Empfaenger::Patient(1)] {
        let read = async || {
            store.belegung(person, days_ago(14)).await.unwrap();
        };
        watched
            .assert_reads_no_whole_table(TABLES, read, None, &person)
            .await;
    }
    let seats = async || {
        store.plaetze(days_ago(14)..=days_ago(0)).await.unwrap();
    };
    watched
        .assert_reads_no_whole_table(TABLES, seats, None, &"seats")
        .await;
    let retries = async || {
        let after = TelefonanrufId(0);
        store.offene_wiederholungen(after, 100).await.unwrap();
    };
    watched
        .assert_reads_no_whole_table(TABLES, retries, None, &"retries")
        .await;
    let purge = async || {
        let month = Duration::from_secs(30 * 86_400);
        store.purge_telefonanrufe(month, 100).await.unwrap();
    };
    watched
        .assert_reads_no_whole_table(TABLES, purge, None, &"purge")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_of_calls_and_no_booking_reads_the_whole_table() {
    let watched = Watched::start(fill).await;
    for (index, set) in FILTERS {
        assert_reads_no_whole_table(&watched, &only(*set), Some(index)).await;
    }
    for status in TelefonanrufStatus::ALL {
        for (_, set) in FILTERS {
            let filter = TelefonanrufFilter {
                status: Some(*status),
                ..only(*set)
            };
            assert_reads_no_whole_table(&watched, &filter, None).await;
        }
    }
    assert_work_reads_no_whole_table(&watched).await;
}
