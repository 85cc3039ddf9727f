//! How the publishing fares, out of the tables alone: the same answer from every instance.

use crate::sql::sql;
use chrono::{DateTime, Utc};
use comm_ports::event_log::{OutboxHealth, PublishFailures, PublishLatency};
use diesel::QueryResult;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Double, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;

const WAITING: &str = "SELECT count(*) AS depth, \
       CAST(extract(epoch FROM clock_timestamp() - min(queued_at)) AS double precision) AS oldest, \
       (SELECT count(*) FROM communication_service.outbox WHERE parked_at IS NOT NULL) AS parked, \
       (SELECT count(*) FROM communication_service.outbox AS waiting \
        WHERE published_at IS NULL AND parked_at IS NULL AND (aggregate, aggregate_id) IN ( \
          SELECT aggregate, aggregate_id FROM communication_service.outbox WHERE parked_at IS NOT NULL)) AS held_back \
     FROM communication_service.outbox WHERE published_at IS NULL AND parked_at IS NULL";

/// The last thousand of the last quarter of an hour.
const LATENCY: &str = "SELECT count(*) AS events, \
       percentile_cont(0.5) WITHIN GROUP (ORDER BY secs) AS p50, \
       percentile_cont(0.99) WITHIN GROUP (ORDER BY secs) AS p99 \
     FROM (SELECT CAST(greatest(extract(epoch FROM published_at - queued_at), 0) AS double precision) AS secs \
       FROM communication_service.outbox WHERE published_at > clock_timestamp() - interval '15 minutes' \
       ORDER BY published_at DESC LIMIT 1000) AS latest";

const FAILURES: &str = "SELECT reason, failures, last_at \
     FROM communication_service.outbox_failures ORDER BY last_at DESC";

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    depth: i64,
    #[diesel(sql_type = Nullable<Double>)]
    oldest: Option<f64>,
    #[diesel(sql_type = BigInt)]
    parked: i64,
    #[diesel(sql_type = BigInt)]
    held_back: i64,
}

#[derive(QueryableByName)]
struct Latency {
    #[diesel(sql_type = BigInt)]
    events: i64,
    #[diesel(sql_type = Nullable<Double>)]
    p50: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    p99: Option<f64>,
}

#[derive(QueryableByName)]
struct Failures {
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = BigInt)]
    failures: i64,
    #[diesel(sql_type = Timestamptz)]
    last_at: DateTime<Utc>,
}

pub(crate) async fn read(conn: &mut AsyncPgConnection) -> QueryResult<OutboxHealth> {
    let waiting: Waiting = sql(WAITING).get_result(conn).await?;
    let latency: Latency = sql(LATENCY).get_result(conn).await?;
    let failures: Vec<Failures> = sql(FAILURES).load(conn).await?;
    Ok(OutboxHealth {
        depth: waiting.depth,
        oldest_age: waiting.oldest.map(seconds),
        parked: waiting.parked,
        held_back: waiting.held_back,
        latency: latency
            .p50
            .zip(latency.p99)
            .map(|(p50, p99)| PublishLatency {
                events: latency.events,
                p50: seconds(p50),
                p99: seconds(p99),
            }),
        failures: failures
            .into_iter()
            .map(|row| PublishFailures {
                reason: row.reason,
                count: row.failures,
                last_at: row.last_at,
            })
            .collect(),
    })
}

fn seconds(secs: f64) -> Duration {
    Duration::try_from_secs_f64(secs.max(0.0)).unwrap_or_default()
}
