//! The Therapist Service.

use crate::config::ServicesConfig;
use crate::lookup::Lookup;
use crate::service::{ClientError, Service};
use async_trait::async_trait;
use comm_ports::{DirectoryError, Therapeut, TherapistDirectory};

/// Speaks to the Therapist Service.
#[derive(Clone)]
pub struct TherapistClient {
    lookup: Lookup,
}

impl TherapistClient {
    /// `None` if no Therapist Service is configured. Needs a tokio runtime, on which its connections live.
    ///
    /// # Errors
    /// An address that cannot be used, or a system without any certificate authority.
    pub fn new(config: &ServicesConfig) -> Result<Option<Self>, ClientError> {
        let service = Service::new(
            "services.therapist_service_url",
            &config.therapist_service_url,
        )?;
        Ok(service.map(|service| Self {
            lookup: Lookup::new(service, "therapists"),
        }))
    }
}

#[async_trait]
impl TherapistDirectory for TherapistClient {
    async fn therapist(&self, id: i64) -> Result<Option<Therapeut>, DirectoryError> {
        let record = self.lookup.record(id).await?;
        Ok(record.map(|record| Therapeut {
            name: record.name(),
            telefon: record.line("telefon"),
            email: record.line("email"),
            erreichbarkeit: record.stated("telefonische_erreichbarkeit"),
            potenziell_verfuegbar: record.flag("potenziell_verfuegbar"),
            potenziell_verfuegbar_notizen: record.text("potenziell_verfuegbar_notizen"),
            status: record.line("status"),
        }))
    }
}
