//! The Patient Service.

use crate::config::ServicesConfig;
use crate::lookup::Lookup;
use crate::service::{ClientError, Service};
use async_trait::async_trait;
use comm_domain::outreach::LetzterKontakt;
use comm_ports::{DirectoryError, Patient, PatientDirectory};
use reqwest::Method;
use serde::Serialize;

/// Speaks to the Patient Service.
#[derive(Clone)]
pub struct PatientClient {
    service: Service,
    lookup: Lookup,
}

#[derive(Serialize)]
struct LastContact {
    date: String,
}

impl PatientClient {
    /// `None` if no Patient Service is configured. Needs a tokio runtime, on which its connections live.
    ///
    /// # Errors
    /// An address that cannot be used, or a system without any certificate authority.
    pub fn new(config: &ServicesConfig) -> Result<Option<Self>, ClientError> {
        let service = Service::new("services.patient_service_url", &config.patient_service_url)?;
        Ok(service.map(|service| Self {
            lookup: Lookup::new(service.clone(), "patients"),
            service,
        }))
    }
}

#[async_trait]
impl PatientDirectory for PatientClient {
    async fn patient(&self, id: i64) -> Result<Option<Patient>, DirectoryError> {
        let record = self.lookup.record(id).await?;
        Ok(record.map(|record| Patient {
            name: record.name(),
            telefon: record.line("telefon"),
            email: record.line("email"),
            status: record.line("status"),
        }))
    }

    async fn tell_last_contact(&self, contact: LetzterKontakt) -> Result<(), DirectoryError> {
        let patient = contact.patient_id.to_string();
        let path = ["api", "patients", &patient, "last-contact"];
        let body = LastContact {
            date: contact.datum.to_string(),
        };
        self.service.send(Method::PATCH, &path, &body).await
    }
}
