//! The 288 five-minute cells of a day as bits: a search among many calls is then a handful of instructions
//! per day, and needs neither sorting nor lists of free windows.

use crate::outreach::uhrzeit::MINUTES_PER_DAY;
use std::ops::Range;

/// Minutes of a cell: slots start on this grid (contract, 'Slot finding').
pub(super) const GRID_MINUTES: u16 = 5;

/// Cells of a day.
pub(super) const CELLS: usize = (MINUTES_PER_DAY / GRID_MINUTES) as usize;

const BITS: usize = u64::BITS as usize;

/// A set of cells. Bits above 288 are never set, so nothing that is found runs past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Raster([u64; CELLS.div_ceil(BITS)]);

impl Raster {
    /// Adds a range of cells; what lies beyond midnight is left out.
    pub(super) fn add(&mut self, cells: Range<usize>) {
        let (mut start, end) = (cells.start, cells.end.min(CELLS));
        while start < end {
            let stop = end.min((start / BITS + 1) * BITS);
            let ones = u64::MAX >> (BITS - (stop - start));
            if let Some(word) = self.0.get_mut(start / BITS) {
                *word |= ones << (start % BITS);
            }
            start = stop;
        }
    }

    /// These cells but for those of `other`.
    pub(super) fn without(mut self, other: &Self) -> Self {
        for (word, taken) in self.0.iter_mut().zip(other.0) {
            *word &= !taken;
        }
        self
    }

    /// These cells but for those before `first`.
    pub(super) fn from(mut self, first: usize) -> Self {
        for (index, word) in self.0.iter_mut().enumerate() {
            let before = first.saturating_sub(index * BITS);
            let shift = u32::try_from(before).unwrap_or(u32::MAX);
            *word &= u64::MAX.checked_shl(shift).unwrap_or(0);
        }
        self
    }

    /// The cells at which a run of `length` cells starts that are all in the set.
    pub(super) fn starts(mut self, length: usize) -> Self {
        let mut run = 1;
        while run < length {
            // A run of `run` cells here, and one `step` cells further on, make one of `run + step`.
            let step = run.min(length - run);
            self = self.and(&self.towards_midnight(step));
            run += step;
        }
        self
    }

    /// The first cell.
    pub(super) fn first(&self) -> Option<usize> {
        let word = self.0.iter().position(|word| *word != 0)?;
        Some(word * BITS + self.0.get(word)?.trailing_zeros() as usize)
    }

    /// How many cells there are.
    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// All cells in order.
    pub(super) fn cells(self) -> impl Iterator<Item = usize> {
        let words = self.0.into_iter().enumerate();
        words.flat_map(|(index, mut word)| {
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros() as usize;
                word &= word.checked_sub(1)?;
                Some(index * BITS + bit)
            })
        })
    }

    fn and(mut self, other: &Self) -> Self {
        for (word, mask) in self.0.iter_mut().zip(other.0) {
            *word &= mask;
        }
        self
    }

    /// Every cell moved towards 00:00 by `count` cells, fewer than 64.
    fn towards_midnight(self, count: usize) -> Self {
        let mut moved = self;
        let following = self.0.into_iter().skip(1).chain([0]);
        for (word, next) in moved.0.iter_mut().zip(following) {
            *word = (*word >> count) | (next << (BITS - count));
        }
        moved
    }
}
