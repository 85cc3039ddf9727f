//! The days and clocks of one place: its time zone with both changes of the clocks, its public holidays and closing days.

mod bundesland;
mod feiertag;
mod umstellung;

pub use bundesland::{Bundesland, Gemeinde};
pub use feiertag::Feiertag;

use super::grund::Grund;
use super::telefonanruf::Moment;
use super::zeitfenster::Zeitfenster;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;
use umstellung::Umstellung;

/// A calendar: which days are closed, and what the clocks show.
///
/// ```
/// use chrono::NaiveDate;
/// use chrono_tz::Europe;
/// use comm_domain::outreach::{Bundesland, Feiertag, Kalender};
///
/// let berlin = Kalender::germany(Bundesland::Berlin, Europe::Berlin);
/// let date = NaiveDate::from_ymd_opt(2027, 3, 8).unwrap();
/// assert_eq!(berlin.feiertag(date), Some(Feiertag::Frauentag));
/// let sunday = NaiveDate::from_ymd_opt(2027, 3, 28).unwrap();
/// assert_eq!(berlin.missing_hour(sunday).unwrap().to_string(), "02:00-03:00");
/// ```
#[derive(Debug, Clone)]
pub struct Kalender {
    land: Bundesland,
    gemeinde: Gemeinde,
    zone: Tz,
    closing_days: BTreeSet<NaiveDate>,
}

impl Kalender {
    /// The calendar of a German state, with what holds in the whole state and no closing days.
    pub fn germany(land: Bundesland, zone: Tz) -> Self {
        Self {
            land,
            gemeinde: Gemeinde::Landesweit,
            zone,
            closing_days: BTreeSet::new(),
        }
    }

    /// The same for a municipality with feasts of its own.
    #[must_use]
    pub fn gemeinde(self, gemeinde: Gemeinde) -> Self {
        Self { gemeinde, ..self }
    }

    /// The same with further days on which nobody calls.
    #[must_use]
    pub fn closing_days(mut self, days: impl IntoIterator<Item = NaiveDate>) -> Self {
        self.closing_days.extend(days);
        self
    }

    /// The public holiday of this date; see [`Feiertag::on`].
    pub fn feiertag(&self, date: NaiveDate) -> Option<Feiertag> {
        Feiertag::on(date, self.land, self.gemeinde)
    }

    /// All public holidays of a year, in order. Empty outside of chrono's years.
    pub fn feiertage(&self, year: i32) -> Vec<(NaiveDate, Feiertag)> {
        let first = NaiveDate::from_yo_opt(year, 1);
        let days = first.into_iter().flat_map(|first| first.iter_days());
        let days = days.take_while(|date| date.year() == year);
        days.filter_map(|date| Some((date, self.feiertag(date)?)))
            .collect()
    }

    /// Whether it is one of the closing days.
    pub fn is_closing_day(&self, date: NaiveDate) -> bool {
        self.closing_days.contains(&date)
    }

    /// Why nobody calls on this date: [`Grund::Feiertag`] before [`Grund::Geschlossen`].
    pub fn closed(&self, date: NaiveDate) -> Option<Grund> {
        let feiertag = self.feiertag(date).map(|_| Grund::Feiertag);
        feiertag.or_else(|| self.is_closing_day(date).then_some(Grund::Geschlossen))
    }

    /// What the clocks show at an instant; `None` within hours of the end of chrono's time.
    pub fn local(&self, instant: DateTime<Utc>) -> Option<NaiveDateTime> {
        let utc = instant.naive_utc();
        utc.checked_add_offset(self.zone.offset_from_utc_datetime(&utc).fix())
    }

    /// The present moment for calls, both as instant and on the wall clock; `None` where [`Self::local`] is.
    pub fn moment(&self, at: DateTime<Utc>) -> Option<Moment> {
        let wall = self.local(at)?;
        Some(Moment { at, wall })
    }

    /// When the clocks show this. Of a doubled hour the first pass; `None` in the missing hour, which they never show.
    pub fn instant(&self, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
        let offset = self.zone.offset_from_local_datetime(&wall).earliest()?;
        let utc = wall.checked_sub_offset(offset.fix())?;
        Some(utc.and_utc())
    }

    /// The first time on the wall clock that is not yet over at an instant, if of a doubled hour only the first
    /// pass counts: during its second pass that is the end of the doubled hour, else what the clocks show.
    pub fn next_wall_clock(&self, instant: DateTime<Utc>) -> Option<NaiveDateTime> {
        let wall = self.local(instant)?;
        if self.instant(wall)? == instant {
            return Some(wall);
        }
        Umstellung::near(wall.date(), self.zone).map(Umstellung::over)
    }

    /// The hour (or what it is elsewhere) that the clocks of this date skip.
    ///
    /// Known as far as the time zone database goes, for Germany to 2099.
    pub fn missing_hour(&self, date: NaiveDate) -> Option<Zeitfenster> {
        Umstellung::near(date, self.zone)?.missing(date)
    }

    /// The hour that the clocks of this date show twice.
    pub fn doubled_hour(&self, date: NaiveDate) -> Option<Zeitfenster> {
        Umstellung::near(date, self.zone)?.doubled(date)
    }
}
