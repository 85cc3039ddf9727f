//! Blocking a therapist by hand, and lifting that.

use super::{Therapeutenkontakte, by_path};
use crate::error::OutreachError;
use crate::outreach::emails::finish;
use chrono::{DateTime, NaiveDate, Utc};
use comm_domain::FieldError;
use comm_domain::outreach::kontaktregeln::begruendung;
use comm_domain::outreach::{Empfaenger, Kontaktsperre};
use comm_ports::outreach::Sperre;

/// That a therapist is to be blocked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SperreRequest {
    /// The last blocked day; until somebody lifts it unless it says so.
    pub bis: Option<NaiveDate>,
    /// Why; it has to be said.
    pub begruendung: Option<String>,
}

/// Whether a therapist is blocked by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GezeigteSperre {
    /// The therapist.
    pub therapist_id: i64,
    /// The block.
    pub sperre: Option<Sperre>,
}

impl Therapeutenkontakte {
    /// Blocks a therapist, or lifts that. A block that holds already goes on with the new words and the new end.
    ///
    /// # Errors
    /// An id that no therapist has, a day before today, a reason that is missing or too long, or storage.
    pub async fn set_sperre(
        &self,
        therapist_id: i64,
        request: Option<SperreRequest>,
    ) -> Result<GezeigteSperre, OutreachError> {
        let therapist_id = by_path(therapist_id)?;
        let wanted = request.map(|request| self.wanted(request)).transpose()?;
        let kontakte = self.clone();
        finish(async move { kontakte.save_sperre(therapist_id, wanted).await }).await
    }

    fn wanted(&self, request: SperreRequest) -> Result<Sperre, FieldError> {
        if request.bis.is_some_and(|last| last < self.heute()) {
            return Err(FieldError::invalid("bis", "must not lie in the past"));
        }
        let missing = || FieldError::invalid("begruendung", "is required");
        let words = request.begruendung.ok_or_else(missing)?;
        Ok(Sperre {
            seit: self.adapters.clock.now(),
            dauer: request
                .bis
                .map_or(Kontaktsperre::Unbefristet, Kontaktsperre::Bis),
            begruendung: begruendung(&words)?,
        })
    }

    async fn save_sperre(
        &self,
        therapist_id: i64,
        wanted: Option<Sperre>,
    ) -> Result<GezeigteSperre, OutreachError> {
        let mut tx = self.adapters.store.begin().await?;
        tx.lock_kontaktstand(Empfaenger::Therapeut(therapist_id))
            .await?;
        let before = match wanted {
            Some(_) => tx.sperre(therapist_id).await?,
            None => None,
        };
        let sperre = wanted.map(|wanted| Sperre {
            seit: self.since(before).unwrap_or(wanted.seit),
            ..wanted
        });
        tx.save_sperre(therapist_id, sperre.clone()).await?;
        tx.commit().await?;
        Ok(GezeigteSperre {
            therapist_id,
            sperre,
        })
    }

    /// Since when a block holds, if it still does.
    fn since(&self, before: Option<Sperre>) -> Option<DateTime<Utc>> {
        let heute = self.heute();
        let holds = before.filter(|before| before.dauer.hindernis().stands_on(heute));
        holds.map(|before| before.seit)
    }
}
