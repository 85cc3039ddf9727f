//! The use cases of the outreach half.

mod attachments;
mod bodies;
mod emails;
mod event_requests;
mod last_contact;
mod requests;
mod vorlagen;

pub use attachments::ShownAttachment;
pub use emails::{EmailSettings, Emails, ShownEmail};
pub use event_requests::{EventRequests, Expedited, Recorded};
pub use last_contact::{LastContacts, PatientService};
pub use requests::{Bodies, CreateEmail, GivenAttachment, Preview, UpdateEmail};
pub use vorlagen::{DatenError, DatenErrors, ShownVorlage, VorlageError, Vorlagen};
