//! What events say about a call.

use super::{FreeText, Report};
use comm_domain::outreach::{Telefonanruf, TelefonanrufEvent, TelefonanrufEventKind};
use serde::Serialize;

#[derive(Serialize, Default)]
pub(super) struct Payload<'a> {
    call_id: i64,
    call_data: CallData<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    communication_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    therapist_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient_id: Option<i64>,
}

#[derive(Serialize, Default)]
struct CallData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    therapist_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    therapeutenanfrage_id: Option<i64>,
    recipient_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ergebnis: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_time: Option<String>,
}

pub(super) fn report<'a>(
    anruf: &'a Telefonanruf,
    event: &TelefonanrufEvent,
    free_text: FreeText,
) -> Report<Payload<'a>> {
    let payload = match event.kind {
        TelefonanrufEventKind::Scheduled => scheduled(anruf),
        TelefonanrufEventKind::Completed
        | TelefonanrufEventKind::Failed
        | TelefonanrufEventKind::Cancelled => ended(anruf, free_text),
    };
    Report {
        aggregate: "telefonanruf",
        id: anruf.id.0,
        sequence: event.sequence,
        at: event.at,
        event_type: event_type(event.kind),
        payload,
    }
}

fn scheduled(anruf: &Telefonanruf) -> Payload<'_> {
    Payload {
        call_id: anruf.id.0,
        call_data: CallData {
            scheduled_date: Some(anruf.termin.datum().to_string()),
            scheduled_time: Some(anruf.termin.zeit().format("%H:%M:%S").to_string()),
            ..call_data(anruf)
        },
        ..Payload::default()
    }
}

fn ended(anruf: &Telefonanruf, free_text: FreeText) -> Payload<'_> {
    let text = anruf.ergebnis.text.as_deref();
    let ergebnis = text.and_then(|text| free_text.show(text));
    let art = anruf.ergebnis.art.map(|art| art.as_str());
    Payload {
        call_id: anruf.id.0,
        call_data: CallData {
            status: Some(anruf.status.as_str()),
            ergebnis,
            ..call_data(anruf)
        },
        communication_type: Some("phone_call"),
        outcome: art.or(ergebnis),
        therapist_id: anruf.empfaenger.therapist_id(),
        patient_id: anruf.empfaenger.patient_id(),
    }
}

fn call_data(anruf: &Telefonanruf) -> CallData<'_> {
    CallData {
        therapist_id: anruf.empfaenger.therapist_id(),
        patient_id: anruf.empfaenger.patient_id(),
        therapeutenanfrage_id: anruf.therapeutenanfrage_id,
        recipient_type: anruf.empfaenger.recipient_type().as_str(),
        ..CallData::default()
    }
}

fn event_type(kind: TelefonanrufEventKind) -> &'static str {
    match kind {
        TelefonanrufEventKind::Scheduled => "communication.call_scheduled",
        TelefonanrufEventKind::Completed => "phone_call.completed",
        TelefonanrufEventKind::Failed => "phone_call.failed",
        TelefonanrufEventKind::Cancelled => "phone_call.cancelled",
    }
}
