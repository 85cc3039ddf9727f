//! From a mail over silence to a call (contract, 'Follow-up automation').
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which clippy.toml does not cover"
)]

mod decisions;
mod model;
mod order;
mod support;
