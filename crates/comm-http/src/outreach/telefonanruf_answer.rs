//! A call as the API answers it (contract, 'Telefonanruf').

use super::kontaktwarnung::Kontaktwarnung;
use super::values::{Datum, Timestamp, Zeit};
use crate::openapi;
use comm_app::outreach::telefonanrufe::{NaechsterAnruf, ShownTelefonanruf};
use comm_domain::outreach::Telefonanruf;
use serde::Serialize;
use utoipa::ToSchema;

/// A phone call. Days and times of day are on the wall clock of the service's time zone.
#[derive(Serialize, ToSchema)]
#[schema(as = Telefonanruf)]
pub(crate) struct TelefonanrufAnswer {
    /// Its id.
    #[schema(minimum = 1)]
    id: i64,
    /// The therapist who is called.
    #[schema(minimum = 1)]
    therapist_id: Option<i64>,
    /// The patient who is called.
    #[schema(minimum = 1)]
    patient_id: Option<i64>,
    /// Who is called.
    #[schema(value_type = openapi::RecipientType)]
    recipient_type: &'static str,
    /// The Matching Service's bundle.
    #[schema(minimum = 1)]
    therapeutenanfrage_id: Option<i64>,
    /// The unanswered emails that it follows up, the oldest first.
    email_ids: Vec<i64>,
    /// The oldest of these emails.
    #[schema(minimum = 1)]
    email_id: Option<i64>,
    /// The day that it is planned for.
    #[schema(value_type = NaiveDate)]
    geplantes_datum: Datum,
    /// The time of day that it is planned for.
    #[schema(value_type = String, format = "hours-and-minutes")]
    geplante_zeit: Zeit,
    /// How many minutes it is to take.
    #[schema(minimum = 5, maximum = 120, multiple_of = 5)]
    dauer_minuten: i16,
    /// Where it stands; it holds its slot while it is planned.
    #[schema(value_type = openapi::TelefonanrufStatus)]
    status: &'static str,
    /// The day on which it really took place.
    #[schema(value_type = Option<NaiveDate>)]
    tatsaechliches_datum: Option<Datum>,
    /// The time of day at which it really took place.
    #[schema(value_type = Option<String>, format = "hours-and-minutes")]
    tatsaechliche_zeit: Option<Zeit>,
    /// The outcome in words.
    ergebnis: Option<String>,
    /// Notes of the staff.
    notizen: Option<String>,
    /// The outcome in a form that rules can use.
    #[schema(value_type = Option<openapi::ErgebnisArt>)]
    ergebnis_art: Option<&'static str>,
    /// The earliest day of the next attempt.
    #[schema(value_type = Option<NaiveDate>)]
    wiederholen_nach: Option<Datum>,
    /// The agreed time of the next attempt.
    #[schema(value_type = Option<String>, format = "hours-and-minutes")]
    wiederholen_zeit: Option<Zeit>,
    /// 1 for a first call, 2 for its first retry, and so on.
    #[schema(minimum = 1)]
    versuch: i32,
    /// The call that this one retries.
    #[schema(minimum = 1)]
    vorgaenger_id: Option<i64>,
    /// The member of staff who makes the call.
    bearbeiter: Option<String>,
    /// When it was stored.
    #[schema(value_type = DateTime<Utc>)]
    created_at: Timestamp,
    /// When it was changed last.
    #[schema(value_type = DateTime<Utc>)]
    updated_at: Timestamp,
    /// What the staff should know of it, in German; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    hinweise: Option<Vec<String>>,
    /// The next attempt that this request has planned; `null` if it could not, left out if none was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    naechster_anruf_id: Option<Option<i64>>,
    /// Why no next attempt was planned, beside a `naechster_anruf_id` that is `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = openapi::Grund, required = false)]
    grund: Option<&'static str>,
    /// The contact rule that its being booked or moved by this request has met; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    kontaktwarnung: Option<Kontaktwarnung>,
}

impl From<Telefonanruf> for TelefonanrufAnswer {
    fn from(anruf: Telefonanruf) -> Self {
        Self {
            id: anruf.id.0,
            therapist_id: anruf.empfaenger.therapist_id(),
            patient_id: anruf.empfaenger.patient_id(),
            recipient_type: anruf.empfaenger.recipient_type().as_str(),
            therapeutenanfrage_id: anruf.therapeutenanfrage_id,
            email_ids: anruf.email_ids.iter().map(|id| id.0).collect(),
            email_id: anruf.email_id().map(|id| id.0),
            geplantes_datum: Datum(anruf.termin.datum()),
            geplante_zeit: Zeit(anruf.termin.zeit()),
            dauer_minuten: anruf.termin.dauer().minuten(),
            status: anruf.status.as_str(),
            tatsaechliches_datum: anruf.tatsaechlich.datum.map(Datum),
            tatsaechliche_zeit: anruf.tatsaechlich.zeit.map(Zeit),
            ergebnis: anruf.ergebnis.text.clone(),
            notizen: anruf.notizen.clone(),
            ergebnis_art: anruf.ergebnis.art.map(|art| art.as_str()),
            wiederholen_nach: anruf.ergebnis.wiederholen_nach.map(Datum),
            wiederholen_zeit: anruf.ergebnis.wiederholen_zeit.map(Zeit),
            versuch: anruf.versuch,
            vorgaenger_id: anruf.vorgaenger_id.map(|id| id.0),
            bearbeiter: anruf.bearbeiter.clone(),
            created_at: Timestamp(anruf.created_at),
            updated_at: Timestamp(anruf.updated_at),
            hinweise: None,
            naechster_anruf_id: None,
            grund: None,
            kontaktwarnung: None,
        }
    }
}

impl From<ShownTelefonanruf> for TelefonanrufAnswer {
    fn from(shown: ShownTelefonanruf) -> Self {
        let hinweise = shown.hinweise.iter().map(ToString::to_string);
        let (naechster_anruf_id, grund) = match shown.naechster {
            None => (None, None),
            Some(NaechsterAnruf::Geplant(id)) => (Some(Some(id.0)), None),
            Some(NaechsterAnruf::NichtGeplant(grund)) => (Some(None), Some(grund.as_str())),
        };
        Self {
            hinweise: Some(hinweise.collect()),
            naechster_anruf_id,
            grund,
            kontaktwarnung: shown.kontaktwarnung.map(Kontaktwarnung::from),
            ..Self::from(shown.anruf)
        }
    }
}

impl TelefonanrufAnswer {
    /// Where it can be read.
    pub(crate) fn location(&self) -> String {
        format!("/api/phone-calls/{}", self.id)
    }
}
