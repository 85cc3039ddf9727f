//! Half-open intervals on the wall clock of one day, and the algebra of lists of them.

use super::uhrzeit::Uhrzeit;
use std::fmt;

/// A window on the wall clock of one day: from `start` on, up to but without `end`. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zeitfenster {
    start: Uhrzeit,
    end: Uhrzeit,
}

impl Zeitfenster {
    /// Takes both ends; `None` unless `start` lies before `end`.
    pub fn new(start: Uhrzeit, end: Uhrzeit) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// The first minute.
    pub fn start(self) -> Uhrzeit {
        self.start
    }

    /// The first minute that is no longer part of it; 24:00 at most.
    pub fn end(self) -> Uhrzeit {
        self.end
    }

    /// Its length in minutes, at least 1.
    pub fn minutes(self) -> u16 {
        self.end.minutes() - self.start.minutes()
    }

    /// Whether this minute is part of it.
    pub fn contains(self, time: Uhrzeit) -> bool {
        self.start <= time && time < self.end
    }

    /// Whether all of `other` is part of it.
    pub fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether they share a minute; windows that only touch do not.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The window that is exactly both together; `None` if a gap lies between them.
    pub fn union(self, other: Self) -> Option<Self> {
        let joined = self.start <= other.end && other.start <= self.end;
        joined.then(|| Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        })
    }

    /// What both share.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// What is left of it without `other`: nothing, one window or two, in order.
    pub fn difference(self, other: Self) -> impl Iterator<Item = Self> {
        let before = Self::new(self.start, self.end.min(other.start));
        let after = Self::new(self.start.max(other.end), self.end);
        before.into_iter().chain(after)
    }

    /// The union of many windows: sorted, with touching and overlapping ones merged.
    ///
    /// Does not depend on the order, and changes nothing about a list that it has made itself.
    pub fn merge(windows: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut sorted: Vec<Self> = windows.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup_by(|next, merged| match merged.union(*next) {
            Some(both) => {
                *merged = both;
                true
            }
            None => false,
        });
        sorted
    }
}

/// `HH:MM-HH:MM`.
impl fmt::Display for Zeitfenster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.end)
    }
}
