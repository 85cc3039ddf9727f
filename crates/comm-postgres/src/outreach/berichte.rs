//! The list of a day: three statements, however many calls it has. Figures are in `statistik`.

use super::statistik;
use super::telefonanruf_list::{email_ids, parse, shown};
use super::telefonanruf_row::TelefonanrufRow;
use crate::PgStore;
use crate::error::from_diesel;
use crate::schema::telefonanrufe::dsl;
use crate::sql::sql;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use comm_domain::FieldError;
use comm_domain::outreach::{
    EmailId, ErgebnisArt, Telefonanruf, TelefonanrufId, TelefonanrufStatus, Vorgaenger,
};
use comm_ports::error::StoreError;
use comm_ports::outreach::{
    Anrufberichte, Anrufstatistik, FRUEHERE_MAX, FruehererVersuch, Tagesanruf, VerfolgteEmail,
};
use diesel::deserialize::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Time, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// The emails of some calls, as far as they are not hidden.
const EMAILS: &str = "SELECT link.telefonanruf_id, email.id, email.betreff, email.gesendet_am \
     FROM communication_service.telefonanruf_emails link, \
       LATERAL (SELECT id, betreff, gesendet_am FROM communication_service.emails \
         WHERE emails.id = link.email_id AND geloescht_am IS NULL LIMIT 1) email \
     WHERE link.telefonanruf_id = ANY(?) ORDER BY email.id";

/// From call to call, back to the first. Each is looked up by its id: PostgreSQL takes a chain for long, and would
/// read the whole table for a few of them.
const FRUEHERE: &str = "WITH RECURSIVE kette (anruf_id, vorgaenger_id, tiefe) AS ( \
       SELECT id, vorgaenger_id, 1 FROM communication_service.telefonanrufe WHERE id = ANY(?) \
       UNION ALL \
       SELECT anruf_id, frueher.vorgaenger_id, tiefe + 1 FROM kette, \
         LATERAL (SELECT vorgaenger_id FROM communication_service.telefonanrufe \
           WHERE id = kette.vorgaenger_id LIMIT 1) frueher \
       WHERE tiefe < ?) \
     SELECT anruf_id, tiefe, frueher.* FROM kette, \
       LATERAL (SELECT id, coalesce(tatsaechliches_datum, geplantes_datum) AS datum, \
           coalesce(tatsaechliche_zeit, geplante_zeit) AS zeit, status, ergebnis_art, notizen, versuch, \
           geloescht_am IS NOT NULL AS geloescht \
         FROM communication_service.telefonanrufe WHERE id = kette.vorgaenger_id LIMIT 1) frueher \
     ORDER BY tiefe";

#[derive(QueryableByName)]
struct EmailRow {
    #[diesel(sql_type = BigInt)]
    telefonanruf_id: i64,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    betreff: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    gesendet_am: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct FruehererRow {
    #[diesel(sql_type = BigInt)]
    anruf_id: i64,
    #[diesel(sql_type = Integer)]
    tiefe: i32,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Date)]
    datum: NaiveDate,
    #[diesel(sql_type = Time)]
    zeit: NaiveTime,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Text>)]
    ergebnis_art: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    notizen: Option<String>,
    #[diesel(sql_type = Integer)]
    versuch: i32,
    #[diesel(sql_type = Bool)]
    geloescht: bool,
}

#[async_trait]
impl Anrufberichte for PgStore {
    async fn tagesliste(
        &self,
        datum: NaiveDate,
        bearbeiter: Option<String>,
    ) -> Result<Vec<Tagesanruf>, StoreError> {
        let mut conn = self.conn().await?;
        let anrufe = calls(datum, bearbeiter, &mut conn).await?;
        let mut emails = emails(&anrufe, &mut conn).await?;
        let mut chains = chains(&anrufe, &mut conn).await?;
        let join = |anruf: Telefonanruf| {
            let chain = chains.remove(&anruf.id.0).unwrap_or_default();
            Tagesanruf {
                emails: emails.remove(&anruf.id.0).unwrap_or_default(),
                vorgaenger: match (anruf.vorgaenger_id, chain.vorgaenger_versuch) {
                    (None, _) => Vorgaenger::Keiner,
                    (Some(_), None) => Vorgaenger::Entfernt,
                    (Some(_), Some(versuch)) => Vorgaenger::Versuch(versuch),
                },
                fruehere: chain.fruehere,
                anruf,
            }
        };
        Ok(anrufe.into_iter().map(join).collect())
    }

    async fn statistik(
        &self,
        tage: RangeInclusive<NaiveDate>,
    ) -> Result<Anrufstatistik, StoreError> {
        statistik::read(tage, &mut *self.conn().await?).await
    }
}

async fn calls(
    datum: NaiveDate,
    bearbeiter: Option<String>,
    conn: &mut AsyncPgConnection,
) -> Result<Vec<Telefonanruf>, StoreError> {
    let mut query = shown().filter(dsl::geplantes_datum.eq(datum));
    if let Some(bearbeiter) = bearbeiter {
        query = query.filter(dsl::bearbeiter.eq(bearbeiter));
    }
    let rows = query
        .order((dsl::geplante_zeit.asc(), dsl::id.asc()))
        .select((TelefonanrufRow::as_select(), email_ids()))
        .load(conn)
        .await
        .map_err(from_diesel)?;
    rows.into_iter().map(parse).collect()
}

async fn emails(
    anrufe: &[Telefonanruf],
    conn: &mut AsyncPgConnection,
) -> Result<HashMap<i64, Vec<VerfolgteEmail>>, StoreError> {
    let mut emails: HashMap<i64, Vec<VerfolgteEmail>> = HashMap::new();
    let ids = ids(anrufe, |anruf| !anruf.email_ids.is_empty());
    if ids.is_empty() {
        return Ok(emails);
    }
    let rows: Vec<EmailRow> = sql(EMAILS)
        .bind::<Array<BigInt>, _>(ids)
        .load(conn)
        .await
        .map_err(from_diesel)?;
    for row in rows {
        emails
            .entry(row.telefonanruf_id)
            .or_default()
            .push(VerfolgteEmail {
                id: EmailId(row.id),
                betreff: row.betreff,
                gesendet_am: row.gesendet_am,
            });
    }
    Ok(emails)
}

/// The attempts before a call, and the number of the one right before it, deleted or not.
#[derive(Default)]
struct Chain {
    vorgaenger_versuch: Option<i32>,
    fruehere: Vec<FruehererVersuch>,
}

async fn chains(
    anrufe: &[Telefonanruf],
    conn: &mut AsyncPgConnection,
) -> Result<HashMap<i64, Chain>, StoreError> {
    let mut chains: HashMap<i64, Chain> = HashMap::new();
    let ids = ids(anrufe, |anruf| anruf.vorgaenger_id.is_some());
    if ids.is_empty() {
        return Ok(chains);
    }
    let rows: Vec<FruehererRow> = sql(FRUEHERE)
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Integer, _>(FRUEHERE_MAX)
        .load(conn)
        .await
        .map_err(from_diesel)?;
    for row in rows {
        let chain = chains.entry(row.anruf_id).or_default();
        if row.tiefe == 1 {
            chain.vorgaenger_versuch = Some(row.versuch);
        }
        if !row.geloescht {
            let id = row.id;
            let corrupt = |error| StoreError::Corrupt(format!("call {id}: {error}"));
            chain.fruehere.push(earlier(row).map_err(corrupt)?);
        }
    }
    Ok(chains)
}

fn earlier(row: FruehererRow) -> Result<FruehererVersuch, FieldError> {
    let art = row.ergebnis_art.as_deref();
    let art = art.map(|art| ErgebnisArt::parse_as("ergebnis_art", art));
    Ok(FruehererVersuch {
        id: TelefonanrufId(row.id),
        datum: row.datum,
        zeit: row.zeit,
        status: TelefonanrufStatus::parse(&row.status)?,
        ergebnis_art: art.transpose()?,
        notizen: row.notizen,
        versuch: row.versuch,
    })
}

fn ids(anrufe: &[Telefonanruf], wanted: impl Fn(&Telefonanruf) -> bool) -> Vec<i64> {
    let wanted = anrufe.iter().filter(|anruf| wanted(anruf));
    wanted.map(|anruf| anruf.id.0).collect()
}
