//! What is wrong with stated telephone hours, and where.

use crate::outreach::uhrzeit::Uhrzeit;
use std::fmt;
use thiserror::Error;

/// One mistake with its place: `monday[1].end: "25:00" is not a time of day`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}{}{problem}", if place.is_empty() { "" } else { ": " })]
pub struct AngabeError {
    /// Where, with keys as they were written: `monday`, `Mo[0]`, `monday[1].end`; empty for the whole value.
    pub place: String,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong. Foreign values are shown cut and escaped.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// The whole value is no object.
    #[error("{0} is not an object of days")]
    NotAnObject(String),
    /// A key is no day of the week.
    #[error("{0} is not a day of the week")]
    UnknownDay(String),
    /// A day's value is no list.
    #[error("{0} is not a list of windows")]
    NotAList(String),
    /// An entry of a day is neither `{"start": .., "end": ..}` nor `"09:00-12:00"`.
    #[error("{0} is not a window of time")]
    NotAWindow(String),
    /// `start` or `end` is no `HH:MM`.
    #[error("{0} is not a time of day")]
    NotATime(String),
    /// `start` or `end` is not there.
    #[error("is missing")]
    Missing,
    /// The window ends before or when it starts.
    #[error("{start} to {end} does not end after it starts")]
    Backwards {
        /// Its start.
        start: Uhrzeit,
        /// Its end.
        end: Uhrzeit,
    },
}

/// All mistakes of a value, in its order; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct AngabeErrors(pub Vec<AngabeError>);

/// One line per mistake.
impl fmt::Display for AngabeErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}
