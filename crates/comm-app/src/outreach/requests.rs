//! What clients ask for, before the rules have been applied.

use comm_domain::outreach::{EmailPatch, Inhaltsbytes};
use serde_json::{Map, Value};

/// The three ways to give a body; see [`comm_domain::outreach::Source`].
#[derive(Debug, Clone, Default)]
pub struct Bodies {
    /// `inhalt_markdown`.
    pub markdown: Option<String>,
    /// `inhalt_html`.
    pub html: Option<String>,
    /// `inhalt_text`.
    pub text: Option<String>,
}

/// One entry of `attachments`.
#[derive(Debug, Clone)]
pub enum GivenAttachment {
    /// The path of a file in the attachment folder.
    Path(String),
    /// A file with its content, or, without it, an entry as it was answered.
    File {
        /// `filename`.
        filename: Option<String>,
        /// `content_type`; from the name where it is left out.
        content_type: Option<String>,
        /// `size` in bytes; only answers have it.
        size: Option<u64>,
        /// `content_base64`, decoded.
        content: Option<Inhaltsbytes>,
    },
}

/// A new email as a client asks for it (contract, `POST /api/emails`).
#[derive(Debug, Clone, Default)]
pub struct CreateEmail {
    /// `therapist_id`.
    pub therapist_id: Option<i64>,
    /// `patient_id`.
    pub patient_id: Option<i64>,
    /// `betreff`.
    pub betreff: Option<String>,
    /// The body.
    pub bodies: Bodies,
    /// `add_legal_footer`; true where it is left out.
    pub add_legal_footer: Option<bool>,
    /// `empfaenger_email`.
    pub empfaenger_email: Option<String>,
    /// `empfaenger_name`.
    pub empfaenger_name: Option<String>,
    /// `absender_email`; from the configuration where it is left out.
    pub absender_email: Option<String>,
    /// `absender_name`; from the configuration where it is left out.
    pub absender_name: Option<String>,
    /// `status`, `Entwurf` where it is left out.
    pub status: Option<String>,
    /// `therapeutenanfrage_id`.
    pub therapeutenanfrage_id: Option<i64>,
    /// `senden_ab`.
    pub senden_ab: Option<chrono::DateTime<chrono::Utc>>,
    /// `prioritaet`.
    pub prioritaet: Option<i64>,
    /// `vorlage`: the template that writes the body, and the subject where `betreff` is left out.
    pub vorlage: Option<String>,
    /// `vorlage_daten`: what the template is filled in with.
    pub vorlage_daten: Option<Map<String, Value>>,
    /// `attachments`.
    pub attachments: Vec<GivenAttachment>,
}

/// How a template is to be tried out (contract, `POST /api/vorlagen/{name}/vorschau`).
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// `vorlage_daten`; the sample data where it is left out.
    pub daten: Option<Map<String, Value>>,
    /// `add_legal_footer`; true where it is left out.
    pub add_legal_footer: Option<bool>,
}

/// Changes of an email as a client asks for them (contract, `PUT /api/emails/{id}`).
#[derive(Debug, Clone, Default)]
pub struct UpdateEmail {
    /// Everything but the bodies and the attachments; [`EmailPatch::inhalt`] is made from `bodies`.
    pub patch: EmailPatch,
    /// The new list of `attachments`; what is an entry as it was answered counts as the stored one.
    pub attachments: Option<Vec<GivenAttachment>>,
    /// New bodies; what equals the present answer counts as left out.
    pub bodies: Bodies,
}
