//! One day of a search: what stands in the way on it, as sets of cells.

use super::raster::{CELLS, GRID_MINUTES, Raster};
use crate::outreach::grund::Grund;
use crate::outreach::zeitfenster::Zeitfenster;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// The cells of one date.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    pub(super) datum: NaiveDate,
    /// Why nothing is possible on the whole day.
    pub(super) closed: Option<Grund>,
    /// The first cell after the lead time.
    pub(super) earliest: usize,
    /// Cells that lie wholly inside a window.
    hours: Raster,
    /// Cells that a call of the same person touches.
    booked: Raster,
    /// Cells in which a minute has no seat left.
    full: Raster,
}

impl Tag {
    /// A day with these windows, of which the missing hour is cut out.
    pub(super) fn new(datum: NaiveDate, windows: &[Zeitfenster], gap: Option<Zeitfenster>) -> Self {
        let mut hours = Raster::default();
        for window in windows {
            let start = window.start().minutes().div_ceil(GRID_MINUTES);
            let end = window.end().minutes() / GRID_MINUTES;
            hours.add(usize::from(start)..usize::from(end));
        }
        if let Some(gap) = gap {
            let mut missing = Raster::default();
            let start = gap.start().minutes() / GRID_MINUTES;
            let end = gap.end().minutes().div_ceil(GRID_MINUTES);
            missing.add(usize::from(start)..usize::from(end));
            hours = hours.without(&missing);
        }
        Self {
            datum,
            closed: None,
            earliest: 0,
            hours,
            booked: Raster::default(),
            full: Raster::default(),
        }
    }

    /// Takes some minutes of this day.
    pub(super) fn book(&mut self, from: u16, to: u16) {
        let (start, end) = (from / GRID_MINUTES, to.div_ceil(GRID_MINUTES));
        self.booked.add(usize::from(start)..usize::from(end));
    }

    /// Marks the cell of this minute as without a seat.
    pub(super) fn fill(&mut self, minute: usize) {
        let cell = minute / usize::from(GRID_MINUTES);
        self.full.add(cell..cell + 1);
    }

    /// The cells at which a slot of this many cells may start.
    pub(super) fn starts(&self, length: usize) -> Raster {
        if self.closed.is_some() {
            return Raster::default();
        }
        let free = self.hours.without(&self.booked).without(&self.full);
        free.starts(length).from(self.earliest)
    }

    /// Why no slot of this many cells can start, where none can; `None` if no window holds one.
    ///
    /// The obstacles are put up one after the other, those first that change last: the windows of the
    /// week, the law, the office's own days, the cooling-off, the clock, calls, seats. The one that takes the last
    /// slot away is the reason: all before it left some slot, and all after it may change earlier.
    pub(super) fn grund(&self, length: usize) -> Option<Grund> {
        let within = self.hours.starts(length);
        within.first()?;
        if self.closed.is_some() {
            return self.closed;
        }
        if within.from(self.earliest).first().is_none() {
            return Some(Grund::Vorlauf);
        }
        let unbooked = self.hours.without(&self.booked).starts(length);
        if unbooked.from(self.earliest).first().is_none() {
            return Some(Grund::Belegt);
        }
        Some(Grund::KeinPlatz)
    }
}

/// The first cell of a date that starts at or after a wall-clock time; 288 if none does.
pub(super) fn first_cell(datum: NaiveDate, wall: NaiveDateTime) -> usize {
    let midnight = datum.and_time(NaiveTime::MIN);
    let waiting = wall.signed_duration_since(midnight);
    let whole = waiting.num_seconds();
    let rest = i64::from(waiting.subsec_nanos() > 0);
    let cells = (whole + rest + SECONDS_PER_CELL - 1).div_euclid(SECONDS_PER_CELL);
    usize::try_from(cells.max(0)).map_or(CELLS, |cell| cell.min(CELLS))
}

const SECONDS_PER_CELL: i64 = GRID_MINUTES as i64 * 60;
