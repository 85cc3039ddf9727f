//! What is to be followed up, and what was decided about it.

use super::telefonanruf_row::termin;
use crate::PgStore;
use crate::error::from_diesel;
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use comm_domain::FieldError;
use comm_domain::outreach::nachverfolgung::Ergebnis;
use comm_domain::outreach::{EmailId, Grund, TelefonanrufId};
use comm_ports::error::StoreError;
use comm_ports::outreach::{Anruflage, Nachverfolgung, NachverfolgungStore, VerfolgbareEmail};
use diesel::QueryResult;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Nullable, SmallInt, Text, Time, Timestamp, Timestamptz,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use std::ops::Range;

/// diesel keeps these times on the wall clock of the session that applied the migration.
const EINGERICHTET: &str = "SELECT min(run_on) AT TIME ZONE current_setting('TimeZone') AS am \
     FROM communication_service.__diesel_schema_migrations";

macro_rules! verfolgbare {
    ($which:literal) => {
        concat!(
            "SELECT id, therapist_id, gesendet_am, antwort_erhalten, nachverfolgung_erforderlich, therapeutenanfrage_id \
             FROM communication_service.emails \
             WHERE therapist_id IS NOT NULL AND status = 'Gesendet' AND ",
            $which,
            " AND NOT EXISTS (SELECT FROM communication_service.nachverfolgungen WHERE email_id = emails.id AND endgueltig) \
             ORDER BY gesendet_am, id"
        )
    };
}
const VERFOLGBARE: &str = verfolgbare!("gesendet_am >= ? AND gesendet_am < ?");
const VERFOLGBARE_VON: &str =
    verfolgbare!("therapist_id = ANY(?) AND gesendet_am >= ? AND gesendet_am < ?");
const UNENTSCHIEDENE: &str = verfolgbare!("id = ANY(?::bigint[])");

/// What was decided for good stays; what comes out as it did before keeps the time at which it first did.
const SAVE: &str = "INSERT INTO communication_service.nachverfolgungen AS alt \
       (email_id, entscheidung, grund, telefonanruf_id, entschieden_am, endgueltig) \
     SELECT * FROM unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::timestamptz[], ?::boolean[]) \
       AS neu (email_id, entscheidung, grund, telefonanruf_id, entschieden_am, endgueltig) \
     WHERE NOT EXISTS (SELECT FROM communication_service.nachverfolgungen AS alt WHERE alt.email_id = neu.email_id \
       AND (alt.endgueltig OR (alt.entscheidung, alt.grund, false) IS NOT DISTINCT FROM (neu.entscheidung, neu.grund, neu.endgueltig))) \
     ON CONFLICT (email_id) DO UPDATE SET entscheidung = excluded.entscheidung, grund = excluded.grund, \
       telefonanruf_id = excluded.telefonanruf_id, entschieden_am = excluded.entschieden_am, endgueltig = excluded.endgueltig \
     WHERE NOT alt.endgueltig";

const ENTSCHIEDENE: &str = "SELECT email_id, entscheidung, grund, telefonanruf_id, entschieden_am, endgueltig \
     FROM communication_service.nachverfolgungen WHERE email_id = ANY(?)";

/// A call is over when its slot is: one that was planned and never made waits for nobody.
const ANRUFLAGEN: &str = "SELECT person.id AS therapist_id, \
       (SELECT max(tatsaechliches_datum + tatsaechliche_zeit) FROM communication_service.telefonanrufe \
         WHERE therapist_id = person.id AND status = 'abgeschlossen' \
           AND ergebnis_art IS DISTINCT FROM 'nicht_erreicht') AS gesprochen, \
       naechster.id AS anruf_id, naechster.geplantes_datum, naechster.geplante_zeit, naechster.dauer_minuten \
     FROM unnest(?::bigint[]) AS person (id) LEFT JOIN LATERAL ( \
       SELECT id, geplantes_datum, geplante_zeit, dauer_minuten FROM communication_service.telefonanrufe \
       WHERE therapist_id = person.id AND status = 'geplant' AND geplantes_datum >= ?::date - 1 \
         AND upper(zeitraum) > ?::timestamp \
       ORDER BY geplantes_datum, geplante_zeit LIMIT 1) AS naechster ON true ORDER BY person.id";

const ANRUFE_ZU: &str = "SELECT telefonanrufe.id FROM communication_service.telefonanruf_emails \
     JOIN communication_service.telefonanrufe ON telefonanrufe.id = telefonanruf_id \
     WHERE email_id = ? AND status IN ('geplant', 'abgebrochen') AND geloescht_am IS NULL ORDER BY telefonanrufe.id";

#[derive(QueryableByName)]
struct Eingerichtet {
    #[diesel(sql_type = Timestamptz)]
    am: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Zeile {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    therapist_id: i64,
    #[diesel(sql_type = Timestamptz)]
    gesendet_am: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    antwort_erhalten: bool,
    #[diesel(sql_type = Nullable<Bool>)]
    nachverfolgung_erforderlich: Option<bool>,
    #[diesel(sql_type = Nullable<BigInt>)]
    therapeutenanfrage_id: Option<i64>,
}

#[derive(QueryableByName)]
struct Entscheidungszeile {
    #[diesel(sql_type = BigInt)]
    email_id: i64,
    #[diesel(sql_type = Text)]
    entscheidung: String,
    #[diesel(sql_type = Nullable<Text>)]
    grund: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    telefonanruf_id: Option<i64>,
    #[diesel(sql_type = Timestamptz)]
    entschieden_am: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    endgueltig: bool,
}

#[derive(QueryableByName)]
struct Anrufzeile {
    #[diesel(sql_type = BigInt)]
    therapist_id: i64,
    #[diesel(sql_type = Nullable<Timestamp>)]
    gesprochen: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<BigInt>)]
    anruf_id: Option<i64>,
    #[diesel(sql_type = Nullable<Date>)]
    geplantes_datum: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Time>)]
    geplante_zeit: Option<NaiveTime>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    dauer_minuten: Option<i16>,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

pub(crate) async fn unentschiedene(
    emails: &[EmailId],
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<VerfolgbareEmail>> {
    let ids: Vec<i64> = emails.iter().map(|id| id.0).collect();
    let statement = sql(UNENTSCHIEDENE).bind::<Array<BigInt>, _>(ids);
    load(statement.planned_anew(), conn).await
}

/// The same of these therapists, sent in this time.
pub(super) async fn verfolgbare_von(
    therapist_ids: &[i64],
    gesendet: Range<DateTime<Utc>>,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<VerfolgbareEmail>> {
    let statement = sql(VERFOLGBARE_VON)
        .bind::<Array<BigInt>, _>(therapist_ids.to_vec())
        .bind::<Timestamptz, _>(gesendet.start)
        .bind::<Timestamptz, _>(gesendet.end);
    load(statement, conn).await
}

/// What was decided about these emails, by their ids.
pub(super) async fn decided(
    emails: &[i64],
    conn: &mut AsyncPgConnection,
) -> Result<HashMap<i64, Nachverfolgung>, StoreError> {
    let rows: Vec<Entscheidungszeile> = sql(ENTSCHIEDENE)
        .bind::<Array<BigInt>, _>(emails.to_vec())
        .load(conn)
        .await
        .map_err(from_diesel)?;
    let decision = |row: Entscheidungszeile| {
        let id = row.email_id;
        let corrupt = |error| StoreError::Corrupt(format!("follow-up of email {id}: {error}"));
        row.parse().map(|decision| (id, decision)).map_err(corrupt)
    };
    rows.into_iter().map(decision).collect()
}

pub(crate) async fn anruflagen(
    therapist_ids: &[i64],
    now: NaiveDateTime,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Result<Vec<(i64, Anruflage)>, StoreError>> {
    let rows: Vec<Anrufzeile> = sql(ANRUFLAGEN)
        .bind::<Array<BigInt>, _>(therapist_ids.to_vec())
        .bind::<Date, _>(now.date())
        .bind::<Timestamp, _>(now)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Anrufzeile::parse).collect())
}

pub(crate) fn save(decisions: &[Nachverfolgung]) -> Sql {
    let of =
        |one: fn(&Nachverfolgung) -> Option<i64>| decisions.iter().map(one).collect::<Vec<_>>();
    let ids: Vec<i64> = decisions.iter().map(|one| one.email_id.0).collect();
    let ergebnisse = decisions.iter().map(|one| one.ergebnis.as_str());
    let gruende = decisions
        .iter()
        .map(|one| one.grund.map(|grund| grund.as_str()));
    let wann = decisions.iter().map(|one| one.entschieden_am);
    let fuer_immer = decisions.iter().map(|one| one.endgueltig);
    let statement = sql(SAVE)
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Text>, _>(ergebnisse.collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(gruende.collect::<Vec<_>>())
        .bind::<Array<Nullable<BigInt>>, _>(of(|one| one.telefonanruf_id.map(|id| id.0)))
        .bind::<Array<Timestamptz>, _>(wann.collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(fuer_immer.collect::<Vec<_>>());
    statement.planned_anew()
}

pub(crate) async fn anrufe_zu(
    email: EmailId,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<TelefonanrufId>> {
    let rows: Vec<Id> = sql(ANRUFE_ZU).bind::<BigInt, _>(email.0).load(conn).await?;
    Ok(rows.into_iter().map(|row| TelefonanrufId(row.id)).collect())
}

#[async_trait]
impl NachverfolgungStore for PgStore {
    async fn eingerichtet_am(&self) -> Result<DateTime<Utc>, StoreError> {
        let row: Eingerichtet = sql(EINGERICHTET)
            .get_result(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(row.am)
    }

    async fn verfolgbare(
        &self,
        von: DateTime<Utc>,
        bis: DateTime<Utc>,
    ) -> Result<Vec<VerfolgbareEmail>, StoreError> {
        let statement = sql(VERFOLGBARE)
            .bind::<Timestamptz, _>(von)
            .bind::<Timestamptz, _>(bis);
        load(statement.planned_anew(), &mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }
}

async fn load(statement: Sql, conn: &mut AsyncPgConnection) -> QueryResult<Vec<VerfolgbareEmail>> {
    let rows: Vec<Zeile> = statement.load(conn).await?;
    let email = |row: Zeile| VerfolgbareEmail {
        id: EmailId(row.id),
        therapist_id: row.therapist_id,
        gesendet_am: row.gesendet_am,
        antwort_erhalten: row.antwort_erhalten,
        nachverfolgung_erforderlich: row.nachverfolgung_erforderlich,
        therapeutenanfrage_id: row.therapeutenanfrage_id,
    };
    Ok(rows.into_iter().map(email).collect())
}

impl Entscheidungszeile {
    fn parse(self) -> Result<Nachverfolgung, FieldError> {
        Ok(Nachverfolgung {
            email_id: EmailId(self.email_id),
            ergebnis: Ergebnis::parse(&self.entscheidung)?,
            grund: self.grund.as_deref().map(Grund::parse).transpose()?,
            telefonanruf_id: self.telefonanruf_id.map(TelefonanrufId),
            entschieden_am: self.entschieden_am,
            endgueltig: self.endgueltig,
        })
    }
}

impl Anrufzeile {
    fn parse(self) -> Result<(i64, Anruflage), StoreError> {
        let slot = self
            .geplantes_datum
            .zip(self.geplante_zeit)
            .zip(self.dauer_minuten);
        let slot = slot.map(|((datum, zeit), dauer)| termin(datum, zeit, dauer));
        let slot = slot
            .transpose()
            .map_err(|error| StoreError::Corrupt(format!("a slot: {error}")))?;
        let anruf = self.anruf_id.map(TelefonanrufId);
        let lage = Anruflage {
            zuletzt_gesprochen: self.gesprochen,
            naechster: anruf.zip(slot),
        };
        Ok((self.therapist_id, lage))
    }
}
