//! One transaction. It is rolled back when it is dropped, and it never claims a commit that
//! PostgreSQL did not make.

mod steps;

use crate::error::from_diesel;
use crate::outreach::email_row::EmailRow;
use crate::outreach::{email_queue, email_write, telefonanruf_write, throttle};
use crate::pool::Conn;
use crate::sequence;
use comm_domain::outreach::Email;
use comm_ports::EventEncoder;
use comm_ports::error::StoreError;
use comm_ports::outreach::Claim;
use diesel::prelude::*;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::runtime::Handle;

type Manager = AnsiTransactionManager;

pub(crate) struct PgTx {
    /// `None` once the transaction is over.
    conn: Option<Conn>,
    encoder: Arc<dyn EventEncoder>,
    /// A statement has failed, so PostgreSQL will answer COMMIT with a rollback, which diesel-async
    /// reports as success.
    failed: bool,
}

impl PgTx {
    pub(crate) async fn begin(
        mut conn: Conn,
        encoder: Arc<dyn EventEncoder>,
    ) -> Result<Self, StoreError> {
        <Manager as TransactionManager<AsyncPgConnection>>::begin_transaction(&mut conn)
            .await
            .map_err(from_diesel)?;
        Ok(Self {
            conn: Some(conn),
            encoder,
            failed: false,
        })
    }

    fn conn(&mut self) -> Result<&mut AsyncPgConnection, StoreError> {
        match &mut self.conn {
            Some(conn) => Ok(conn),
            None => Err(StoreError::Unavailable("the transaction is over".into())),
        }
    }

    /// Remembers whether a statement failed.
    fn note<T>(&mut self, result: QueryResult<T>) -> Result<T, StoreError> {
        self.failed |= result.is_err();
        result.map_err(from_diesel)
    }

    /// Reads emails for the queue; those that cannot be read are left out.
    async fn load(&mut self, statement: crate::sql::Sql) -> Result<Vec<Email>, StoreError> {
        let result = email_queue::load(statement, self.conn()?).await;
        Ok(email_queue::readable(self.note(result)?).emails)
    }

    /// Claims emails within the limit per domain.
    pub(crate) async fn claim_throttled(
        &mut self,
        claim: &Claim,
        most: NonZeroU32,
    ) -> Result<Vec<EmailRow>, StoreError> {
        let result = throttle::lock().execute(self.conn()?).await;
        self.note(result)?;
        let result = email_queue::load(throttle::claim(claim, most), self.conn()?).await;
        self.note(result)
    }

    async fn next_id(&mut self, sequence: &'static str) -> Result<i64, StoreError> {
        let result = sequence::draw_on(self.conn()?, sequence, 1).await;
        let id = self.note(result)?.pop();
        id.ok_or_else(|| StoreError::Corrupt("the sequence of ids".to_owned()))
    }

    async fn write(&mut self, statement: crate::sql::Sql) -> Result<Email, StoreError> {
        let result = email_write::run(statement, self.conn()?).await;
        self.note(result)?.try_into()
    }

    async fn write_telefonanruf(&mut self, statement: crate::sql::Sql) -> Result<(), StoreError> {
        let result = telefonanruf_write::run(statement, self.conn()?).await;
        self.note(result)
    }
}

/// If this fails, the pool sees a broken connection and drops it.
async fn roll_back(conn: &mut AsyncPgConnection) {
    let _ = <Manager as TransactionManager<AsyncPgConnection>>::rollback_transaction(conn).await;
}

impl Drop for PgTx {
    /// Rolls back at once: diesel-async would leave the transaction open until the next checkout.
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else {
            return;
        };
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { roll_back(&mut conn).await });
        }
    }
}
