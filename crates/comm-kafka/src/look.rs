//! The cheap look at every message: most on a shared topic are none of our business.

use crate::message::{event_type, is_listed};
use rdkafka::Message;
use rdkafka::message::Headers;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether a message has to be dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Of another type, our own events included: passed over.
    Other,
    /// A request, or something that cannot be judged.
    Concerns,
}

/// Goes by the header `ce_type`, which whoever writes no JSON can set too; without it by `eventType`, which
/// is found without reading the payload. What has neither is dealt with as a dead letter.
pub(crate) fn look<M: Message>(message: &M) -> Look {
    let is_other = match ce_type(message) {
        Some(event_type) => !is_listed(&event_type),
        None => event_type(message.payload()).is_ok_and(|event_type| !is_listed(&event_type)),
    };
    if is_other {
        Look::Other
    } else {
        Look::Concerns
    }
}

/// The CloudEvents type, if the headers say it in text. rdkafka 0.39 panics at a header whose name is no
/// UTF-8, which any program can write; such headers count as none.
fn ce_type<M: Message>(message: &M) -> Option<String> {
    let headers = message.headers()?;
    let find = || {
        let mut types = headers.iter().filter(|header| header.key == "ce_type");
        let value = types.next()?.value?;
        std::str::from_utf8(value).ok().map(str::to_owned)
    };
    catch_unwind(AssertUnwindSafe(find)).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::Timestamp;
    use rdkafka::message::{Header, OwnedHeaders, OwnedMessage};

    fn message(payload: Option<&str>, ce_type: Option<&[u8]>) -> OwnedMessage {
        let headers = ce_type.map(|value| {
            OwnedHeaders::new().insert(Header {
                key: "ce_type",
                value: Some(value),
            })
        });
        let payload = payload.map(|text| text.as_bytes().to_vec());
        let (topic, time) = ("events".to_owned(), Timestamp::NotAvailable);
        OwnedMessage::new(payload, None, topic, time, 0, 0, headers)
    }

    const REQUEST: &str =
        r#"{"eventType": "communication.send_email", "payload": {"email_id": 1}}"#;

    #[test]
    fn other_types_are_known_by_the_header_or_the_envelope() {
        for (payload, ce_type) in [
            (Some("\u{1}binary"), Some("order.created")),
            (None, Some("order.deleted")),
            (Some(REQUEST), Some("email.sent")),
            (Some(r#"{"eventType": "email.sent", "payload": {}}"#), None),
            (Some(r#"{"payload": 1, "eventType": "x"}"#), None),
        ] {
            let message = message(payload, ce_type.map(str::as_bytes));
            assert_eq!(look(&message), Look::Other, "{payload:?} {ce_type:?}");
        }
    }

    #[test]
    fn requests_and_what_cannot_be_judged_are_dealt_with() {
        for (payload, ce_type) in [
            (Some(REQUEST), None),
            (Some(REQUEST), Some("communication.send_email".as_bytes())),
            (Some("Anna"), Some(b"communication.schedule_call")),
            (Some(REQUEST), Some(&[0xff])),
            (Some("Anna Muster"), None),
            (Some("{}"), None),
            (None, None),
        ] {
            let message = message(payload, ce_type);
            assert_eq!(look(&message), Look::Concerns, "{payload:?} {ce_type:?}");
        }
    }
}
