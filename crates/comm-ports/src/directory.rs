//! What the platform's other services know of people, and what they want to be told.

use crate::error::Cause;
use async_trait::async_trait;
use comm_domain::outreach::LetzterKontakt;
use thiserror::Error;

/// Why a service did not do what it was asked. What is said never names a person.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// It is away, too slow or in trouble; trying again later may help.
    #[error("the service is not available")]
    Unavailable(#[source] Cause),
    /// It says no, and would say so again.
    #[error("the service refuses the request")]
    Refused(#[source] Cause),
}

/// The Patient Service.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait PatientDirectory: Send + Sync {
    /// Tells it when the patient was last contacted. Tries once, for at most two seconds.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    async fn tell_last_contact(&self, contact: LetzterKontakt) -> Result<(), DirectoryError>;
}
