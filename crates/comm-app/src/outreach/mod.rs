//! The use cases of the outreach half.

mod bodies;
mod emails;
mod last_contact;
mod requests;

pub use emails::{EmailSettings, Emails, Expedited, ShownEmail};
pub use last_contact::{LastContacts, PatientService};
pub use requests::{Bodies, CreateEmail, UpdateEmail};
