//! Walking the list of a word and that of a filter at once: where both have the same email, it is found.

use super::email_list::Query as Emails;
use super::email_search::Words;
use crate::schema::{email_suchworte, emails};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel_async::methods::LoadQuery;
use diesel_async::{
    AnsiTransactionManager as Manager, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    TransactionManager,
};

/// PostgreSQL expects two lists to meet hardly ever, since it does not know that a time and an id go together; so it
/// would ask for each email by itself, or hash or sort a whole list, where a merge of indexes ends with the page or at the cap.
const MERGE: &str = "SET LOCAL enable_nestloop = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_sort = off; \
     SET LOCAL max_parallel_workers_per_gather = 0";

/// Reads numbers with statements that merge lists.
pub(super) async fn merging<'query, Q>(
    query: Q,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<i64>>
where
    Q: LoadQuery<'query, AsyncPgConnection, i64> + Send + 'query,
{
    Manager::begin_transaction(conn).await?;
    // A connection whose transaction is left open, since nobody waits any more, is not used again.
    let read = match conn.batch_execute(MERGE).await {
        Ok(()) => query.load(conn).await,
        Err(error) => Err(error),
    };
    match read {
        Ok(numbers) => Manager::commit_transaction(conn).await.map(|()| numbers),
        Err(error) => {
            Manager::rollback_transaction(conn).await?;
            Err(error)
        }
    }
}

/// The ids of the emails that are on both lists.
pub(super) struct Met {
    words: Box<dyn QueryFragment<Pg> + Send>,
    filtered: Box<dyn QueryFragment<Pg> + Send>,
    order: &'static str,
    rows: i64,
    offset: i64,
}

impl Met {
    /// So many of the newest, but for the first of them.
    pub(super) fn newest(words: Words, filtered: Emails, rows: i64, offset: i64) -> Self {
        let order = " ORDER BY liste.created_at DESC, liste.email_id DESC LIMIT ";
        Self::new(words, filtered, order, (rows, offset))
    }

    /// So many of the oldest.
    pub(super) fn oldest(words: Words, filtered: Emails, rows: i64) -> Self {
        let order = " ORDER BY liste.created_at, liste.email_id LIMIT ";
        Self::new(words, filtered, order, (rows, 0))
    }

    fn new(
        words: Words,
        filtered: Emails,
        order: &'static str,
        (rows, offset): (i64, i64),
    ) -> Self {
        let words = words.select((email_suchworte::created_at, email_suchworte::email_id));
        let filtered = filtered.select((emails::created_at, emails::id));
        Self {
            words: Box::new(words),
            filtered: Box::new(filtered),
            order,
            rows,
            offset,
        }
    }
}

impl QueryFragment<Pg> for Met {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT liste.email_id FROM (");
        self.words.walk_ast(out.reborrow())?;
        out.push_sql(") AS liste JOIN (");
        self.filtered.walk_ast(out.reborrow())?;
        out.push_sql(
            ") AS gefiltert ON gefiltert.created_at = liste.created_at AND gefiltert.id = liste.email_id",
        );
        out.push_sql(self.order);
        out.push_bind_param::<BigInt, _>(&self.rows)?;
        out.push_sql(" OFFSET ");
        out.push_bind_param::<BigInt, _>(&self.offset)
    }
}

impl QueryId for Met {
    type QueryId = ();
    // The cache goes by the text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Met {
    type SqlType = BigInt;
}

impl<Conn> diesel::RunQueryDsl<Conn> for Met {}
