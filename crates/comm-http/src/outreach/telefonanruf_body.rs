//! The bodies of `POST` and `PUT` of a call. Unknown fields are ignored, and so are read-only ones.

use super::values::{Datum, Field, Integer, Zeit, number};
use crate::openapi;
use crate::problem::Problem;
use comm_app::outreach::telefonanrufe::CreateTelefonanruf;
use comm_domain::FieldError;
use comm_domain::outreach::telefonanruf::{Ergebnis, Tatsaechlich};
use comm_domain::outreach::{EmailId, ErgebnisArt, TelefonanrufPatch, TelefonanrufStatus};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is left out, `null` or empty is chosen by the service.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewTelefonanruf)]
pub(crate) struct CreateBody {
    /// The therapist who is called. Exactly one of `therapist_id` and `patient_id` is given.
    #[schema(value_type = Option<i64>, minimum = 0)]
    therapist_id: Option<Integer>,
    /// The patient who is called.
    #[schema(value_type = Option<i64>, minimum = 0)]
    patient_id: Option<Integer>,
    /// The Matching Service's bundle.
    #[schema(value_type = Option<i64>, minimum = 0)]
    therapeutenanfrage_id: Option<Integer>,
    /// The day; not in the past, unless the call was made already. Without a time, the first day on which a slot is
    /// looked for.
    #[schema(value_type = Option<String>, format = "date-or-empty")]
    #[serde(default)]
    geplantes_datum: Field<Datum>,
    /// The time of day. Without one, a therapist is called in the earliest free slot of the telephone hours, a patient
    /// at 10:00 or in the next free slot after it.
    #[schema(value_type = Option<String>, format = "time-or-empty")]
    #[serde(default)]
    geplante_zeit: Field<Zeit>,
    /// How many minutes it is to take; 5 for therapists and 10 for patients where it is left out.
    #[schema(value_type = Option<i64>, minimum = 5, maximum = 120, multiple_of = 5)]
    dauer_minuten: Option<Integer>,
    /// Whether it is planned, or was made without a plan.
    #[schema(value_type = Option<openapi::NewTelefonanrufStatus>)]
    status: Option<String>,
    /// The day on which it really took place; of a call that was made, today where nothing says otherwise.
    #[schema(value_type = Option<String>, format = "date-or-empty")]
    #[serde(default)]
    tatsaechliches_datum: Field<Datum>,
    /// The time of day at which it really took place; of a call that was made, now where nothing says otherwise.
    #[schema(value_type = Option<String>, format = "time-or-empty")]
    #[serde(default)]
    tatsaechliche_zeit: Field<Zeit>,
    /// The outcome in words.
    #[schema(value_type = Option<String>, format = "text")]
    #[serde(default)]
    ergebnis: Field<String>,
    /// Notes of the staff.
    #[schema(value_type = Option<String>, format = "text")]
    #[serde(default)]
    notizen: Field<String>,
    /// The outcome in a form that rules can use.
    #[schema(value_type = Option<openapi::ErgebnisArtOrEmpty>)]
    #[serde(default)]
    ergebnis_art: Field<String>,
    /// The earliest day of the next attempt; required of a call that was made and ended with an agreed callback.
    #[schema(value_type = Option<String>, format = "date-or-empty")]
    #[serde(default)]
    wiederholen_nach: Field<Datum>,
    /// The agreed time of the next attempt.
    #[schema(value_type = Option<String>, format = "time-or-empty")]
    #[serde(default)]
    wiederholen_zeit: Field<Zeit>,
    /// The member of staff who makes the call.
    #[schema(value_type = Option<String>, format = "line-or-empty")]
    #[serde(default)]
    bearbeiter: Field<String>,
}

impl CreateBody {
    pub(crate) fn parse(self) -> Result<CreateTelefonanruf, Problem> {
        let art = self.ergebnis_art.convert(|art| ergebnis_art(&art))?;
        Ok(CreateTelefonanruf {
            therapist_id: number(self.therapist_id),
            patient_id: number(self.patient_id),
            therapeutenanfrage_id: number(self.therapeutenanfrage_id),
            geplantes_datum: self.geplantes_datum.given().map(|datum| datum.0),
            geplante_zeit: self.geplante_zeit.given().map(|zeit| zeit.0),
            dauer_minuten: number(self.dauer_minuten),
            status: self.status,
            tatsaechlich: Tatsaechlich {
                datum: self.tatsaechliches_datum.given().map(|datum| datum.0),
                zeit: self.tatsaechliche_zeit.given().map(|zeit| zeit.0),
            },
            ergebnis: Ergebnis {
                text: self.ergebnis.given(),
                art: Field(art).given(),
                wiederholen_nach: self.wiederholen_nach.given().map(|datum| datum.0),
                wiederholen_zeit: self.wiederholen_zeit.given().map(|zeit| zeit.0),
            },
            notizen: self.notizen.given(),
            bearbeiter: self.bearbeiter.given(),
        })
    }
}

/// What is left out, `null` or equal to what is answered stays as it is; `""` clears what may be empty. Fields of the
/// answer that are not named here are ignored.
#[derive(Deserialize, ToSchema)]
#[schema(as = TelefonanrufChange)]
pub(crate) struct UpdateBody {
    /// The day, not in the past; while it is planned, or to plan it again.
    #[schema(value_type = Option<NaiveDate>)]
    geplantes_datum: Option<Datum>,
    /// The time of day, not in the past; while it is planned, or to plan it again.
    #[schema(value_type = Option<String>, format = "time-of-day")]
    geplante_zeit: Option<Zeit>,
    /// How many minutes it is to take; while it is planned, or to plan it again.
    #[schema(value_type = Option<i64>, minimum = 5, maximum = 120, multiple_of = 5)]
    dauer_minuten: Option<Integer>,
    /// The state to go to.
    #[schema(value_type = Option<openapi::TelefonanrufStatus>)]
    status: Option<String>,
    /// The day on which it really took place; a call that was made always has one.
    #[schema(value_type = Option<String>, format = "date-or-empty")]
    #[serde(default)]
    tatsaechliches_datum: Field<Datum>,
    /// The time of day at which it really took place; a call that was made always has one.
    #[schema(value_type = Option<String>, format = "time-or-empty")]
    #[serde(default)]
    tatsaechliche_zeit: Field<Zeit>,
    /// The outcome in words.
    #[schema(value_type = Option<String>, format = "text")]
    #[serde(default)]
    ergebnis: Field<String>,
    /// Notes of the staff.
    #[schema(value_type = Option<String>, format = "text")]
    #[serde(default)]
    notizen: Field<String>,
    /// The outcome in a form that rules can use; empty for none. An agreed callback needs `wiederholen_nach`.
    #[schema(value_type = Option<openapi::ErgebnisArtOrEmpty>)]
    #[serde(default)]
    ergebnis_art: Field<String>,
    /// The earliest day of the next attempt.
    #[schema(value_type = Option<String>, format = "date-or-empty")]
    #[serde(default)]
    wiederholen_nach: Field<Datum>,
    /// The agreed time of the next attempt.
    #[schema(value_type = Option<String>, format = "time-or-empty")]
    #[serde(default)]
    wiederholen_zeit: Field<Zeit>,
    /// The member of staff who makes the call.
    #[schema(value_type = Option<String>, format = "line-or-empty")]
    #[serde(default)]
    bearbeiter: Field<String>,
    /// It never changes, but may be sent back.
    #[schema(value_type = Option<i64>, format = "number-or-empty")]
    #[serde(default)]
    therapist_id: Field<Integer>,
    /// It never changes, but may be sent back.
    #[schema(value_type = Option<i64>, format = "number-or-empty")]
    #[serde(default)]
    patient_id: Field<Integer>,
    /// It never changes, but may be sent back.
    #[schema(value_type = Option<i64>, format = "number-or-empty")]
    #[serde(default)]
    therapeutenanfrage_id: Field<Integer>,
    /// It never changes, but may be sent back.
    #[schema(value_type = Option<i64>, format = "number-or-empty")]
    #[serde(default)]
    vorgaenger_id: Field<Integer>,
    /// No client changes them, but they may be sent back.
    #[schema(value_type = Option<Vec<i64>>)]
    email_ids: Option<Vec<Integer>>,
}

impl UpdateBody {
    pub(crate) fn parse(self) -> Result<TelefonanrufPatch, Problem> {
        let status = self.status.as_deref().map(TelefonanrufStatus::parse);
        Ok(TelefonanrufPatch {
            geplantes_datum: self.geplantes_datum.map(|datum| datum.0),
            geplante_zeit: self.geplante_zeit.map(|zeit| zeit.0),
            dauer_minuten: number(self.dauer_minuten),
            status: status.transpose()?,
            tatsaechliches_datum: self.tatsaechliches_datum.map(|datum| datum.0),
            tatsaechliche_zeit: self.tatsaechliche_zeit.map(|zeit| zeit.0),
            ergebnis: self.ergebnis.0,
            ergebnis_art: self.ergebnis_art.convert(|art| ergebnis_art(&art))?,
            wiederholen_nach: self.wiederholen_nach.map(|datum| datum.0),
            wiederholen_zeit: self.wiederholen_zeit.map(|zeit| zeit.0),
            notizen: self.notizen.0,
            bearbeiter: self.bearbeiter.0,
            therapist_id: self.therapist_id.map(|id| id.0),
            patient_id: self.patient_id.map(|id| id.0),
            therapeutenanfrage_id: self.therapeutenanfrage_id.map(|id| id.0),
            vorgaenger_id: self.vorgaenger_id.map(|id| id.0),
            email_ids: self.email_ids.map(emails),
        })
    }
}

fn ergebnis_art(art: &str) -> Result<ErgebnisArt, FieldError> {
    ErgebnisArt::parse_as("ergebnis_art", art)
}

/// An id of 0 counts as absent.
fn emails(ids: Vec<Integer>) -> Vec<EmailId> {
    let ids = ids.into_iter().filter(|id| id.0 != 0);
    ids.map(|id| EmailId(id.0)).collect()
}
