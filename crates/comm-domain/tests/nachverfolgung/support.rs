//! A mail of day 0 (2026-01-30, 15:00) that is due on day 7, and its surroundings.

use chrono::{Days, NaiveDate, NaiveDateTime};
use comm_domain::outreach::nachverfolgung::{
    Bisher, Entscheidung, Lage, Nachverfolgungsregeln, OffeneEmail, Verzeichnis,
};
use comm_domain::outreach::{EmailId, Kontaktregeln, Kontaktstand};

pub(crate) fn day(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 30).unwrap() + Days::new(day)
}

pub(crate) fn at(on: u64, hour: u32) -> NaiveDateTime {
    day(on).and_hms_opt(hour, 0, 0).unwrap()
}

pub(crate) fn regeln() -> Nachverfolgungsregeln {
    Nachverfolgungsregeln::since(at(0, 0))
}

/// Silence since day 0, and nothing that speaks against a call.
pub(crate) fn silence() -> Lage {
    Lage {
        email: OffeneEmail {
            id: EmailId(5),
            gesendet: Some(at(0, 15)),
            antwort_erhalten: false,
            nachverfolgung_erforderlich: None,
        },
        bisher: Bisher::Offen,
        kontakt: Kontaktstand::default(),
        zuletzt_gesprochen: None,
        geplanter_anruf: None,
        verzeichnis: Verzeichnis::Bekannt,
    }
}

pub(crate) fn decide_on(lage: &Lage, am: u64) -> Entscheidung {
    regeln().decide(lage, &Kontaktregeln::SERVICE, day(am))
}
