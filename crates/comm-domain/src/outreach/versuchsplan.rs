//! When an email is tried again by itself (contract, 'Sending: what a reply means'). How long to wait is
//! said here; the instant that follows from it is the store's, by its own clock.

use chrono::TimeDelta;
use std::time::Duration;
use thiserror::Error;

/// The contract's pauses after the first failed attempt, the second, ..., in minutes.
const PAUSEN_MINUTES: [i64; 5] = [1, 5, 15, 60, 240];
/// More would keep a mail for longer than anybody still wants it sent.
const PAUSEN_MAX: usize = 20;
/// 0.6 seconds: shorter ones would hammer on a server that is in trouble.
const PAUSE_MIN: TimeDelta = TimeDelta::milliseconds(600);
/// One week.
const PAUSE_MAX: TimeDelta = TimeDelta::minutes(10_080);

/// How long to wait after each attempt that failed for the moment, and when to give up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versuchsplan {
    pausen: Vec<TimeDelta>,
}

/// Pauses with which no plan can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be at most {PAUSEN_MAX} numbers of minutes, each 0.01 to 10080")]
pub struct UnusablePausen;

impl Versuchsplan {
    /// The pause while the set-up is at fault. It counts as no attempt, so it never ends by itself.
    pub const EINRICHTUNG: TimeDelta = TimeDelta::minutes(1);

    /// One pause per further attempt; none at all means that nothing is tried again.
    ///
    /// # Errors
    /// Too many pauses, or one that is too short or too long.
    pub fn of_minutes(minutes: &[f64]) -> Result<Self, UnusablePausen> {
        if minutes.len() > PAUSEN_MAX {
            return Err(UnusablePausen);
        }
        let pausen: Result<_, _> = minutes.iter().copied().map(pause).collect();
        pausen.map(|pausen| Self { pausen })
    }

    /// How long to wait after this many failed attempts of one round; `None` when it is time to give up.
    pub fn pause_after(&self, failed: i32) -> Option<TimeDelta> {
        let nth = usize::try_from(failed).ok()?.checked_sub(1)?;
        self.pausen.get(nth).copied()
    }
}

impl Default for Versuchsplan {
    fn default() -> Self {
        Self {
            pausen: PAUSEN_MINUTES.map(TimeDelta::minutes).to_vec(),
        }
    }
}

fn pause(minutes: f64) -> Result<TimeDelta, UnusablePausen> {
    Duration::try_from_secs_f64(minutes * 60.0)
        .ok()
        .and_then(|pause| TimeDelta::from_std(pause).ok())
        .filter(|pause| (PAUSE_MIN..=PAUSE_MAX).contains(pause))
        .ok_or(UnusablePausen)
}
