//! What the staff reads, with a store and a directory in memory. Now is Saturday 2026-01-31, 10:15 in Berlin.

use super::*;
use crate::outreach::kontakte::{knowing, therapeut};
use crate::testing::adapters;
use chrono::{DateTime, NaiveTime, Utc};
use comm_domain::outreach::{
    Empfaenger, ErgebnisArt, Moment, NewTelefonanruf, TelefonanrufId, TelefonanrufStatus,
    Vorgaenger,
};
use comm_ports::outreach::{Anrufzahlen, VerfolgteEmail};
use comm_ports::testing::MockAnrufberichte;
use comm_ports::testing::build::instant;
use std::sync::Arc;

fn day(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

fn berlin() -> Zeitzone {
    Zeitzone::parse("zone", "Europe/Berlin").unwrap()
}

fn berichte(store: MockAnrufberichte, verzeichnis: Verzeichnis) -> Berichte {
    let adapters = Adapters {
        berichte: Arc::new(store),
        ..adapters()
    };
    Berichte::new(adapters, verzeichnis, berlin())
}

/// A planned call with nothing around it.
fn anruf(id: i64, wer: Empfaenger) -> Tagesanruf {
    let wall = berlin().wall_clock(instant());
    let now = Moment {
        at: instant(),
        wall,
    };
    let slot = day("2026-02-02").and_hms_opt(9, 0, 0).unwrap();
    let planned = NewTelefonanruf::to(wer).plan(TelefonanrufId(id), slot, now);
    Tagesanruf {
        anruf: planned.unwrap().into_after(),
        emails: Vec::new(),
        vorgaenger: Vorgaenger::Keiner,
        fruehere: Vec::new(),
    }
}

fn at(instant: &str) -> Option<DateTime<Utc>> {
    Some(instant.parse().unwrap())
}

#[tokio::test]
async fn the_day_is_today_in_the_zone_of_the_service_unless_another_is_named() {
    let late = "2026-01-31T23:30:00Z".parse().unwrap();
    for (asked, given) in [
        (None, "2026-02-01"),
        (Some(day("2026-05-04")), "2026-05-04"),
    ] {
        let mut store = MockAnrufberichte::new();
        let wanted = |wer: &Option<String>| wer.as_deref() == Some("Jana");
        store
            .expect_tagesliste()
            .times(1)
            .withf(move |datum, wer| *datum == day(given) && wanted(wer))
            .returning(|_, _| Ok(Vec::new()));
        let mut berichte = berichte(store, knowing(Vec::new()));
        berichte.adapters.clock = Arc::new(comm_ports::testing::FixedClock(late));
        let liste = berichte.tagesliste(asked, Some("Jana".to_owned())).await;
        assert_eq!(liste.unwrap().datum, day(given));
    }
}

#[tokio::test]
async fn a_row_says_who_is_called_why_and_what_came_before() {
    let before = FruehererVersuch {
        id: TelefonanrufId(3),
        datum: day("2026-01-30"),
        zeit: NaiveTime::MIN,
        status: TelefonanrufStatus::Abgeschlossen,
        ergebnis_art: Some(ErgebnisArt::RueckrufVereinbart),
        notizen: Some("Montag".to_owned()),
        versuch: 1,
    };
    let email = |id, gesendet_am| VerfolgteEmail {
        id: EmailId(id),
        betreff: format!("Anfrage {id}"),
        gesendet_am,
    };
    let mut store = MockAnrufberichte::new();
    let fruehere = vec![before.clone()];
    store.expect_tagesliste().return_once(move |_, _| {
        let callback = Tagesanruf {
            emails: vec![email(5, at("2026-01-09T23:30:00Z")), email(6, None)],
            vorgaenger: Vorgaenger::Versuch(1),
            fruehere,
            ..anruf(4, Empfaenger::Therapeut(7))
        };
        Ok(vec![callback, anruf(9, Empfaenger::Patient(7))])
    });
    let people = vec![(7, therapeut("Dr. Ada Beispiel", "030 123"))];
    let berichte = berichte(store, knowing(people));
    let zeilen = berichte.tagesliste(None, None).await.unwrap().zeilen;
    let [callback, patient] = zeilen.as_slice() else {
        panic!("{zeilen:?}");
    };
    assert_eq!(callback.kontakt.name.as_deref(), Some("Dr. Ada Beispiel"));
    assert_eq!(callback.kontakt.telefon.as_deref(), Some("030 123"));
    assert_eq!(callback.grund, Planungsgrund::Rueckruf);
    assert_eq!(callback.fruehere, [before]);
    let days: Vec<_> = callback.emails.iter().map(|email| email.datum).collect();
    assert_eq!(days, [Some(day("2026-01-10")), None]);
    assert_eq!(callback.emails[0].betreff, "Anfrage 5");
    // The patient with the id of that therapist is somebody else, whom nobody knows.
    assert_eq!(patient.kontakt, Kontakt::default());
    assert_eq!(patient.grund, Planungsgrund::Anforderung);
    assert_eq!(format!("{:?}", callback.kontakt), "Kontakt(..)");
}

async fn days(von: Option<&str>, bis: Option<&str>) -> Result<String, String> {
    let mut store = MockAnrufberichte::new();
    store.expect_statistik().returning(|_| {
        let gesamt = Anrufzahlen {
            anrufe: 5,
            ..Anrufzahlen::default()
        };
        Ok(Anrufstatistik {
            gesamt,
            ..Anrufstatistik::default()
        })
    });
    let berichte = berichte(store, knowing(Vec::new()));
    let figures = berichte.statistik(von.map(day), bis.map(day)).await;
    let figures = figures.map_err(|error| error.to_string())?;
    assert_eq!(figures.zahlen.gesamt.anrufe, 5);
    let tage = figures.tage;
    Ok(format!("{} to {}", tage.start(), tage.end()))
}

#[tokio::test]
async fn figures_are_of_the_last_30_days_unless_others_are_named() {
    for (von, bis, tage) in [
        (None, None, "2026-01-02 to 2026-01-31"),
        (Some("2025-12-24"), None, "2025-12-24 to 2026-01-31"),
        (None, Some("2026-03-01"), "2026-01-31 to 2026-03-01"),
        (
            Some("2026-02-03"),
            Some("2026-02-03"),
            "2026-02-03 to 2026-02-03",
        ),
        (
            Some("2025-01-01"),
            Some("2026-01-01"),
            "2025-01-01 to 2026-01-01",
        ),
    ] {
        assert_eq!(days(von, bis).await.as_deref(), Ok(tage));
    }
}

#[tokio::test]
async fn figures_of_more_than_366_days_or_of_none_are_refused() {
    for (von, bis, field) in [
        (Some("2025-01-01"), Some("2026-01-02"), "bis"),
        (Some("2025-01-30"), None, "bis"),
        (Some("2026-02-01"), None, "von"),
        (Some("2026-01-02"), Some("2026-01-01"), "von"),
    ] {
        let error = days(von, bis).await.unwrap_err();
        assert!(error.starts_with(field), "{error}");
    }
}
