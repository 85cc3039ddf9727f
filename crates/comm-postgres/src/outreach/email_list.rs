//! Reading emails: one, or a page of them.

use super::email_row::{EmailRow, emails as parse};
use crate::schema::emails::{self, dsl};
use comm_domain::outreach::{Email, RecipientType};
use comm_ports::error::StoreError;
use comm_ports::outreach::EmailFilter;
use comm_ports::page::{Cursor, Page, PageRequest, Position, TOTAL_CAP, Total};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

type Query = emails::BoxedQuery<'static, Pg>;

pub(crate) async fn one(id: i64, conn: &mut AsyncPgConnection) -> QueryResult<Option<EmailRow>> {
    emails::table
        .filter(dsl::id.eq(id))
        .filter(dsl::geloescht_am.is_null())
        .select(EmailRow::as_select())
        .first(conn)
        .await
        .optional()
}

/// One page, newest first. One row more than the page is read to know whether there is another.
pub(crate) async fn page(
    filter: &EmailFilter,
    request: &PageRequest,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Result<Page<Email>, StoreError>> {
    let mut query = filtered(filter)
        .order((dsl::created_at.desc(), dsl::id.desc()))
        .limit(request.limit() + 1)
        .offset(request.offset());
    if let Position::After(Cursor { created_at, id }) = request.position {
        let same_instant = dsl::created_at.eq(created_at).and(dsl::id.lt(id));
        query = query
            .filter(dsl::created_at.le(created_at))
            .filter(dsl::created_at.lt(created_at).or(same_instant));
    }
    let rows: Vec<EmailRow> = query.select(EmailRow::as_select()).load(conn).await?;
    let total = match request.position {
        Position::Page(_) => Some(total(filter, conn).await?),
        Position::After(_) => None,
    };
    Ok(parse(rows).map(|rows| cut(rows, request, total)))
}

fn cut(mut rows: Vec<Email>, request: &PageRequest, total: Option<Total>) -> Page<Email> {
    let limit = usize::try_from(request.limit()).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| Cursor {
        created_at: last.created_at,
        id: last.id.0,
    });
    Page { rows, total, next }
}

async fn total(filter: &EmailFilter, conn: &mut AsyncPgConnection) -> QueryResult<Total> {
    let matching = filtered(filter).select(dsl::id).limit(TOTAL_CAP + 1);
    let count: i64 = Counted(matching).get_result(conn).await?;
    Ok(Total {
        count: count.min(TOTAL_CAP),
        capped: count > TOTAL_CAP,
    })
}

/// How many rows a query answers. With a limit below it, a count stays cheap at a million rows.
#[derive(QueryId)]
struct Counted<Q>(Q);

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

fn filtered(filter: &EmailFilter) -> Query {
    let mut query = emails::table
        .filter(dsl::geloescht_am.is_null())
        .into_boxed();
    if let Some(id) = filter.therapist_id {
        query = query.filter(dsl::therapist_id.eq(id));
    }
    if let Some(id) = filter.patient_id {
        query = query.filter(dsl::patient_id.eq(id));
    }
    query = match filter.recipient_type {
        Some(RecipientType::Therapist) => query.filter(dsl::therapist_id.is_not_null()),
        Some(RecipientType::Patient) => query.filter(dsl::patient_id.is_not_null()),
        None => query,
    };
    if let Some(status) = filter.status {
        query = query.filter(dsl::status.eq(status.as_str()));
    }
    if let Some(fehlerart) = filter.fehlerart {
        query = query.filter(dsl::fehlerart.eq(fehlerart.as_str()));
    }
    query
}
