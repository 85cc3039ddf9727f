//! The seats of the staff, of which every planned call may hold one.

use super::telefonanruf_row::termin;
use crate::sql::{Sql, sql};
use chrono::{NaiveDate, NaiveTime};
use comm_ports::error::StoreError;
use comm_ports::outreach::BelegterPlatz;
use diesel::QueryResult;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Date, Nullable, SmallInt, Time};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::ops::RangeInclusive;

/// One booking at a time: what another one has taken is committed by then, and seen. The key is any number that
/// nobody else uses for an advisory lock; "COMPLATZ" in ASCII.
const LOCK: &str = "SELECT pg_advisory_xact_lock(x'434F4D504C41545A'::bigint)";

/// A call that begins on the day before may run past midnight. A planned call is never deleted, as the list's index
/// of states has to be told.
const BELEGT: &str = "SELECT platz, geplantes_datum, geplante_zeit, dauer_minuten \
     FROM communication_service.telefonanrufe \
     WHERE status = 'geplant' AND geloescht_am IS NULL \
       AND geplantes_datum BETWEEN ?::date - 1 AND ? AND upper(zeitraum) > ?::date \
     ORDER BY geplantes_datum, geplante_zeit, id";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<SmallInt>)]
    platz: Option<i16>,
    #[diesel(sql_type = Date)]
    geplantes_datum: NaiveDate,
    #[diesel(sql_type = Time)]
    geplante_zeit: NaiveTime,
    #[diesel(sql_type = SmallInt)]
    dauer_minuten: i16,
}

/// To be run before [`belegt`], in its transaction.
pub(crate) fn lock() -> Sql {
    sql(LOCK)
}

/// The seats that are taken on these days.
pub(crate) async fn belegt(
    tage: &RangeInclusive<NaiveDate>,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Result<Vec<BelegterPlatz>, StoreError>> {
    let rows: Vec<Row> = sql(BELEGT)
        .bind::<Date, _>(*tage.start())
        .bind::<Date, _>(*tage.end())
        .bind::<Date, _>(*tage.start())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(BelegterPlatz::try_from).collect())
}

impl TryFrom<Row> for BelegterPlatz {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let termin = termin(row.geplantes_datum, row.geplante_zeit, row.dauer_minuten)
            .map_err(|error| StoreError::Corrupt(format!("a slot: {error}")))?;
        let platz = row.platz;
        Ok(Self { platz, termin })
    }
}
