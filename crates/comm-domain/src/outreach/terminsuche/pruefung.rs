//! Whether one given time suits, and if not, why.

use super::Terminsuche;
use crate::outreach::grund::Grund;
use crate::outreach::telefonanruf::Termin;
use crate::outreach::uhrzeit::Uhrzeit;
use crate::outreach::zeitfenster::Zeitfenster;
use chrono::{DateTime, NaiveDateTime, Utc};
use std::iter;

impl Terminsuche<'_> {
    /// Whether a call may take place at this time, which needs not lie on the grid or within the horizon. The
    /// search's own duration does not matter: the call brings its own.
    ///
    /// ```
    /// # use chrono::{DateTime, NaiveDate, NaiveTime};
    /// # use comm_domain::outreach::*;
    /// # let hours = Erreichbarkeit::office_hours();
    /// # let calendar = Kalender::germany(Bundesland::Berlin, chrono_tz::Europe::Berlin);
    /// # let now: DateTime<chrono::Utc> = "2026-11-20T08:00:00Z".parse().unwrap();
    /// let monday = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    /// let noon = Termin::new(monday, NaiveTime::from_hms_opt(12, 0, 0).unwrap(), Dauer::THERAPEUT)?;
    /// let search = Terminsuche::new(&hours, &calendar);
    /// assert_eq!(search.check(now, noon, &[]), Err(Grund::AusserhalbDerZeiten));
    /// # Ok::<(), comm_domain::FieldError>(())
    /// ```
    ///
    /// # Errors
    /// Of the reasons against it the one that would change last.
    pub fn check(&self, now: DateTime<Utc>, call: Termin, booked: &[Termin]) -> Result<(), Grund> {
        let first = self.reasons(now, call, booked).next();
        first.map_or(Ok(()), Err)
    }

    /// Every reason against a call at this time, in the order in which they would change, the last one first.
    pub fn obstacles(&self, now: DateTime<Utc>, call: Termin, booked: &[Termin]) -> Vec<Grund> {
        self.reasons(now, call, booked).collect()
    }

    /// The seats come last, and are counted only where that is asked for: they are the one reason that costs.
    fn reasons(
        &self,
        now: DateTime<Utc>,
        call: Termin,
        booked: &[Termin],
    ) -> impl Iterator<Item = Grund> {
        let start = call.beginn();
        let earliest = self.earliest_start(now);
        let outside = !self.is_inside_hours(call);
        let holiday = self.calendar.feiertag(call.datum()).is_some();
        let closing = self.calendar.is_closing_day(call.datum());
        let early = earliest.is_none_or(|earliest| start < earliest);
        let taken = booked.iter().any(|other| other.overlaps(call));
        let reasons = [
            outside.then(|| self.outside()),
            holiday.then_some(Grund::Feiertag),
            closing.then_some(Grund::Geschlossen),
            self.cooling(call.datum()),
            early.then_some(Grund::Vorlauf),
            taken.then_some(Grund::Belegt),
        ];
        let no_seat = move || self.has_no_seat(call).then_some(Grund::KeinPlatz);
        let reasons = reasons.into_iter().chain(iter::once_with(no_seat));
        reasons.flatten()
    }

    /// Whether it lies wholly in one window, and touches no minute that the clocks skip.
    fn is_inside_hours(&self, call: Termin) -> bool {
        let Some(minutes) = minutes_of(call) else {
            return false;
        };
        let gap = self.calendar.missing_hour(call.datum());
        let mut windows = self.hours.available_slots(call.datum()).iter();
        windows.any(|window| window.covers(minutes))
            && !gap.is_some_and(|gap| gap.overlaps(minutes))
    }

    /// Whether all seats are taken in any of its minutes. Only calls that overlap it count, and whichever of them are
    /// on at one time before or after it are on together in its first or last minute too: so their most at any
    /// time is their most within it.
    fn has_no_seat(&self, call: Termin) -> bool {
        let Some((seats, calls)) = self.seats else {
            return false;
        };
        let others = calls.iter().filter(|other| other.overlaps(call));
        let turns = others.flat_map(|other| [(other.beginn(), 1_i64), (other.ende(), -1)]);
        let mut turns: Vec<(NaiveDateTime, i64)> = turns.collect();
        // At one time an end goes before a beginning: touching calls share a seat.
        turns.sort_unstable();
        let held = turns.iter().scan(0, |held, (_, turn)| {
            *held += turn;
            Some(*held)
        });
        held.max().unwrap_or(0) >= i64::from(seats)
    }

    /// The first time on the wall clock after now and the lead time; `None` at the end of the calendar.
    pub(super) fn earliest_start(&self, now: DateTime<Utc>) -> Option<NaiveDateTime> {
        let instant = now.checked_add_signed(self.lead_time)?;
        self.calendar.next_wall_clock(instant)
    }
}

/// A call as a window of its day; `None` if it runs past midnight.
fn minutes_of(call: Termin) -> Option<Zeitfenster> {
    let start = Uhrzeit::from(call.zeit());
    let end = start.minutes() + call.dauer().minuten().unsigned_abs();
    Zeitfenster::new(start, Uhrzeit::from_minutes(end)?)
}
