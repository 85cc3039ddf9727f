//! Slot finding (contract, 'Slot finding').
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which clippy.toml does not cover"
)]

mod bad_input;
mod check;
mod clocks;
mod oracle;
mod properties;
mod reasons;
mod slots;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc, Weekday};
use chrono_tz::Europe;
use comm_domain::outreach::{
    Bundesland, Dauer, Erreichbarkeit, Grund, Kalender, Termin, TerminError, Uhrzeit, Zeitfenster,
};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A call at a wall-clock time.
fn call(at: &str, minutes: i64) -> Termin {
    let at = NaiveDateTime::parse_from_str(at, "%Y-%m-%d %H:%M").unwrap();
    Termin::new(at.date(), at.time(), Dauer::parse(minutes).unwrap()).unwrap()
}

/// What the clocks of Berlin show; of the doubled hour the first pass.
fn now(at: &str) -> DateTime<Utc> {
    let at = NaiveDateTime::parse_from_str(at, "%Y-%m-%d %H:%M").unwrap();
    berlin().instant(at).unwrap()
}

fn berlin() -> Kalender {
    Kalender::germany(Bundesland::Berlin, Europe::Berlin)
}

fn hours(windows: &[(Weekday, &str, &str)]) -> Erreichbarkeit {
    let time = |text: &str| Uhrzeit::parse(text).unwrap();
    let windows = windows
        .iter()
        .map(|(day, start, end)| (*day, Zeitfenster::new(time(start), time(end)).unwrap()));
    Erreichbarkeit::from_windows(windows)
}

/// How a slot is shown: `2026-11-23 09:05`.
fn shown(slot: Termin) -> String {
    slot.beginn().format("%Y-%m-%d %H:%M").to_string()
}

/// The reasons of a search that found nothing.
fn reasons(found: Result<Termin, TerminError>) -> Vec<Grund> {
    let TerminError::KeinTermin(days) = found.unwrap_err() else {
        return Vec::new();
    };
    days.into_iter().map(|(_, grund)| grund).collect()
}
