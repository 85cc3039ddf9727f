//! Wishes for calls: written, never changed, and removed after a time.

use crate::sql::{Sql, sql};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use comm_domain::outreach::{Anrufwunsch, Dauer};
use comm_ports::ConsumedEvent;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Date, Double, Nullable, SmallInt, Text, Time, Timestamptz};
use std::time::Duration;

const INSERT: &str = "INSERT INTO communication_service.anrufwuensche (event_key, therapist_id, patient_id, \
       geplantes_datum, geplante_zeit, dauer_minuten, notizen, therapeutenanfrage_id, angefragt_am) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";

/// Rows that another instance is removing are passed over.
const PURGE: &str = "DELETE FROM communication_service.anrufwuensche WHERE id IN ( \
       SELECT id FROM communication_service.anrufwuensche \
       WHERE empfangen_am < clock_timestamp() - make_interval(secs => ?) \
       ORDER BY empfangen_am LIMIT ? FOR UPDATE SKIP LOCKED)";

#[derive(QueryableByName)]
pub(crate) struct Id {
    #[diesel(sql_type = BigInt)]
    pub(crate) id: i64,
}

/// Answers an [`Id`].
pub(crate) fn insert(
    wunsch: &Anrufwunsch,
    event: &ConsumedEvent,
    angefragt_am: Option<DateTime<Utc>>,
) -> Sql {
    sql(INSERT)
        .bind::<Text, _>(event.key.clone())
        .bind::<Nullable<BigInt>, _>(wunsch.empfaenger.therapist_id())
        .bind::<Nullable<BigInt>, _>(wunsch.empfaenger.patient_id())
        .bind::<Nullable<Date>, Option<NaiveDate>>(wunsch.geplantes_datum)
        .bind::<Nullable<Time>, Option<NaiveTime>>(wunsch.geplante_zeit)
        .bind::<Nullable<SmallInt>, _>(wunsch.dauer_minuten.map(Dauer::minuten))
        .bind::<Nullable<Text>, _>(wunsch.notizen.clone())
        .bind::<Nullable<BigInt>, _>(wunsch.therapeutenanfrage_id)
        .bind::<Nullable<Timestamptz>, _>(angefragt_am)
}

pub(crate) fn purge(keep: Duration, limit: i64) -> Sql {
    sql(PURGE)
        .bind::<Double, _>(keep.as_secs_f64())
        .bind::<BigInt, _>(limit)
}
