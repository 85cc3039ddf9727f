//! What events say about an email.

use super::{FreeText, Report};
use comm_domain::outreach::{Email, EmailEvent, EmailEventKind};
use serde::Serialize;

#[derive(Serialize, Default)]
pub(super) struct Payload<'a> {
    email_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_data: Option<EmailData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    communication_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    therapist_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    antwort_art: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fehlerart: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<&'a str>,
}

#[derive(Serialize)]
struct EmailData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    therapist_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    betreff: Option<&'a str>,
    recipient_type: &'a str,
    status: &'a str,
}

pub(super) fn report<'a>(
    email: &'a Email,
    event: &'a EmailEvent,
    free_text: FreeText,
) -> Report<Payload<'a>> {
    Report {
        aggregate: "email",
        id: email.id.0,
        sequence: event.sequence,
        at: event.at,
        event_type: event_type(&event.kind),
        payload: payload(email, &event.kind, free_text),
    }
}

fn payload<'a>(email: &'a Email, kind: &'a EmailEventKind, free_text: FreeText) -> Payload<'a> {
    let about = Payload {
        email_id: email.id.0,
        email_data: Some(email_data(email, free_text)),
        ..Payload::default()
    };
    let outcome = |about| Payload {
        communication_type: Some("email"),
        therapist_id: email.empfaenger.therapist_id(),
        patient_id: email.empfaenger.patient_id(),
        ..about
    };
    match kind {
        EmailEventKind::Created => about,
        EmailEventKind::Deleted => Payload {
            email_data: None,
            ..about
        },
        EmailEventKind::Sent => outcome(about),
        EmailEventKind::ResponseReceived => Payload {
            antwort_art: email.antwort.art.map(|art| art.as_str()),
            ..outcome(about)
        },
        EmailEventKind::Failed { enhanced_code } => Payload {
            fehlerart: email.fehlerart.map(|art| art.as_str()),
            status_code: enhanced_code.as_deref(),
            ..outcome(about)
        },
    }
}

fn email_data(email: &Email, free_text: FreeText) -> EmailData<'_> {
    EmailData {
        therapist_id: email.empfaenger.therapist_id(),
        patient_id: email.empfaenger.patient_id(),
        betreff: free_text.show(&email.betreff),
        recipient_type: email.empfaenger.recipient_type().as_str(),
        status: email.status.as_str(),
    }
}

fn event_type(kind: &EmailEventKind) -> &'static str {
    match kind {
        EmailEventKind::Created => "communication.email_created",
        EmailEventKind::Sent => "email.sent",
        EmailEventKind::Failed { .. } => "email.failed",
        EmailEventKind::ResponseReceived => "email.response_received",
        EmailEventKind::Deleted => "communication.email_deleted",
    }
}
