//! The transport against a real server in the same process, which plays a script.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail the test"
)]

mod dialogue;
mod dkim;
mod interrupt;
mod pool;
mod set_up;
mod support;
mod tls;
