//! The plans of the lists of emails.

use crate::watched::Watched;
use chrono::{DateTime, TimeDelta, Utc};
use comm_domain::outreach::{EmailStatus, Fehlerart, RecipientType};
use comm_ports::outreach::{EmailFilter, EmailQuery, OutreachStore, Suchworte};
use comm_ports::page::{Cursor, PageRequest};
use comm_ports::testing::build::instant;

/// The plans of a list, page 1 and in the middle.
async fn assert_reads_no_whole_table(watched: &Watched, filter: &EmailFilter, index: Option<&str>) {
    let middle = Cursor {
        created_at: instant() - TimeDelta::seconds(30) * i32::try_from(watched.rows / 2).unwrap(),
        id: i64::from(watched.rows / 2),
    };
    for page in [PageRequest::default(), PageRequest::after(middle, 20)] {
        let query = EmailQuery {
            filter: filter.clone(),
            page,
            ..EmailQuery::default()
        };
        let list = async || {
            watched.store.list_emails(&query).await.unwrap();
        };
        watched
            .assert_reads_no_whole_table("emails", list, index, &query)
            .await;
    }
}

/// One email every 30 seconds, the last of them at the instant of the tests.
fn fill(rows: u32) -> String {
    format!(
        "INSERT INTO communication_service.emails (therapist_id, patient_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, fehlerart, antwort_erhalten, \
           therapeutenanfrage_id, message_id, created_at, updated_at, sequence, gesendet_am, versucht_am) \
         SELECT CASE WHEN n % 10 > 0 THEN n % 500 END, CASE WHEN n % 10 = 0 THEN n % 5000 + 1 END, 'Anfrage ' || n, \
           repeat('x', 300), repeat('y', 300), true, 'praxis' || n % 20000 || '@example.org', \
           'Dr. ' || (ARRAY['Ada', 'Eva', 'Uwe'])[n % 3 + 1] || ' ' || CASE n % 20 WHEN 7 THEN 'Wolf' ELSE 'Klein' END, \
           'a@example.org', 'Vermittlung', CASE WHEN n % 100 = 0 THEN 'Fehlgeschlagen' WHEN n % 100 = 1 THEN 'Entwurf' ELSE 'Gesendet' END, \
           CASE WHEN n % 100 = 0 THEN 'endgueltig' END, n % 4 = 3, CASE WHEN n % 2 = 0 THEN n / 30 + 1 END, n::text, at, at, 1, at, at \
         FROM generate_series(1, {rows}) n, \
           LATERAL (SELECT timestamptz '{}' - ({rows} - n) * interval '30 seconds' AS at) moment",
        instant().to_rfc3339()
    )
}

type Set = fn(&mut EmailFilter);

/// Each filter, and the index that has its rows newest first. What many rows have may as well be found among all,
/// and the few that are under way by their leases.
const ANY: &str = "_idx on emails";
const FILTERS: &[(&str, Set)] = &[
    ("emails_newest_idx", |_| {}),
    ("emails_therapist_idx", |filter| {
        filter.therapist_id = Some(8)
    }),
    ("emails_patient_idx", |filter| filter.patient_id = Some(11)),
    (ANY, |filter| {
        filter.recipient_type = Some(RecipientType::Therapist);
    }),
    ("emails_to_patients_idx", |filter| {
        filter.recipient_type = Some(RecipientType::Patient);
    }),
    (ANY, |filter| filter.status = Some(EmailStatus::Gesendet)),
    ("emails_status_idx", |filter| {
        filter.status = Some(EmailStatus::Fehlgeschlagen)
    }),
    (ANY, |filter| {
        filter.status = Some(EmailStatus::WirdGesendet)
    }),
    ("emails_fehlerart_idx", |filter| {
        filter.fehlerart = Some(Fehlerart::Endgueltig)
    }),
    (ANY, |filter| filter.antwort_erhalten = Some(true)),
    (ANY, |filter| filter.antwort_erhalten = Some(false)),
    ("emails_therapeutenanfrage_idx", |filter| {
        filter.therapeutenanfrage_id = Some(20)
    }),
    ("emails_newest_idx", |filter| {
        filter.created_from = Some(days_ago(20))
    }),
    ("emails_newest_idx", |filter| {
        filter.created_before = Some(days_ago(10))
    }),
    ("emails_newest_idx", |filter| {
        filter.created_from = Some(days_ago(20));
        filter.created_before = Some(days_ago(19));
    }),
];

/// Words of every email, of every third, of every 20th, of one, of none; and two words, the last of which never meet.
const WORDS: &[&str] = &[
    "anfrage",
    "ada",
    "wolf",
    "777",
    "nirgends",
    "ada wolf",
    "anfrage 777",
    "ada uwe",
];

fn days_ago(days: i64) -> DateTime<Utc> {
    instant() - TimeDelta::days(days)
}

fn only(set: Set) -> EmailFilter {
    let mut filter = EmailFilter::default();
    set(&mut filter);
    filter
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_reads_the_whole_table() {
    let watched = Watched::start(fill).await;
    for (index, set) in FILTERS {
        assert_reads_no_whole_table(&watched, &only(*set), Some(index)).await;
    }
    for status in EmailStatus::ALL {
        for (_, set) in FILTERS {
            let filter = EmailFilter {
                status: Some(*status),
                ..only(*set)
            };
            assert_reads_no_whole_table(&watched, &filter, None).await;
        }
    }
    let frequent = i64::from(watched.rows / 20);
    while watched.store.take_up_frequent_word(frequent).await.unwrap() {}
    for words in WORDS {
        let suchworte = Some(Suchworte::parse("q", words).unwrap());
        for status in [
            None,
            Some(EmailStatus::Gesendet),
            Some(EmailStatus::Fehlgeschlagen),
            Some(EmailStatus::Entwurf),
        ] {
            let filter = EmailFilter {
                suchworte: suchworte.clone(),
                status,
                ..EmailFilter::default()
            };
            assert_reads_no_whole_table(&watched, &filter, None).await;
        }
    }
    let sent = |filter: &mut EmailFilter| filter.status = Some(EmailStatus::Gesendet);
    for (words, set, expected) in [
        ("anfrage", sent as Set, "Merge Join"),
        ("wolf", sent, "NOT (hashed SubPlan"),
        ("ada wolf", |_| {}, "strpos"),
        ("ada uwe", |_| {}, "wort = 'ada uwe'"),
    ] {
        let mut filter = only(set);
        filter.suchworte = Some(Suchworte::parse("q", words).unwrap());
        let query = EmailQuery {
            filter,
            ..EmailQuery::default()
        };
        let list = async || {
            watched.store.list_emails(&query).await.unwrap();
        };
        watched
            .assert_reads_no_whole_table("email", list, Some(expected), &query)
            .await;
    }
}
