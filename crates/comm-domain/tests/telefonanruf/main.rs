//! Phone calls (contract, 'Telefonanruf'): every transition, every refusal, and properties that hold for all.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which clippy.toml does not cover"
)]

mod create;
mod edit;
mod emails;
mod model;
mod retries;
mod support;
mod transitions;
