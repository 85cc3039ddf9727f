//! The adapters against a scripted service.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod lookup;
mod patient;
