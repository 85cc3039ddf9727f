//! An email as the API answers it (contract, 'Email').

use super::kontaktwarnung::Kontaktwarnung;
use super::values::Timestamp;
use crate::openapi;
use comm_app::outreach::ShownEmail;
use comm_domain::outreach::Anhang;
use serde::Serialize;
use utoipa::ToSchema;

/// An email.
#[derive(Serialize, ToSchema)]
#[schema(as = Email)]
pub(crate) struct EmailAnswer {
    /// Its id.
    #[schema(minimum = 1)]
    id: i64,
    /// The therapist that it is for.
    #[schema(minimum = 1)]
    therapist_id: Option<i64>,
    /// The patient that it is for.
    #[schema(minimum = 1)]
    patient_id: Option<i64>,
    /// Whom it is for.
    #[schema(value_type = openapi::RecipientType)]
    recipient_type: &'static str,
    /// The subject.
    betreff: String,
    /// The HTML part, with the legal footer where it is shown.
    inhalt_html: String,
    /// The plain text part, likewise.
    inhalt_text: String,
    /// The recipient's address.
    empfaenger_email: String,
    /// The recipient's name.
    empfaenger_name: String,
    /// The sender's address.
    absender_email: String,
    /// The sender's name.
    absender_name: String,
    /// Where it stands.
    #[schema(value_type = openapi::EmailStatus)]
    status: &'static str,
    /// Whether an answer came.
    antwort_erhalten: bool,
    /// When the answer came.
    #[schema(value_type = Option<DateTime<Utc>>)]
    antwortdatum: Option<Timestamp>,
    /// The answer in words.
    antwortinhalt: Option<String>,
    /// What the answer said.
    #[schema(value_type = Option<openapi::ErgebnisArt>)]
    antwort_art: Option<&'static str>,
    /// `false`: the follow-up is switched off; `null`: automatic.
    nachverfolgung_erforderlich: Option<bool>,
    /// Notes of the staff about the follow-up.
    nachverfolgung_notizen: Option<String>,
    /// When it was queued last.
    #[schema(value_type = Option<DateTime<Utc>>)]
    in_warteschlange_am: Option<Timestamp>,
    /// When it was sent, or was said to be sent.
    #[schema(value_type = Option<DateTime<Utc>>)]
    gesendet_am: Option<Timestamp>,
    /// The last error: one German sentence that a clerk can act on, then the words of the server.
    fehlermeldung: Option<String>,
    /// The kind of the last error.
    #[schema(value_type = Option<openapi::Fehlerart>)]
    fehlerart: Option<&'static str>,
    /// Attempts that failed so far.
    #[schema(minimum = 0)]
    wiederholungsanzahl: i32,
    /// When the next attempt is due.
    #[schema(value_type = Option<DateTime<Utc>>)]
    naechster_versuch_am: Option<Timestamp>,
    /// The Message-ID (RFC 5322), the same in every attempt.
    message_id: String,
    /// The Matching Service's bundle.
    #[schema(minimum = 1)]
    therapeutenanfrage_id: Option<i64>,
    /// Not to be sent before this moment.
    #[schema(value_type = Option<DateTime<Utc>>)]
    senden_ab: Option<Timestamp>,
    /// 0 goes first.
    #[schema(minimum = 0, maximum = 9)]
    prioritaet: i16,
    /// The template that made the body.
    vorlage: Option<String>,
    /// What goes along with it, in this order.
    attachments: Vec<AttachmentAnswer>,
    /// When it was stored.
    #[schema(value_type = DateTime<Utc>)]
    created_at: Timestamp,
    /// When it was changed last.
    #[schema(value_type = DateTime<Utc>)]
    updated_at: Timestamp,
    /// The contact rule that its being queued by this request has met; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    kontaktwarnung: Option<Kontaktwarnung>,
}

/// What is answered of an attachment; its content has a path of its own.
#[derive(Serialize, ToSchema)]
#[schema(as = Attachment)]
pub(crate) struct AttachmentAnswer {
    /// The name that the recipient sees.
    filename: String,
    /// Its media type.
    content_type: String,
    /// Bytes.
    #[schema(minimum = 0)]
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
        let ShownEmail {
            email,
            parts,
            kontaktwarnung,
        } = shown;
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
            kontaktwarnung: kontaktwarnung.map(Kontaktwarnung::from),
        }
    }
}

impl EmailAnswer {
    /// Where it can be read.
    pub(crate) fn location(&self) -> String {
        format!("/api/emails/{}", self.id)
    }
}
