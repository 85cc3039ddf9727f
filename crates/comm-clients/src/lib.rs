//! The platform's other services behind the directory ports: adapters that speak HTTP to them.

mod breaker;
mod config;
mod lookup;
mod patient;
mod record;
mod service;
mod therapist;

pub use config::{ServicesConfig, can_be_base};
pub use patient::PatientClient;
pub use service::ClientError;
pub use therapist::TherapistClient;
