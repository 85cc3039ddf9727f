//! Blocking a therapist by hand, and lifting that.

use super::{Therapeutenkontakte, by_path};
use crate::error::OutreachError;
use crate::outreach::emails::finish;
use chrono::NaiveDate;
use comm_domain::FieldError;
use comm_domain::outreach::kontaktregeln::begruendung;
use comm_domain::outreach::{Empfaenger, Kontaktsperre, Patch};
use comm_ports::outreach::Sperre;
use std::fmt;

/// That a therapist is to be blocked.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SperreRequest {
    /// The last blocked day, or none; a block that holds already keeps its end unless it says so.
    pub bis: Patch<NaiveDate>,
    /// Why; it has to be said.
    pub begruendung: Option<String>,
}

/// What people wrote is nobody's business in a log.
impl fmt::Debug for SperreRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SperreRequest({:?}, ..)", self.bis)
    }
}

/// The same with every rule kept.
struct Gewollt {
    bis: Patch<NaiveDate>,
    begruendung: String,
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
        let kontakte = self.clone();
        let Some(request) = request else {
            return finish(async move { kontakte.lift(therapist_id).await }).await;
        };
        let gewollt = self.checked(request)?;
        finish(async move { kontakte.block(therapist_id, gewollt).await }).await
    }

    fn checked(&self, request: SperreRequest) -> Result<Gewollt, FieldError> {
        if matches!(request.bis, Patch::Set(last) if last < self.heute()) {
            return Err(FieldError::invalid("bis", "must not lie in the past"));
        }
        let missing = || FieldError::invalid("begruendung", "is required");
        let words = request.begruendung.ok_or_else(missing)?;
        Ok(Gewollt {
            bis: request.bis,
            begruendung: begruendung(&words)?,
        })
    }

    /// Whoever was never contacted stays unknown by it.
    async fn lift(&self, therapist_id: i64) -> Result<GezeigteSperre, OutreachError> {
        let mut tx = self.adapters.store.begin().await?;
        tx.save_sperre(therapist_id, None).await?;
        tx.commit().await?;
        Ok(GezeigteSperre {
            therapist_id,
            sperre: None,
        })
    }

    async fn block(
        &self,
        therapist_id: i64,
        gewollt: Gewollt,
    ) -> Result<GezeigteSperre, OutreachError> {
        let mut tx = self.adapters.store.begin().await?;
        tx.lock_kontaktstand(Empfaenger::Therapeut(therapist_id))
            .await?;
        let before = self.holding(tx.sperre(therapist_id).await?);
        let before = before.as_ref();
        let sperre = Sperre {
            seit: before.map_or(self.adapters.clock.now(), |before| before.seit),
            dauer: match gewollt.bis {
                Patch::Set(last) => Kontaktsperre::Bis(last),
                Patch::Clear => Kontaktsperre::Unbefristet,
                Patch::Keep => before.map_or(Kontaktsperre::Unbefristet, |before| before.dauer),
            },
            begruendung: gewollt.begruendung,
        };
        tx.save_sperre(therapist_id, Some(sperre.clone())).await?;
        tx.commit().await?;
        Ok(GezeigteSperre {
            therapist_id,
            sperre: Some(sperre),
        })
    }

    /// A block, if it still holds.
    fn holding(&self, sperre: Option<Sperre>) -> Option<Sperre> {
        let heute = self.heute();
        sperre.filter(|sperre| sperre.dauer.hindernis().stands_on(heute))
    }
}
