//! Feeds with a store and a directory in memory. Now is Saturday 2026-01-31, 10:15 in Berlin.

use super::*;
use crate::outreach::kontakte::{knowing, therapeut};
use crate::testing::adapters;
use chrono::{DateTime, NaiveTime, Utc};
use comm_domain::outreach::{
    Dauer, Empfaenger, Herkunft, TelefonanrufId, TelefonanrufStatus, Termin, Vorgaenger,
};
use comm_ports::KeyState;
use comm_ports::outreach::{Kalenderanruf, Kalenderstand};
use comm_ports::testing::build::instant;
use comm_ports::testing::{MockKalenderfeeds, MockOutreachStore, MockOutreachTx};
use std::sync::{Arc, Mutex};

fn day(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

fn kalender(adapters: Adapters) -> Anrufkalender {
    let people = vec![(7, therapeut("Dr. Ada Beispiel; Praxis", "+49 (0)30 123-45"))];
    let zone = Zeitzone::parse("zone", "Europe/Berlin").unwrap();
    Anrufkalender::new(adapters, knowing(people), zone)
}

/// The use cases over one transaction.
fn storing(tx: MockOutreachTx) -> Anrufkalender {
    let mut store = MockOutreachStore::new();
    store
        .expect_begin()
        .times(1)
        .return_once(|| Ok(Box::new(tx)));
    kalender(Adapters {
        store: Arc::new(store),
        ..adapters()
    })
}

fn key() -> RequestKey {
    RequestKey {
        route: "POST /api/kalender-feeds".to_owned(),
        key: "8e03978e".to_owned(),
        body_hash: [7; 32],
    }
}

/// What the API would say, in short.
fn answer(made: GemachterFeed) -> KeptAnswer {
    let token = made.token.map(|token| token.secret().to_owned());
    KeptAnswer {
        status: 201,
        location: None,
        body: format!("{:?} {token:?}", made.feed.bearbeiter).into_bytes(),
    }
}

type Asked = Arc<Mutex<Option<NeuerKalenderfeed>>>;

/// A transaction that makes a feed, and remembers what it was asked for.
fn makes(tx: &mut MockOutreachTx) -> Asked {
    let asked = Asked::default();
    let remembered = Arc::clone(&asked);
    tx.expect_insert_kalenderfeed()
        .times(1)
        .returning(move |feed| {
            *remembered.lock().unwrap() = Some(feed.clone());
            Ok(Kalenderfeed {
                id: 1,
                bearbeiter: feed.bearbeiter,
                created_at: feed.created_at,
            })
        });
    tx.expect_commit().times(1).returning(|| Ok(()));
    asked
}

async fn create(
    kalender: Anrufkalender,
    bearbeiter: Option<&str>,
    key: Option<RequestKey>,
) -> Result<String, OutreachError> {
    let bearbeiter = Ok::<_, OutreachError>(bearbeiter.map(str::to_owned));
    let kept = kalender.create(bearbeiter, answer, key).await?;
    Ok(String::from_utf8(kept.body).unwrap())
}

#[tokio::test]
async fn a_feed_is_stored_with_the_hash_of_the_token_that_is_shown() {
    let mut tx = MockOutreachTx::new();
    let asked = makes(&mut tx);
    let shown = create(storing(tx), Some(" Jana "), None).await.unwrap();
    let stored = asked.lock().unwrap().take().unwrap();
    assert_eq!(stored.bearbeiter.as_deref(), Some(" Jana "));
    assert_eq!(stored.created_at, instant());
    let token = shown.split('"').nth(3).unwrap();
    assert_eq!(stored.token, token::hash(token));
}

#[tokio::test]
async fn a_name_that_is_none_makes_no_feed() {
    for name in ["a\nb", " ", &"x".repeat(256)] {
        let mut tx = MockOutreachTx::new();
        tx.expect_rollback().times(1).return_const(());
        let error = create(storing(tx), Some(name), None).await.unwrap_err();
        assert!(error.to_string().starts_with("bearbeiter"), "{error}");
    }
}

#[tokio::test]
async fn what_is_kept_for_a_key_has_no_token() {
    let mut tx = MockOutreachTx::new();
    tx.expect_claim_key().return_once(|_| Ok(KeyState::Free));
    makes(&mut tx);
    tx.expect_keep_answer()
        .times(1)
        .withf(|kept_for, kept| *kept_for == key() && kept.body == b"None None")
        .returning(|_, _| Ok(()));
    let shown = create(storing(tx), None, Some(key())).await.unwrap();
    assert!(shown.starts_with("None Some("), "{shown}");
}

#[tokio::test]
async fn a_repetition_makes_nothing_and_gets_what_was_kept() {
    let answered = |body_hash| KeyState::Answered {
        body_hash,
        answer: KeptAnswer {
            status: 201,
            location: None,
            body: b"kept".to_vec(),
        },
    };
    let asked = |body_hash| {
        let mut tx = MockOutreachTx::new();
        tx.expect_claim_key()
            .return_once(move |_| Ok(answered(body_hash)));
        tx.expect_rollback().times(1).return_const(());
        create(storing(tx), None, Some(key()))
    };
    assert_eq!(asked([7; 32]).await.unwrap(), "kept");
    let reused = asked([8; 32]).await.unwrap_err();
    assert!(matches!(reused, OutreachError::KeyReused), "{reused}");
}

fn reading(feeds: MockKalenderfeeds) -> Anrufkalender {
    kalender(Adapters {
        kalenderfeeds: Arc::new(feeds),
        ..adapters()
    })
}

#[tokio::test]
async fn a_feed_that_is_not_there_can_be_neither_revoked_nor_read() {
    let mut feeds = MockKalenderfeeds::new();
    feeds
        .expect_remove_kalenderfeed()
        .returning(|id| Ok(id == 1));
    feeds.expect_kalenderfeed().returning(|_| Ok(None));
    let kalender = reading(feeds);
    kalender.revoke(1).await.unwrap();
    let gone = kalender.revoke(2).await.unwrap_err();
    assert!(matches!(gone, OutreachError::KalenderNotFound), "{gone}");
    let unknown = kalender.read("x").await.unwrap_err();
    assert!(matches!(unknown, OutreachError::KalenderNotFound));
}

fn anruf(stand: Kalenderstand) -> Kalenderanruf {
    let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
    Kalenderanruf {
        id: TelefonanrufId(4),
        empfaenger: Empfaenger::Therapeut(7),
        termin: Termin::new(day("2026-07-01"), nine, Dauer::parse(15).unwrap()).unwrap(),
        stand,
        herkunft: Herkunft {
            versuch: 2,
            vorgaenger: Vorgaenger::Versuch(1),
            emails: 2,
        },
        emails_vom: vec![at("2026-01-09T23:30:00Z"), at("2026-01-15T08:00:00Z")],
        therapeutenanfrage_id: Some(12),
        bearbeiter: Some("Jana".to_owned()),
        sequenz: 3,
        created_at: at("2026-01-20T08:00:00Z"),
        updated_at: at("2026-01-31T08:00:00Z"),
    }
}

/// What the feed of this member of staff shows of these calls.
async fn sheet(bearbeiter: Option<&str>, anrufe: Vec<Kalenderanruf>) -> Kalenderblatt {
    let wer = bearbeiter.map(str::to_owned);
    let feed = Kalenderfeed {
        id: 1,
        bearbeiter: wer.clone(),
        created_at: at("2026-01-01T00:00:00Z"),
    };
    let mut feeds = MockKalenderfeeds::new();
    feeds
        .expect_kalenderfeed()
        .withf(|token| *token == token::hash("geheim"))
        .return_once(|_| Ok(Some(feed)));
    let ausschnitt = Kalenderausschnitt {
        von: day("2026-01-01"),
        bis: day("2027-02-01"),
        abgesagte_von: day("2025-12-02"),
        abgesagt_seit: at("2025-12-31T23:00:00Z"),
        bearbeiter: wer,
    };
    feeds
        .expect_kalenderanrufe()
        .withf(move |asked| *asked == ausschnitt)
        .return_once(|_| Ok(anrufe));
    reading(feeds).read("geheim").await.unwrap()
}

#[tokio::test]
async fn an_entry_says_when_who_why_and_how_to_call() {
    let geplant = Kalenderstand::Status(TelefonanrufStatus::Geplant);
    let blatt = sheet(Some("Jana"), vec![anruf(geplant)]).await;
    assert_eq!(blatt.name, "Telefonanrufe: Jana");
    assert_eq!(blatt.zone, "Europe/Berlin");
    let termin = &blatt.termine[0];
    assert_eq!(termin.beginn, at("2026-07-01T07:00:00Z"));
    assert_eq!(termin.ende, at("2026-07-01T07:15:00Z"));
    assert_eq!((termin.sequenz, termin.gilt), (3, Gilt::Ja));
    assert_eq!(termin.titel, "Anruf: Dr. Ada Beispiel; Praxis");
    assert_eq!(
        termin.beschreibung,
        "Telefon: +49 (0)30 123-45 (tel:+493012345)\nVersuch 2\nErneuter Versuch\n\
         E-Mail vom 10.01.2026, 15.01.2026\nTherapeutenanfrage 12\nBearbeitung: Jana"
    );
}

#[tokio::test]
async fn the_title_tells_what_became_of_a_call() {
    use TelefonanrufStatus::{Abgebrochen, Abgeschlossen, Fehlgeschlagen, Geplant};
    for (stand, was, gilt) in [
        (Kalenderstand::Status(Geplant), "Anruf", Gilt::Ja),
        (Kalenderstand::Status(Abgeschlossen), "Erledigt", Gilt::Ja),
        (
            Kalenderstand::Status(Fehlgeschlagen),
            "Fehlgeschlagen",
            Gilt::Ja,
        ),
        (
            Kalenderstand::Status(Abgebrochen),
            "Abgesagt",
            Gilt::Abgesagt,
        ),
        (Kalenderstand::Geloescht, "Abgesagt", Gilt::Abgesagt),
    ] {
        let unknown = Kalenderanruf {
            empfaenger: Empfaenger::Patient(7),
            ..anruf(stand)
        };
        let blatt = sheet(None, vec![unknown]).await;
        assert_eq!(blatt.name, "Telefonanrufe");
        let termin = &blatt.termine[0];
        assert_eq!(termin.titel, format!("{was}: Patient/in 7"));
        assert_eq!(termin.gilt, gilt);
        assert!(termin.beschreibung.starts_with("Versuch 2\n"));
    }
}
