//! What a consumed message asks for.

use comm_domain::outreach::EmailId;
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

/// A request that is meant for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `communication.send_email`: send this email now.
    SendEmail(EmailId),
}

/// A message that cannot be read. It carries no part of the message, since that may be personal.
#[derive(Debug, Error)]
pub enum UnreadableMessage {
    /// The value is missing.
    #[error("the message has no value")]
    Empty,
    /// The value is not the JSON of an envelope.
    #[error("the value is no event envelope (line {line}, column {column})")]
    Envelope {
        /// Where the JSON breaks off.
        line: usize,
        /// Where the JSON breaks off.
        column: usize,
    },
    /// The payload does not fit the type.
    #[error("the payload of {event_type} cannot be read")]
    Payload {
        /// The event's type.
        event_type: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    event_type: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct SendEmail {
    email_id: i64,
}

const SEND_EMAIL: &str = "communication.send_email";

impl Request {
    /// Reads a message; `Ok(None)` for types that do not concern us, our own events included.
    ///
    /// # Errors
    /// See [`UnreadableMessage`].
    pub fn parse(value: Option<&[u8]>) -> Result<Option<Self>, UnreadableMessage> {
        let value = value.ok_or(UnreadableMessage::Empty)?;
        let envelope: Envelope =
            serde_json::from_slice(value).map_err(|error| UnreadableMessage::Envelope {
                line: error.line(),
                column: error.column(),
            })?;
        if envelope.event_type != SEND_EMAIL {
            return Ok(None);
        }
        let payload = envelope.payload.map_or("null", RawValue::get);
        let request: SendEmail =
            serde_json::from_str(payload).map_err(|_| UnreadableMessage::Payload {
                event_type: SEND_EMAIL,
            })?;
        Ok(Some(Self::SendEmail(EmailId(request.email_id))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<Option<Request>, UnreadableMessage> {
        Request::parse(Some(value.as_bytes()))
    }

    #[test]
    fn a_request_to_send_names_its_email() {
        let request = parse(
            r#"{"eventId": "x", "eventType": "communication.send_email", "version": "1.0",
                "timestamp": "2026-01-31T09:15:00", "producer": "matching-service",
                "payload": {"email_id": 42, "more": [1]}}"#,
        );
        assert_eq!(request.unwrap(), Some(Request::SendEmail(EmailId(42))));
    }

    #[test]
    fn other_types_are_passed_over_whatever_their_payload() {
        for value in [
            r#"{"eventType": "email.sent", "payload": {"email_id": 1}}"#,
            r#"{"eventType": "match.created", "payload": "text"}"#,
            r#"{"eventType": "x"}"#,
        ] {
            assert_eq!(parse(value).unwrap(), None, "{value}");
        }
    }

    #[test]
    fn what_is_no_envelope_is_an_error_without_any_of_its_text() {
        for value in [
            "",
            "Anna Muster",
            "[]",
            "{}",
            r#"{"eventType": 5}"#,
            "{\"eventType\": \"x\"",
        ] {
            let error = parse(value).unwrap_err().to_string();
            assert!(!error.contains("Muster"), "{error}");
        }
        assert!(matches!(
            Request::parse(None),
            Err(UnreadableMessage::Empty)
        ));
        assert!(matches!(
            Request::parse(Some(&[0xff, 0xfe])),
            Err(UnreadableMessage::Envelope { .. })
        ));
    }

    #[test]
    fn a_request_without_a_usable_id_is_an_error() {
        for payload in [
            "null",
            "{}",
            r#"{"email_id": "x"}"#,
            r#"{"email_id": 99999999999999999999}"#,
        ] {
            let value =
                format!(r#"{{"eventType": "communication.send_email", "payload": {payload}}}"#);
            assert!(
                matches!(parse(&value), Err(UnreadableMessage::Payload { .. })),
                "{value}"
            );
        }
    }
}
