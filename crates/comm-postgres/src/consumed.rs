//! Events that were consumed.

use crate::PgStore;
use crate::error::from_diesel;
use crate::outreach::anrufwunsch;
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use comm_ports::error::StoreError;
use comm_ports::{ConsumedEvent, ConsumedStore};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Double, Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// A transaction that inserts the same key at the same moment is waited for.
const REMEMBER: &str = "INSERT INTO communication_service.consumed_events \
       (event_key, event_type, topic, partition, position) VALUES (?, ?, ?, ?, ?) \
     ON CONFLICT ON CONSTRAINT consumed_events_pkey DO NOTHING";

/// Rows that another instance is removing are passed over.
const PURGE: &str = "DELETE FROM communication_service.consumed_events WHERE event_key IN ( \
       SELECT event_key FROM communication_service.consumed_events \
       WHERE consumed_at < clock_timestamp() - make_interval(secs => ?) \
       ORDER BY consumed_at LIMIT ? FOR UPDATE SKIP LOCKED)";

const LAST: &str = "SELECT max(consumed_at) AS at FROM communication_service.consumed_events";

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// Changes no row if the event was consumed before.
pub(crate) fn remember(event: &ConsumedEvent) -> Sql {
    sql(REMEMBER)
        .bind::<Text, _>(event.key.clone())
        .bind::<Text, _>(event.event_type)
        .bind::<Text, _>(event.topic.clone())
        .bind::<Integer, _>(event.partition)
        .bind::<BigInt, _>(event.offset)
}

#[async_trait]
impl ConsumedStore for PgStore {
    async fn purge_consumed(&self, keep: Duration, limit: i64) -> Result<usize, StoreError> {
        sql(PURGE)
            .bind::<Double, _>(keep.as_secs_f64())
            .bind::<BigInt, _>(limit)
            .execute(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }

    async fn purge_anrufwuensche(&self, keep: Duration, limit: i64) -> Result<usize, StoreError> {
        anrufwunsch::purge(keep, limit)
            .execute(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }

    async fn last_consumed(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let last: Last = sql(LAST)
            .get_result(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(last.at)
    }
}
