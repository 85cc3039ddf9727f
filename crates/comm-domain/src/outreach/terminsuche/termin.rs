//! A planned call's place in time.

use crate::outreach::uhrzeit::{MINUTES_PER_DAY, Uhrzeit};
use chrono::{Datelike, NaiveDate, NaiveTime};

/// A stretch of wall-clock time that starts on a date: a slot that is offered, or a call that holds one.
///
/// Slots lie on the grid; calls may start at any minute, last as long as they like and run past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Termin {
    datum: NaiveDate,
    /// Minutes since midnight, below 1440.
    start: u16,
    minutes: u16,
}

impl Termin {
    /// Takes date, time (seconds are dropped) and length in minutes. With 0 minutes it holds nothing.
    pub fn new(datum: NaiveDate, zeit: NaiveTime, dauer_minuten: u16) -> Self {
        Self {
            datum,
            start: Uhrzeit::from(zeit).minutes(),
            minutes: dauer_minuten,
        }
    }

    /// The date on which it starts.
    pub fn datum(&self) -> NaiveDate {
        self.datum
    }

    /// When it starts, on the wall clock.
    pub fn zeit(&self) -> NaiveTime {
        let time = Uhrzeit::from_minutes(self.start).and_then(Uhrzeit::naive_time);
        time.unwrap_or_default()
    }

    /// How long it lasts, in minutes.
    pub fn dauer_minuten(&self) -> u16 {
        self.minutes
    }

    /// Whether both hold a common minute.
    pub fn overlaps(&self, other: &Self) -> bool {
        let day = self.datum.num_days_from_ce();
        let (own, others) = (self.minutes_since(day), other.minutes_since(day));
        own.start.max(others.start) < own.end.min(others.end)
    }

    /// Its minutes, counted from the midnight that begins a day (in days since the year 1).
    pub(super) fn minutes_since(&self, day: i32) -> std::ops::Range<i64> {
        let days = i64::from(self.datum.num_days_from_ce()) - i64::from(day);
        let start = days * i64::from(MINUTES_PER_DAY) + i64::from(self.start);
        start..start + i64::from(self.minutes)
    }
}
