//! How many emails a list has in all.

use super::email_list::{Query, filtered};
use crate::schema::emails::dsl;
use comm_ports::outreach::{Counting, EmailQuery};
use comm_ports::page::{TOTAL_CAP, Total};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// How many rows there are, if a page of which so many rows were read, one more than it has, shows its end.
pub(super) fn known(query: &EmailQuery, read: usize) -> Option<i64> {
    let read = i64::try_from(read).unwrap_or(i64::MAX);
    let offset = query.page.offset();
    let is_last = read <= query.page.rows() && (read > 0 || offset == 0);
    is_last.then(|| offset + read)
}

/// The total as it is answered.
pub(super) fn total(query: &EmailQuery, count: i64) -> Total {
    let cap = match query.counting {
        Counting::Capped => TOTAL_CAP,
        Counting::Exact => i64::MAX,
    };
    Total {
        count: count.min(cap),
        capped: count > cap,
    }
}

/// How far is counted: up to one row more than the cap, unless all are to be counted.
pub(super) fn most(query: &EmailQuery) -> i64 {
    match query.counting {
        Counting::Capped => TOTAL_CAP + 1,
        Counting::Exact => i64::MAX,
    }
}

/// Counts the rows of a list without words.
pub(super) async fn count(query: &EmailQuery, conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    let all = filtered(&query.filter);
    match query.counting {
        Counting::Exact => Counted(all.select(dsl::id)).get_result(conn).await,
        Counting::Capped => Counted(oldest(all, most(query))).get_result(conn).await,
    }
}

/// So many rows in the order of an index, so that PostgreSQL reads that alone, and oldest first, since it knows of old
/// pages that everybody may see what is in them.
pub(super) fn oldest(query: Query, rows: i64) -> impl QueryFragment<Pg> + QueryId + Send + 'static {
    query
        .order((dsl::created_at.asc(), dsl::id.asc()))
        .limit(rows)
        .select(dsl::id)
}

/// How many rows a query answers. With a limit below it, a count stays cheap at a million rows.
#[derive(QueryId)]
pub(super) struct Counted<Q>(pub(super) Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Counted<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS matching");
        Ok(())
    }
}

impl<Q> diesel::query_builder::Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q, Conn> diesel::RunQueryDsl<Conn> for Counted<Q> {}
