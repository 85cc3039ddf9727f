//! The bodies of `POST` and `PUT`. Unknown fields are ignored, and so are read-only ones.

use super::attachment_body::Attachments;
use super::values::{Field, Timestamp, Vorlagedaten};
use crate::problem::Problem;
use comm_app::outreach::{Bodies, CreateEmail, UpdateEmail};
use comm_domain::outreach::{EmailPatch, EmailStatus, ErgebnisArt, Patch};
use comm_domain::{EmailAddress, FieldError};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct CreateBody {
    therapist_id: Option<i64>,
    patient_id: Option<i64>,
    betreff: Option<String>,
    inhalt_markdown: Option<String>,
    inhalt_html: Option<String>,
    inhalt_text: Option<String>,
    add_legal_footer: Option<bool>,
    empfaenger_email: Option<String>,
    empfaenger_name: Option<String>,
    absender_email: Option<String>,
    absender_name: Option<String>,
    status: Option<String>,
    therapeutenanfrage_id: Option<i64>,
    senden_ab: Option<Timestamp>,
    prioritaet: Option<i64>,
    vorlage: Option<String>,
    vorlage_daten: Option<Vorlagedaten>,
    attachments: Option<Attachments>,
}

impl CreateBody {
    pub(crate) fn parse(self) -> Result<CreateEmail, Problem> {
        let daten = self.vorlage_daten.as_ref().map(Vorlagedaten::parse);
        Ok(CreateEmail {
            therapist_id: self.therapist_id,
            patient_id: self.patient_id,
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
            therapeutenanfrage_id: self.therapeutenanfrage_id,
            senden_ab: self.senden_ab.map(|at| at.0),
            prioritaet: self.prioritaet,
            vorlage: self.vorlage,
            vorlage_daten: daten.transpose()?,
            attachments: self.attachments.map(|list| list.0).unwrap_or_default(),
        })
    }
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct UpdateBody {
    betreff: Option<String>,
    inhalt_markdown: Option<String>,
    inhalt_html: Option<String>,
    inhalt_text: Option<String>,
    empfaenger_email: Option<String>,
    empfaenger_name: Option<String>,
    absender_email: Option<String>,
    absender_name: Option<String>,
    senden_ab: Field<Timestamp>,
    prioritaet: Option<i64>,
    therapist_id: Field<i64>,
    patient_id: Field<i64>,
    therapeutenanfrage_id: Field<i64>,
    antwort_erhalten: Option<bool>,
    antwortdatum: Field<Timestamp>,
    antwortinhalt: Field<String>,
    antwort_art: Field<String>,
    nachverfolgung_erforderlich: Field<bool>,
    nachverfolgung_notizen: Field<String>,
    fehlermeldung: Field<String>,
    status: Option<String>,
    vorlage: Field<String>,
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
            senden_ab: at(self.senden_ab),
            prioritaet: self.prioritaet,
            therapist_id: self.therapist_id.0,
            patient_id: self.patient_id.0,
            therapeutenanfrage_id: self.therapeutenanfrage_id.0,
            antwort_erhalten: self.antwort_erhalten,
            antwortdatum: at(self.antwortdatum),
            antwortinhalt: self.antwortinhalt.0,
            antwort_art: convert(self.antwort_art.0, |art| ErgebnisArt::parse(&art))?,
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

fn at(field: Field<Timestamp>) -> Patch<chrono::DateTime<chrono::Utc>> {
    match field.0 {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(at) => Patch::Set(at.0),
    }
}

fn convert<A, B>(
    patch: Patch<A>,
    parse: impl FnOnce(A) -> Result<B, FieldError>,
) -> Result<Patch<B>, FieldError> {
    Ok(match patch {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(value) => Patch::Set(parse(value)?),
    })
}
