//! What the directories answered last: one row per person, with times by the database's clock.

use crate::PgStore;
use crate::error::from_diesel;
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use comm_domain::outreach::{Angabe, Empfaenger, RecipientType};
use comm_ports::error::StoreError;
use comm_ports::{DirectoryCopies, Kopie, Patient, Person, Therapeut};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Double, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tracing::warn;

/// Both kinds by their key, in one statement.
const READ: &str = "SELECT art, person_id, daten::text AS daten, abgefragt_am, \
       CAST(extract(epoch FROM clock_timestamp() - abgefragt_am) AS double precision) AS secs \
     FROM communication_service.verzeichnis_kopien WHERE art = 'therapist' AND person_id = ANY(?) \
     UNION ALL \
     SELECT art, person_id, daten::text, abgefragt_am, \
       CAST(extract(epoch FROM clock_timestamp() - abgefragt_am) AS double precision) \
     FROM communication_service.verzeichnis_kopien WHERE art = 'patient' AND person_id = ANY(?)";

/// Of two answers the later question's stays.
const KEEP: &str = "INSERT INTO communication_service.verzeichnis_kopien AS known \
       (art, person_id, daten, abgefragt_am) \
     VALUES (?, ?, CAST(? AS json), clock_timestamp() - make_interval(secs => ?)) \
     ON CONFLICT ON CONSTRAINT verzeichnis_kopien_pkey DO UPDATE \
       SET daten = excluded.daten, abgefragt_am = excluded.abgefragt_am \
     WHERE known.abgefragt_am < excluded.abgefragt_am";

const FORGET: &str =
    "DELETE FROM communication_service.verzeichnis_kopien WHERE art = ? AND person_id = ?";

/// Rows that another instance is removing or refreshing are passed over.
const PURGE: &str = "DELETE FROM communication_service.verzeichnis_kopien \
     WHERE (art, person_id) IN ( \
       SELECT art, person_id FROM communication_service.verzeichnis_kopien \
       WHERE abgefragt_am < clock_timestamp() - make_interval(secs => ?) \
       ORDER BY abgefragt_am LIMIT ? FOR UPDATE SKIP LOCKED)";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    art: String,
    #[diesel(sql_type = BigInt)]
    person_id: i64,
    #[diesel(sql_type = Text)]
    daten: String,
    #[diesel(sql_type = Timestamptz)]
    abgefragt_am: DateTime<Utc>,
    #[diesel(sql_type = Double)]
    secs: f64,
}

/// `daten` of a therapist. What an older row lacks was not stated.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Therapeut")]
struct TherapeutDaten {
    name: Option<String>,
    telefon: Option<String>,
    email: Option<String>,
    #[serde(default, rename = "telefonische_erreichbarkeit")]
    erreichbarkeit: Angabe,
    #[serde(default)]
    potenziell_verfuegbar: bool,
    potenziell_verfuegbar_notizen: Option<String>,
    status: Option<String>,
}

/// `daten` of a patient.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Patient")]
struct PatientDaten {
    name: Option<String>,
    telefon: Option<String>,
    email: Option<String>,
    status: Option<String>,
}

impl Row {
    /// A row that cannot be read counts as none, so that it keeps nobody from being asked for.
    fn kopie(self) -> Option<Kopie> {
        match self.person() {
            Ok(person) => Some(Kopie {
                id: self.person_id,
                person,
                abgefragt_am: self.abgefragt_am,
                age: Duration::try_from_secs_f64(self.secs).unwrap_or(Duration::ZERO),
            }),
            Err(place) => {
                warn!(
                    place,
                    "A copy out of the directories cannot be read and is passed over"
                );
                None
            }
        }
    }

    /// The error says where, and nothing of what stands there.
    fn person(&self) -> Result<Person, String> {
        let mut json = serde_json::Deserializer::from_str(&self.daten);
        let art = RecipientType::parse_as("art", &self.art).map_err(|error| error.to_string())?;
        let person = match art {
            RecipientType::Therapist => {
                TherapeutDaten::deserialize(&mut json).map(Person::Therapeut)
            }
            RecipientType::Patient => PatientDaten::deserialize(&mut json).map(Person::Patient),
        };
        person.map_err(|error| format!("daten, character {}", error.column()))
    }
}

fn daten(person: &Person) -> Result<String, StoreError> {
    let mut json = serde_json::Serializer::new(Vec::new());
    match person {
        Person::Therapeut(therapeut) => TherapeutDaten::serialize(therapeut, &mut json),
        Person::Patient(patient) => PatientDaten::serialize(patient, &mut json),
    }
    .map_err(|error| StoreError::Failed(Box::new(error)))?;
    String::from_utf8(json.into_inner()).map_err(|error| StoreError::Failed(Box::new(error)))
}

fn read(wer: &[Empfaenger]) -> Sql {
    let therapists: Vec<i64> = wer.iter().filter_map(|wer| wer.therapist_id()).collect();
    let patients: Vec<i64> = wer.iter().filter_map(|wer| wer.patient_id()).collect();
    sql(READ)
        .bind::<Array<BigInt>, _>(therapists)
        .bind::<Array<BigInt>, _>(patients)
}

#[async_trait]
impl DirectoryCopies for PgStore {
    async fn copy(&self, wer: Empfaenger) -> Result<Option<Kopie>, StoreError> {
        Ok(self.copies(&[wer]).await?.pop())
    }

    async fn copies(&self, wer: &[Empfaenger]) -> Result<Vec<Kopie>, StoreError> {
        let rows: Vec<Row> = read(wer)
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().filter_map(Row::kopie).collect())
    }

    async fn keep_copy(&self, id: i64, person: &Person, age: Duration) -> Result<(), StoreError> {
        let art = person.wer(id).recipient_type().as_str();
        sql(KEEP)
            .bind::<Text, _>(art)
            .bind::<BigInt, _>(id)
            .bind::<Text, _>(daten(person)?)
            .bind::<Double, _>(age.as_secs_f64())
            .execute(&mut *self.conn().await?)
            .await
            .map(drop)
            .map_err(from_diesel)
    }

    async fn forget_copy(&self, wer: Empfaenger) -> Result<(), StoreError> {
        let (Empfaenger::Therapeut(id) | Empfaenger::Patient(id)) = wer;
        sql(FORGET)
            .bind::<Text, _>(wer.recipient_type().as_str())
            .bind::<BigInt, _>(id)
            .execute(&mut *self.conn().await?)
            .await
            .map(drop)
            .map_err(from_diesel)
    }

    async fn purge_copies(&self, keep: Duration, limit: i64) -> Result<usize, StoreError> {
        sql(PURGE)
            .bind::<Double, _>(keep.as_secs_f64())
            .bind::<BigInt, _>(limit)
            .execute(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }
}
