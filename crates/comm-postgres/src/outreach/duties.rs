//! What the Patient Service has to be told: one row per patient, with due times and leases by the
//! database's clock.

use crate::PgStore;
use crate::error::from_diesel;
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use chrono::NaiveDate;
use comm_domain::outreach::LetzterKontakt;
use comm_ports::error::StoreError;
use comm_ports::outreach::{ContactDuties, Kontaktmeldung, Meldung};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date, Double, Integer, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use std::time::Duration;
use uuid::Uuid;

/// A day that is owed already, or a later one, stays as it is; the same day is told again once it was told.
macro_rules! on_conflict {
    () => {
        "ON CONFLICT (patient_id) DO UPDATE SET datum = excluded.datum, versuche = 0, \
           gemeldet_am = NULL, faellig_am = least(known.faellig_am, excluded.faellig_am) \
         WHERE known.datum < excluded.datum \
           OR (known.datum = excluded.datum AND known.faellig_am IS NULL)"
    };
}
pub(crate) use on_conflict;

/// By ascending id, so that two transactions never wait for each other.
const OWE: &str = concat!(
    "INSERT INTO communication_service.kontaktmeldungen AS known \
       (patient_id, datum, faellig_am) \
     SELECT patient_id, datum, clock_timestamp() + make_interval(secs => ?) \
     FROM unnest(?::bigint[], ?::date[]) AS new (patient_id, datum) ORDER BY patient_id ",
    on_conflict!()
);

const CLAIM_DUE: &str = "WITH due AS MATERIALIZED ( \
       SELECT patient_id FROM communication_service.kontaktmeldungen \
       WHERE faellig_am <= clock_timestamp() \
         AND (gesperrt_bis IS NULL OR gesperrt_bis < clock_timestamp()) \
       ORDER BY faellig_am LIMIT ? FOR UPDATE SKIP LOCKED) \
     UPDATE communication_service.kontaktmeldungen AS duty SET sperre = ?, \
       gesperrt_bis = clock_timestamp() + make_interval(secs => ?) \
     FROM due WHERE duty.patient_id = due.patient_id \
     RETURNING duty.patient_id, duty.datum, duty.versuche";

const CLAIM: &str = "UPDATE communication_service.kontaktmeldungen SET sperre = ?, \
       gesperrt_bis = clock_timestamp() + make_interval(secs => ?) \
     WHERE patient_id = ? AND faellig_am IS NOT NULL \
       AND (gesperrt_bis IS NULL OR gesperrt_bis < clock_timestamp()) \
     RETURNING patient_id, datum, versuche";

/// A later day that was written meanwhile is still owed.
const END: &str = "UPDATE communication_service.kontaktmeldungen SET \
       faellig_am = CASE WHEN datum > ? THEN clock_timestamp() END, \
       gemeldet_am = CASE WHEN datum = ? AND ? THEN clock_timestamp() END, \
       sperre = NULL, gesperrt_bis = NULL WHERE patient_id = ? AND sperre = ?";

const PUT_OFF: &str = "UPDATE communication_service.kontaktmeldungen SET versuche = versuche + 1, \
       faellig_am = clock_timestamp() + make_interval(secs => ?), \
       sperre = NULL, gesperrt_bis = NULL WHERE patient_id = ? AND sperre = ?";

const NEXT_DUE: &str = "SELECT CAST(extract(epoch FROM \
       min(greatest(faellig_am, gesperrt_bis)) - clock_timestamp()) AS double precision) AS secs \
     FROM communication_service.kontaktmeldungen WHERE faellig_am IS NOT NULL";

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = BigInt)]
    patient_id: i64,
    #[diesel(sql_type = Date)]
    datum: NaiveDate,
    #[diesel(sql_type = Integer)]
    versuche: i32,
}

#[derive(QueryableByName)]
struct Wait {
    #[diesel(sql_type = Nullable<Double>)]
    secs: Option<f64>,
}

impl Claimed {
    fn held_by(self, sperre: Uuid) -> Kontaktmeldung {
        Kontaktmeldung {
            contact: LetzterKontakt {
                patient_id: self.patient_id,
                datum: self.datum,
            },
            versuche: self.versuche.try_into().unwrap_or(0),
            sperre,
        }
    }
}

pub(crate) fn owe(contacts: &[LetzterKontakt], wait: Duration) -> Sql {
    let (patients, days): (Vec<i64>, Vec<NaiveDate>) = contacts
        .iter()
        .map(|contact| (contact.patient_id, contact.datum))
        .unzip();
    sql(OWE)
        .bind::<Double, _>(wait.as_secs_f64())
        .bind::<Array<BigInt>, _>(patients)
        .bind::<Array<Date>, _>(days)
}

fn end(duty: &Kontaktmeldung, ended: Meldung) -> Sql {
    let statement = match ended {
        Meldung::Spaeter(wait) => sql(PUT_OFF).bind::<Double, _>(wait.as_secs_f64()),
        Meldung::Angekommen | Meldung::Abgelehnt => sql(END)
            .bind::<Date, _>(duty.contact.datum)
            .bind::<Date, _>(duty.contact.datum)
            .bind::<Bool, _>(ended == Meldung::Angekommen),
    };
    statement
        .bind::<BigInt, _>(duty.contact.patient_id)
        .bind::<SqlUuid, _>(duty.sperre)
}

impl PgStore {
    async fn claimed(
        &self,
        sperre: Uuid,
        statement: Sql,
    ) -> Result<Vec<Kontaktmeldung>, StoreError> {
        let rows: Vec<Claimed> = statement
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().map(|row| row.held_by(sperre)).collect())
    }
}

#[async_trait]
impl ContactDuties for PgStore {
    async fn claim_due(
        &self,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Kontaktmeldung>, StoreError> {
        let sperre = Uuid::new_v4();
        let claim = sql(CLAIM_DUE)
            .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
            .bind::<SqlUuid, _>(sperre)
            .bind::<Double, _>(lease.as_secs_f64());
        self.claimed(sperre, claim).await
    }

    async fn claim(
        &self,
        patient_id: i64,
        lease: Duration,
    ) -> Result<Option<Kontaktmeldung>, StoreError> {
        let sperre = Uuid::new_v4();
        let claim = sql(CLAIM)
            .bind::<SqlUuid, _>(sperre)
            .bind::<Double, _>(lease.as_secs_f64())
            .bind::<BigInt, _>(patient_id);
        Ok(self.claimed(sperre, claim).await?.pop())
    }

    async fn settle(&self, duty: &Kontaktmeldung, ended: Meldung) -> Result<(), StoreError> {
        end(duty, ended)
            .execute(&mut *self.conn().await?)
            .await
            .map(drop)
            .map_err(from_diesel)
    }

    async fn next_duty(&self) -> Result<Option<Duration>, StoreError> {
        let wait: Wait = sql(NEXT_DUE)
            .get_result(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(wait
            .secs
            .map(|secs| Duration::try_from_secs_f64(secs.max(0.0)).unwrap_or(Duration::MAX)))
    }
}
