//! The use cases of the outreach half.

mod bodies;
mod emails;
mod event_requests;
mod requests;

pub use emails::{EmailSettings, Emails, ShownEmail};
pub use event_requests::{EventRequests, Expedited, Recorded};
pub use requests::{Bodies, CreateEmail, UpdateEmail};
