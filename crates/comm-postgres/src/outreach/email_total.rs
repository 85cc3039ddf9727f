//! How many emails a list has in all.

use super::counting::Counted;
use super::email_list::{Query, filtered};
use crate::schema::emails::dsl;
use comm_ports::outreach::{Counting, EmailQuery};
use comm_ports::page::TOTAL_CAP;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

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
