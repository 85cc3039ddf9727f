//! Bad days: killed processes, databases and brokers that are away, mail servers that hang. What must
//! hold then is in `contract-events.md` ('What is promised') and in the contract's table of outcomes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod booking;
mod broker;
mod consumed;
mod daily;
mod database;
mod followup_directory;
mod followup_kills;
mod followup_races;
mod followups;
mod instances;
mod kills;
mod last_contact;
mod leadership;
mod ledger;
mod once;
mod outcomes;
mod retries;
mod settings;
mod start;
mod stopping;
