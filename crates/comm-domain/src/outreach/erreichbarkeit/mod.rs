//! When a person can be reached by telephone, per day of the week (contract, 'Telephone hours').

mod angabe;
mod error;
mod parse;

pub use angabe::Angabe;
pub use error::{AngabeError, AngabeErrors, Problem};

use super::uhrzeit::Uhrzeit;
use super::zeitfenster::Zeitfenster;
use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use parse::Found;
use std::fmt;

/// Telephone hours: for each day of the week windows on the wall clock, sorted, and merged where they touch.
///
/// Without any window they count as not stated, unless something was stated that nobody can read
/// ([`Self::parse_lenient`]). The three spellings in the field, also mixed:
///
/// ```json
/// {"monday": [{"start": "09:00", "end": "12:00"}, {"start": "14:00", "end": "16:30"}]}
/// {"montag": ["09:00-12:00", "14:00-16:30"]}
/// {"Mo": ["9:00-12:00"]}
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erreichbarkeit {
    /// Monday first.
    days: [Vec<Zeitfenster>; 7],
    /// Something was stated, and no window of it could be read.
    unreadable: bool,
}

impl Erreichbarkeit {
    /// Reads all three spellings; accepts all or nothing. `{}` and `null` state nothing.
    ///
    /// ```
    /// # use comm_domain::outreach::{Angabe, Erreichbarkeit};
    /// let day = Angabe::List(vec!["09:00-12:00".into(), "14:00-25:00".into()]);
    /// let stated = Angabe::Object(vec![("monday".to_owned(), day)]);
    /// let errors = Erreichbarkeit::parse(&stated).unwrap_err();
    /// assert_eq!(errors.to_string(), r#"monday[1]: "25:00" is not a time of day"#);
    /// ```
    ///
    /// # Errors
    /// Every mistake with its place.
    pub fn parse(stated: &Angabe) -> Result<Self, AngabeErrors> {
        let (hours, errors) = Self::parse_lenient(stated);
        if errors.is_empty() {
            Ok(hours)
        } else {
            Err(AngabeErrors(errors))
        }
    }

    /// Like [`Self::parse`], but keeps the good windows and returns the mistakes beside them.
    ///
    /// Where there are only mistakes, the hours are stated and empty: nobody is called at office hours who asked for
    /// other ones, only because we cannot read which. The canonical spelling cannot say so; keep what was stated.
    ///
    /// ```
    /// # use comm_domain::outreach::{Angabe, Erreichbarkeit};
    /// let day = Angabe::List(vec!["abends".into()]);
    /// let stated = Angabe::Object(vec![("monday".to_owned(), day)]);
    /// let (hours, errors) = Erreichbarkeit::parse_lenient(&stated);
    /// assert_eq!((hours.is_stated(), hours.days().count(), errors.len()), (true, 0, 1));
    /// ```
    pub fn parse_lenient(stated: &Angabe) -> (Self, Vec<AngabeError>) {
        let Found { windows, errors } = Found::in_value(stated);
        let mut hours = Self::from_windows(windows);
        hours.unreadable = !errors.is_empty() && !hours.is_stated();
        (hours, errors)
    }

    /// Takes windows in any order.
    pub fn from_windows(windows: impl IntoIterator<Item = (Weekday, Zeitfenster)>) -> Self {
        let mut hours = Self::default();
        for (weekday, window) in windows {
            if let Some(day) = hours.days.get_mut(index(weekday)) {
                day.push(window);
            }
        }
        hours.days = hours.days.map(Zeitfenster::merge);
        hours
    }

    /// Monday to Friday 09:00-12:00 and 14:00-16:00: the default for therapists without stated hours
    /// (contract, 'Telefonanruf').
    pub fn office_hours() -> Self {
        let windows = [(9 * 60, 12 * 60), (14 * 60, 16 * 60)];
        let windows = windows.into_iter().filter_map(|(start, end)| {
            Zeitfenster::new(Uhrzeit::from_minutes(start)?, Uhrzeit::from_minutes(end)?)
        });
        let windows: Vec<Zeitfenster> = windows.collect();
        let days = [
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
        ];
        Self::from_windows(
            days.into_iter()
                .flat_map(|day| windows.iter().map(move |window| (day, *window))),
        )
    }

    /// Whether any window is stated, or something that nobody can read. Else the office hours apply.
    pub fn is_stated(&self) -> bool {
        self.unreadable || self.days.iter().any(|day| !day.is_empty())
    }

    /// The windows of a day of the week, sorted; no two touch.
    pub fn windows(&self, weekday: Weekday) -> &[Zeitfenster] {
        self.days.get(index(weekday)).map_or(&[], Vec::as_slice)
    }

    /// The windows of a date, by its day of the week alone: holidays are a [`Kalender`](super::Kalender)'s matter.
    pub fn available_slots(&self, date: NaiveDate) -> &[Zeitfenster] {
        self.windows(date.weekday())
    }

    /// Whether a window of that date contains this time.
    pub fn is_available_at(&self, date: NaiveDate, time: NaiveTime) -> bool {
        let windows = self.available_slots(date);
        windows.iter().any(|window| window.contains(time.into()))
    }

    /// The days that have windows, Monday first, each with its name in the canonical spelling.
    pub fn days(&self) -> impl Iterator<Item = (&'static str, &[Zeitfenster])> {
        let named = NAMES.into_iter().zip(&self.days);
        let named = named.map(|(name, windows)| (name, windows.as_slice()));
        named.filter(|(_, windows)| !windows.is_empty())
    }

    /// The canonical spelling: English names, Monday first, windows as objects with `start` and `end`.
    pub fn to_angabe(&self) -> Angabe {
        let text = |time: Uhrzeit| Angabe::Text(time.to_string());
        let window = |window: &Zeitfenster| {
            Angabe::Object(vec![
                ("start".to_owned(), text(window.start())),
                ("end".to_owned(), text(window.end())),
            ])
        };
        let day = |windows: &[Zeitfenster]| Angabe::List(windows.iter().map(window).collect());
        let days = self.days();
        Angabe::Object(
            days.map(|(name, windows)| (name.to_owned(), day(windows)))
                .collect(),
        )
    }
}

const NAMES: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

fn index(weekday: Weekday) -> usize {
    weekday.num_days_from_monday() as usize
}

/// The canonical spelling as JSON in one line.
impl fmt::Display for Erreichbarkeit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let window = |window: &Zeitfenster| {
            format!(
                r#"{{"start": "{}", "end": "{}"}}"#,
                window.start(),
                window.end()
            )
        };
        let day = |(name, windows): (&str, &[Zeitfenster])| {
            let windows: Vec<String> = windows.iter().map(window).collect();
            format!(r#""{name}": [{}]"#, windows.join(", "))
        };
        let days: Vec<String> = self.days().map(day).collect();
        write!(f, "{{{}}}", days.join(", "))
    }
}
