//! All therapists with their contacts, and what is under way to some of them. The timeline of one is in
//! `kontaktverlauf`.

use super::kontaktstand::{self, Kontaktzeile, kontaktspalten, stand};
use super::nachverfolgung;
use crate::PgStore;
use crate::error::from_diesel;
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use comm_domain::Zeitzone;
use comm_domain::outreach::{EmailId, TelefonanrufId};
use comm_ports::error::StoreError;
use comm_ports::outreach::{
    Anstehendes, Counting, Kontaktberichte, Kontaktereignis, Merkmale, Sperre, Therapeutenlage,
};
use comm_ports::page::{Page, PageRequest};
use diesel::QueryResult;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamp};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// Of every `person`, in a few looks into indexes each. What the copy says is read by us: PostgreSQL would read it anew
/// for each field, and refuse all rows for a character in one.
macro_rules! lage {
    ($person:literal) => {
        concat!(
            "SELECT person.id AS therapist_id, ",
            kontaktspalten!("NULL::bigint"),
            ", (SELECT max(tatsaechliches_datum + tatsaechliche_zeit) FROM communication_service.telefonanrufe \
                 WHERE therapist_id = person.id AND status = 'abgeschlossen' \
                   AND ergebnis_art IS DISTINCT FROM 'nicht_erreicht') AS gesprochen, kopie.daten::text AS daten FROM ",
            $person,
            " AS person (id)",
            stand!(),
            " LEFT JOIN communication_service.verzeichnis_kopien AS kopie \
                 ON kopie.art = 'therapist' AND kopie.person_id = person.id"
        )
    };
}
const ALLE: &str = lage!(
    "(SELECT person_id FROM communication_service.kontaktstand WHERE art = 'therapist' \
      UNION SELECT person_id FROM communication_service.verzeichnis_kopien WHERE art = 'therapist')"
);
const EINZELNE: &str = lage!("unnest(?::bigint[])");

const WARTENDE: &str = "SELECT therapist_id, id FROM communication_service.emails WHERE therapist_id = ANY(?) \
       AND status IN ('In_Warteschlange', 'Wird_gesendet') AND geloescht_am IS NULL ORDER BY id";

const ANRUFE: &str = "SELECT therapist_id, id FROM communication_service.telefonanrufe WHERE therapist_id = ANY(?) \
       AND status = 'geplant' AND geplantes_datum = ? ORDER BY geplante_zeit, id";

#[derive(QueryableByName)]
struct Lagezeile {
    #[diesel(embed)]
    kontakt: Kontaktzeile,
    #[diesel(sql_type = Nullable<Timestamp>)]
    gesprochen: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Text>)]
    daten: Option<String>,
}

/// The part of a copy that lists show.
#[derive(Deserialize)]
struct Daten {
    name: Option<String>,
    #[serde(default)]
    potenziell_verfuegbar: bool,
    potenziell_verfuegbar_notizen: Option<String>,
}

/// A mail or a call of a therapist.
#[derive(QueryableByName)]
struct Zuordnung {
    #[diesel(sql_type = BigInt)]
    therapist_id: i64,
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[async_trait]
impl Kontaktberichte for PgStore {
    async fn kontakte(
        &self,
        therapist_id: i64,
        page: &PageRequest,
        counting: Counting,
        zone: Zeitzone,
    ) -> Result<Page<Kontaktereignis>, StoreError> {
        self.kontaktseite(therapist_id, page, counting, zone).await
    }

    async fn sperre(&self, therapist_id: i64) -> Result<Option<Sperre>, StoreError> {
        let sperre = kontaktstand::sperre(therapist_id, &mut *self.conn().await?).await;
        sperre.map_err(from_diesel)
    }

    async fn alle_therapeuten(&self) -> Result<Vec<Therapeutenlage>, StoreError> {
        lagen(sql(ALLE), &mut *self.conn().await?).await
    }

    async fn therapeuten(&self, ids: &[i64]) -> Result<Vec<Therapeutenlage>, StoreError> {
        let statement = sql(EINZELNE).bind::<Array<BigInt>, _>(ids.to_vec());
        lagen(statement, &mut *self.conn().await?).await
    }

    async fn anstehendes(
        &self,
        ids: &[i64],
        am: NaiveDate,
        gesendet: Range<DateTime<Utc>>,
    ) -> Result<Vec<(i64, Anstehendes)>, StoreError> {
        let mut conn = self.conn().await?;
        let found = anstehendes(ids, am, gesendet, &mut conn).await;
        found.map_err(from_diesel)
    }
}

async fn lagen(
    statement: Sql,
    conn: &mut AsyncPgConnection,
) -> Result<Vec<Therapeutenlage>, StoreError> {
    let rows: Vec<Lagezeile> = statement.load(conn).await.map_err(from_diesel)?;
    Ok(rows.into_iter().map(Therapeutenlage::from).collect())
}

async fn anstehendes(
    ids: &[i64],
    am: NaiveDate,
    gesendet: Range<DateTime<Utc>>,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(i64, Anstehendes)>> {
    let mut found: BTreeMap<i64, Anstehendes> = BTreeMap::new();
    let waiting = sql(WARTENDE).bind::<Array<BigInt>, _>(ids.to_vec());
    let waiting: Vec<Zuordnung> = waiting.load(conn).await?;
    for row in waiting {
        let of = found.entry(row.therapist_id).or_default();
        of.emails.push(EmailId(row.id));
    }
    let calls = sql(ANRUFE)
        .bind::<Array<BigInt>, _>(ids.to_vec())
        .bind::<Date, _>(am);
    let calls: Vec<Zuordnung> = calls.load(conn).await?;
    for row in calls {
        let of = found.entry(row.therapist_id).or_default();
        of.anrufe.push(TelefonanrufId(row.id));
    }
    for email in nachverfolgung::verfolgbare_von(ids, gesendet, conn).await? {
        let of = found.entry(email.therapist_id).or_default();
        of.verfolgbar.push(email);
    }
    Ok(found.into_iter().collect())
}

impl From<Lagezeile> for Therapeutenlage {
    fn from(row: Lagezeile) -> Self {
        Self {
            therapist_id: row.kontakt.therapist_id,
            kontakt: row.kontakt.into(),
            zuletzt_gesprochen: row.gesprochen,
            kopie: row.daten.as_deref().and_then(merkmale),
        }
    }
}

/// A copy that cannot be read counts as none, as everywhere.
fn merkmale(daten: &str) -> Option<Merkmale> {
    let daten: Daten = serde_json::from_str(daten).ok()?;
    Some(Merkmale {
        name: daten.name,
        potenziell_verfuegbar: daten.potenziell_verfuegbar,
        potenziell_verfuegbar_notizen: daten.potenziell_verfuegbar_notizen,
    })
}
