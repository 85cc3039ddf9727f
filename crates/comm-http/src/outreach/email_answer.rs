//! An email as the API answers it (contract, 'Email').

use super::values::Timestamp;
use comm_app::outreach::ShownEmail;
use comm_domain::outreach::Anhang;
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct EmailAnswer {
    id: i64,
    therapist_id: Option<i64>,
    patient_id: Option<i64>,
    recipient_type: &'static str,
    betreff: String,
    inhalt_html: String,
    inhalt_text: String,
    empfaenger_email: String,
    empfaenger_name: String,
    absender_email: String,
    absender_name: String,
    status: &'static str,
    antwort_erhalten: bool,
    antwortdatum: Option<Timestamp>,
    antwortinhalt: Option<String>,
    antwort_art: Option<&'static str>,
    nachverfolgung_erforderlich: Option<bool>,
    nachverfolgung_notizen: Option<String>,
    in_warteschlange_am: Option<Timestamp>,
    gesendet_am: Option<Timestamp>,
    fehlermeldung: Option<String>,
    fehlerart: Option<&'static str>,
    wiederholungsanzahl: i32,
    naechster_versuch_am: Option<Timestamp>,
    message_id: String,
    therapeutenanfrage_id: Option<i64>,
    senden_ab: Option<Timestamp>,
    prioritaet: i16,
    vorlage: Option<String>,
    attachments: Vec<AttachmentAnswer>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What is answered of an attachment; its content has a path of its own.
#[derive(Serialize)]
pub(crate) struct AttachmentAnswer {
    filename: String,
    content_type: String,
    size: u64,
}

impl From<&Anhang> for AttachmentAnswer {
    fn from(anhang: &Anhang) -> Self {
        Self {
            filename: anhang.filename().to_owned(),
            content_type: anhang.content_type().to_owned(),
            size: anhang.size,
        }
    }
}

impl From<ShownEmail> for EmailAnswer {
    fn from(shown: ShownEmail) -> Self {
        let ShownEmail { email, parts } = shown;
        Self {
            id: email.id.0,
            therapist_id: email.empfaenger.therapist_id(),
            patient_id: email.empfaenger.patient_id(),
            recipient_type: email.empfaenger.recipient_type().as_str(),
            betreff: email.betreff.clone(),
            inhalt_html: parts.html,
            inhalt_text: parts.text,
            empfaenger_email: email.an.address.as_str().to_owned(),
            empfaenger_name: email.an.name().to_owned(),
            absender_email: email.absender.address.as_str().to_owned(),
            absender_name: email.absender.name().to_owned(),
            status: email.status.as_str(),
            antwort_erhalten: email.antwort.erhalten,
            antwortdatum: email.antwort.datum.map(Timestamp),
            antwortinhalt: email.antwort.inhalt.clone(),
            antwort_art: email.antwort.art.map(|art| art.as_str()),
            nachverfolgung_erforderlich: email.nachverfolgung_erforderlich,
            nachverfolgung_notizen: email.nachverfolgung_notizen.clone(),
            in_warteschlange_am: email.in_warteschlange_am.map(Timestamp),
            gesendet_am: email.gesendet_am.map(Timestamp),
            fehlermeldung: email.fehlermeldung.clone(),
            fehlerart: email.fehlerart.map(|art| art.as_str()),
            wiederholungsanzahl: email.wiederholungsanzahl,
            naechster_versuch_am: email.naechster_versuch_am.map(Timestamp),
            message_id: email.message_id.clone(),
            therapeutenanfrage_id: email.therapeutenanfrage_id,
            senden_ab: email.senden_ab.map(Timestamp),
            prioritaet: email.prioritaet,
            vorlage: email.vorlage.clone(),
            attachments: email.anhaenge.iter().map(AttachmentAnswer::from).collect(),
            created_at: Timestamp(email.created_at),
            updated_at: Timestamp(email.updated_at),
        }
    }
}

impl EmailAnswer {
    /// Where it can be read.
    pub(crate) fn location(&self) -> String {
        format!("/api/emails/{}", self.id)
    }
}
