//! The templates of mails: what they say, how they look when they are sent, and what no value can do to them.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod editing;
mod folder;
mod sending;
mod snapshots;
mod support;
mod values;
