//! Calendars: holidays against a table from the laws, clocks on every day on which they change.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which clippy.toml does not cover"
)]

mod feiertage;
mod grenzen;
mod tabelle;
mod uhren;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Europe;
use comm_domain::outreach::{Bundesland, Kalender};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn wall(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn calendar(land: Bundesland) -> Kalender {
    Kalender::germany(land, Europe::Berlin)
}
