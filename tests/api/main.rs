//! The contract of the API, and one walk per capability, through the built binary.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod attachments;
mod bad_input;
mod bodies;
mod bombs;
mod create;
mod delete;
mod edit;
mod events;
mod health;
mod last_contact;
mod list;
mod once;
mod pages;
mod privacy;
mod protocol;
mod setup;
mod states;
mod vorlage;
mod vorlagen;
mod walk;
