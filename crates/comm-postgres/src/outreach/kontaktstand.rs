//! The contact state of a person: its lock, and what a booking has to know.

use super::telefonanruf_row::termin;
use crate::sql::{Sql, sql};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use comm_domain::outreach::{Empfaenger, Erreichbarkeit, Termin};
use comm_ports::error::StoreError;
use comm_ports::outreach::Belegung;
use diesel::QueryResult;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Nullable, SmallInt, Text, Time, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

/// Locks the row, and makes it where there is none. Whoever makes the same one at the same moment is waited for, and
/// then the row is locked that the other one has made.
const LOCK: &str = "WITH person AS (SELECT ?::text AS art, ?::bigint AS id), \
     locked AS ( \
       SELECT kontaktstand.person_id FROM communication_service.kontaktstand, person \
       WHERE kontaktstand.art = person.art AND kontaktstand.person_id = person.id FOR UPDATE OF kontaktstand) \
     INSERT INTO communication_service.kontaktstand (art, person_id) \
     SELECT person.art, person.id FROM person WHERE NOT EXISTS (SELECT FROM locked) \
     ON CONFLICT (art, person_id) DO UPDATE SET art = excluded.art";

/// What the calls of a person hold from a day on, also those that began on the day before. A macro, since statements
/// are constants.
macro_rules! belegt {
    ($person:literal) => {
        concat!(
            " FROM ( \
               SELECT coalesce(array_agg(geplantes_datum), '{}') AS tage, coalesce(array_agg(geplante_zeit), '{}') AS zeiten, \
                 coalesce(array_agg(dauer_minuten), '{}') AS dauern \
               FROM ( \
                 SELECT geplantes_datum, geplante_zeit, dauer_minuten FROM communication_service.telefonanrufe \
                 WHERE ",
            $person,
            " = ? AND status = 'geplant' AND geplantes_datum >= ?::date - 1 AND upper(zeitraum) > ?::date \
                 ORDER BY geplantes_datum, geplante_zeit) AS einzeln) AS belegt"
        )
    };
}

/// Refusals of hidden emails and calls count as well. When a refusal by mail came is known unless somebody has taken
/// the date away; a call without an actual day was made as planned.
const THERAPEUT: &str = concat!(
    "SELECT tage, zeiten, dauern, \
       (SELECT erreichbarkeit FROM communication_service.erreichbarkeiten WHERE therapist_id = ?) AS erreichbarkeit, \
       (SELECT max(coalesce(antwortdatum, updated_at)) FROM communication_service.emails \
         WHERE therapist_id = ? AND antwort_art = 'abgelehnt' AND antwort_erhalten) AS abgelehnt_per_mail, \
       (SELECT max(coalesce(tatsaechliches_datum, geplantes_datum)) FROM communication_service.telefonanrufe \
         WHERE therapist_id = ? AND ergebnis_art = 'abgelehnt' AND status IN ('abgeschlossen', 'fehlgeschlagen')) \
         AS abgelehnt_am_telefon",
    belegt!("therapist_id")
);
/// Patients have neither hours nor a cooling-off.
const PATIENT: &str = concat!(
    "SELECT tage, zeiten, dauern, NULL::jsonb AS erreichbarkeit, NULL::timestamptz AS abgelehnt_per_mail, \
       NULL::date AS abgelehnt_am_telefon",
    belegt!("patient_id")
);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Array<Date>)]
    tage: Vec<NaiveDate>,
    #[diesel(sql_type = Array<Time>)]
    zeiten: Vec<NaiveTime>,
    #[diesel(sql_type = Array<SmallInt>)]
    dauern: Vec<i16>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    erreichbarkeit: Option<Value>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    abgelehnt_per_mail: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    abgelehnt_am_telefon: Option<NaiveDate>,
}

pub(crate) fn lock(person: Empfaenger) -> Sql {
    sql(LOCK)
        .bind::<Text, _>(person.recipient_type().as_str())
        .bind::<BigInt, _>(id(person))
}

/// What is known of a person. To book by it, a statement of its own after [`lock`]: it then sees what the last holder
/// of the lock has committed.
pub(crate) async fn belegung(
    person: Empfaenger,
    ab: NaiveDate,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Result<Belegung, StoreError>> {
    let statement = match person {
        Empfaenger::Therapeut(id) => sql(THERAPEUT)
            .bind::<BigInt, _>(id)
            .bind::<BigInt, _>(id)
            .bind::<BigInt, _>(id),
        Empfaenger::Patient(_) => sql(PATIENT),
    };
    let row: Row = statement
        .bind::<BigInt, _>(id(person))
        .bind::<Date, _>(ab)
        .bind::<Date, _>(ab)
        .get_result(conn)
        .await?;
    Ok(row.try_into())
}

impl TryFrom<Row> for Belegung {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let slots = row.tage.into_iter().zip(row.zeiten).zip(row.dauern);
        let belegt: Result<Vec<Termin>, _> = slots
            .map(|((datum, zeit), dauer)| termin(datum, zeit, dauer))
            .collect();
        let hours = row.erreichbarkeit.as_ref().map(Erreichbarkeit::parse_json);
        Ok(Self {
            belegt: belegt.map_err(|error| StoreError::Corrupt(format!("a slot: {error}")))?,
            erreichbarkeit: hours
                .transpose()
                .map_err(|errors| StoreError::Corrupt(format!("telephone hours: {errors}")))?,
            abgelehnt_per_mail: row.abgelehnt_per_mail,
            abgelehnt_am_telefon: row.abgelehnt_am_telefon,
        })
    }
}

fn id(person: Empfaenger) -> i64 {
    match person {
        Empfaenger::Therapeut(id) | Empfaenger::Patient(id) => id,
    }
}
