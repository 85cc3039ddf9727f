//! Reading calls: one, or a page of them.

use super::counting::{self, Counted};
use super::telefonanruf_row::TelefonanrufRow;
use crate::PgStore;
use crate::error::from_diesel;
use crate::schema::telefonanruf_emails::dsl as links;
use crate::schema::telefonanrufe::{self, dsl};
use comm_domain::outreach::{RecipientType, Telefonanruf};
use comm_ports::error::StoreError;
use comm_ports::outreach::{Ablage, Counting, TelefonanrufFilter, TelefonanrufQuery};
use comm_ports::page::{Cursor, Page, PageRequest, Position, TOTAL_CAP};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Time};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

pub(super) type Query = telefonanrufe::BoxedQuery<'static, Pg>;
type Row = (TelefonanrufRow, Vec<i64>);

/// One call that is not deleted.
pub(super) async fn one(id: i64, conn: &mut AsyncPgConnection) -> QueryResult<Option<Row>> {
    shown()
        .filter(dsl::id.eq(id))
        .select((TelefonanrufRow::as_select(), email_ids()))
        .first(conn)
        .await
        .optional()
}

/// Locks one call that is not deleted. Its emails are read in a statement of its own: the lock may have been waited
/// for, and a statement sees what was stored when it began.
pub(crate) async fn lock(
    id: i64,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Option<(Row, Ablage)>> {
    let locked: Option<(TelefonanrufRow, Option<i16>, bool)> = telefonanrufe::table
        .filter(dsl::geloescht_am.is_null())
        .filter(dsl::id.eq(id))
        .select((
            TelefonanrufRow::as_select(),
            dsl::platz,
            dsl::wiederholung_offen,
        ))
        .for_update()
        .first(conn)
        .await
        .optional()?;
    let Some((row, platz, wiederholung_offen)) = locked else {
        return Ok(None);
    };
    let email_ids = links::telefonanruf_emails
        .filter(links::telefonanruf_id.eq(id))
        .select(links::email_id)
        .load(conn)
        .await?;
    let ablage = Ablage {
        platz,
        wiederholung_offen,
    };
    Ok(Some(((row, email_ids), ablage)))
}

/// The call that retries this one, deleted or not.
pub(crate) async fn successor(id: i64, conn: &mut AsyncPgConnection) -> QueryResult<Option<i64>> {
    telefonanrufe::table
        .filter(dsl::vorgaenger_id.eq(id))
        .select(dsl::id)
        .first(conn)
        .await
        .optional()
}

/// Turns a row into a call.
pub(crate) fn parse((row, email_ids): Row) -> Result<Telefonanruf, StoreError> {
    row.telefonanruf(email_ids)
}

impl PgStore {
    /// One page, newest slot first. The rows and how many there are in all are read side by side.
    pub(super) async fn telefonanruf_page(
        &self,
        query: &TelefonanrufQuery,
    ) -> Result<Page<Telefonanruf>, StoreError> {
        let (rows, count) = match query.page.position {
            Position::Page(_) => {
                let rows = self.telefonanruf_rows(query);
                let (rows, count) = tokio::try_join!(rows, self.telefonanruf_count(query))?;
                (rows, Some(count))
            }
            Position::After(_) => (self.telefonanruf_rows(query).await?, None),
        };
        let total = count.map(|count| {
            let known = counting::known(&query.page, rows.len());
            counting::total(query.counting, known.unwrap_or(count))
        });
        Ok(counting::cut(rows, &query.page, total, cursor))
    }

    async fn telefonanruf_rows(
        &self,
        query: &TelefonanrufQuery,
    ) -> Result<Vec<Telefonanruf>, StoreError> {
        let newest = after(filtered(&query.filter), &query.page)
            .order((
                dsl::geplantes_datum.desc(),
                dsl::geplante_zeit.desc(),
                dsl::id.desc(),
            ))
            .limit(query.page.rows() + 1)
            .offset(query.page.offset())
            .select((TelefonanrufRow::as_select(), email_ids()));
        let rows: Vec<Row> = newest
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        rows.into_iter().map(parse).collect()
    }

    /// Counts the rows, up to one more than the cap unless all are to be counted.
    async fn telefonanruf_count(&self, query: &TelefonanrufQuery) -> Result<i64, StoreError> {
        let all = filtered(&query.filter);
        let mut conn = self.conn().await?;
        let count = match query.counting {
            Counting::Exact => Counted(all.select(dsl::id)).get_result(&mut conn).await,
            Counting::Capped => Counted(oldest(all)).get_result(&mut conn).await,
        };
        count.map_err(from_diesel)
    }
}

pub(super) fn shown() -> Query {
    telefonanrufe::table
        .filter(dsl::geloescht_am.is_null())
        .into_boxed()
}

/// The emails of each row.
pub(super) fn email_ids() -> SqlLiteral<Array<BigInt>> {
    sql(
        "ARRAY(SELECT email_id FROM communication_service.telefonanruf_emails \
         WHERE telefonanruf_id = telefonanrufe.id)",
    )
}

/// Rows behind the cursor. A comparison of rows is found in an index, however many share a slot.
fn after(query: Query, page: &PageRequest) -> Query {
    let Position::After(Cursor { created_at, id }) = page.position else {
        return query;
    };
    let slot = created_at.naive_utc();
    let behind = sql::<Bool>("(geplantes_datum, geplante_zeit, id) < (")
        .bind::<Date, _>(slot.date())
        .sql(", ")
        .bind::<Time, _>(slot.time())
        .sql(", ")
        .bind::<BigInt, _>(id)
        .sql(")");
    query.filter(behind)
}

fn cursor(anruf: &Telefonanruf) -> Cursor {
    Cursor {
        created_at: anruf.termin.beginn().and_utc(),
        id: anruf.id.0,
    }
}

/// Enough rows to know whether there are more than the cap, in the order of an index and oldest first, as for
/// emails.
fn oldest(query: Query) -> telefonanrufe::BoxedQuery<'static, Pg, BigInt> {
    query
        .order((
            dsl::geplantes_datum.asc(),
            dsl::geplante_zeit.asc(),
            dsl::id.asc(),
        ))
        .limit(TOTAL_CAP + 1)
        .select(dsl::id)
}

fn filtered(filter: &TelefonanrufFilter) -> Query {
    let mut query = shown();
    if let Some(id) = filter.therapist_id {
        query = query.filter(dsl::therapist_id.eq(id));
    }
    if let Some(id) = filter.patient_id {
        query = query.filter(dsl::patient_id.eq(id));
    }
    if let Some(id) = filter.therapeutenanfrage_id {
        query = query.filter(dsl::therapeutenanfrage_id.eq(id));
    }
    query = match filter.recipient_type {
        Some(RecipientType::Therapist) => query.filter(dsl::therapist_id.is_not_null()),
        Some(RecipientType::Patient) => query.filter(dsl::patient_id.is_not_null()),
        None => query,
    };
    if let Some(status) = filter.status {
        query = query.filter(dsl::status.eq(status.as_str()));
    }
    if let Some(bearbeiter) = &filter.bearbeiter {
        query = query.filter(dsl::bearbeiter.eq(bearbeiter.clone()));
    }
    if let Some(day) = filter.geplantes_datum {
        // As a range: of an equality beside the comparison of rows PostgreSQL reads on behind the end of the day.
        query = query.filter(dsl::geplantes_datum.between(day, day));
    }
    if let Some(von) = filter.von {
        query = query.filter(dsl::geplantes_datum.ge(von));
    }
    if let Some(bis) = filter.bis {
        query = query.filter(dsl::geplantes_datum.le(bis));
    }
    query
}
