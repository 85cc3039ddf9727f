//! The telephone hours of a therapist, and keeping them by hand (contract, 'Telephone hours').

use super::requests::GezeigteErreichbarkeit;
use super::vorwissen::Vorwissen;
use super::{Telefonanrufe, finish};
use crate::error::OutreachError;
use comm_domain::field;
use comm_domain::outreach::{Angabe, Empfaenger, Erreichbarkeit};

impl Telefonanrufe {
    /// The hours that hold, and who stated them.
    ///
    /// # Errors
    /// A therapist whom the directory does not know, or storage.
    pub async fn erreichbarkeit(
        &self,
        therapist_id: i64,
    ) -> Result<GezeigteErreichbarkeit, OutreachError> {
        let vorwissen = self.ask_by_path(therapist_id).await?;
        let heute = self.moment().heute();
        let store = &self.adapters.telefonanrufe;
        let belegung = store.belegung(vorwissen.person, heute).await?;
        Ok(vorwissen.hours(belegung.erreichbarkeit, &self.settings))
    }

    /// Keeps hours by hand, which win over the directory's, or clears them.
    ///
    /// # Errors
    /// Hours that cannot be read, a therapist whom the directory does not know, or storage.
    pub async fn set_erreichbarkeit(
        &self,
        therapist_id: i64,
        angabe: Option<Angabe>,
    ) -> Result<GezeigteErreichbarkeit, OutreachError> {
        let hours = angabe.as_ref().map(Erreichbarkeit::parse).transpose()?;
        let vorwissen = self.ask_by_path(therapist_id).await?;
        let calls = self.clone();
        finish(async move {
            let store = &calls.adapters.telefonanrufe;
            store
                .save_erreichbarkeit(therapist_id, hours.clone())
                .await?;
            Ok(vorwissen.hours(hours, &calls.settings))
        })
        .await
    }

    /// Asks about a therapist whose id stands in the path.
    pub(super) async fn ask_by_path(&self, id: i64) -> Result<Vorwissen, OutreachError> {
        let not_found = || OutreachError::TherapistPathNotFound;
        let id = field::id("therapist_id", Some(id)).ok().flatten();
        let id = id.ok_or_else(not_found)?;
        let asked = self.ask(Empfaenger::Therapeut(id)).await;
        asked.map_err(|error| match error {
            OutreachError::TherapistNotFound => not_found(),
            error => error,
        })
    }
}
