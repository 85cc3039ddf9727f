//! The statements of the relay's leader, all on the connection that holds its lock.

use crate::sql::{Sql, sql};
use chrono::{DateTime, Utc};
use comm_ports::OutboxRecord;
use comm_ports::outbox::{OutboxRow, Priority};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Double, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use std::time::Duration;
use uuid::Uuid;

/// How long what the leader before has sent may still arrive.
const IN_FLIGHT: &str = "SELECT CAST(greatest(extract(epoch FROM in_flight_until - clock_timestamp()), 0) \
     AS double precision) AS secs FROM communication_service.outbox_relay WHERE id = 1";

const FLY: &str = "UPDATE communication_service.outbox_relay SET in_flight_until = \
     greatest(in_flight_until, clock_timestamp() + make_interval(secs => ?)) WHERE id = 1";

const LAND: &str = "UPDATE communication_service.outbox_relay SET in_flight_until = clock_timestamp() WHERE id = 1";

const READ: &str = "WITH batch AS MATERIALIZED ( \
       SELECT id, event_id, event_type, aggregate, aggregate_id, sequence, priority, is_copy, topic, key, \
         payload, traceparent, occurred_at \
       FROM communication_service.outbox AS waiting \
       WHERE published_at IS NULL AND parked_at IS NULL AND NOT EXISTS ( \
         SELECT FROM communication_service.outbox AS parked WHERE parked.parked_at IS NOT NULL \
           AND parked.aggregate = waiting.aggregate AND parked.aggregate_id = waiting.aggregate_id) \
       ORDER BY priority, id LIMIT ?), \
     flight AS ( \
       UPDATE communication_service.outbox_relay SET in_flight_until = \
         greatest(in_flight_until, clock_timestamp() + make_interval(secs => ?)) \
       WHERE id = 1 AND EXISTS (SELECT FROM batch)) \
     SELECT * FROM batch ORDER BY priority, id";

/// Rows are locked in the order in which `outbox_append` locks them.
const MARK: &str = "WITH acknowledged AS MATERIALIZED ( \
       SELECT id FROM communication_service.outbox WHERE id = ANY(?) AND published_at IS NULL \
       ORDER BY aggregate, aggregate_id, id FOR UPDATE) \
     UPDATE communication_service.outbox SET published_at = clock_timestamp() \
     FROM acknowledged WHERE outbox.id = acknowledged.id";

const PARK: &str = "UPDATE communication_service.outbox \
     SET parked_at = clock_timestamp(), parked_reason = ? WHERE id = ? AND published_at IS NULL";

const COUNT_FAILURES: &str = "INSERT INTO communication_service.outbox_failures AS known \
       (reason, failures, last_at) \
     SELECT reason, failures, clock_timestamp() FROM unnest(?::text[], ?::bigint[]) AS new (reason, failures) \
     ON CONFLICT (reason) DO UPDATE \
     SET failures = known.failures + excluded.failures, last_at = excluded.last_at";

#[derive(QueryableByName)]
pub(crate) struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = SqlUuid)]
    event_id: Uuid,
    #[diesel(sql_type = Text)]
    event_type: String,
    #[diesel(sql_type = Text)]
    aggregate: String,
    #[diesel(sql_type = BigInt)]
    aggregate_id: i64,
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = SmallInt)]
    priority: i16,
    #[diesel(sql_type = Bool)]
    is_copy: bool,
    #[diesel(sql_type = Text)]
    topic: String,
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Binary)]
    payload: Vec<u8>,
    #[diesel(sql_type = Text)]
    traceparent: String,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
}

impl From<Row> for OutboxRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            record: OutboxRecord {
                event_id: row.event_id,
                event_type: row.event_type,
                aggregate: row.aggregate,
                aggregate_id: row.aggregate_id,
                sequence: row.sequence,
                priority: Priority::of_rank(row.priority),
                is_copy: row.is_copy,
                topic: row.topic,
                key: row.key,
                payload: row.payload,
                traceparent: row.traceparent,
                occurred_at: row.occurred_at,
            },
        }
    }
}

#[derive(QueryableByName)]
pub(crate) struct Flight {
    #[diesel(sql_type = Double)]
    secs: f64,
}

impl Flight {
    pub(crate) fn rest(&self) -> Duration {
        Duration::try_from_secs_f64(self.secs).unwrap_or_default()
    }
}

pub(crate) fn in_flight() -> Sql {
    sql(IN_FLIGHT)
}

pub(crate) fn fly(in_flight: Duration) -> Sql {
    sql(FLY).bind::<Double, _>(in_flight.as_secs_f64())
}

pub(crate) fn land() -> Sql {
    sql(LAND)
}

pub(crate) fn read(limit: i64, in_flight: Duration) -> Sql {
    sql(READ)
        .bind::<BigInt, _>(limit)
        .bind::<Double, _>(in_flight.as_secs_f64())
}

pub(crate) fn mark(ids: &[i64]) -> Sql {
    sql(MARK).bind::<Array<BigInt>, _>(ids.to_vec())
}

pub(crate) fn park(id: i64, reason: &str) -> Sql {
    sql(PARK)
        .bind::<Text, _>(reason.to_owned())
        .bind::<BigInt, _>(id)
}

pub(crate) fn count_failures(failures: &[(String, i64)]) -> Sql {
    let (reasons, counts): (Vec<String>, Vec<i64>) = failures.iter().cloned().unzip();
    sql(COUNT_FAILURES)
        .bind::<Array<Text>, _>(reasons)
        .bind::<Array<BigInt>, _>(counts)
}
