//! The days of a search, laid out once: further searches on them cost next to nothing.

use super::error::TerminError;
use super::raster::{GRID_MINUTES, Raster};
use super::tag::Tag;
use crate::outreach::grund::Grund;
use crate::outreach::telefonanruf::{Dauer, Termin};
use crate::outreach::uhrzeit::{MINUTES_PER_DAY, Uhrzeit};
use chrono::{Datelike, NaiveDate};

/// The free and the taken time of one person over some days, for calls of one length.
///
/// Made by [`Terminsuche::plan`](super::Terminsuche::plan). Worth keeping where several slots are looked for in a row:
/// find one, [`book`](Self::book) it, find the next.
#[derive(Debug, Clone)]
pub struct Terminplan {
    days: Vec<Tag>,
    /// The number of the first day, as `num_days_from_ce` counts.
    first: i32,
    dauer: Dauer,
    /// The reason of a day on which no window is long enough.
    outside: Grund,
}

impl Terminplan {
    pub(super) fn new(days: Vec<Tag>, dauer: Dauer, outside: Grund) -> Self {
        let first = days.first().map_or(0, |day| day.datum.num_days_from_ce());
        Self {
            days,
            first,
            dauer,
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

    /// [`Self::slots`] as a list, made at once: there may be thousands.
    pub(super) fn all(&self) -> Vec<Termin> {
        let starts: Vec<Raster> = self
            .days
            .iter()
            .map(|day| day.starts(self.cells()))
            .collect();
        let mut slots = Vec::with_capacity(starts.iter().map(Raster::count).sum());
        for (day, starts) in self.days.iter().zip(starts) {
            let cells = starts.cells();
            cells.for_each(|cell| slots.push(self.termin(day.datum, cell)));
        }
        slots
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
    pub fn book(&mut self, call: Termin) {
        let (start, end) = minutes_of(call);
        let today = call.datum().num_days_from_ce() - self.first;
        self.book_day(today, start, end.min(MINUTES_PER_DAY));
        if end > MINUTES_PER_DAY {
            self.book_day(today + 1, 0, end - MINUTES_PER_DAY);
        }
    }

    fn book_day(&mut self, day: i32, start: u16, end: u16) {
        let day = usize::try_from(day).ok();
        if let Some(day) = day.and_then(|day| self.days.get_mut(day)) {
            day.book(start, end);
        }
    }

    /// Takes away what has no seat left, exact to the minute: calls may lie off the grid.
    pub(super) fn seat(&mut self, seats: u16, calls: &[Termin]) {
        let day = i64::from(MINUTES_PER_DAY);
        let mut held = vec![0_u16; self.days.len() * usize::from(MINUTES_PER_DAY)];
        for call in calls {
            let midnight = i64::from(call.datum().num_days_from_ce() - self.first) * day;
            let (start, end) = minutes_of(*call);
            let index = |minute: u16| {
                let minute = usize::try_from(midnight + i64::from(minute)).unwrap_or(0);
                minute.min(held.len())
            };
            let minutes = index(start)..index(end);
            let minutes = held.get_mut(minutes).into_iter().flatten();
            minutes.for_each(|held| *held = held.saturating_add(1));
        }
        let held = held.chunks(usize::from(MINUTES_PER_DAY));
        for (day, held) in self.days.iter_mut().zip(held) {
            let full = held.iter().enumerate().filter(|(_, held)| **held >= seats);
            full.for_each(|(minute, _)| day.fill(minute));
        }
    }

    fn cells(&self) -> usize {
        usize::from(self.dauer.minuten().unsigned_abs() / GRID_MINUTES)
    }

    fn termin(&self, datum: NaiveDate, cell: usize) -> Termin {
        let start = u16::try_from(cell).ok().map(|cell| cell * GRID_MINUTES);
        let start = start.and_then(Uhrzeit::from_minutes);
        Termin::at(datum, start.unwrap_or(Uhrzeit::TAGESENDE), self.dauer)
    }
}

/// The minutes of a call, counted from the midnight before it; after 1440 the next day begins.
fn minutes_of(call: Termin) -> (u16, u16) {
    let start = Uhrzeit::from(call.zeit()).minutes();
    (start, start + call.dauer().minuten().unsigned_abs())
}
