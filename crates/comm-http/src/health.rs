//! Whether the service lives, whether it can work, and how its events fare.

use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, SecondsFormat, Utc};
use comm_ports::event_log::OutboxHealth;
use comm_ports::outreach::OutreachStore;
use comm_ports::{ConsumedStore, ConsumerFigures, ConsumerHealth, OutboxStore};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tracing::debug;

/// What `/ready` asks.
#[derive(Clone)]
pub struct Readiness(pub Arc<dyn OutreachStore>);

/// What `/health/events` asks.
#[derive(Clone)]
pub struct EventsHealth {
    /// How the publishing fares.
    pub outbox: Arc<dyn OutboxStore>,
    /// When an event was consumed.
    pub consumed: Arc<dyn ConsumedStore>,
    /// How far the consumer group is.
    pub consumer: Arc<dyn ConsumerHealth>,
}

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

/// Out of the database and the broker, so every instance says the same. 200 however bad things stand: whoever
/// asks draws the line. What nobody knows, since the broker does not answer, is `null`.
pub(crate) async fn events(health: web::Data<EventsHealth>) -> Result<HttpResponse, Problem> {
    let outbox = health.outbox.health().await?;
    let last_event_at = health.consumed.last_consumed().await?;
    let figures = health.consumer.figures().await.map_err(|error| {
        debug!(error = %error, "The broker does not say how far the consumer is");
    });
    Ok(HttpResponse::Ok().json(json!({
        "outbox": waiting(&outbox),
        "publishing": publishing(&outbox),
        "consuming": consuming(figures.ok().as_ref(), last_event_at),
    })))
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

fn consuming(figures: Option<&ConsumerFigures>, last_event_at: Option<DateTime<Utc>>) -> Value {
    json!({
        "lag": figures.and_then(ConsumerFigures::lag),
        "dead_letters": figures.map(|figures| figures.dead_letters),
        "last_event_at": last_event_at.map(time),
    })
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use comm_ports::PartitionLag;
    use comm_ports::event_log::{PublishFailures, PublishLatency};

    #[test]
    fn what_is_not_known_is_null_and_never_a_number() {
        let nothing = OutboxHealth::default();
        let expected = json!({"depth": 0, "oldest_age_seconds": null, "parked": 0, "held_back": 0});
        assert_eq!(waiting(&nothing), expected);
        let expected = json!({"latency_ms": null, "failures": []});
        assert_eq!(publishing(&nothing), expected);
        let expected = json!({"lag": null, "dead_letters": null, "last_event_at": null});
        assert_eq!(consuming(None, None), expected);
        let no_topic = ConsumerFigures::default();
        let expected = json!({"lag": null, "dead_letters": 0, "last_event_at": null});
        assert_eq!(consuming(Some(&no_topic), None), expected);
    }

    #[test]
    fn figures_have_their_units_and_the_lag_is_that_of_all_partitions() {
        let at = DateTime::from_timestamp_micros(1_769_850_900_123_456);
        let outbox = OutboxHealth {
            depth: 3,
            oldest_age: Some(Duration::from_millis(1500)),
            parked: 2,
            held_back: 1,
            latency: Some(PublishLatency {
                events: 1000,
                p50: Duration::from_micros(7_140),
                p99: Duration::from_micros(21_870),
            }),
            failures: vec![PublishFailures {
                reason: "MessageTimedOut".to_owned(),
                count: 12,
                last_at: at.unwrap_or_default(),
            }],
        };
        let expected = json!({"depth": 3, "oldest_age_seconds": 1.5, "parked": 2, "held_back": 1});
        assert_eq!(waiting(&outbox), expected);
        let expected = json!({
            "latency_ms": {"events": 1000, "p50": 7.1, "p99": 21.9},
            "failures": [{"reason": "MessageTimedOut", "count": 12, "last_at": "2026-01-31T09:15:00.123456Z"}],
        });
        assert_eq!(publishing(&outbox), expected);
        let lags = [(0, 4), (1, 0), (2, 3)];
        let figures = ConsumerFigures {
            partitions: lags
                .map(|(partition, lag)| PartitionLag { partition, lag })
                .to_vec(),
            dead_letters: 5,
        };
        let expected =
            json!({"lag": 7, "dead_letters": 5, "last_event_at": "2026-01-31T09:15:00.123456Z"});
        assert_eq!(consuming(Some(&figures), at), expected);
    }
}
