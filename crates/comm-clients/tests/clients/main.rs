//! The adapters against a scripted service.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod patient;
