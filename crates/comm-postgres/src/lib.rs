//! PostgreSQL behind the storage ports, by diesel-async. SQL lives here and nowhere else.

pub mod config;
mod connect;
mod consumed;
mod daily;
mod error;
mod event_log;
pub mod migrations;
mod outbox;
mod outbox_append;
mod outbox_health;
mod outreach;
mod pool;
mod relay_lease;
mod relay_sql;
mod schema;
mod sequence;
mod signals;
mod sql;
mod tx;

pub use config::DatabaseConfig;
pub use pool::ConnectError;
pub use signals::PgSignals;

use comm_ports::EventEncoder;
use comm_ports::error::StoreError;
use connect::{Limits, Silence, establish, patience};
use diesel_async::AsyncPgConnection;
use outreach::births::Births;
use pool::{Conn, Pool};
use sequence::IdSequence;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The stores: cheap to clone, all clones share one pool.
#[derive(Clone)]
pub struct PgStore {
    pool: Pool,
    direct_url: Arc<str>,
    encoder: Arc<dyn EventEncoder>,
    email_ids: IdSequence,
    births: Births,
    domain_limit: Option<NonZeroU32>,
}

impl PgStore {
    /// Prepares a pool; no connection is opened before it is needed, so PostgreSQL may be away.
    /// Needs a tokio runtime.
    ///
    /// # Errors
    /// A pool that cannot be built from this configuration.
    pub fn new(
        config: &DatabaseConfig,
        encoder: Arc<dyn EventEncoder>,
    ) -> Result<Self, ConnectError> {
        let pool = pool::build(config)?;
        Ok(Self {
            email_ids: IdSequence::new(pool.clone(), sequence::EMAIL_IDS),
            births: Births::new(pool.clone(), Arc::clone(&encoder)),
            direct_url: config.direct_url().into(),
            pool,
            encoder,
            domain_limit: None,
        })
    }

    /// Claims at most this many mails to one recipient domain within any minute, whatever the number of
    /// instances with the same limit.
    #[must_use]
    pub fn with_domain_limit(mut self, most: Option<NonZeroU32>) -> Self {
        self.domain_limit = most;
        self
    }

    async fn conn(&self) -> Result<Conn, StoreError> {
        self.pool.get().await.map_err(error::from_pool)
    }

    /// A connection past the pool and past a pooler, whose `setup` ends statements after `statement`.
    async fn own_connection(
        &self,
        setup: &str,
        statement: Duration,
    ) -> Result<AsyncPgConnection, StoreError> {
        let limits = Limits {
            within: CONNECT_WITHIN,
            patience: Some(patience(statement)),
            silence: Silence::default(),
        };
        establish(&self.direct_url, setup, &limits)
            .await
            .map_err(|error| StoreError::Unavailable(Box::new(error)))
    }
}
