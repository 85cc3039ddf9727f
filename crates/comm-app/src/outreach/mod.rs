//! The use cases of the outreach half.

mod bodies;
mod emails;
mod requests;

pub use emails::{EmailSettings, Emails, Expedited, ShownEmail};
pub use requests::{Bodies, CreateEmail, UpdateEmail};
