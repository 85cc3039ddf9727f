//! The contact state of people: its lock, and what rules and bookings have to know.

use super::telefonanruf_row::termin;
use crate::sql::{Sql, sql};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use comm_domain::outreach::{EmailId, Empfaenger, Erreichbarkeit, Kontaktsperre, Termin};
use comm_ports::error::StoreError;
use comm_ports::outreach::{Belegung, Kontaktdaten, Sperre};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Nullable, SmallInt, Text, Time, Timestamptz};
use diesel::{OptionalExtension, QueryResult};
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

/// Whoever is missing is inserted, whoever is there is updated: one pass in one order, so that two transactions never
/// wait for each other.
const LOCK_ALL: &str = "INSERT INTO communication_service.kontaktstand (art, person_id) \
     SELECT DISTINCT art, person_id FROM unnest(?::text[], ?::bigint[]) AS person (art, person_id) \
     ORDER BY art, person_id ON CONFLICT (art, person_id) DO UPDATE SET art = excluded.art";

const SPERRE: &str = "SELECT gesperrt_seit, gesperrt_bis, sperre_begruendung FROM communication_service.kontaktstand \
     WHERE art = 'therapist' AND person_id = ? AND gesperrt_seit IS NOT NULL";

const SAVE_SPERRE: &str = "UPDATE communication_service.kontaktstand \
     SET gesperrt_seit = ?, gesperrt_bis = ?, sperre_begruendung = ? WHERE art = 'therapist' AND person_id = ?";

/// What the calls of a person hold from a day on, also those that began on the day before. A macro, since statements
/// are constants.
macro_rules! belegt {
    ($person:literal) => {
        concat!(
            "(SELECT coalesce(array_agg(geplantes_datum), '{}') AS tage, coalesce(array_agg(geplante_zeit), '{}') AS zeiten, \
               coalesce(array_agg(dauer_minuten), '{}') AS dauern \
             FROM ( \
               SELECT geplantes_datum, geplante_zeit, dauer_minuten FROM communication_service.telefonanrufe \
               WHERE ",
            $person,
            " AND status = 'geplant' AND geplantes_datum >= ?::date - 1 AND upper(zeitraum) > ?::date \
               ORDER BY geplantes_datum, geplante_zeit) AS einzeln) AS belegt"
        )
    };
}

/// What the contact rules go by, of `person.id` and `stand`. Hidden emails and calls count as well; one email may be left
/// out. When a refusal by mail came is known unless somebody has taken the date away; a call without an actual day was
/// made as planned. The last mail is the last entry of `emails_kontakte_idx`, which is made of the same words.
macro_rules! kontaktspalten {
    ($except:literal) => {
        concat!(
            "(SELECT max(greatest(in_warteschlange_am, gesendet_am, \
                 CASE WHEN status IN ('In_Warteschlange', 'Wird_gesendet') THEN senden_ab END, \
                 CASE WHEN fehlerart = 'ausgang_unklar' THEN versucht_am END)) \
               FROM communication_service.emails WHERE therapist_id = person.id \
                 AND (status IN ('In_Warteschlange', 'Wird_gesendet', 'Gesendet') OR fehlerart = 'ausgang_unklar') \
                 AND id IS DISTINCT FROM ",
            $except,
            ") AS letzte_mail, \
             (SELECT max(coalesce(antwortdatum, updated_at)) FROM communication_service.emails \
               WHERE therapist_id = person.id AND antwort_art = 'abgelehnt' AND antwort_erhalten) AS abgelehnt_per_mail, \
             (SELECT max(coalesce(tatsaechliches_datum, geplantes_datum)) FROM communication_service.telefonanrufe \
               WHERE therapist_id = person.id AND ergebnis_art = 'abgelehnt' \
                 AND status IN ('abgeschlossen', 'fehlgeschlagen')) AS abgelehnt_am_telefon, \
             stand.gesperrt_seit, stand.gesperrt_bis"
        )
    };
}
pub(super) use kontaktspalten;

/// The contact state of each `person`.
macro_rules! stand {
    () => {
        " LEFT JOIN communication_service.kontaktstand AS stand ON stand.art = 'therapist' AND stand.person_id = person.id"
    };
}
pub(super) use stand;

macro_rules! kontaktdaten {
    ($person:literal) => {
        concat!(
            "SELECT person.id AS therapist_id, ",
            kontaktspalten!("?::bigint"),
            " FROM ",
            $person,
            " AS person (id)",
            stand!(),
            " ORDER BY person.id"
        )
    };
}
macro_rules! therapeuten {
    ($person:literal) => {
        concat!(
            "SELECT person.id AS therapist_id, tage, zeiten, dauern, \
               (SELECT erreichbarkeit FROM communication_service.erreichbarkeiten WHERE therapist_id = person.id) AS erreichbarkeit, ",
            kontaktspalten!("NULL::bigint"),
            " FROM ",
            $person,
            " AS person (id)",
            stand!(),
            " CROSS JOIN LATERAL ",
            belegt!("therapist_id = person.id"),
            " ORDER BY person.id"
        )
    };
}
/// Of a plain id PostgreSQL keeps the plan; of a list it plans anew each time, which takes ten times as long as to run it.
const KONTAKTDATEN_EINES: &str = kontaktdaten!("(SELECT ?::bigint)");
const KONTAKTDATEN: &str = kontaktdaten!("unnest(?::bigint[])");
const THERAPEUT: &str = therapeuten!("(SELECT ?::bigint)");
const THERAPEUTEN: &str = therapeuten!("unnest(?::bigint[])");
/// Patients have neither hours nor contact rules.
const PATIENT: &str = concat!(
    "SELECT tage, zeiten, dauern FROM ",
    belegt!("patient_id = ?")
);

/// The slots that calls hold.
#[derive(QueryableByName)]
struct Belegt {
    #[diesel(sql_type = Array<Date>)]
    tage: Vec<NaiveDate>,
    #[diesel(sql_type = Array<Time>)]
    zeiten: Vec<NaiveTime>,
    #[diesel(sql_type = Array<SmallInt>)]
    dauern: Vec<i16>,
}

#[derive(QueryableByName)]
pub(crate) struct Kontaktzeile {
    #[diesel(sql_type = BigInt)]
    pub(crate) therapist_id: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    letzte_mail: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    abgelehnt_per_mail: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    abgelehnt_am_telefon: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    gesperrt_seit: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    gesperrt_bis: Option<NaiveDate>,
}

#[derive(QueryableByName)]
struct Therapeutenzeile {
    #[diesel(embed)]
    kontakt: Kontaktzeile,
    #[diesel(embed)]
    belegt: Belegt,
    #[diesel(sql_type = Nullable<Jsonb>)]
    erreichbarkeit: Option<Value>,
}

#[derive(QueryableByName)]
struct Sperrzeile {
    #[diesel(sql_type = Timestamptz)]
    gesperrt_seit: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Date>)]
    gesperrt_bis: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    sperre_begruendung: String,
}

pub(crate) fn lock(person: Empfaenger) -> Sql {
    sql(LOCK)
        .bind::<Text, _>(person.recipient_type().as_str())
        .bind::<BigInt, _>(id(person))
}

pub(crate) fn lock_all(people: &[Empfaenger]) -> Sql {
    let arten = people.iter().map(|person| person.recipient_type().as_str());
    let ids = people.iter().map(|person| id(*person));
    sql(LOCK_ALL)
        .bind::<Array<Text>, _>(arten.collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(ids.collect::<Vec<_>>())
}

/// That a therapist was blocked by hand.
pub(crate) async fn sperre(
    therapist_id: i64,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Option<Sperre>> {
    let row: Option<Sperrzeile> = sql(SPERRE)
        .bind::<BigInt, _>(therapist_id)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(|row| Sperre {
        seit: row.gesperrt_seit,
        dauer: dauer(row.gesperrt_bis),
        begruendung: row.sperre_begruendung,
    }))
}

/// Of a therapist whose row is locked.
pub(crate) fn save_sperre(therapist_id: i64, sperre: Option<&Sperre>) -> Sql {
    let bis = sperre.and_then(|sperre| match sperre.dauer {
        Kontaktsperre::Bis(day) => Some(day),
        Kontaktsperre::Unbefristet => None,
    });
    sql(SAVE_SPERRE)
        .bind::<Nullable<Timestamptz>, _>(sperre.map(|sperre| sperre.seit))
        .bind::<Nullable<Date>, _>(bis)
        .bind::<Nullable<Text>, _>(sperre.map(|sperre| sperre.begruendung.clone()))
        .bind::<BigInt, _>(therapist_id)
}

/// What the contact rules go by.
pub(crate) async fn kontaktdaten(
    therapist_ids: &[i64],
    except: Option<EmailId>,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(i64, Kontaktdaten)>> {
    let except = except.map(|id| id.0);
    let statement = match therapist_ids {
        [id] => sql(KONTAKTDATEN_EINES)
            .bind::<Nullable<BigInt>, _>(except)
            .bind::<BigInt, _>(*id),
        ids => sql(KONTAKTDATEN)
            .bind::<Nullable<BigInt>, _>(except)
            .bind::<Array<BigInt>, _>(ids.to_vec()),
    };
    let rows: Vec<Kontaktzeile> = statement.load(conn).await?;
    let rows = rows.into_iter();
    Ok(rows.map(|row| (row.therapist_id, row.into())).collect())
}

/// What is known of a person. To book by it, a statement of its own after [`lock`]: it then sees what the last holder
/// of the lock has committed.
pub(crate) async fn belegung(
    person: Empfaenger,
    ab: NaiveDate,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Result<Belegung, StoreError>> {
    match person {
        Empfaenger::Therapeut(id) => {
            let row: Therapeutenzeile = sql(THERAPEUT)
                .bind::<BigInt, _>(id)
                .bind::<Date, _>(ab)
                .bind::<Date, _>(ab)
                .get_result(conn)
                .await?;
            Ok(row.parse().map(|(_, belegung)| belegung))
        }
        Empfaenger::Patient(id) => {
            let row: Belegt = sql(PATIENT)
                .bind::<BigInt, _>(id)
                .bind::<Date, _>(ab)
                .bind::<Date, _>(ab)
                .get_result(conn)
                .await?;
            Ok(row.termine().map(|belegt| Belegung {
                belegt,
                ..Belegung::default()
            }))
        }
    }
}

/// The same of several therapists, by ascending id.
pub(crate) async fn belegungen(
    therapist_ids: &[i64],
    ab: NaiveDate,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Result<Vec<(i64, Belegung)>, StoreError>> {
    let rows: Vec<Therapeutenzeile> = sql(THERAPEUTEN)
        .bind::<Array<BigInt>, _>(therapist_ids.to_vec())
        .bind::<Date, _>(ab)
        .bind::<Date, _>(ab)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Therapeutenzeile::parse).collect())
}

impl Belegt {
    fn termine(self) -> Result<Vec<Termin>, StoreError> {
        let slots = self.tage.into_iter().zip(self.zeiten).zip(self.dauern);
        slots
            .map(|((datum, zeit), dauer)| termin(datum, zeit, dauer))
            .collect::<Result<_, _>>()
            .map_err(|error| StoreError::Corrupt(format!("a slot: {error}")))
    }
}

impl Therapeutenzeile {
    fn parse(self) -> Result<(i64, Belegung), StoreError> {
        let therapist_id = self.kontakt.therapist_id;
        let hours = self.erreichbarkeit.as_ref().map(Erreichbarkeit::parse_json);
        let belegung = Belegung {
            belegt: self.belegt.termine()?,
            erreichbarkeit: hours
                .transpose()
                .map_err(|errors| StoreError::Corrupt(format!("telephone hours: {errors}")))?,
            kontakt: self.kontakt.into(),
        };
        Ok((therapist_id, belegung))
    }
}

impl From<Kontaktzeile> for Kontaktdaten {
    fn from(row: Kontaktzeile) -> Self {
        Self {
            letzte_mail: row.letzte_mail,
            abgelehnt_per_mail: row.abgelehnt_per_mail,
            abgelehnt_am_telefon: row.abgelehnt_am_telefon,
            sperre: row.gesperrt_seit.map(|_| dauer(row.gesperrt_bis)),
        }
    }
}

fn dauer(bis: Option<NaiveDate>) -> Kontaktsperre {
    bis.map_or(Kontaktsperre::Unbefristet, Kontaktsperre::Bis)
}

fn id(person: Empfaenger) -> i64 {
    match person {
        Empfaenger::Therapeut(id) | Empfaenger::Patient(id) => id,
    }
}
