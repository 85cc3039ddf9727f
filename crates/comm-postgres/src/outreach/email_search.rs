//! Looking for words. PostgreSQL cannot guess how often a rare word occurs: it takes it for one row in 200 and
//! would walk through the whole table for a page of it. So the way is chosen here, by what the newest rows show.

use super::email_list::{after, filtered, newest_of};
use crate::schema::emails::dsl;
use comm_ports::outreach::{EmailQuery, Suchworte};
use diesel::dsl::{AsExprOf, sql};
use diesel::expression::{SqlLiteral, UncheckedBind};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// How many of the newest rows are looked at first ...
const NEAR: i64 = 1_000;
/// ... and how many, where the words occur at least [`OFTEN`] times among them, but not for a page.
const FAR: i64 = 10_000;
const OFTEN: usize = 3;

/// The ids of one page and one row more, newest first: from the newest rows one by one where these are enough,
/// else from all that have the words, sorted.
pub(super) async fn ids(
    query: &EmailQuery,
    words: &Suchworte,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<i64>> {
    let is_enough =
        |ids: &[i64]| i64::try_from(ids.len()).is_ok_and(|count| count > query.page.rows());
    let near = among_newest(NEAR, query, words, conn).await?;
    if is_enough(&near) {
        return Ok(near);
    }
    if near.len() >= OFTEN {
        let far = among_newest(FAR, query, words, conn).await?;
        if is_enough(&far) {
            return Ok(far);
        }
    }
    // No index has this order, so the rows are looked up by their words.
    let newest = sql::<Timestamptz>("created_at + interval '0' DESC");
    let found = after(filtered(&query.filter), &query.page)
        .filter(have(words))
        .order((newest, dsl::id.desc()))
        .limit(query.page.rows() + 1)
        .offset(query.page.offset())
        .select(dsl::id);
    PlannedAnew(found).load(conn).await
}

async fn among_newest(
    window: i64,
    query: &EmailQuery,
    words: &Suchworte,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<i64>> {
    let having = Having {
        window: newest(window, query),
        have: have(words),
        rows: query.page.rows() + 1,
        offset: query.page.offset(),
    };
    having.load(conn).await
}

/// How many of the newest rows have the words, and how many rows these are.
pub(super) async fn share(
    query: &EmailQuery,
    words: &Suchworte,
    conn: &mut AsyncPgConnection,
) -> QueryResult<(i64, i64)> {
    let share = Share {
        window: newest(NEAR, query),
        have: have(words),
    };
    share.get_result(conn).await
}

type Have = SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<String, Text>>>;

/// Whether a row has all the words.
pub(super) fn have(words: &Suchworte) -> Have {
    sql::<Bool>("suchworte @@ plainto_tsquery('simple', communication_service.suchtext(")
        .bind::<Text, _>(words.as_str().to_owned())
        .sql("))")
}

fn newest(window: i64, query: &EmailQuery) -> impl QueryFragment<Pg> + QueryId + Send + 'static {
    let columns = (dsl::id, dsl::created_at, sql::<Text>("suchworte"));
    newest_of(after(filtered(&query.filter), &query.page))
        .limit(window)
        .select(columns)
}

/// Which of the newest rows have the words. The limit inside keeps PostgreSQL from looking further.
#[derive(QueryId)]
struct Having<Window> {
    window: Window,
    have: Have,
    rows: i64,
    offset: i64,
}

impl<Window: QueryFragment<Pg>> QueryFragment<Pg> for Having<Window> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT id FROM (");
        self.window.walk_ast(out.reborrow())?;
        out.push_sql(") AS newest WHERE ");
        self.have.walk_ast(out.reborrow())?;
        out.push_sql(" ORDER BY created_at DESC, id DESC LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.rows)?;
        out.push_sql(" OFFSET ");
        out.push_bind_param::<BigInt, _>(&self.offset)
    }
}

impl<Window> Query for Having<Window> {
    type SqlType = BigInt;
}

impl<Window, Conn> diesel::RunQueryDsl<Conn> for Having<Window> {}

#[derive(QueryId)]
struct Share<Window> {
    window: Window,
    have: Have,
}

impl<Window: QueryFragment<Pg>> QueryFragment<Pg> for Share<Window> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FILTER (WHERE ");
        self.have.walk_ast(out.reborrow())?;
        out.push_sql("), count(*) FROM (");
        self.window.walk_ast(out.reborrow())?;
        out.push_sql(") AS newest");
        Ok(())
    }
}

impl<Window> Query for Share<Window> {
    type SqlType = (BigInt, BigInt);
}

impl<Window, Conn> diesel::RunQueryDsl<Conn> for Share<Window> {}

/// A plan that was kept would be one for all words, frequent and rare.
#[derive(QueryId)]
pub(super) struct PlannedAnew<Q>(pub(super) Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for PlannedAnew<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        self.0.walk_ast(out)
    }
}

impl<Q: Query> Query for PlannedAnew<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, Conn> diesel::RunQueryDsl<Conn> for PlannedAnew<Q> {}
