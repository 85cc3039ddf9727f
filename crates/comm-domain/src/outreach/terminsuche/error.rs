//! Why a search found nothing.

use crate::field::FieldError;
use crate::outreach::grund::Grund;
use chrono::NaiveDate;
use thiserror::Error;

/// The reasons of [`TerminError::KeinTermin`], the one that would change last first.
const REIHENFOLGE: [Grund; 10] = [
    Grund::KeineAngabe,
    Grund::AusserhalbDerZeiten,
    Grund::Feiertag,
    Grund::Geschlossen,
    Grund::Gesperrt,
    Grund::Sperrfrist,
    Grund::Wochenfrist,
    Grund::Vorlauf,
    Grund::Belegt,
    Grund::KeinPlatz,
];

/// Why there is no slot.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TerminError {
    /// The length of a call is out of bounds (contract, 'Telefonanruf').
    #[error(transparent)]
    Dauer(#[from] FieldError),
    /// The horizon is out of bounds (contract, 'Slot finding').
    #[error("the horizon must have 1 to {max} days, not {0}", max = super::MAX_DAYS)]
    Horizont(u16),
    /// A range of dates is backwards or too long.
    #[error("the range must have 1 to {max} days: {von} to {bis}", max = super::MAX_DAYS)]
    Zeitraum {
        /// Its first day.
        von: NaiveDate,
        /// Its last day.
        bis: NaiveDate,
    },
    /// The search would begin after the last day that chrono knows, or before the first.
    #[error("the search begins outside of the calendar")]
    Kalenderende,
    /// No slot is free. One reason per day searched, in order; see [`Terminplan::gruende`](super::Terminplan::gruende).
    #[error("no free slot on any of {} days", .0.len())]
    KeinTermin(Vec<(NaiveDate, Grund)>),
}

impl TerminError {
    /// The reason of the day that came closest to a free slot; `None` where the search was not made.
    pub fn grund(&self) -> Option<Grund> {
        let Self::KeinTermin(days) = self else {
            return None;
        };
        let place = |grund: &Grund| REIHENFOLGE.iter().position(|other| other == grund);
        days.iter().map(|(_, grund)| *grund).max_by_key(place)
    }
}
