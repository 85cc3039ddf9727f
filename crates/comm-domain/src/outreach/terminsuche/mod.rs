//! Which slot is free (contract, 'Slot finding').

mod error;
mod plan;
mod pruefung;
mod raster;
mod tag;

pub use error::TerminError;
pub use plan::Terminplan;

use super::erreichbarkeit::Erreichbarkeit;
use super::grund::Grund;
use super::kalender::Kalender;
use super::telefonanruf::{Dauer, Termin};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use std::ops::RangeInclusive;
use tag::{Tag, first_cell};

/// Most days of a horizon or a range (contract, 'Slot finding').
pub const MAX_DAYS: u16 = 366;

/// The last year whose days can be written as `YYYY-MM-DD`; what begins later is not offered.
const LAST_YEAR: i32 = 9999;

/// A search for free slots of one person.
///
/// A slot starts on the 5-minute grid, lies wholly inside one window of the telephone hours, begins no earlier than
/// now plus the lead time, not on a holiday or closing day, not before the end of a cooling-off, and overlaps none
/// of the calls that are booked. It touches no minute that the clocks skip; an hour that they show twice is offered once,
/// in its first pass.
///
/// `now` is an instant and not a wall-clock time: only so is it known which pass of the doubled hour it is, and how
/// long the lead time is on that night. Booked calls are wall clock, as they are stored; they may come in any order.
#[derive(Debug, Clone, Copy)]
#[must_use = "it only searches when it is asked for slots"]
pub struct Terminsuche<'a> {
    hours: &'a Erreichbarkeit,
    calendar: &'a Kalender,
    minutes: u16,
    lead_time: TimeDelta,
    horizon_days: u16,
    starting: Option<NaiveDate>,
    cooling_off: Option<(NaiveDate, Grund)>,
    seats: Option<(u16, &'a [Termin])>,
}

impl<'a> Terminsuche<'a> {
    /// A search with the contract's defaults: 5 minutes, 60 minutes of lead time, 14 days, seats without end.
    pub fn new(hours: &'a Erreichbarkeit, calendar: &'a Kalender) -> Self {
        Self {
            hours,
            calendar,
            minutes: 5,
            lead_time: TimeDelta::minutes(60),
            horizon_days: 14,
            starting: None,
            cooling_off: None,
            seats: None,
        }
    }

    /// Length of the call in minutes: a multiple of 5 from 5 to 120.
    pub fn duration(self, minutes: u16) -> Self {
        Self { minutes, ..self }
    }

    /// Minutes that must pass between now and the start; real ones, also on the night when the clocks change.
    pub fn lead_time(self, minutes: u32) -> Self {
        let lead_time = TimeDelta::minutes(i64::from(minutes));
        Self { lead_time, ..self }
    }

    /// How many days are searched, 1 to 366: today, or the day given to [`starting`](Self::starting), is the first.
    pub fn horizon_days(self, days: u16) -> Self {
        Self {
            horizon_days: days,
            ..self
        }
    }

    /// Begins on this date, if it is later than today (`geplantes_datum`).
    pub fn starting(self, date: NaiveDate) -> Self {
        let starting = Some(date);
        Self { starting, ..self }
    }

    /// Offers nothing before this date, for this reason: what the contact rules say of a cooling-off or a block.
    /// One without an end is `NaiveDate::MAX`.
    pub fn cooling_off(self, until: NaiveDate, grund: Grund) -> Self {
        let cooling_off = Some((until, grund));
        Self {
            cooling_off,
            ..self
        }
    }

    /// Only so many calls at a time; each of these, also those of other people, holds one seat.
    pub fn seats(self, seats: u16, held: &'a [Termin]) -> Self {
        let seats = Some((seats, held));
        Self { seats, ..self }
    }

    /// The earliest free slot within the horizon.
    ///
    /// # Errors
    /// [`TerminError::KeinTermin`] with one reason per day of the horizon, or a setting that is out of bounds.
    pub fn earliest(&self, now: DateTime<Utc>, booked: &[Termin]) -> Result<Termin, TerminError> {
        self.plan(now, booked)?.earliest()
    }

    /// The first `count` free slots within the horizon; they overlap each other. Fewer if there are fewer.
    ///
    /// # Errors
    /// As [`earliest`](Self::earliest).
    pub fn next_slots(
        &self,
        now: DateTime<Utc>,
        count: usize,
        booked: &[Termin],
    ) -> Result<Vec<Termin>, TerminError> {
        let plan = self.plan(now, booked)?;
        let first = plan.earliest()?;
        let further = plan.slots().skip(1);
        Ok([first].into_iter().chain(further).take(count).collect())
    }

    /// All free slots of a range of dates, whatever the horizon; they overlap each other.
    ///
    /// # Errors
    /// A range that is backwards or longer than 366 days, a duration out of bounds. No slot is no error.
    pub fn all_slots(
        &self,
        now: DateTime<Utc>,
        range: RangeInclusive<NaiveDate>,
        booked: &[Termin],
    ) -> Result<Vec<Termin>, TerminError> {
        Ok(self.plan_between(now, range, booked)?.all())
    }

    /// Lays out the days of the horizon, for several searches in a row.
    ///
    /// # Errors
    /// A setting that is out of bounds.
    pub fn plan(&self, now: DateTime<Utc>, booked: &[Termin]) -> Result<Terminplan, TerminError> {
        if !(1..=MAX_DAYS).contains(&self.horizon_days) {
            return Err(TerminError::Horizont(self.horizon_days));
        }
        let today = self.calendar.local(now).ok_or(TerminError::Kalenderende)?;
        let first = self
            .starting
            .map_or(today.date(), |date| date.max(today.date()));
        self.lay_out(now, first, usize::from(self.horizon_days), booked)
    }

    /// Lays out the days of a range, whatever the horizon.
    ///
    /// # Errors
    /// As [`all_slots`](Self::all_slots).
    pub fn plan_between(
        &self,
        now: DateTime<Utc>,
        range: RangeInclusive<NaiveDate>,
        booked: &[Termin],
    ) -> Result<Terminplan, TerminError> {
        let (von, bis) = range.into_inner();
        let days = bis.signed_duration_since(von).num_days().saturating_add(1);
        match usize::try_from(days) {
            Ok(days) if (1..=usize::from(MAX_DAYS)).contains(&days) => {
                self.lay_out(now, von, days, booked)
            }
            _ => Err(TerminError::Zeitraum { von, bis }),
        }
    }

    fn lay_out(
        &self,
        now: DateTime<Utc>,
        first: NaiveDate,
        days: usize,
        booked: &[Termin],
    ) -> Result<Terminplan, TerminError> {
        let dauer = Dauer::parse(i64::from(self.minutes))?;
        let earliest = self.earliest_start(now).ok_or(TerminError::Kalenderende)?;
        let days = first.iter_days().take(days);
        let days = days.take_while(|date| date.year() <= LAST_YEAR);
        let days = days.map(|date| self.day(date, earliest)).collect();
        let mut plan = Terminplan::new(days, dauer, self.outside());
        booked.iter().for_each(|call| plan.book(*call));
        if let Some((seats, held)) = self.seats {
            plan.seat(seats, held);
        }
        Ok(plan)
    }

    /// The reason where no window is.
    fn outside(&self) -> Grund {
        if self.hours.is_stated() {
            Grund::AusserhalbDerZeiten
        } else {
            Grund::KeineAngabe
        }
    }

    fn day(&self, date: NaiveDate, earliest: NaiveDateTime) -> Tag {
        let gap = self.calendar.missing_hour(date);
        let mut day = Tag::new(date, self.hours.available_slots(date), gap);
        day.closed = self.calendar.closed(date).or(self.cooling(date));
        day.earliest = first_cell(date, earliest);
        day
    }

    /// Why the contact rules speak against this date.
    fn cooling(&self, date: NaiveDate) -> Option<Grund> {
        let still = self.cooling_off.filter(|(until, _)| date < *until);
        still.map(|(_, grund)| grund)
    }
}
