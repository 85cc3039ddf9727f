//! The outbox as an instance sees it before it leads.

use crate::error::from_diesel;
use crate::outbox_health;
use crate::relay_lease::PgRelayLease;
use crate::{PgStore, sql::sql};
use async_trait::async_trait;
use comm_ports::error::StoreError;
use comm_ports::event_log::OutboxHealth;
use comm_ports::{OutboxStore, RelayLease};
use diesel::sql_types::{BigInt, Double};
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// What somebody holds is being asked for again, perhaps, and stays.
const PURGE: &str = "WITH old AS MATERIALIZED ( \
       SELECT id FROM communication_service.outbox \
       WHERE published_at < clock_timestamp() - make_interval(secs => ?) LIMIT ? \
       FOR UPDATE SKIP LOCKED) \
     DELETE FROM communication_service.outbox USING old WHERE outbox.id = old.id";

#[async_trait]
impl OutboxStore for PgStore {
    async fn try_lead(&self) -> Result<Option<Box<dyn RelayLease>>, StoreError> {
        let lease = PgRelayLease::try_acquire(&self.direct_url).await?;
        Ok(lease.map(|lease| Box::new(lease) as Box<dyn RelayLease>))
    }

    async fn purge(&self, keep: Duration, limit: i64) -> Result<usize, StoreError> {
        sql(PURGE)
            .bind::<Double, _>(keep.as_secs_f64())
            .bind::<BigInt, _>(limit)
            .execute(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }

    async fn health(&self) -> Result<OutboxHealth, StoreError> {
        outbox_health::read(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }
}
