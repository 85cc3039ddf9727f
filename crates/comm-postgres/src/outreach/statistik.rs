//! How calls went: one statement that counts them by everything at once.

use crate::error::from_diesel;
use crate::sql::sql;
use chrono::{NaiveDate, Weekday};
use comm_domain::outreach::{ErgebnisArt, TelefonanrufStatus};
use comm_ports::error::StoreError;
use comm_ports::outreach::{Anrufstatistik, Anrufzahlen, ErgebnisAnzahl};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, SmallInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::ops::RangeInclusive;

/// `gruppe` numbers the ways of grouping; a column by which a row is not grouped is null. A call counts at the weekday
/// and hour at which it was made, as far as that is known.
const READ: &str = "WITH anrufe AS ( \
       SELECT status, ergebnis_art, versuch, bearbeiter, \
         CAST(extract(isodow FROM coalesce(tatsaechliches_datum, geplantes_datum)) AS smallint) AS wochentag, \
         CAST(extract(hour FROM coalesce(tatsaechliche_zeit, geplante_zeit)) AS smallint) AS stunde \
       FROM communication_service.telefonanrufe \
       WHERE geloescht_am IS NULL AND geplantes_datum BETWEEN ? AND ?) \
     SELECT grouping(status, wochentag, stunde, versuch, bearbeiter) AS gruppe, \
       status, ergebnis_art, wochentag, stunde, versuch, bearbeiter, count(*) AS anrufe, \
       count(*) FILTER (WHERE status IN ('abgeschlossen', 'fehlgeschlagen')) AS gefuehrt, \
       count(*) FILTER (WHERE status = 'abgeschlossen' \
         AND ergebnis_art IS DISTINCT FROM 'nicht_erreicht') AS erreicht \
     FROM anrufe \
     GROUP BY GROUPING SETS ((), (status, ergebnis_art), (wochentag), (stunde), (wochentag, stunde), \
       (versuch), (bearbeiter)) \
     ORDER BY gruppe, wochentag, stunde, versuch, bearbeiter NULLS LAST";

/// One bit for each column of `grouping`, the first the highest: it is set where the row is not grouped by it.
const ALL: i32 = 0b11111;
const STATUS: i32 = ALL ^ 0b10000;
const WOCHENTAG: i32 = ALL ^ 0b01000;
const STUNDE: i32 = ALL ^ 0b00100;
const WOCHENTAG_UND_STUNDE: i32 = WOCHENTAG & STUNDE;
const VERSUCH: i32 = ALL ^ 0b00010;
const BEARBEITER: i32 = ALL ^ 0b00001;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    gruppe: i32,
    #[diesel(sql_type = Nullable<Text>)]
    status: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    ergebnis_art: Option<String>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    wochentag: Option<i16>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    stunde: Option<i16>,
    #[diesel(sql_type = Nullable<Integer>)]
    versuch: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    bearbeiter: Option<String>,
    #[diesel(sql_type = BigInt)]
    anrufe: i64,
    #[diesel(sql_type = BigInt)]
    gefuehrt: i64,
    #[diesel(sql_type = BigInt)]
    erreicht: i64,
}

pub(super) async fn read(
    tage: RangeInclusive<NaiveDate>,
    conn: &mut AsyncPgConnection,
) -> Result<Anrufstatistik, StoreError> {
    let rows: Vec<Row> = sql(READ)
        .bind::<Date, _>(*tage.start())
        .bind::<Date, _>(*tage.end())
        .load(conn)
        .await
        .map_err(from_diesel)?;
    let mut statistik = Anrufstatistik::default();
    for row in rows {
        let corrupt = || StoreError::Corrupt("figures of calls".to_owned());
        row.add_to(&mut statistik).ok_or_else(corrupt)?;
    }
    let outcomes = &mut statistik.nach_ergebnis;
    outcomes.sort_by_key(|outcome| {
        let status = |status| {
            TelefonanrufStatus::ALL
                .iter()
                .position(|one| *one == status)
        };
        let art = |art| ErgebnisArt::ALL.iter().position(|one| *one == art);
        (status(outcome.status), outcome.ergebnis_art.map(art))
    });
    Ok(statistik)
}

impl Row {
    /// `None` for a row that no grouping has.
    fn add_to(self, statistik: &mut Anrufstatistik) -> Option<()> {
        let zahlen = Anrufzahlen {
            anrufe: self.anrufe,
            gefuehrt: self.gefuehrt,
            erreicht: self.erreicht,
        };
        match self.gruppe {
            ALL => statistik.gesamt = zahlen,
            STATUS => statistik.nach_ergebnis.push(self.outcome()?),
            WOCHENTAG => statistik.nach_wochentag.push((self.day()?, zahlen)),
            STUNDE => statistik.nach_stunde.push((self.hour()?, zahlen)),
            WOCHENTAG_UND_STUNDE => {
                let row = (self.day()?, self.hour()?, zahlen);
                statistik.nach_wochentag_und_stunde.push(row);
            }
            VERSUCH => statistik.nach_versuch.push((self.versuch?, zahlen)),
            BEARBEITER => statistik.nach_bearbeiter.push((self.bearbeiter, zahlen)),
            _ => return None,
        }
        Some(())
    }

    fn outcome(&self) -> Option<ErgebnisAnzahl> {
        let art = self.ergebnis_art.as_deref();
        let art = art.map(|art| ErgebnisArt::parse_as("ergebnis_art", art));
        Some(ErgebnisAnzahl {
            status: TelefonanrufStatus::parse(self.status.as_deref()?).ok()?,
            ergebnis_art: art.transpose().ok()?,
            anrufe: self.anrufe,
        })
    }

    fn day(&self) -> Option<Weekday> {
        let from_monday = u8::try_from(self.wochentag? - 1).ok()?;
        Weekday::try_from(from_monday).ok()
    }

    fn hour(&self) -> Option<u8> {
        self.stunde?.try_into().ok()
    }
}
