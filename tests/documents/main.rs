//! The documents that other services read are true: what the API and the topics are said to do is what they do.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod asyncapi;
mod files;
mod kalender;
mod openapi;
mod operations;
mod page;
mod python;
mod schemathesis;
mod sdk;
