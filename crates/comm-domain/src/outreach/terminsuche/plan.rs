//! The days of a search, laid out once: further searches on them cost next to nothing.

use super::error::TerminError;
use super::raster::GRID_MINUTES;
use super::tag::Tag;
use super::termin::Termin;
use crate::outreach::grund::Grund;
use crate::outreach::uhrzeit::{MINUTES_PER_DAY, Uhrzeit};
use chrono::{Datelike, NaiveDate};

/// The free and the taken time of one person over some days, for calls of one length.
///
/// Made by [`Terminsuche::plan`](super::Terminsuche::plan). Worth keeping where several slots are looked for in a row:
/// find one, [`book`](Self::book) it, find the next.
#[derive(Debug, Clone)]
pub struct Terminplan {
    days: Vec<Tag>,
    /// Length of a slot in minutes, a multiple of the grid.
    minutes: u16,
    /// The reason of a day on which no window is long enough.
    outside: Grund,
}

impl Terminplan {
    pub(super) fn new(days: Vec<Tag>, minutes: u16, outside: Grund) -> Self {
        Self {
            days,
            minutes,
            outside,
        }
    }

    /// The earliest free slot.
    ///
    /// # Errors
    /// [`TerminError::KeinTermin`], with one reason per day.
    pub fn earliest(&self) -> Result<Termin, TerminError> {
        let found = self.days.iter().find_map(|day| {
            let cell = day.starts(self.cells()).first()?;
            Some(self.termin(day.datum, cell))
        });
        found.ok_or_else(|| TerminError::KeinTermin(self.gruende()))
    }

    /// All free slots in order. They overlap each other: one is to be chosen.
    pub fn slots(&self) -> impl Iterator<Item = Termin> {
        self.days.iter().flat_map(|day| {
            let cells = day.starts(self.cells()).cells();
            cells.map(|cell| self.termin(day.datum, cell))
        })
    }

    /// The days without a free slot, in order, each with its reason; where several stand in the way, the one that
    /// would change last: no hours, the hours, holidays, closing days, the cooling-off, the lead time, calls, seats.
    pub fn gruende(&self) -> Vec<(NaiveDate, Grund)> {
        let full = self.days.iter();
        let full = full.filter(|day| day.starts(self.cells()).first().is_none());
        let grund = |day: &Tag| day.grund(self.cells()).unwrap_or(self.outside);
        full.map(|day| (day.datum, grund(day))).collect()
    }

    /// Takes the time of a call, so that no slot overlaps it any more. Days outside of the plan are left alone.
    pub fn book(&mut self, call: &Termin) {
        let Some(first) = self.days.first() else {
            return;
        };
        let length = i64::from(MINUTES_PER_DAY);
        let minutes = call.minutes_since(first.datum.num_days_from_ce());
        let mut from = minutes.start.max(0);
        while from < minutes.end {
            let (day, midnight) = (from / length, from - from % length);
            let end = minutes.end.min(midnight + length);
            let Some(day) = usize::try_from(day)
                .ok()
                .and_then(|day| self.days.get_mut(day))
            else {
                return;
            };
            day.book(from - midnight, end - midnight);
            from = end;
        }
    }

    /// Takes away what has no seat left, exact to the minute: calls may lie off the grid.
    pub(super) fn seat(&mut self, seats: u16, calls: &[Termin]) {
        let Some(first) = self.days.first() else {
            return;
        };
        let first = first.datum.num_days_from_ce();
        let day = usize::from(MINUTES_PER_DAY);
        let mut held = vec![0_u16; self.days.len() * day];
        let index = |minute: i64| usize::try_from(minute).unwrap_or(0).min(held.len());
        let ranges = calls.iter().map(|call| call.minutes_since(first));
        let ranges: Vec<_> = ranges
            .map(|call| index(call.start)..index(call.end))
            .collect();
        for range in ranges {
            let minutes = held.get_mut(range).into_iter().flatten();
            minutes.for_each(|held| *held = held.saturating_add(1));
        }
        for (day, held) in self.days.iter_mut().zip(held.chunks(day)) {
            let full = held.iter().enumerate().filter(|(_, held)| **held >= seats);
            full.for_each(|(minute, _)| day.fill(minute));
        }
    }

    fn cells(&self) -> usize {
        usize::from(self.minutes / GRID_MINUTES)
    }

    fn termin(&self, datum: NaiveDate, cell: usize) -> Termin {
        let start = u16::try_from(cell).ok().map(|cell| cell * GRID_MINUTES);
        let start = start
            .and_then(Uhrzeit::from_minutes)
            .and_then(Uhrzeit::naive_time);
        Termin::new(datum, start.unwrap_or_default(), self.minutes)
    }
}
