//! One relay at a time: a session advisory lock on a connection of its own. What only the leader may do
//! runs on that connection too, so that it fails once the lock is gone.

use crate::connect::{Limits, Silence, establish, patience};
use crate::error::from_diesel;
use crate::relay_sql::{self, Flight, Row};
use crate::sql::Sql;
use async_trait::async_trait;
use comm_ports::RelayLease;
use comm_ports::error::StoreError;
use comm_ports::outbox::OutboxRow;
use diesel::deserialize::QueryableByName;
use diesel::sql_query;
use diesel::sql_types::Bool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;

/// Any number that nobody else uses for an advisory lock; "COMREL" in ASCII.
const LOCK: i64 = 0x43_4f_4d_52_45_4c;
/// A leader that is frozen must not keep the lock: its session ends when it is idle for longer. A mark that
/// is lost when PostgreSQL crashes costs a repeat, so it need not wait for the disk. Each statement has an
/// index in the order that it needs, which the planner does not see while the table has no statistics; compiling them takes longer than they do.
const SETUP: &str = "SET idle_session_timeout = '15s'; SET statement_timeout = '5s'; \
     SET synchronous_commit = off; SET enable_seqscan = off; SET enable_bitmapscan = off; \
     SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off";
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The lock, held as long as the connection lives.
pub(crate) struct PgRelayLease {
    conn: AsyncPgConnection,
    in_flight: Duration,
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

impl PgRelayLease {
    pub(crate) async fn try_acquire(url: &str) -> Result<Option<Self>, StoreError> {
        let limits = Limits {
            within: CONNECT_WITHIN,
            patience: Some(patience(STATEMENT_TIMEOUT)),
            silence: Silence::default(),
        };
        let mut conn = establish(url, SETUP, &limits)
            .await
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        let row: Locked = sql_query(format!("SELECT pg_try_advisory_lock({LOCK}) AS locked"))
            .get_result(&mut conn)
            .await
            .map_err(from_diesel)?;
        if !row.locked {
            return Ok(None);
        }
        let flight: Flight = relay_sql::in_flight()
            .get_result(&mut conn)
            .await
            .map_err(from_diesel)?;
        Ok(Some(Self {
            conn,
            in_flight: flight.rest(),
        }))
    }

    async fn run(&mut self, statement: Sql) -> Result<(), StoreError> {
        let done = statement.execute(&mut self.conn).await;
        done.map(drop).map_err(from_diesel)
    }
}

#[async_trait]
impl RelayLease for PgRelayLease {
    fn in_flight(&self) -> Duration {
        self.in_flight
    }

    async fn holds(&mut self, in_flight: Duration) -> bool {
        self.run(relay_sql::fly(in_flight)).await.is_ok()
    }

    async fn unpublished(
        &mut self,
        limit: i64,
        in_flight: Duration,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let rows: Vec<Row> = relay_sql::read(limit, in_flight)
            .load(&mut self.conn)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().map(OutboxRow::from).collect())
    }

    async fn mark_published(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        self.run(relay_sql::mark(ids)).await
    }

    async fn park(&mut self, id: i64, reason: &str) -> Result<(), StoreError> {
        self.run(relay_sql::park(id, reason)).await
    }

    async fn count_failures(&mut self, failures: &[(String, i64)]) -> Result<(), StoreError> {
        self.run(relay_sql::count_failures(failures)).await
    }

    async fn release(mut self: Box<Self>) {
        // If this fails, a successor waits a moment longer than it must.
        let _ = self.run(relay_sql::land()).await;
    }
}
