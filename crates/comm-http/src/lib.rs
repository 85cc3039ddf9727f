//! The REST API: an actix-web adapter that drives `comm-app`. Status codes live in `problem`, routes in
//! `routes`, JSON shapes beside their handlers.

mod config;
mod extract;
mod health;
mod ical;
mod idempotency;
mod openapi;
pub mod outreach;
mod problem;
mod query;
mod request_id;
mod routes;
mod server;

pub use config::HttpConfig;
pub use health::{EventsHealth, Readiness};
pub use openapi::openapi_json;
pub use problem::Problem;
pub use server::{Api, serve};
