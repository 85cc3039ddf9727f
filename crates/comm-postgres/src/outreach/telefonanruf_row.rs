//! A row of `telefonanrufe` and what it means.

use crate::schema::telefonanrufe;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use comm_domain::field::FieldError;
use comm_domain::outreach::telefonanruf::{Ergebnis, Tatsaechlich};
use comm_domain::outreach::{
    Dauer, EmailError, EmailId, Empfaenger, ErgebnisArt, Telefonanruf, TelefonanrufId,
    TelefonanrufRecord, TelefonanrufStatus, Termin,
};
use comm_ports::error::StoreError;
use diesel::prelude::*;

/// The columns that the domain knows.
#[derive(Queryable, Selectable)]
#[diesel(table_name = telefonanrufe, check_for_backend(diesel::pg::Pg))]
pub(crate) struct TelefonanrufRow {
    id: i64,
    therapist_id: Option<i64>,
    patient_id: Option<i64>,
    therapeutenanfrage_id: Option<i64>,
    geplantes_datum: NaiveDate,
    geplante_zeit: NaiveTime,
    dauer_minuten: i16,
    status: String,
    tatsaechliches_datum: Option<NaiveDate>,
    tatsaechliche_zeit: Option<NaiveTime>,
    ergebnis: Option<String>,
    ergebnis_art: Option<String>,
    wiederholen_nach: Option<NaiveDate>,
    wiederholen_zeit: Option<NaiveTime>,
    notizen: Option<String>,
    versuch: i32,
    vorgaenger_id: Option<i64>,
    bearbeiter: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    geloescht_am: Option<DateTime<Utc>>,
    sequence: i64,
}

impl TelefonanrufRow {
    /// The call, with the emails that it follows up.
    pub(crate) fn telefonanruf(self, email_ids: Vec<i64>) -> Result<Telefonanruf, StoreError> {
        let id = self.id;
        self.parse(email_ids)
            .map_err(|error| StoreError::Corrupt(format!("call {id}: {error}")))
    }

    fn parse(self, email_ids: Vec<i64>) -> Result<Telefonanruf, EmailError> {
        let art = self.ergebnis_art.as_deref();
        let art = art.map(|art| ErgebnisArt::parse_as("ergebnis_art", art));
        Ok(Telefonanruf::restore(TelefonanrufRecord {
            id: TelefonanrufId(self.id),
            empfaenger: Empfaenger::parse(self.therapist_id, self.patient_id)?,
            therapeutenanfrage_id: self.therapeutenanfrage_id,
            email_ids: email_ids.into_iter().map(EmailId).collect(),
            termin: termin(self.geplantes_datum, self.geplante_zeit, self.dauer_minuten)?,
            status: TelefonanrufStatus::parse(&self.status)?,
            tatsaechlich: Tatsaechlich {
                datum: self.tatsaechliches_datum,
                zeit: self.tatsaechliche_zeit,
            },
            ergebnis: Ergebnis {
                text: self.ergebnis,
                art: art.transpose()?,
                wiederholen_nach: self.wiederholen_nach,
                wiederholen_zeit: self.wiederholen_zeit,
            },
            notizen: self.notizen,
            versuch: self.versuch,
            vorgaenger_id: self.vorgaenger_id.map(TelefonanrufId),
            bearbeiter: self.bearbeiter,
            created_at: self.created_at,
            updated_at: self.updated_at,
            geloescht_am: self.geloescht_am,
            sequence: self.sequence,
        }))
    }
}

/// A slot out of its columns.
pub(super) fn termin(
    datum: NaiveDate,
    zeit: NaiveTime,
    dauer_minuten: i16,
) -> Result<Termin, FieldError> {
    Termin::new(datum, zeit, Dauer::parse(dauer_minuten.into())?)
}
