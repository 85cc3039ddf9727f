//! How many emails a list has in all.

use super::counting::Counted;
use super::email_list::{Query, filtered};
use super::email_search::{PlannedAnew, have, share};
use crate::schema::emails::dsl;
use comm_ports::outreach::{Counting, EmailQuery};
use comm_ports::page::TOTAL_CAP;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Of so many of the newest rows one must have the words, for counting them row by row to be the shorter way.
const FREQUENT: i64 = 7;

/// Counts the rows, up to one more than the cap unless all are to be counted.
pub(super) async fn count(query: &EmailQuery, conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    let filter = &query.filter;
    let all = filtered(filter).select(dsl::id);
    match (query.counting, &filter.suchworte) {
        (Counting::Exact, None) => Counted(all).get_result(conn).await,
        (Counting::Exact, Some(words)) => {
            let found = PlannedAnew(all.filter(have(words)));
            Counted(found).get_result(conn).await
        }
        (Counting::Capped, None) => Counted(oldest(filtered(filter))).get_result(conn).await,
        (Counting::Capped, Some(words)) => {
            let (hits, rows) = share(query, words, conn).await?;
            if hits * FREQUENT >= rows {
                let found = filtered(filter).filter(have(words));
                return Counted(PlannedAnew(oldest(found))).get_result(conn).await;
            }
            let found = all.filter(have(words)).limit(TOTAL_CAP + 1);
            Counted(PlannedAnew(found)).get_result(conn).await
        }
    }
}

/// Enough rows to know whether there are more than the cap. In the order of an index, so that PostgreSQL reads that
/// alone, and oldest first, since it knows of old pages that everybody may see what is in them.
fn oldest(query: Query) -> impl QueryFragment<Pg> + QueryId + Send + 'static {
    query
        .order((dsl::created_at.asc(), dsl::id.asc()))
        .limit(TOTAL_CAP + 1)
        .select(dsl::id)
}
