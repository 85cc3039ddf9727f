//! What a consumed message asks for (contract-events, 'Envelope' and 'Consumed').

use chrono::{DateTime, Utc};
use comm_domain::outreach::{Anrufwunsch, AnrufwunschError, EmailId, RawAnrufwunsch};
use comm_domain::timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::borrow::Cow;
use thiserror::Error;
use uuid::Uuid;

/// A request that is meant for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `communication.send_email`: send this email now.
    SendEmail(EmailId),
    /// `communication.schedule_call`: somebody is to be called.
    ScheduleCall {
        /// Who, and when.
        wunsch: Anrufwunsch,
        /// `timestamp` of the envelope.
        angefragt_am: Option<DateTime<Utc>>,
    },
}

/// A request with what it takes to know its event again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// What is asked for.
    pub request: Request,
    /// `eventId`, if it is a UUID that somebody can have drawn.
    pub event_id: Option<Uuid>,
}

/// A message that cannot be read. It carries no value out of the message, since that may be personal.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum UnreadableMessage {
    /// The value is missing.
    #[error("the message has no value")]
    Empty,
    /// The value is not the JSON of an envelope.
    #[error("the value is no JSON object with an eventType (line {line}, column {column})")]
    Envelope {
        /// Where the JSON breaks off.
        line: usize,
        /// Where the JSON breaks off.
        column: usize,
    },
    /// A field of the envelope or the payload is missing or has the wrong type.
    #[error("{event_type}: {field} {reason}")]
    Field {
        /// The event's type.
        event_type: &'static str,
        /// The field's name on the wire.
        field: String,
        /// What it must be instead.
        reason: &'static str,
    },
    /// The payload breaks a rule.
    #[error("{event_type}: {error}")]
    Rule {
        /// The event's type.
        event_type: &'static str,
        /// Which rule.
        #[source]
        error: AnrufwunschError,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    #[serde(borrow)]
    event_id: Option<&'a RawValue>,
    #[serde(borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct SendEmail {
    email_id: Option<i64>,
}

#[derive(Deserialize)]
struct ScheduleCall {
    therapist_id: Option<i64>,
    patient_id: Option<i64>,
    geplantes_datum: Option<String>,
    geplante_zeit: Option<String>,
    dauer_minuten: Option<i64>,
    notizen: Option<String>,
    therapeutenanfrage_id: Option<i64>,
}

const SEND_EMAIL: &str = "communication.send_email";
const SCHEDULE_CALL: &str = "communication.schedule_call";

/// Whether messages of this type are meant for us.
pub(crate) fn is_listed(event_type: &str) -> bool {
    [SEND_EMAIL, SCHEDULE_CALL].contains(&event_type)
}

impl Request {
    /// `eventType`, as it stands in the envelope.
    pub(crate) fn event_type(&self) -> &'static str {
        match self {
            Self::SendEmail(_) => SEND_EMAIL,
            Self::ScheduleCall { .. } => SCHEDULE_CALL,
        }
    }
}

impl Requested {
    /// Reads a message; `Ok(None)` for types that do not concern us, our own events included. Their payload
    /// is passed over unread.
    ///
    /// # Errors
    /// See [`UnreadableMessage`].
    pub fn parse(value: Option<&[u8]>) -> Result<Option<Self>, UnreadableMessage> {
        let envelope = envelope(value)?;
        let request = match envelope.event_type.as_ref() {
            SEND_EMAIL => send_email(&envelope)?,
            SCHEDULE_CALL => schedule_call(&envelope)?,
            _ => return Ok(None),
        };
        Ok(Some(Self {
            request,
            event_id: envelope.event_id.and_then(usable),
        }))
    }
}

/// The value's `eventType`.
///
/// # Errors
/// The value is no envelope.
pub(crate) fn event_type(value: Option<&[u8]>) -> Result<Cow<'_, str>, UnreadableMessage> {
    envelope(value).map(|envelope| envelope.event_type)
}

fn envelope(value: Option<&[u8]>) -> Result<Envelope<'_>, UnreadableMessage> {
    let value = value.ok_or(UnreadableMessage::Empty)?;
    serde_json::from_slice(value).map_err(|error| UnreadableMessage::Envelope {
        line: error.line(),
        column: error.column(),
    })
}

/// What is no UUID, or the same for everybody, could make us drop another's request.
fn usable(event_id: &RawValue) -> Option<Uuid> {
    let text: String = serde_json::from_str(event_id.get()).ok()?;
    let id = Uuid::parse_str(&text).ok()?;
    (!id.is_nil() && !id.is_max()).then_some(id)
}

fn send_email(envelope: &Envelope) -> Result<Request, UnreadableMessage> {
    let SendEmail { email_id } = payload(SEND_EMAIL, envelope.payload)?;
    email_id
        .map(|id| Request::SendEmail(EmailId(id)))
        .ok_or_else(|| field(SEND_EMAIL, "payload.email_id", "is required"))
}

fn schedule_call(envelope: &Envelope) -> Result<Request, UnreadableMessage> {
    let call: ScheduleCall = payload(SCHEDULE_CALL, envelope.payload)?;
    let wunsch = Anrufwunsch::parse(RawAnrufwunsch {
        therapist_id: call.therapist_id,
        patient_id: call.patient_id,
        geplantes_datum: call.geplantes_datum,
        geplante_zeit: call.geplante_zeit,
        dauer_minuten: call.dauer_minuten,
        notizen: call.notizen,
        therapeutenanfrage_id: call.therapeutenanfrage_id,
    });
    Ok(Request::ScheduleCall {
        wunsch: wunsch.map_err(|error| UnreadableMessage::Rule {
            event_type: SCHEDULE_CALL,
            error,
        })?,
        angefragt_am: envelope.timestamp.map(instant).transpose()?,
    })
}

fn instant(raw: &RawValue) -> Result<DateTime<Utc>, UnreadableMessage> {
    let text: Option<String> = serde_json::from_str(raw.get()).ok();
    text.and_then(|text| timestamp::parse(&text))
        .ok_or_else(|| field(SCHEDULE_CALL, "timestamp", "must be an ISO 8601 timestamp"))
}

fn payload<T: DeserializeOwned>(
    event_type: &'static str,
    raw: Option<&RawValue>,
) -> Result<T, UnreadableMessage> {
    let raw = raw.ok_or_else(|| field(event_type, "payload", "is required"))?;
    let mut json = serde_json::Deserializer::from_str(raw.get());
    serde_path_to_error::deserialize(&mut json).map_err(|error| match error.path().to_string() {
        path if path == "." => field(event_type, "payload", "must be an object of its fields"),
        path => field(event_type, &format!("payload.{path}"), "has the wrong type"),
    })
}

fn field(event_type: &'static str, field: &str, reason: &'static str) -> UnreadableMessage {
    UnreadableMessage::Field {
        event_type,
        field: field.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests;
