//! The use cases about calls, on mocks of the ports.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

#[path = "../common/mod.rs"]
mod common;
mod create;
mod directory;
mod patients;
mod retries;
mod seats;
mod support;
mod update;
