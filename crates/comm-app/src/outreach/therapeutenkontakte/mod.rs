//! The use cases about the contacts of therapists (contract, 'Contact rules'): blocking one by hand is in `sperre`, the
//! timeline of one in `verlauf`, who may be contacted on a day in `kontaktierbar`, and what other rules would change in
//! `simulation`. The rules at work are in `kontaktregeln`, how people are called and reached in `kontakte`.

mod kontaktierbar;
mod simulation;
mod sperre;
mod verlauf;

pub use kontaktierbar::{KontaktierbarRequest, Kontaktierbarer};
pub use simulation::{
    Anstehend, SIMULATION_MAX_IDS, Simulation, SimulationRequest, Simulierter, Wegbilanz,
};
pub use sperre::{GezeigteSperre, SperreRequest};
pub use verlauf::{Kontaktverlauf, Regelstand};

use super::FollowupSettings;
use crate::Adapters;
use crate::error::OutreachError;
use chrono::{DateTime, NaiveDate, Utc};
use comm_domain::outreach::Kontaktregeln;
use comm_domain::{FieldError, Zeitzone, field};
use comm_ports::outreach::{Merkmale, Therapeutenlage};
use comm_ports::page::Cursor;

/// What the use cases go by.
#[derive(Debug, Clone)]
pub(crate) struct KontakteSettings {
    /// The time zone of the service.
    pub(crate) zone: Zeitzone,
    /// The contact rules for what the service starts by itself and offers.
    pub(crate) regeln: Kontaktregeln,
    /// Which silence is followed up.
    pub(crate) followup: FollowupSettings,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Therapeutenkontakte {
    adapters: Adapters,
    settings: KontakteSettings,
}

impl Therapeutenkontakte {
    pub(crate) fn new(adapters: Adapters, settings: KontakteSettings) -> Self {
        Self { adapters, settings }
    }

    fn heute(&self) -> NaiveDate {
        self.settings.zone.day_of(self.adapters.clock.now())
    }

    /// Today unless another day is named; what was allowed once, nobody can tell.
    fn day(&self, am: Option<NaiveDate>) -> Result<NaiveDate, FieldError> {
        let heute = self.heute();
        match am.unwrap_or(heute) {
            am if am < heute => Err(FieldError::invalid("am", "must not lie in the past")),
            am => Ok(am),
        }
    }

    fn last_contact(&self, lage: &Therapeutenlage) -> Option<DateTime<Utc>> {
        lage.letzter_kontakt(self.settings.zone)
    }

    /// Brings therapists into the order in which they are to be contacted: `potenziell_verfuegbar` before others, then
    /// the longest waiting, those never contacted before all others.
    fn sort(&self, lagen: &mut [Therapeutenlage]) {
        lagen.sort_by_cached_key(|lage| {
            let others = !lage.potenziell_verfuegbar();
            (others, self.last_contact(lage), lage.therapist_id)
        });
    }
}

/// The place of a therapist in that order, as a cursor has it: whoever may have a place bears twice the id, others one more.
fn stelle(merkmale: Option<&Merkmale>, kontakt: Option<DateTime<Utc>>, id: i64) -> Cursor {
    let first = merkmale.is_some_and(|merkmale| merkmale.potenziell_verfuegbar);
    let id = id.saturating_mul(2).saturating_add(i64::from(!first));
    kontakt.map_or(Cursor::without_instant(id), |created_at| Cursor {
        created_at,
        id,
    })
}

/// What the order goes by.
fn reihenfolge(stelle: &Cursor) -> (bool, DateTime<Utc>, i64) {
    (stelle.id % 2 != 0, stelle.created_at, stelle.id)
}

/// A therapist whose id stands in the path. The directory is not asked: rules hold whether it answers or not.
fn by_path(therapist_id: i64) -> Result<i64, OutreachError> {
    let id = field::id("therapist_id", Some(therapist_id)).ok().flatten();
    id.ok_or(OutreachError::TherapistPathNotFound)
}

#[cfg(test)]
mod tests;
