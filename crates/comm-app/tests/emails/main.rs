//! The use cases about emails, with mocks of everything outside.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

#[path = "../common/mod.rs"]
mod common;

mod bodies;
mod bulk;
mod create;
mod delete;
mod last_contact;
mod once;
mod read;
mod support;
mod update;
mod vorlage;
