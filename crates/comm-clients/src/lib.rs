//! The platform's other services behind the directory ports: adapters that speak HTTP to them.

mod config;
mod patient;
mod service;

pub use config::{ServicesConfig, can_be_base};
pub use patient::PatientClient;
pub use service::ClientError;
