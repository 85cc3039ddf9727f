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
mod bulk;
mod contact_rules;
mod create;
mod delete;
mod edit;
mod events;
mod follow_ups;
mod health;
mod large_pages;
mod last_contact;
mod list;
mod once;
mod pages;
mod privacy;
mod protocol;
mod queue_status;
mod search;
mod setup;
mod states;
mod system_messages;
mod telefonanrufe;
mod therapeutenkontakte;
mod vorlage;
mod vorlagen;
mod walk;
