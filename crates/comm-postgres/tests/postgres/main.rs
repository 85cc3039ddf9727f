//! The stores on a real PostgreSQL.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod anhaenge;
mod berichte;
mod consumed;
mod duties;
mod emails;
mod event_log;
mod kalender_feeds;
mod keys;
mod kontakt_plans;
mod kontaktberichte;
mod kopien;
mod leadership;
mod list_plans;
mod migrations;
mod outbox;
mod queue;
mod report_plans;
mod retries;
mod silence;
mod suchworte;
mod suchwortpaare;
mod support;
mod telefonanruf_liste;
mod telefonanruf_plans;
mod telefonanruf_verbleib;
mod telefonanrufe;
mod termine;
mod throttle;
mod turns;
mod watched;
