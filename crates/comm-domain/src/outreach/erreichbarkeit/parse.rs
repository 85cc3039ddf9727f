//! From what was stated to windows per day: one walk that collects the good windows and all mistakes.

use super::angabe::{Angabe, quoted};
use super::error::{AngabeError, Problem};
use crate::outreach::uhrzeit::Uhrzeit;
use crate::outreach::zeitfenster::Zeitfenster;
use chrono::Weekday;

/// What a walk has found so far.
#[derive(Default)]
pub(super) struct Found {
    pub(super) windows: Vec<(Weekday, Zeitfenster)>,
    pub(super) errors: Vec<AngabeError>,
}

impl Found {
    /// Reads a whole value. `null` and an object without days state nothing.
    pub(super) fn in_value(value: &Angabe) -> Self {
        let mut found = Self::default();
        match value {
            Angabe::Null => {}
            Angabe::Object(days) => days.iter().for_each(|(key, day)| found.day(key, day)),
            other => found.report("", Problem::NotAnObject(other.shown())),
        }
        found
    }

    fn day(&mut self, key: &str, value: &Angabe) {
        let place = place_of(key);
        let Some(weekday) = weekday(key) else {
            return self.report(&place, Problem::UnknownDay(quoted(key)));
        };
        match value {
            Angabe::Null => {}
            Angabe::List(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    if let Some(window) = self.window(&format!("{place}[{index}]"), entry) {
                        self.windows.push((weekday, window));
                    }
                }
            }
            other => self.report(&place, Problem::NotAList(other.shown())),
        }
    }

    fn window(&mut self, place: &str, entry: &Angabe) -> Option<Zeitfenster> {
        let (start, end) = match entry {
            Angabe::Text(text) => self.both_in_text(place, text)?,
            Angabe::Object(fields) => {
                let start = self.field(place, fields, "start");
                let end = self.field(place, fields, "end");
                (start?, end?)
            }
            other => {
                self.report(place, Problem::NotAWindow(other.shown()));
                return None;
            }
        };
        let window = Zeitfenster::new(start, end);
        if window.is_none() {
            self.report(place, Problem::Backwards { start, end });
        }
        window
    }

    /// `09:00-12:00`.
    fn both_in_text(&mut self, place: &str, text: &str) -> Option<(Uhrzeit, Uhrzeit)> {
        let parts = text.split_once('-').map(|(a, b)| (a.trim(), b.trim()));
        let Some((start, end)) = parts.filter(|(a, b)| !a.is_empty() && !b.is_empty()) else {
            self.report(place, Problem::NotAWindow(quoted(text)));
            return None;
        };
        let start = self.time(place, start);
        let end = self.time(place, end);
        Some((start?, end?))
    }

    /// `start` or `end` of an object; other keys are none of our business.
    fn field(&mut self, place: &str, fields: &[(String, Angabe)], name: &str) -> Option<Uhrzeit> {
        let place = format!("{place}.{name}");
        let found = fields.iter().find(|(key, _)| key.trim() == name);
        match found.map(|(_, value)| value) {
            Some(Angabe::Text(text)) => self.time(&place, text),
            Some(other) => {
                self.report(&place, Problem::NotATime(other.shown()));
                None
            }
            None => {
                self.report(&place, Problem::Missing);
                None
            }
        }
    }

    fn time(&mut self, place: &str, text: &str) -> Option<Uhrzeit> {
        let time = Uhrzeit::parse(text);
        if time.is_none() {
            self.report(place, Problem::NotATime(quoted(text)));
        }
        time
    }

    fn report(&mut self, place: &str, problem: Problem) {
        let place = place.to_owned();
        self.errors.push(AngabeError { place, problem });
    }
}

/// A key as part of a place: as it was written, unless that would be long or hard to read.
fn place_of(key: &str) -> String {
    let key = key.trim();
    let plain = !key.is_empty() && key.len() <= 20 && key.chars().all(char::is_alphanumeric);
    if plain { key.to_owned() } else { quoted(key) }
}

/// A day in English or German, any case, in full or by its first two letters.
fn weekday(key: &str) -> Option<Weekday> {
    Some(match key.trim().to_lowercase().as_str() {
        "monday" | "montag" | "mo" => Weekday::Mon,
        "tuesday" | "dienstag" | "tu" | "di" => Weekday::Tue,
        "wednesday" | "mittwoch" | "we" | "mi" => Weekday::Wed,
        "thursday" | "donnerstag" | "th" | "do" => Weekday::Thu,
        "friday" | "freitag" | "fr" => Weekday::Fri,
        "saturday" | "samstag" | "sonnabend" | "sa" => Weekday::Sat,
        "sunday" | "sonntag" | "su" | "so" => Weekday::Sun,
        _ => return None,
    })
}
