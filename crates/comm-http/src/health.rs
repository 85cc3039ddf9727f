//! Whether the service lives, whether it can work, and how its events fare.

use crate::openapi::Storage;
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, SecondsFormat, Utc};
use comm_ports::event_log::OutboxHealth;
use comm_ports::outreach::OutreachStore;
use comm_ports::{ConsumedStore, ConsumerFigures, ConsumerHealth, OutboxStore};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tracing::debug;
use utoipa::ToSchema;

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

/// That the process serves requests.
#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `healthy`.
    status: &'static str,
    /// Always `communication-service`.
    service: &'static str,
}

/// Says that the process serves requests
///
/// It touches nothing.
#[utoipa::path(
    get,
    operation_id = "health",
    path = "/health",
    tag = "health",
    responses((status = 200, description = "It lives.", body = Health))
)]
pub(crate) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(Health {
        status: "healthy",
        service: "communication-service",
    })
}

/// That the service can work.
#[derive(Serialize, ToSchema)]
struct Ready {
    /// Always `ready`.
    status: &'static str,
}

/// Says whether the service can work
///
/// It cannot without a database or with pending migrations.
#[utoipa::path(
    get,
    operation_id = "ready",
    path = "/ready",
    tag = "health",
    responses((status = 200, description = "It can work.", body = Ready), Storage)
)]
pub(crate) async fn ready(readiness: web::Data<Readiness>) -> Result<HttpResponse, Problem> {
    match readiness.0.ready().await {
        Ok(true) => Ok(HttpResponse::Ok().json(Ready { status: "ready" })),
        Ok(false) => Err(Problem::unavailable(
            "The database has pending migrations: run communication-service migrate",
        )),
        Err(error) => Err(error.into()),
    }
}

/// How the events fare.
#[derive(Serialize, ToSchema)]
#[schema(as = EventsHealth)]
struct EventsAnswer {
    /// What waits for Kafka.
    outbox: OutboxAnswer,
    /// How the publishing fares.
    publishing: PublishingAnswer,
    /// How the consuming fares.
    consuming: ConsumingAnswer,
}

/// What waits for Kafka.
#[derive(Serialize, ToSchema)]
#[schema(as = Outbox)]
struct OutboxAnswer {
    /// Events that are not published yet.
    #[schema(minimum = 0)]
    depth: i64,
    /// For how many seconds the oldest has waited.
    #[schema(minimum = 0)]
    oldest_age_seconds: Option<f64>,
    /// Events that Kafka refused for good.
    #[schema(minimum = 0)]
    parked: i64,
    /// Events that wait for a parked one.
    #[schema(minimum = 0)]
    held_back: i64,
}

/// How the publishing fares.
#[derive(Serialize, ToSchema)]
#[schema(as = Publishing)]
struct PublishingAnswer {
    /// Milliseconds from the insert to the acknowledgement; `null` without events of late.
    latency_ms: Option<LatencyAnswer>,
    /// Attempts that failed, by reason.
    failures: Vec<FailureAnswer>,
}

/// Milliseconds from the insert to the acknowledgement.
#[derive(Serialize, ToSchema)]
#[schema(as = PublishLatency)]
struct LatencyAnswer {
    /// Of how many events.
    #[schema(minimum = 0)]
    events: i64,
    /// The median.
    #[schema(minimum = 0)]
    p50: f64,
    /// What 99 of 100 keep below.
    #[schema(minimum = 0)]
    p99: f64,
}

/// Attempts that failed for the same reason.
#[derive(Serialize, ToSchema)]
#[schema(as = PublishFailure)]
struct FailureAnswer {
    /// The client library's words.
    reason: String,
    /// How many.
    #[schema(minimum = 0)]
    count: i64,
    /// When the last one was.
    #[schema(value_type = DateTime<Utc>)]
    last_at: String,
}

/// How the consuming fares. What only the broker knows is `null` while it does not answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Consuming)]
struct ConsumingAnswer {
    /// Messages that the group has not dealt with.
    #[schema(minimum = 0)]
    lag: Option<i64>,
    /// Messages that could not be dealt with.
    #[schema(minimum = 0)]
    dead_letters: Option<i64>,
    /// When a request that came by event was last dealt with.
    #[schema(value_type = Option<DateTime<Utc>>)]
    last_event_at: Option<String>,
}

/// Says how the events fare
///
/// Out of the database and the broker, so every instance says the same. 200 however bad things stand: whoever asks draws
/// the line.
#[utoipa::path(
    get,
    operation_id = "events_health",
    path = "/health/events",
    tag = "health",
    responses((status = 200, description = "Figures.", body = EventsAnswer), Storage)
)]
pub(crate) async fn events(health: web::Data<EventsHealth>) -> Result<HttpResponse, Problem> {
    let outbox = health.outbox.health().await?;
    let last_event_at = health.consumed.last_consumed().await?;
    let figures = health.consumer.figures().await.map_err(|error| {
        debug!(error = %error, "The broker does not say how far the consumer is");
    });
    Ok(HttpResponse::Ok().json(EventsAnswer {
        outbox: waiting(&outbox),
        publishing: publishing(&outbox),
        consuming: consuming(figures.ok().as_ref(), last_event_at),
    }))
}

fn waiting(outbox: &OutboxHealth) -> OutboxAnswer {
    OutboxAnswer {
        depth: outbox.depth,
        oldest_age_seconds: outbox.oldest_age.map(|age| age.as_secs_f64()),
        parked: outbox.parked,
        held_back: outbox.held_back,
    }
}

fn publishing(outbox: &OutboxHealth) -> PublishingAnswer {
    let latency = outbox.latency.map(|latency| LatencyAnswer {
        events: latency.events,
        p50: millis(latency.p50),
        p99: millis(latency.p99),
    });
    let failures = outbox.failures.iter().map(|failure| FailureAnswer {
        reason: failure.reason.clone(),
        count: failure.count,
        last_at: time(failure.last_at),
    });
    PublishingAnswer {
        latency_ms: latency,
        failures: failures.collect(),
    }
}

fn consuming(
    figures: Option<&ConsumerFigures>,
    last_event_at: Option<DateTime<Utc>>,
) -> ConsumingAnswer {
    ConsumingAnswer {
        lag: figures.and_then(ConsumerFigures::lag),
        dead_letters: figures.map(|figures| figures.dead_letters),
        last_event_at: last_event_at.map(time),
    }
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
    use serde_json::{Value, json};

    fn shown(answer: impl Serialize) -> Value {
        serde_json::to_value(answer).unwrap()
    }

    #[test]
    fn what_is_not_known_is_null_and_never_a_number() {
        let nothing = OutboxHealth::default();
        let expected = json!({"depth": 0, "oldest_age_seconds": null, "parked": 0, "held_back": 0});
        assert_eq!(shown(waiting(&nothing)), expected);
        let expected = json!({"latency_ms": null, "failures": []});
        assert_eq!(shown(publishing(&nothing)), expected);
        let expected = json!({"lag": null, "dead_letters": null, "last_event_at": null});
        assert_eq!(shown(consuming(None, None)), expected);
        let no_topic = ConsumerFigures::default();
        let expected = json!({"lag": null, "dead_letters": 0, "last_event_at": null});
        assert_eq!(shown(consuming(Some(&no_topic), None)), expected);
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
        assert_eq!(shown(waiting(&outbox)), expected);
        let expected = json!({
            "latency_ms": {"events": 1000, "p50": 7.1, "p99": 21.9},
            "failures": [{"reason": "MessageTimedOut", "count": 12, "last_at": "2026-01-31T09:15:00.123456Z"}],
        });
        assert_eq!(shown(publishing(&outbox)), expected);
        let lags = [(0, 4), (1, 0), (2, 3)];
        let figures = ConsumerFigures {
            partitions: lags
                .map(|(partition, lag)| PartitionLag { partition, lag })
                .to_vec(),
            dead_letters: 5,
        };
        let expected =
            json!({"lag": 7, "dead_letters": 5, "last_event_at": "2026-01-31T09:15:00.123456Z"});
        assert_eq!(shown(consuming(Some(&figures), at)), expected);
    }
}
