//! The stores on a real PostgreSQL.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod anhaenge;
mod consumed;
mod duties;
mod emails;
mod event_log;
mod keys;
mod leadership;
mod list_plans;
mod migrations;
mod outbox;
mod queue;
mod retries;
mod silence;
mod suchworte;
mod support;
mod throttle;
mod turns;
