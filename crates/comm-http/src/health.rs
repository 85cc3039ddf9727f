//! Whether the service lives, whether it can work, and how its events fare.

use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, SecondsFormat, Utc};
use comm_ports::OutboxStore;
use comm_ports::event_log::OutboxHealth;
use comm_ports::outreach::OutreachStore;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What `/ready` asks.
#[derive(Clone)]
pub struct Readiness(pub Arc<dyn OutreachStore>);

/// What `/health/events` asks.
#[derive(Clone)]
pub struct EventsHealth(pub Arc<dyn OutboxStore>);

/// Touches nothing: it says that the process serves requests.
pub(crate) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "healthy", "service": "communication-service"}))
}

/// 503 without a database or with pending migrations.
pub(crate) async fn ready(readiness: web::Data<Readiness>) -> Result<HttpResponse, Problem> {
    match readiness.0.ready().await {
        Ok(true) => Ok(HttpResponse::Ok().json(json!({"status": "ready"}))),
        Ok(false) => Err(Problem::unavailable(
            "The database has pending migrations: run communication-service migrate",
        )),
        Err(error) => Err(error.into()),
    }
}

/// Out of the database, so every instance says the same. 200 however bad things stand: whoever asks draws
/// the line.
pub(crate) async fn events(health: web::Data<EventsHealth>) -> Result<HttpResponse, Problem> {
    let outbox = health.0.health().await?;
    Ok(HttpResponse::Ok()
        .json(json!({"outbox": waiting(&outbox), "publishing": publishing(&outbox)})))
}

fn waiting(outbox: &OutboxHealth) -> Value {
    json!({
        "depth": outbox.depth,
        "oldest_age_seconds": outbox.oldest_age.map(|age| age.as_secs_f64()),
        "parked": outbox.parked,
        "held_back": outbox.held_back,
    })
}

fn publishing(outbox: &OutboxHealth) -> Value {
    let latency = outbox.latency.map(|latency| {
        json!({"events": latency.events, "p50": millis(latency.p50), "p99": millis(latency.p99)})
    });
    let failures = outbox.failures.iter().map(|failure| {
        json!({"reason": failure.reason, "count": failure.count, "last_at": time(failure.last_at)})
    });
    json!({"latency_ms": latency, "failures": failures.collect::<Vec<_>>()})
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
