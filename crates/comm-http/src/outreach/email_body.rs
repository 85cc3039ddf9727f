//! The bodies of `POST` and `PUT`. Unknown fields are ignored, and so are read-only ones.

use super::attachment_body::Attachments;
use super::values::{Field, Integer, Timestamp, Vorlagedaten, number};
use crate::openapi;
use crate::problem::Problem;
use comm_app::outreach::{Bodies, CreateEmail, UpdateEmail};
use comm_domain::outreach::{EmailPatch, EmailStatus, ErgebnisArt};
use comm_domain::{EmailAddress, FieldError};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[schema(as = NewEmail)]
pub(crate) struct CreateBody {
    /// The therapist that it is for. Exactly one of `therapist_id` and `patient_id` is given.
    #[schema(value_type = Option<i64>, minimum = 0)]
    therapist_id: Option<Integer>,
    /// The patient that it is for.
    #[schema(value_type = Option<i64>, minimum = 0)]
    patient_id: Option<Integer>,
    /// The subject, one line. It may be left out with `vorlage`: then the template has one.
    #[schema(format = "line-or-empty")]
    betreff: Option<String>,
    /// CommonMark with tables and strikethrough; both parts of the mail are made from it. It wins over the other bodies.
    #[schema(format = "text")]
    inhalt_markdown: Option<String>,
    /// The HTML part. It is sanitised.
    #[schema(format = "text")]
    inhalt_html: Option<String>,
    /// The plain text part. A part that is not given is made from the other.
    #[schema(format = "text")]
    inhalt_text: Option<String>,
    /// Whether the legal footer is shown below both parts.
    #[schema(default = true)]
    add_legal_footer: Option<bool>,
    /// Exactly one address, without a name.
    #[schema(value_type = String, format = "address")]
    empfaenger_email: Option<String>,
    /// The recipient's name, one line.
    #[schema(value_type = String, format = "line")]
    empfaenger_name: Option<String>,
    /// The sender's address; from the configuration where it is left out or empty.
    #[schema(format = "address-or-empty")]
    absender_email: Option<String>,
    /// The sender's name; from the configuration where it is left out or empty.
    #[schema(format = "line-or-empty")]
    absender_name: Option<String>,
    /// Whether it is a draft or is to be sent.
    #[schema(value_type = Option<openapi::NewEmailStatus>)]
    status: Option<String>,
    /// The Matching Service's bundle.
    #[schema(value_type = Option<i64>, minimum = 0)]
    therapeutenanfrage_id: Option<Integer>,
    /// Not to be sent before this moment.
    #[schema(value_type = Option<DateTime<Utc>>)]
    senden_ab: Option<Timestamp>,
    /// 0 goes first.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 9, default = 5)]
    prioritaet: Option<Integer>,
    /// The template that writes subject and body.
    vorlage: Option<String>,
    /// What the template needs to know.
    #[schema(value_type = Option<Object>)]
    vorlage_daten: Option<Vorlagedaten>,
    /// What goes along with it, together at most 10 MiB before encoding.
    #[schema(value_type = Option<Vec<openapi::NewAttachment>>, max_items = 100)]
    attachments: Option<Attachments>,
}

impl CreateBody {
    pub(crate) fn parse(self) -> Result<CreateEmail, Problem> {
        let daten = self.vorlage_daten.as_ref().map(Vorlagedaten::parse);
        Ok(CreateEmail {
            therapist_id: number(self.therapist_id),
            patient_id: number(self.patient_id),
            betreff: self.betreff,
            bodies: Bodies {
                markdown: self.inhalt_markdown,
                html: self.inhalt_html,
                text: self.inhalt_text,
            },
            add_legal_footer: self.add_legal_footer,
            empfaenger_email: self.empfaenger_email,
            empfaenger_name: self.empfaenger_name,
            absender_email: self.absender_email.filter(|address| !address.is_empty()),
            absender_name: self.absender_name.filter(|name| !name.is_empty()),
            status: self.status,
            therapeutenanfrage_id: number(self.therapeutenanfrage_id),
            senden_ab: self.senden_ab.map(|at| at.0),
            prioritaet: number(self.prioritaet),
            vorlage: self.vorlage,
            vorlage_daten: daten.transpose()?,
            attachments: self.attachments.map(|list| list.0).unwrap_or_default(),
        })
    }
}

/// What is left out, `null` or equal to what is answered stays as it is; `""` clears what may be empty. Fields of the
/// answer that are not named here are ignored.
#[derive(Deserialize, ToSchema)]
#[schema(as = EmailChange)]
pub(crate) struct UpdateBody {
    /// The subject; while it is a draft.
    #[schema(format = "line")]
    betreff: Option<String>,
    /// Both parts anew, from CommonMark; while it is a draft.
    #[schema(format = "text")]
    inhalt_markdown: Option<String>,
    /// The HTML part; while it is a draft. The text part follows if it had been made from it.
    #[schema(format = "text")]
    inhalt_html: Option<String>,
    /// The plain text part; while it is a draft.
    #[schema(format = "text")]
    inhalt_text: Option<String>,
    /// The recipient's address; while it is a draft.
    #[schema(format = "address")]
    empfaenger_email: Option<String>,
    /// The recipient's name; while it is a draft.
    #[schema(format = "line")]
    empfaenger_name: Option<String>,
    /// The sender's address; while it is a draft.
    #[schema(format = "address")]
    absender_email: Option<String>,
    /// The sender's name; while it is a draft.
    #[schema(format = "line")]
    absender_name: Option<String>,
    /// Not to be sent before this moment; while it is a draft.
    #[schema(value_type = Option<String>, format = "timestamp-or-empty")]
    #[serde(default)]
    senden_ab: Field<Timestamp>,
    /// 0 goes first; while it is a draft.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 9)]
    prioritaet: Option<Integer>,
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
    /// Whether an answer came.
    antwort_erhalten: Option<bool>,
    /// When the answer came; now, where an answer is recorded without it.
    #[schema(value_type = Option<String>, format = "timestamp-or-empty")]
    #[serde(default)]
    antwortdatum: Field<Timestamp>,
    /// The answer in words.
    #[schema(value_type = Option<String>, format = "text")]
    #[serde(default)]
    antwortinhalt: Field<String>,
    /// What the answer said; empty for nothing.
    #[schema(value_type = Option<openapi::ErgebnisArtOrEmpty>)]
    #[serde(default)]
    antwort_art: Field<String>,
    /// `false` switches the follow-up off.
    #[schema(value_type = Option<bool>, format = "truth-or-empty")]
    #[serde(default)]
    nachverfolgung_erforderlich: Field<bool>,
    /// Notes of the staff about the follow-up.
    #[schema(value_type = Option<String>, format = "text")]
    #[serde(default)]
    nachverfolgung_notizen: Field<String>,
    /// The last error in words.
    #[schema(value_type = Option<String>, format = "text")]
    #[serde(default)]
    fehlermeldung: Field<String>,
    /// The state to go to.
    #[schema(value_type = Option<openapi::EmailStatus>)]
    status: Option<String>,
    /// It never changes, but may be sent back.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    vorlage: Field<String>,
    /// The list that it is to have; while it is a draft. An entry as it was answered stands for the stored one.
    #[schema(value_type = Option<Vec<openapi::AttachmentChange>>, max_items = 100)]
    attachments: Option<Attachments>,
}

impl UpdateBody {
    pub(crate) fn parse(self) -> Result<UpdateEmail, Problem> {
        let patch = EmailPatch {
            betreff: self.betreff,
            inhalt: None,
            anhaenge: None,
            empfaenger_email: address("empfaenger_email", self.empfaenger_email)?,
            empfaenger_name: self.empfaenger_name,
            absender_email: address("absender_email", self.absender_email)?,
            absender_name: self.absender_name,
            senden_ab: self.senden_ab.map(|at| at.0),
            prioritaet: number(self.prioritaet),
            therapist_id: self.therapist_id.map(|id| id.0),
            patient_id: self.patient_id.map(|id| id.0),
            therapeutenanfrage_id: self.therapeutenanfrage_id.map(|id| id.0),
            antwort_erhalten: self.antwort_erhalten,
            antwortdatum: self.antwortdatum.map(|at| at.0),
            antwortinhalt: self.antwortinhalt.0,
            antwort_art: self.antwort_art.convert(|art| ErgebnisArt::parse(&art))?,
            nachverfolgung_erforderlich: self.nachverfolgung_erforderlich.0,
            nachverfolgung_notizen: self.nachverfolgung_notizen.0,
            fehlermeldung: self.fehlermeldung.0,
            vorlage: self.vorlage.0,
            status: self.status.as_deref().map(EmailStatus::parse).transpose()?,
        };
        Ok(UpdateEmail {
            patch,
            attachments: self.attachments.map(|list| list.0),
            bodies: Bodies {
                markdown: self.inhalt_markdown,
                html: self.inhalt_html,
                text: self.inhalt_text,
            },
        })
    }
}

fn address(field: &'static str, value: Option<String>) -> Result<Option<EmailAddress>, FieldError> {
    value
        .map(|value| EmailAddress::parse(field, &value))
        .transpose()
}
