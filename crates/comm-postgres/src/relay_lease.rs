//! One relay at a time: a session advisory lock on a connection of its own.

use async_trait::async_trait;
use comm_ports::RelayLease;
use comm_ports::error::StoreError;
use diesel::deserialize::QueryableByName;
use diesel::sql_query;
use diesel::sql_types::Bool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;

use crate::error::from_diesel;
use crate::pool::establish;

/// Any number that nobody else uses for an advisory lock; "COMREL" in ASCII.
const LOCK: i64 = 0x43_4f_4d_52_45_4c;
/// A leader that is frozen must not keep the lock: its session ends when it is idle for longer.
const SETUP: &str = "SET idle_session_timeout = '15s'; SET statement_timeout = '5s'";
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The lock, held as long as the connection lives.
pub(crate) struct PgRelayLease {
    conn: AsyncPgConnection,
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

impl PgRelayLease {
    pub(crate) async fn try_acquire(url: &str) -> Result<Option<Self>, StoreError> {
        let mut conn = establish(url, CONNECT_WITHIN, SETUP)
            .await
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        let row: Locked = sql_query(format!("SELECT pg_try_advisory_lock({LOCK}) AS locked"))
            .get_result(&mut conn)
            .await
            .map_err(from_diesel)?;
        Ok(row.locked.then_some(Self { conn }))
    }
}

#[async_trait]
impl RelayLease for PgRelayLease {
    async fn holds(&mut self) -> bool {
        sql_query("SELECT 1").execute(&mut self.conn).await.is_ok()
    }
}
