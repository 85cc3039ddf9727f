//! What all lists have in common: where a page ends, and how many rows there are in all.

use comm_ports::outreach::Counting;
use comm_ports::page::{Cursor, Page, PageRequest, TOTAL_CAP, Total};
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;

/// Cuts off the row that was read more than the page has, to know whether there is another page.
pub(super) fn cut<T>(
    rows: Vec<T>,
    request: &PageRequest,
    total: Option<Total>,
    cursor: fn(&T) -> Cursor,
) -> Page<T> {
    let found = rows.len();
    cut_found(found, rows, request, total, cursor)
}

/// The same where so many were found, and some of them may have gone before their rows were read.
pub(super) fn cut_found<T>(
    found: usize,
    mut rows: Vec<T>,
    request: &PageRequest,
    total: Option<Total>,
    cursor: fn(&T) -> Cursor,
) -> Page<T> {
    let most = usize::try_from(request.rows()).unwrap_or(usize::MAX);
    rows.truncate(most);
    let next = rows.last().filter(|_| found > most).map(cursor);
    Page { rows, total, next }
}

/// How many rows there are, if a page of which so many rows were read, one more than it has, shows its end.
pub(super) fn known(page: &PageRequest, read: usize) -> Option<i64> {
    let read = i64::try_from(read).unwrap_or(i64::MAX);
    let offset = page.offset();
    let is_last = read <= page.rows() && (read > 0 || offset == 0);
    is_last.then(|| offset + read)
}

/// The total as it is answered.
pub(super) fn total(counting: Counting, count: i64) -> Total {
    let cap = match counting {
        Counting::Capped => TOTAL_CAP,
        Counting::Exact => i64::MAX,
    };
    Total {
        count: count.min(cap),
        capped: count > cap,
    }
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

impl<Q> Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q, Conn> diesel::RunQueryDsl<Conn> for Counted<Q> {}
