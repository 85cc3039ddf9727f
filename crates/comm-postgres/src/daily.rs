//! The daily work's lock: a session advisory lock on a connection of its own, as the relay has one.

use crate::PgStore;
use crate::error::from_diesel;
use crate::sql::sql;
use async_trait::async_trait;
use chrono::NaiveDate;
use comm_ports::error::StoreError;
use comm_ports::{DailyLease, DailyStore};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Bool, Date};
use diesel::{OptionalExtension, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;

/// Any number that nobody else uses for an advisory lock; "COMDAY" in ASCII.
const LOCK: i64 = 0x43_4f_4d_44_41_59;
/// A holder that is frozen must not keep the lock.
const SETUP: &str = "SET idle_session_timeout = '15s'; SET statement_timeout = '5s'";
/// The `statement_timeout` of [`SETUP`].
const STATEMENT: Duration = Duration::from_secs(5);

const LAST_DAY: &str = "SELECT tag FROM communication_service.tageslauf WHERE id = 1";
const FINISH: &str = "INSERT INTO communication_service.tageslauf AS known (id, tag, beendet_am) \
     VALUES (1, ?, clock_timestamp()) ON CONFLICT (id) DO UPDATE \
     SET tag = greatest(known.tag, excluded.tag), beendet_am = excluded.beendet_am";

struct PgDailyLease {
    conn: AsyncPgConnection,
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = Date)]
    tag: NaiveDate,
}

#[async_trait]
impl DailyStore for PgStore {
    async fn try_begin(&self) -> Result<Option<Box<dyn DailyLease>>, StoreError> {
        let mut conn = self.own_connection(SETUP, STATEMENT).await?;
        let row: Locked = sql_query(format!("SELECT pg_try_advisory_lock({LOCK}) AS locked"))
            .get_result(&mut conn)
            .await
            .map_err(from_diesel)?;
        let lease = || -> Box<dyn DailyLease> { Box::new(PgDailyLease { conn }) };
        Ok(row.locked.then(lease))
    }
}

#[async_trait]
impl DailyLease for PgDailyLease {
    async fn last_day(&mut self) -> Result<Option<NaiveDate>, StoreError> {
        let row = sql(LAST_DAY).get_result(&mut self.conn).await;
        let row: Option<Last> = row.optional().map_err(from_diesel)?;
        Ok(row.map(|row| row.tag))
    }

    async fn holds(&mut self) -> bool {
        self.last_day().await.is_ok()
    }

    /// Where this fails, the session and its lock end with the connection.
    async fn release(mut self: Box<Self>) {
        let unlock = sql_query(format!("SELECT pg_advisory_unlock({LOCK})"));
        let _ = unlock.execute(&mut self.conn).await;
    }

    async fn finish(mut self: Box<Self>, day: NaiveDate) -> Result<(), StoreError> {
        let done = sql(FINISH).bind::<Date, _>(day).execute(&mut self.conn);
        done.await.map_err(from_diesel)?;
        self.release().await;
        Ok(())
    }
}
