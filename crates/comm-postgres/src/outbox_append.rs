//! Appending events to the outbox, in the statement that writes the row they report.

use crate::sql::Sql;
use comm_ports::OutboxRecord;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};

/// The events of the rows that `saved` has written. A macro, since statements are constants.
macro_rules! appended {
    () => {
        ", appended AS MATERIALIZED ( \
           SELECT event.* FROM unnest( \
             ?::uuid[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::smallint[], ?::boolean[], \
             ?::text[], ?::text[], ?::bytea[], ?::text[], ?::timestamptz[]) \
             AS event (event_id, event_type, aggregate, aggregate_id, sequence, priority, is_copy, \
               topic, key, payload, traceparent, occurred_at) \
           JOIN saved ON saved.id = event.aggregate_id), \
         reported AS ( \
           INSERT INTO communication_service.outbox \
             (event_id, event_type, aggregate, aggregate_id, sequence, priority, is_copy, topic, key, \
              payload, traceparent, occurred_at) \
           SELECT * FROM appended ORDER BY aggregate_id, sequence, is_copy)"
    };
}

/// Inserts the events of a new row, and answers what `saved` returns.
macro_rules! with_first_events {
    () => {
        concat!($crate::outbox_append::appended!(), " SELECT * FROM saved")
    };
}

/// Inserts the events of rows that may have some already: one that goes first takes along what still
/// waits of its email or call. Rows are locked in the order in which the relay locks them.
macro_rules! reported {
    () => {
        concat!(
            $crate::outbox_append::appended!(),
            ", waiting AS MATERIALIZED ( \
               SELECT outbox.id FROM communication_service.outbox \
               WHERE outbox.published_at IS NULL AND outbox.priority > 0 AND \
                 (outbox.aggregate, outbox.aggregate_id) IN ( \
                   SELECT aggregate, aggregate_id FROM appended WHERE priority = 0) \
               ORDER BY outbox.aggregate, outbox.aggregate_id, outbox.id FOR UPDATE), \
             raised AS ( \
               UPDATE communication_service.outbox SET priority = 0 \
               FROM waiting WHERE outbox.id = waiting.id)"
        )
    };
}

/// The same, and answers what `saved` returns.
macro_rules! with_events {
    () => {
        concat!($crate::outbox_append::reported!(), " SELECT * FROM saved")
    };
}

pub(crate) use {appended, reported, with_events, with_first_events};

/// Binds events to a statement that ends in one of the macros above.
pub(crate) fn bind_events(statement: Sql, records: Vec<OutboxRecord>) -> Sql {
    let mut columns = EventColumns::default();
    for record in records {
        columns.push(record);
    }
    columns.bind(statement)
}

#[derive(Default)]
struct EventColumns {
    event_id: Vec<uuid::Uuid>,
    event_type: Vec<String>,
    aggregate: Vec<String>,
    aggregate_id: Vec<i64>,
    sequence: Vec<i64>,
    priority: Vec<i16>,
    is_copy: Vec<bool>,
    topic: Vec<String>,
    key: Vec<String>,
    payload: Vec<Vec<u8>>,
    traceparent: Vec<String>,
    occurred_at: Vec<chrono::DateTime<chrono::Utc>>,
}

impl EventColumns {
    fn push(&mut self, record: OutboxRecord) {
        self.event_id.push(record.event_id);
        self.event_type.push(record.event_type);
        self.aggregate.push(record.aggregate);
        self.aggregate_id.push(record.aggregate_id);
        self.sequence.push(record.sequence);
        self.priority.push(record.priority.rank());
        self.is_copy.push(record.is_copy);
        self.topic.push(record.topic);
        self.key.push(record.key);
        self.payload.push(record.payload);
        self.traceparent.push(record.traceparent);
        self.occurred_at.push(record.occurred_at);
    }

    fn bind(self, statement: Sql) -> Sql {
        statement
            .bind::<Array<SqlUuid>, _>(self.event_id)
            .bind::<Array<Text>, _>(self.event_type)
            .bind::<Array<Text>, _>(self.aggregate)
            .bind::<Array<BigInt>, _>(self.aggregate_id)
            .bind::<Array<BigInt>, _>(self.sequence)
            .bind::<Array<SmallInt>, _>(self.priority)
            .bind::<Array<Bool>, _>(self.is_copy)
            .bind::<Array<Text>, _>(self.topic)
            .bind::<Array<Text>, _>(self.key)
            .bind::<Array<Binary>, _>(self.payload)
            .bind::<Array<Text>, _>(self.traceparent)
            .bind::<Array<Timestamptz>, _>(self.occurred_at)
    }
}
