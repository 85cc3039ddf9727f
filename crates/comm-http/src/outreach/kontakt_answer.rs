//! Contacts on the timeline of a therapist, as the API answers them.

use super::values::{Datum, Timestamp, Zeit};
use crate::openapi;
use chrono::{DateTime, Utc};
use comm_domain::outreach::{Email, Telefonanruf};
use comm_ports::outreach::{Einzelkontakt, Kontaktereignis, Nachverfolgung};
use serde::Serialize;
use utoipa::ToSchema;

/// The spellings of what a contact was.
pub(crate) const ARTEN: [&str; 2] = ["email", "telefonanruf"];

/// A mail or a call.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Kontakt)]
pub(crate) enum KontaktAnswer {
    /// A mail.
    Email(Box<EmailKontakt>),
    /// A call.
    Anruf(Box<AnrufKontakt>),
}

/// A mail to a therapist.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmailKontakt {
    /// `email`.
    #[schema(value_type = openapi::Kontaktart)]
    art: &'static str,
    /// Its id.
    #[schema(minimum = 1)]
    id: i64,
    /// When it was sent, else queued, else stored.
    #[schema(value_type = DateTime<Utc>)]
    zeitpunkt: Timestamp,
    /// Where it stands.
    #[schema(value_type = openapi::EmailStatus)]
    status: &'static str,
    /// The Matching Service's bundle.
    #[schema(minimum = 1)]
    therapeutenanfrage_id: Option<i64>,
    /// Its subject.
    betreff: String,
    /// Whether an answer came.
    antwort_erhalten: bool,
    /// When it came.
    #[schema(value_type = Option<DateTime<Utc>>)]
    antwortdatum: Option<Timestamp>,
    /// What it said.
    #[schema(value_type = Option<openapi::ErgebnisArt>)]
    antwort_art: Option<&'static str>,
    /// How its last attempt failed.
    #[schema(value_type = Option<openapi::Fehlerart>)]
    fehlerart: Option<&'static str>,
    /// What was decided last about its follow-up; `null` as long as no run has looked at it.
    nachverfolgung: Option<NachverfolgungAnswer>,
}

/// What was decided about the follow-up of an email.
#[derive(Serialize, ToSchema)]
#[schema(as = Nachverfolgung)]
pub(crate) struct NachverfolgungAnswer {
    /// What.
    #[schema(value_type = openapi::Nachverfolgungsergebnis)]
    entscheidung: &'static str,
    /// Why there is no call.
    #[schema(value_type = Option<openapi::Grund>)]
    grund: Option<&'static str>,
    /// The call, which may have been removed since.
    #[schema(minimum = 1)]
    telefonanruf_id: Option<i64>,
    /// When it was decided; when it first came out so, if it does again and again.
    #[schema(value_type = DateTime<Utc>)]
    entschieden_am: Timestamp,
    /// Whether it is never decided again; else later runs look at the email once more, until it is too old.
    endgueltig: bool,
}

/// A call to a therapist.
#[derive(Serialize, ToSchema)]
pub(crate) struct AnrufKontakt {
    /// `telefonanruf`.
    #[schema(value_type = openapi::Kontaktart)]
    art: &'static str,
    /// Its id.
    #[schema(minimum = 1)]
    id: i64,
    /// When it was made, as far as that is known, else for when it is or was planned.
    #[schema(value_type = DateTime<Utc>)]
    zeitpunkt: Timestamp,
    /// Where it stands.
    #[schema(value_type = openapi::TelefonanrufStatus)]
    status: &'static str,
    /// The Matching Service's bundle.
    #[schema(minimum = 1)]
    therapeutenanfrage_id: Option<i64>,
    /// The day that it is planned for.
    #[schema(value_type = NaiveDate)]
    geplantes_datum: Datum,
    /// The time of day that it is planned for.
    #[schema(value_type = String, format = "hours-and-minutes")]
    geplante_zeit: Zeit,
    /// Which attempt it is.
    #[schema(minimum = 1)]
    versuch: i32,
    /// The outcome in a form that rules can use.
    #[schema(value_type = Option<openapi::ErgebnisArt>)]
    ergebnis_art: Option<&'static str>,
    /// The unanswered emails that it follows up, the oldest first.
    email_ids: Vec<i64>,
    /// The call that it retries.
    #[schema(minimum = 1)]
    vorgaenger_id: Option<i64>,
    /// The member of staff who makes it.
    bearbeiter: Option<String>,
    /// Notes of the staff, and why it was called off.
    notizen: Option<String>,
}

impl From<Kontaktereignis> for KontaktAnswer {
    fn from(ereignis: Kontaktereignis) -> Self {
        let at = ereignis.zeitpunkt;
        match ereignis.kontakt {
            Einzelkontakt::Email(email, decision) => {
                Self::Email(Box::new(EmailKontakt::new(at, &email, decision)))
            }
            Einzelkontakt::Anruf(anruf) => Self::Anruf(Box::new(AnrufKontakt::new(at, &anruf))),
        }
    }
}

impl EmailKontakt {
    fn new(zeitpunkt: DateTime<Utc>, email: &Email, decision: Option<Nachverfolgung>) -> Self {
        let [art, _] = ARTEN;
        Self {
            art,
            id: email.id.0,
            zeitpunkt: Timestamp(zeitpunkt),
            status: email.status.as_str(),
            therapeutenanfrage_id: email.therapeutenanfrage_id,
            betreff: email.betreff.clone(),
            antwort_erhalten: email.antwort.erhalten,
            antwortdatum: email.antwort.datum.map(Timestamp),
            antwort_art: email.antwort.art.map(|art| art.as_str()),
            fehlerart: email.fehlerart.map(|art| art.as_str()),
            nachverfolgung: decision.map(NachverfolgungAnswer::from),
        }
    }
}

impl From<Nachverfolgung> for NachverfolgungAnswer {
    fn from(decision: Nachverfolgung) -> Self {
        Self {
            entscheidung: decision.ergebnis.as_str(),
            grund: decision.grund.map(|grund| grund.as_str()),
            telefonanruf_id: decision.telefonanruf_id.map(|id| id.0),
            entschieden_am: Timestamp(decision.entschieden_am),
            endgueltig: decision.endgueltig,
        }
    }
}

impl AnrufKontakt {
    fn new(zeitpunkt: DateTime<Utc>, anruf: &Telefonanruf) -> Self {
        let [_, art] = ARTEN;
        Self {
            art,
            id: anruf.id.0,
            zeitpunkt: Timestamp(zeitpunkt),
            status: anruf.status.as_str(),
            therapeutenanfrage_id: anruf.therapeutenanfrage_id,
            geplantes_datum: Datum(anruf.termin.datum()),
            geplante_zeit: Zeit(anruf.termin.zeit()),
            versuch: anruf.versuch,
            ergebnis_art: anruf.ergebnis.art.map(|art| art.as_str()),
            email_ids: anruf.email_ids.iter().map(|id| id.0).collect(),
            vorgaenger_id: anruf.vorgaenger_id.map(|id| id.0),
            bearbeiter: anruf.bearbeiter.clone(),
            notizen: anruf.notizen.clone(),
        }
    }
}
