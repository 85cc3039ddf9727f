//! The report of a run of the follow-ups, written row by row: there may be a hundred thousand.

use super::values::{Datum, Timestamp, Zeit};
use crate::openapi;
use actix_web::HttpResponse;
use actix_web::web::Bytes;
use comm_app::outreach::nachverfolgung::{Berichtszeile, Lauf, Nachverfolgungsbericht};
use comm_domain::outreach::nachverfolgung::Ergebnis;
use comm_ports::KeptAnswer;
use futures_util::stream;
use serde::Serialize;
use std::{io, vec};
use utoipa::ToSchema;

/// Rows that are written at a time.
const SLICE: usize = 500;

/// What a run has done, or would do.
#[derive(ToSchema)]
#[schema(as = Nachverfolgungsbericht)]
#[expect(
    dead_code,
    reason = "a head and rows are written; here they are described"
)]
pub(crate) struct ReportAnswer {
    /// Whether nothing was booked.
    dry_run: bool,
    /// The day of the run.
    #[schema(value_type = NaiveDate)]
    am: Datum,
    /// How many emails came to what.
    zusammenfassung: Summary,
    /// Every email that was looked at, in the order in which it was.
    data: Vec<RowAnswer>,
}

/// How many emails came to what.
#[derive(Serialize, ToSchema)]
#[schema(as = Nachverfolgungszahlen)]
struct Summary {
    /// All of them.
    #[schema(minimum = 0)]
    emails: usize,
    /// A call was planned: so many calls.
    #[schema(minimum = 0)]
    geplant: usize,
    /// They joined a call that was planned already, or a moment before.
    #[schema(minimum = 0)]
    angeschlossen: usize,
    /// There is no call.
    #[schema(minimum = 0)]
    gelassen: usize,
    /// Not now; the next run looks at them again.
    #[schema(minimum = 0)]
    offen: usize,
}

/// What came of one email.
#[derive(Serialize, ToSchema)]
#[schema(as = Nachverfolgungszeile)]
struct RowAnswer {
    /// The email.
    #[schema(minimum = 1)]
    email_id: i64,
    /// The therapist.
    #[schema(minimum = 1)]
    therapist_id: i64,
    /// When it was sent.
    #[schema(value_type = DateTime<Utc>)]
    gesendet_am: Timestamp,
    /// What came of it.
    #[schema(value_type = openapi::Nachverfolgungsergebnis)]
    entscheidung: &'static str,
    /// Why there is no call.
    #[schema(value_type = Option<openapi::Grund>)]
    grund: Option<&'static str>,
    /// The first day on which a contact rule allows a call, where one does not now.
    #[schema(value_type = Option<NaiveDate>)]
    naechster_kontakt_moeglich: Option<Datum>,
    /// The call; `null` also for one that a dry run would have planned.
    #[schema(minimum = 1)]
    telefonanruf_id: Option<i64>,
    /// The day of the call.
    #[schema(value_type = Option<NaiveDate>)]
    geplantes_datum: Option<Datum>,
    /// The time of day of the call.
    #[schema(value_type = Option<String>, format = "hours-and-minutes")]
    geplante_zeit: Option<Zeit>,
}

/// What stands before the rows.
#[derive(Serialize)]
struct Head {
    dry_run: bool,
    am: Datum,
    zusammenfassung: Summary,
}

/// The answer to a run without a key: sent in slices, unless one is enough.
pub(crate) fn respond(bericht: Nachverfolgungsbericht) -> HttpResponse {
    let is_short = bericht.zeilen.len() <= SLICE;
    let mut answer = HttpResponse::Ok();
    answer.content_type("application/json");
    match is_short {
        true => answer.body(keep(bericht).body),
        false => answer.streaming(stream::iter(Slices::of(bericht))),
    }
}

/// The same in one piece.
pub(crate) fn keep(bericht: Nachverfolgungsbericht) -> KeptAnswer {
    let slices = Slices::of(bericht).flatten();
    KeptAnswer {
        status: 200,
        location: None,
        body: slices.flatten().collect(),
    }
}

/// An answer, slice by slice.
struct Slices {
    head: Option<Head>,
    rows: vec::IntoIter<Berichtszeile>,
    is_over: bool,
}

impl Slices {
    fn of(bericht: Nachverfolgungsbericht) -> Self {
        let head = Head {
            dry_run: bericht.lauf == Lauf::Probe,
            am: Datum(bericht.am),
            zusammenfassung: Summary {
                emails: bericht.zeilen.len(),
                geplant: bericht.anzahl(Ergebnis::Geplant),
                angeschlossen: bericht.anzahl(Ergebnis::Angeschlossen),
                gelassen: bericht.anzahl(Ergebnis::Gelassen),
                offen: bericht.anzahl(Ergebnis::Offen),
            },
        };
        Self {
            head: Some(head),
            rows: bericht.zeilen.into_iter(),
            is_over: false,
        }
    }

    fn slice(&mut self) -> io::Result<Bytes> {
        let mut bytes = Vec::new();
        let mut separator: &[u8] = b",";
        if let Some(head) = self.head.take() {
            serde_json::to_writer(&mut bytes, &head)?;
            // The rows belong to the same object, which is still to be closed.
            bytes.pop();
            bytes.extend_from_slice(b",\"data\":[");
            separator = b"";
        }
        for row in self.rows.by_ref().take(SLICE) {
            bytes.extend_from_slice(separator);
            serde_json::to_writer(&mut bytes, &RowAnswer::from(&row))?;
            separator = b",";
        }
        if self.rows.len() == 0 {
            bytes.extend_from_slice(b"]}");
            self.is_over = true;
        }
        Ok(bytes.into())
    }
}

impl Iterator for Slices {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.is_over {
            true => None,
            false => Some(self.slice()),
        }
    }
}

impl From<&Berichtszeile> for RowAnswer {
    fn from(zeile: &Berichtszeile) -> Self {
        Self {
            email_id: zeile.email_id.0,
            therapist_id: zeile.therapist_id,
            gesendet_am: Timestamp(zeile.gesendet_am),
            entscheidung: zeile.ergebnis.as_str(),
            grund: zeile.grund.map(|grund| grund.as_str()),
            naechster_kontakt_moeglich: zeile.ab.map(Datum),
            telefonanruf_id: zeile.telefonanruf_id.map(|id| id.0),
            geplantes_datum: zeile.termin.map(|termin| Datum(termin.datum())),
            geplante_zeit: zeile.termin.map(|termin| Zeit(termin.zeit())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, NaiveDate};
    use comm_domain::outreach::EmailId;
    use serde_json::Value;

    fn bericht(rows: i64) -> Nachverfolgungsbericht {
        let row = |id| Berichtszeile {
            email_id: EmailId(id),
            therapist_id: 7,
            gesendet_am: DateTime::UNIX_EPOCH,
            ergebnis: Ergebnis::Offen,
            grund: None,
            ab: None,
            telefonanruf_id: None,
            termin: None,
        };
        Nachverfolgungsbericht {
            lauf: Lauf::Probe,
            am: NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(),
            zeilen: (1..=rows).map(row).collect(),
        }
    }

    #[test]
    fn slices_of_any_number_of_rows_are_one_document() {
        for rows in [0, 1, 499, 500, 501, 1000, 1001] {
            let body = keep(bericht(rows)).body;
            let body: Value = serde_json::from_slice(&body).unwrap();
            let ids = body["data"].as_array().unwrap().iter();
            let ids: Vec<_> = ids.map(|row| row["email_id"].as_i64().unwrap()).collect();
            assert_eq!(ids, Vec::from_iter(1..=rows));
            assert_eq!(body["zusammenfassung"]["offen"], rows);
            assert_eq!(body["am"], "2026-01-31");
        }
    }
}
