//! Reads of calls, and what is written without a transaction.

use super::{erreichbarkeit, kontaktstand, plaetze, telefonanruf_list};
use crate::PgStore;
use crate::error::from_diesel;
use crate::sql::sql;
use async_trait::async_trait;
use chrono::NaiveDate;
use comm_domain::outreach::{Empfaenger, Erreichbarkeit, Telefonanruf, TelefonanrufId};
use comm_ports::error::StoreError;
use comm_ports::outreach::{BelegterPlatz, Belegung, TelefonanrufQuery, TelefonanrufStore};
use comm_ports::page::Page;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Double};
use diesel_async::RunQueryDsl;
use std::ops::RangeInclusive;
use std::time::Duration;

const OFFENE_WIEDERHOLUNGEN: &str = "SELECT id FROM communication_service.telefonanrufe \
     WHERE wiederholung_offen AND geloescht_am IS NULL AND id > ? ORDER BY id LIMIT ?";

/// Rows that another instance is removing are passed over.
const PURGE: &str = "DELETE FROM communication_service.telefonanrufe WHERE id IN ( \
       SELECT id FROM communication_service.telefonanrufe \
       WHERE entbehrlich AND geloescht_am < clock_timestamp() - make_interval(secs => ?) \
       ORDER BY geloescht_am LIMIT ? FOR UPDATE SKIP LOCKED)";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[async_trait]
impl TelefonanrufStore for PgStore {
    async fn telefonanruf(&self, id: TelefonanrufId) -> Result<Option<Telefonanruf>, StoreError> {
        telefonanruf_list::one(id.0, &mut *self.conn().await?)
            .await
            .map_err(from_diesel)?
            .map(telefonanruf_list::parse)
            .transpose()
    }

    async fn list_telefonanrufe(
        &self,
        query: &TelefonanrufQuery,
    ) -> Result<Page<Telefonanruf>, StoreError> {
        self.telefonanruf_page(query).await
    }

    async fn belegung(&self, person: Empfaenger, ab: NaiveDate) -> Result<Belegung, StoreError> {
        kontaktstand::belegung(person, ab, &mut *self.conn().await?)
            .await
            .map_err(from_diesel)?
    }

    async fn plaetze(
        &self,
        tage: RangeInclusive<NaiveDate>,
    ) -> Result<Vec<BelegterPlatz>, StoreError> {
        plaetze::belegt(&tage, &mut *self.conn().await?)
            .await
            .map_err(from_diesel)?
    }

    async fn save_erreichbarkeit(
        &self,
        therapist_id: i64,
        erreichbarkeit: Option<Erreichbarkeit>,
    ) -> Result<(), StoreError> {
        erreichbarkeit::save(therapist_id, erreichbarkeit.as_ref())?
            .execute(&mut *self.conn().await?)
            .await
            .map(drop)
            .map_err(from_diesel)
    }

    async fn offene_wiederholungen(
        &self,
        after: TelefonanrufId,
        limit: i64,
    ) -> Result<Vec<TelefonanrufId>, StoreError> {
        let rows: Vec<Id> = sql(OFFENE_WIEDERHOLUNGEN)
            .bind::<BigInt, _>(after.0)
            .bind::<BigInt, _>(limit)
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().map(|row| TelefonanrufId(row.id)).collect())
    }

    async fn purge_telefonanrufe(&self, keep: Duration, limit: i64) -> Result<usize, StoreError> {
        sql(PURGE)
            .bind::<Double, _>(keep.as_secs_f64())
            .bind::<BigInt, _>(limit)
            .execute(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }
}
