//! The outbox as the relay sees it.

use crate::error::from_diesel;
use crate::relay_lease::PgRelayLease;
use crate::schema::outbox::{self, dsl};
use crate::{PgStore, sql::sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use comm_ports::error::StoreError;
use comm_ports::outbox::OutboxRow;
use comm_ports::{OutboxRecord, OutboxStore, RelayLease};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Double};
use diesel_async::RunQueryDsl;
use std::time::Duration;
use uuid::Uuid;

const MARK: &str = "UPDATE communication_service.outbox SET published_at = clock_timestamp() \
     WHERE id = ANY(?) AND published_at IS NULL";
const PURGE: &str = "DELETE FROM communication_service.outbox WHERE id IN ( \
       SELECT id FROM communication_service.outbox \
       WHERE published_at < clock_timestamp() - make_interval(secs => ?) LIMIT ?)";

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    event_id: Uuid,
    event_type: String,
    aggregate: String,
    aggregate_id: i64,
    sequence: i64,
    topic: String,
    key: String,
    payload: Vec<u8>,
    traceparent: String,
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
                topic: row.topic,
                key: row.key,
                payload: row.payload,
                traceparent: row.traceparent,
                occurred_at: row.occurred_at,
            },
        }
    }
}

#[async_trait]
impl OutboxStore for PgStore {
    async fn try_lead(&self) -> Result<Option<Box<dyn RelayLease>>, StoreError> {
        let lease = PgRelayLease::try_acquire(&self.direct_url).await?;
        Ok(lease.map(|lease| Box::new(lease) as Box<dyn RelayLease>))
    }

    async fn unpublished(&self, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let rows: Vec<Row> = dsl::outbox
            .filter(dsl::published_at.is_null())
            .order(dsl::id)
            .limit(limit)
            .select(Row::as_select())
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().map(OutboxRow::from).collect())
    }

    async fn mark_published(&self, ids: &[i64]) -> Result<(), StoreError> {
        sql(MARK)
            .bind::<Array<BigInt>, _>(ids.to_vec())
            .execute(&mut *self.conn().await?)
            .await
            .map(drop)
            .map_err(from_diesel)
    }

    async fn purge(&self, keep: Duration, limit: i64) -> Result<usize, StoreError> {
        sql(PURGE)
            .bind::<Double, _>(keep.as_secs_f64())
            .bind::<BigInt, _>(limit)
            .execute(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }
}
