//! The plans of what the staff reads about contacts, and of what the contact rules ask before every mail and call.

use crate::watched::Watched;
use chrono::TimeDelta;
use comm_domain::Zeitzone;
use comm_domain::outreach::{EmailId, Empfaenger};
use comm_ports::outreach::{Counting, Kontaktberichte, OutreachStore, TelefonanrufStore};
use comm_ports::page::{Cursor, PageRequest};
use comm_ports::testing::build::{instant, moment};
use std::time::{Duration, Instant};

/// Therapists among whom the emails are spread.
const THERAPISTS: u32 = 5000;
/// All therapists with their contacts take a tenth of it on a machine that does nothing else.
const PATIENCE: Duration = Duration::from_secs(3);

/// One email every 30 seconds, the last of them at the instant of the tests; a call for every tenth, a copy out of the
/// directory for most therapists.
fn fill(rows: u32) -> String {
    let now = instant().to_rfc3339();
    format!(
        "ALTER TABLE communication_service.emails DISABLE TRIGGER emails_suchworte_insert; \
         INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, fehlerart, antwort_erhalten, antwort_art, \
           antwortdatum, message_id, created_at, updated_at, sequence, in_warteschlange_am, gesendet_am, faellig_am, geloescht_am) \
         SELECT 1 + n::bigint * 7919 % {THERAPISTS}, 'Anfrage', 'x', 'y', true, 'a@example.org', 'A', 'b@example.org', 'B', \
           CASE WHEN lot % 100 = 0 THEN 'Fehlgeschlagen' WHEN lot % 100 = 1 THEN 'Entwurf' WHEN lot % 200 = 2 THEN 'In_Warteschlange' \
             ELSE 'Gesendet' END, CASE WHEN lot % 100 = 0 THEN 'endgueltig' END, lot % 4 = 3, \
           CASE WHEN lot % 400 = 3 THEN 'abgelehnt' END, CASE WHEN lot % 4 = 3 THEN at END, n::text, at, at, 1, at, at, \
           CASE WHEN lot % 200 = 2 THEN at END, CASE WHEN lot % 50 = 7 THEN at END \
         FROM generate_series(1, {rows}) n, \
           LATERAL (SELECT timestamptz '{now}' - ({rows} - n) * interval '30 seconds' AS at, n + n / {THERAPISTS} AS lot) moment; \
         INSERT INTO communication_service.telefonanrufe (therapist_id, geplantes_datum, geplante_zeit, dauer_minuten, status, \
           tatsaechliches_datum, tatsaechliche_zeit, ergebnis_art, versuch, created_at, updated_at, sequence) \
         SELECT 1 + n::bigint * 7919 % {THERAPISTS}, at::date, at::time, 5, 'abgeschlossen', at::date, at::time, \
           CASE WHEN n % 50 = 0 THEN 'abgelehnt' WHEN n % 3 = 0 THEN 'nicht_erreicht' END, 1, at, at, 1 \
         FROM generate_series(1, {rows} / 10) n, \
           LATERAL (SELECT timestamp '{0}' - ({rows} / 10 - n) * interval '5 minutes' AS at) moment; \
         INSERT INTO communication_service.verzeichnis_kopien \
         SELECT 'therapist', n, json_build_object('name', 'Dr. Ada ' || n, 'potenziell_verfuegbar', n % 7 = 0, \
           'telefonische_erreichbarkeit', json_build_object('mo', ARRAY['09:00-12:00'])), now() \
         FROM generate_series(1, {THERAPISTS} * 4 / 5) n; \
         INSERT INTO communication_service.kontaktstand (art, person_id) \
         SELECT 'therapist', n FROM generate_series(1, {THERAPISTS}) n; \
         INSERT INTO communication_service.nachverfolgungen \
         SELECT id, 'gelassen', 'sperrfrist', NULL, now() FROM communication_service.emails WHERE id % 2 = 0",
        moment().wall.format("%Y-%m-%d %H:%M")
    )
}

/// Neither the emails nor the calls.
async fn assert_reads_no_whole_table(watched: &Watched, what: &str, read: impl AsyncFn()) {
    for table in ["emails", "telefonanrufe"] {
        watched
            .assert_reads_no_whole_table(table, &read, None, &what)
            .await;
    }
}

/// The timeline of one therapist, on page 1 and in the middle.
async fn assert_timelines(watched: &Watched) {
    let zone = Zeitzone::parse("zone", "Europe/Berlin").unwrap();
    let middle = Cursor {
        created_at: instant() - TimeDelta::days(100),
        id: 7,
    };
    for page in [PageRequest::default(), PageRequest::after(middle, 20)] {
        let timeline = async || {
            let (page, counting) = (&page, Counting::Exact);
            let contacts = watched.store.kontakte(7, page, counting, zone);
            assert_eq!(contacts.await.unwrap().rows.len(), 20);
        };
        assert_reads_no_whole_table(watched, "a timeline", timeline).await;
    }
}

/// All therapists, by the indexes that are made for them.
async fn assert_all_therapists(watched: &Watched) {
    let all = async || {
        let begun = Instant::now();
        let all = watched.store.alle_therapeuten().await.unwrap();
        let took = begun.elapsed();
        assert_eq!(all.len(), usize::try_from(THERAPISTS).unwrap());
        assert!(all.iter().all(|lage| lage.kontakt.letzte_mail.is_some()));
        assert!(took < PATIENCE, "all therapists took {took:?}");
    };
    for (table, index) in [
        ("emails", "emails_kontakte_idx"),
        ("telefonanrufe", "telefonanrufe_gesprochen_idx"),
    ] {
        watched
            .assert_reads_no_whole_table(table, &all, Some(index), &"all therapists")
            .await;
    }
}

/// Some therapists, and what is under way to them.
async fn assert_some_therapists(watched: &Watched, ids: &[i64]) {
    let store = &watched.store;
    let named = async || {
        assert_eq!(store.therapeuten(ids).await.unwrap().len(), ids.len());
    };
    assert_reads_no_whole_table(watched, "some therapists", named).await;
    let window = instant() - TimeDelta::days(60)..instant() - TimeDelta::days(6);
    let pending = async || {
        let pending = store.anstehendes(ids, moment().heute(), window.clone());
        assert!(!pending.await.unwrap().is_empty());
    };
    assert_reads_no_whole_table(watched, "what is under way", pending).await;
}

/// What is asked before a mail is queued and a call is booked.
async fn assert_rules(watched: &Watched) {
    let (store, seven) = (&watched.store, Empfaenger::Therapeut(7));
    for except in [None, Some(EmailId(5))] {
        let rules = async || {
            let mut tx = store.begin().await.unwrap();
            tx.lock_kontaktstand(seven).await.unwrap();
            tx.kontaktdaten(&[7], except).await.unwrap();
            tx.rollback().await;
        };
        let index = Some("emails_kontakte_idx");
        watched
            .assert_reads_no_whole_table("emails", rules, index, &"rules")
            .await;
    }
    let booking = async || {
        store.belegung(seven, moment().heute()).await.unwrap();
    };
    assert_reads_no_whole_table(watched, "a booking", booking).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_report_and_no_rule_about_contacts_reads_a_whole_table() {
    let watched = Watched::start(fill).await;
    assert_timelines(&watched).await;
    assert_all_therapists(&watched).await;
    let ids: Vec<i64> = (1..=1000).collect();
    for ids in [&ids[..20], &ids] {
        assert_some_therapists(&watched, ids).await;
    }
    assert_rules(&watched).await;
}
