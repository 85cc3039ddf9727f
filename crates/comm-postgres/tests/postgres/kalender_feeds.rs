//! Calendar feeds, and the calls that they show, out of a real PostgreSQL.

use crate::berichte::{HELD, day};
use crate::support::{Db, db};
use chrono::{DateTime, TimeDelta, Utc};
use comm_domain::outreach::{Empfaenger, TelefonanrufStatus, Vorgaenger};
use comm_ports::error::StoreError;
use comm_ports::outreach::{
    Counting, Kalenderanruf, Kalenderausschnitt, Kalenderfeed, Kalenderfeeds, Kalenderstand,
    NeuerKalenderfeed, OutreachStore, TokenHash,
};
use comm_ports::page::{Page, PageRequest};
use comm_ports::testing::build::instant;

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

impl Db {
    async fn feed(&self, token: u8, bearbeiter: Option<&str>) -> Result<Kalenderfeed, StoreError> {
        let mut tx = self.store.begin().await.unwrap();
        let feed = NeuerKalenderfeed {
            bearbeiter: bearbeiter.map(str::to_owned),
            token: TokenHash([token; 32]),
            created_at: instant() + TimeDelta::seconds(i64::from(token)),
        };
        let made = tx.insert_kalenderfeed(feed).await;
        match made.is_ok() {
            true => tx.commit().await.unwrap(),
            false => tx.rollback().await,
        }
        made
    }

    async fn find(&self, token: u8) -> Option<Kalenderfeed> {
        let found = self.store.kalenderfeed(&TokenHash([token; 32])).await;
        found.unwrap()
    }

    async fn page(&self, page: &PageRequest) -> Page<Kalenderfeed> {
        let page = self.store.list_kalenderfeeds(page, Counting::Capped).await;
        page.unwrap()
    }

    /// What a feed shows on 2026-02-01 (UTC).
    async fn shown(&self, bearbeiter: Option<&str>) -> Vec<Kalenderanruf> {
        let ausschnitt = Kalenderausschnitt {
            von: day("2026-01-02"),
            bis: day("2027-02-02"),
            abgesagte_von: day("2025-12-03"),
            abgesagt_seit: at("2026-01-02T00:00:00Z"),
            bearbeiter: bearbeiter.map(str::to_owned),
        };
        self.store.kalenderanrufe(&ausschnitt).await.unwrap()
    }
}

fn ids(anrufe: &[Kalenderanruf]) -> Vec<i64> {
    anrufe.iter().map(|anruf| anruf.id.0).collect()
}

#[tokio::test]
async fn a_feed_is_found_by_the_hash_of_its_token_until_it_is_removed() {
    let db = db().await;
    let jana = db.feed(1, Some("Jana")).await.unwrap();
    let all = db.feed(2, None).await.unwrap();
    assert_eq!(jana.bearbeiter.as_deref(), Some("Jana"));
    assert_eq!(jana.created_at, instant() + TimeDelta::seconds(1));
    assert_eq!(db.find(1).await, Some(jana.clone()));
    assert_eq!(db.find(2).await, Some(all.clone()));
    assert_eq!(db.find(3).await, None);
    assert!(db.store.remove_kalenderfeed(jana.id).await.unwrap());
    assert!(!db.store.remove_kalenderfeed(jana.id).await.unwrap());
    assert_eq!(db.find(1).await, None);
    assert_eq!(db.find(2).await, Some(all));
}

#[tokio::test]
async fn no_two_feeds_have_one_token() {
    let db = db().await;
    db.feed(1, None).await.unwrap();
    let error = db.feed(1, Some("Jana")).await.unwrap_err();
    let StoreError::Conflict { constraint } = error else {
        panic!("{error}");
    };
    assert_eq!(constraint, "kalender_feeds_token_hash_key");
    assert_eq!(db.rows("kalender_feeds").await, 1);
}

#[tokio::test]
async fn feeds_are_listed_newest_first_by_page_and_by_cursor() {
    let db = db().await;
    for token in 1..=5 {
        db.feed(token, None).await.unwrap();
    }
    let all = db.page(&PageRequest::default()).await;
    let newest: Vec<i64> = all.rows.iter().map(|feed| feed.id).collect();
    assert_eq!(newest, [5, 4, 3, 2, 1]);
    assert_eq!(all.total.unwrap().count, 5);
    assert_eq!(all.next, None);
    let (mut seen, mut request) = (Vec::new(), PageRequest::numbered(1, 2));
    loop {
        let page = db.page(&request).await;
        assert!(page.rows.len() <= 2);
        seen.extend(page.rows);
        let Some(next) = page.next else { break };
        request = PageRequest::after(next, 2);
    }
    assert_eq!(seen, all.rows);
    let second = db.page(&PageRequest::numbered(2, 2)).await;
    assert_eq!(second.rows, all.rows[2..4]);
}

#[tokio::test]
async fn a_feed_shows_its_days_and_for_a_while_what_was_called_off_or_deleted() {
    let db = db().await;
    let off = "status = 'abgebrochen', updated_at = '2026-01-02'";
    let off_before = "status = 'abgebrochen', updated_at = '2026-01-01 23:59:59Z'";
    let gone = "status = 'abgebrochen', entbehrlich = true, geloescht_am = '2026-01-02'";
    let gone_before =
        "status = 'abgebrochen', entbehrlich = true, geloescht_am = '2026-01-01 23:59:59Z'";
    let hidden = format!("{HELD}, geloescht_am = '2026-01-20'");
    db.calls(&[
        (1, "2026-01-01 09:00", ""),
        (2, "2026-01-02 09:00", HELD),
        (3, "2026-02-02 10:00", "status = 'fehlgeschlagen'"),
        (4, "2027-02-02 09:00", ""),
        (5, "2027-02-03 09:00", ""),
        (6, "2025-12-03 09:00", off),
        (7, "2025-12-02 09:00", off),
        (8, "2026-02-02 09:00", off_before),
        (9, "2026-02-02 09:00", gone),
        (10, "2026-02-02 09:00", gone_before),
        (11, "2025-12-03 10:00", &hidden),
        (12, "2027-02-03 09:00", gone),
    ])
    .await;
    let shown = db.shown(None).await;
    assert_eq!(ids(&shown), [6, 11, 2, 9, 3, 4]);
    let sequences: Vec<i32> = shown.iter().map(|anruf| anruf.sequenz).collect();
    assert_eq!(sequences, [0, 1, 0, 1, 0, 0], "a deletion counts");
    let states: Vec<Kalenderstand> = shown.iter().map(|anruf| anruf.stand).collect();
    let status = Kalenderstand::Status;
    assert_eq!(
        states,
        [
            status(TelefonanrufStatus::Abgebrochen),
            Kalenderstand::Geloescht,
            status(TelefonanrufStatus::Abgeschlossen),
            Kalenderstand::Geloescht,
            status(TelefonanrufStatus::Fehlgeschlagen),
            status(TelefonanrufStatus::Geplant),
        ]
    );
}

#[tokio::test]
async fn a_feed_of_one_member_of_staff_shows_no_other_calls() {
    let db = db().await;
    let off = "status = 'abgebrochen', updated_at = '2026-01-20'";
    let gone = "status = 'abgebrochen', entbehrlich = true, geloescht_am = '2026-01-20'";
    let janas = |set: &str| match set {
        "" => "bearbeiter = 'Jana'".to_owned(),
        set => format!("{set}, bearbeiter = 'Jana'"),
    };
    db.calls(&[
        (1, "2026-02-02 09:00", &janas("")),
        (2, "2026-02-02 10:00", ""),
        (3, "2026-02-02 11:00", &janas(off)),
        (4, "2026-02-02 12:00", off),
        (5, "2026-02-02 13:00", &janas(gone)),
        (6, "2026-02-02 14:00", gone),
        (7, "2026-02-02 15:00", "bearbeiter = 'Uwe'"),
    ])
    .await;
    assert_eq!(ids(&db.shown(Some("Jana")).await), [1, 3, 5]);
    assert_eq!(ids(&db.shown(Some("Uwe")).await), [7]);
    assert_eq!(db.shown(None).await.len(), 7);
}

#[tokio::test]
async fn a_call_is_shown_with_what_a_calendar_needs_of_it() {
    let db = db().await;
    let set = "therapist_id = NULL, patient_id = 8, dauer_minuten = 20, therapeutenanfrage_id = 12, versuch = 2, \
         vorgaenger_id = 1, kalender_sequenz = 3, bearbeiter = 'Jana', updated_at = '2026-01-15 08:00:00Z'";
    db.calls(&[
        (1, "2026-01-05 09:00", "status = 'fehlgeschlagen'"),
        (2, "2026-02-02 09:05", set),
        (3, "2026-02-02 10:00", "vorgaenger_id = 99"),
    ])
    .await;
    db.followed_up(2, Some("2026-01-12 08:00+00")).await;
    db.followed_up(2, None).await;
    let shown = db.shown(None).await;
    let [_, anruf, orphan] = shown.as_slice() else {
        panic!("{shown:?}");
    };
    assert_eq!(anruf.empfaenger, Empfaenger::Patient(8));
    assert_eq!(anruf.termin.beginn().to_string(), "2026-02-02 09:05:00");
    assert_eq!(anruf.termin.dauer().minuten(), 20);
    assert_eq!(anruf.herkunft.vorgaenger, Vorgaenger::Versuch(1));
    assert_eq!((anruf.herkunft.versuch, anruf.herkunft.emails), (2, 2));
    assert_eq!(anruf.emails_vom, [at("2026-01-12T08:00:00Z")]);
    assert_eq!(anruf.therapeutenanfrage_id, Some(12));
    assert_eq!(anruf.bearbeiter.as_deref(), Some("Jana"));
    assert_eq!(anruf.sequenz, 3);
    assert_eq!(anruf.updated_at, at("2026-01-15T08:00:00Z"));
    assert_eq!(orphan.herkunft.vorgaenger, Vorgaenger::Entfernt);
    assert!(orphan.emails_vom.is_empty());
}
