//! Events for an operator: listed, asked for again, and read for a comparison with a topic.

use crate::PgStore;
use crate::error::from_diesel;
use crate::schema::outbox::{self, dsl};
use crate::sql::sql;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use comm_ports::EventLog;
use comm_ports::error::StoreError;
use comm_ports::event_log::{EventEntry, EventFilter, EventState, StateFilter, Subject};
use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// Rows that one statement reads or asks for again.
const BATCH: i64 = 1000;

/// All that then waits of one email or call gets one priority, so that none of it overtakes another. Rows are locked in
/// the order in which the relay locks them.
const REPLAY: &str = "WITH asked AS MATERIALIZED ( \
       SELECT id, aggregate, aggregate_id, priority FROM communication_service.outbox WHERE id = ANY(?)), \
     waiting AS MATERIALIZED ( \
       SELECT id, aggregate, aggregate_id, priority FROM asked UNION \
       SELECT id, aggregate, aggregate_id, priority FROM communication_service.outbox \
       WHERE published_at IS NULL AND parked_at IS NULL \
         AND (aggregate, aggregate_id) IN (SELECT aggregate, aggregate_id FROM asked)), \
     ranked AS MATERIALIZED ( \
       SELECT id, id IN (SELECT id FROM asked) AS is_asked, \
         min(priority) OVER (PARTITION BY aggregate, aggregate_id) AS priority FROM waiting), \
     locked AS MATERIALIZED ( \
       SELECT id FROM communication_service.outbox WHERE id IN (SELECT id FROM waiting) \
       ORDER BY aggregate, aggregate_id, id FOR UPDATE), \
     moved AS ( \
       UPDATE communication_service.outbox SET priority = ranked.priority, \
         published_at = CASE WHEN NOT is_asked THEN published_at END, \
         parked_at = CASE WHEN NOT is_asked THEN parked_at END, \
         parked_reason = CASE WHEN NOT is_asked THEN parked_reason END, \
         queued_at = CASE WHEN is_asked THEN clock_timestamp() ELSE queued_at END \
       FROM locked JOIN ranked USING (id) WHERE outbox.id = locked.id RETURNING is_asked) \
     SELECT count(*) FILTER (WHERE is_asked) AS count FROM moved";
/// Wakes the leader at once; outside any transaction, since it takes a lock of the whole database.
const WAKE: &str = "SELECT pg_notify('comm_outbox', '')";

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox, check_for_backend(Pg))]
struct Row {
    id: i64,
    event_id: Uuid,
    event_type: String,
    aggregate: String,
    aggregate_id: i64,
    sequence: i64,
    occurred_at: DateTime<Utc>,
    published_at: Option<DateTime<Utc>>,
    parked_reason: Option<String>,
}

#[derive(QueryableByName)]
struct Moved {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

impl From<Row> for EventEntry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            event_id: row.event_id,
            event_type: row.event_type,
            subject: Subject {
                aggregate: row.aggregate,
                id: row.aggregate_id,
            },
            sequence: row.sequence,
            occurred_at: row.occurred_at,
            state: match (row.published_at, row.parked_reason) {
                (Some(at), _) => EventState::Published(at),
                (None, Some(reason)) => EventState::Parked(reason),
                (None, None) => EventState::Unpublished,
            },
        }
    }
}

type Query = outbox::BoxedQuery<'static, Pg>;

fn matching(filter: &EventFilter) -> Query {
    let mut query = dsl::outbox.into_boxed();
    if !filter.event_ids.is_empty() {
        query = query.filter(dsl::event_id.eq_any(filter.event_ids.clone()));
    }
    if let Some(Subject { aggregate, id }) = filter.subject.clone() {
        query = query.filter(dsl::aggregate.eq(aggregate).and(dsl::aggregate_id.eq(id)));
    }
    if let Some(from) = filter.from {
        query = query.filter(dsl::occurred_at.ge(from));
    }
    if let Some(before) = filter.before {
        query = query.filter(dsl::occurred_at.lt(before));
    }
    match filter.state {
        StateFilter::All => query,
        StateFilter::Unpublished => query.filter(dsl::published_at.is_null()),
        StateFilter::Parked => query.filter(dsl::parked_at.is_not_null()),
    }
}

impl PgStore {
    /// The next ids that fit and were published or parked before `until`: what is asked for again has no such
    /// time any more, and what is published meanwhile has a later one.
    async fn to_replay(
        &self,
        filter: &EventFilter,
        until: DateTime<Utc>,
        after: i64,
    ) -> Result<Vec<i64>, StoreError> {
        matching(filter)
            .filter(dsl::id.gt(after))
            .filter(dsl::published_at.le(until).or(dsl::parked_at.le(until)))
            .order(dsl::id)
            .limit(BATCH)
            .select(dsl::id)
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }
}

#[async_trait]
impl EventLog for PgStore {
    async fn list(&self, filter: &EventFilter, limit: i64) -> Result<Vec<EventEntry>, StoreError> {
        let rows: Vec<Row> = matching(filter)
            .order(dsl::id.desc())
            .limit(limit)
            .select(Row::as_select())
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().rev().map(EventEntry::from).collect())
    }

    async fn replay(&self, filter: &EventFilter) -> Result<usize, StoreError> {
        let until = self.now().await?;
        let (mut replayed, mut after) = (0, 0);
        loop {
            let ids = self.to_replay(filter, until, after).await?;
            let Some(last) = ids.last() else { break };
            after = *last;
            let moved: Moved = sql(REPLAY)
                .bind::<Array<BigInt>, _>(ids)
                .get_result(&mut *self.conn().await?)
                .await
                .map_err(from_diesel)?;
            replayed += usize::try_from(moved.count).unwrap_or_default();
        }
        sql(WAKE)
            .execute(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(replayed)
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        let now: Now = sql("SELECT clock_timestamp() AS now")
            .get_result(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(now.now)
    }

    async fn published(
        &self,
        topic: &str,
        until: DateTime<Utc>,
        after: i64,
    ) -> Result<Vec<EventEntry>, StoreError> {
        let rows: Vec<Row> = dsl::outbox
            .filter(dsl::id.gt(after))
            .filter(dsl::published_at.le(until))
            .filter(dsl::topic.eq(topic))
            .order(dsl::id)
            .limit(BATCH)
            .select(Row::as_select())
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().map(EventEntry::from).collect())
    }
}
