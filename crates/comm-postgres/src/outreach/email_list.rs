//! Reading emails: one, or a page of them. Totals are in `email_total`, words in `email_search`.

use super::email_row::{EmailHead, EmailRow, emails as parse};
use super::{counting, email_search, email_total};
use crate::PgStore;
use crate::error::from_diesel;
use crate::schema::emails::{self, dsl};
use comm_domain::outreach::{Email, EmailId, RecipientType};
use comm_ports::error::StoreError;
use comm_ports::outreach::{BodyColumns, EmailFilter, EmailQuery, Suchworte};
use comm_ports::page::{Cursor, Page, PageRequest, Position};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

pub(super) type Query = emails::BoxedQuery<'static, Pg>;

pub(crate) async fn one(id: i64, conn: &mut AsyncPgConnection) -> QueryResult<Option<EmailRow>> {
    emails::table
        .filter(dsl::id.eq(id))
        .filter(dsl::geloescht_am.is_null())
        .select(EmailRow::as_select())
        .first(conn)
        .await
        .optional()
}

/// Which of these emails were answered, or had their follow-up switched off, by ascending id.
pub(crate) async fn settled(
    ids: &[EmailId],
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<i64>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    emails::table
        .filter(dsl::id.eq_any(ids))
        .filter(
            dsl::antwort_erhalten
                .nullable()
                .or(dsl::nachverfolgung_erforderlich.eq(false)),
        )
        .order(dsl::id)
        .select(dsl::id)
        .load(conn)
        .await
}

impl PgStore {
    /// One page, newest first. One row more than the page is read to know whether there is another. The rows and
    /// how many there are in all are read side by side, unless what was read first shortens the way to the other.
    pub(super) async fn email_page(&self, query: &EmailQuery) -> Result<Page<Email>, StoreError> {
        if let Some(words) = &query.filter.suchworte {
            return self.email_page_with(words, query).await;
        }
        if let Position::After(_) = query.page.position {
            let rows = self.email_rows(page_of(filtered(&query.filter), &query.page), query);
            return Ok(counting::cut(rows.await?, &query.page, None, cursor));
        }
        let rows = self.email_rows(page_of(filtered(&query.filter), &query.page), query);
        let (rows, counted) = tokio::try_join!(rows, self.email_count(query))?;
        let count = counting::known(&query.page, rows.len()).unwrap_or(counted);
        let total = Some(counting::total(query.counting, count));
        Ok(counting::cut(rows, &query.page, total, cursor))
    }

    async fn email_page_with(
        &self,
        words: &Suchworte,
        query: &EmailQuery,
    ) -> Result<Page<Email>, StoreError> {
        let mut conn = self.conn().await?;
        let ids = email_search::ids(query, words, &mut conn).await;
        let ids = ids.map_err(from_diesel)?;
        let total = match query.page.position {
            Position::After(_) => None,
            Position::Page(_) => {
                let count = match counting::known(&query.page, ids.len()) {
                    Some(count) => count,
                    None => {
                        let count = email_search::count(query, words, &mut conn).await;
                        count.map_err(from_diesel)?
                    }
                };
                Some(counting::total(query.counting, count))
            }
        };
        drop(conn);
        let found = ids.len();
        let rows = filtered(&EmailFilter::default()).filter(dsl::id.eq_any(ids));
        let rows = self.email_rows(newest_of(rows), query).await?;
        Ok(counting::cut_found(found, rows, &query.page, total, cursor))
    }

    async fn email_rows(&self, rows: Query, query: &EmailQuery) -> Result<Vec<Email>, StoreError> {
        let mut conn = self.conn().await?;
        match query.bodies {
            BodyColumns::Read => {
                let rows = rows.select(EmailRow::as_select()).load(&mut conn).await;
                parse(rows.map_err(from_diesel)?)
            }
            BodyColumns::LeftOut => {
                let rows = rows.select(EmailHead::as_select()).load(&mut conn).await;
                parse(rows.map_err(from_diesel)?)
            }
        }
    }

    async fn email_count(&self, query: &EmailQuery) -> Result<i64, StoreError> {
        let count = email_total::count(query, &mut *self.conn().await?).await;
        count.map_err(from_diesel)
    }
}

/// The page of these emails, and one row more.
pub(super) fn page_of(query: Query, page: &PageRequest) -> Query {
    newest_of(after(query, page))
        .limit(page.rows() + 1)
        .offset(page.offset())
}

pub(super) fn newest_of(query: Query) -> Query {
    query.order((dsl::created_at.desc(), dsl::id.desc()))
}

/// Rows behind the cursor. A comparison of rows is found in an index, however many share an instant.
fn after(query: Query, page: &PageRequest) -> Query {
    let Position::After(Cursor { created_at, id }) = page.position else {
        return query;
    };
    let behind = sql::<Bool>("(created_at, id) < (")
        .bind::<Timestamptz, _>(created_at)
        .sql(", ")
        .bind::<BigInt, _>(id)
        .sql(")");
    query.filter(behind)
}

fn cursor(email: &Email) -> Cursor {
    Cursor {
        created_at: email.created_at,
        id: email.id.0,
    }
}

/// Everything that the filter asks for but the words.
pub(super) fn filtered(filter: &EmailFilter) -> Query {
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
    if let Some(answered) = filter.antwort_erhalten {
        query = query.filter(dsl::antwort_erhalten.eq(answered));
    }
    if let Some(id) = filter.therapeutenanfrage_id {
        query = query.filter(dsl::therapeutenanfrage_id.eq(id));
    }
    if let Some(from) = filter.created_from {
        query = query.filter(dsl::created_at.ge(from));
    }
    if let Some(before) = filter.created_before {
        query = query.filter(dsl::created_at.lt(before));
    }
    query
}
