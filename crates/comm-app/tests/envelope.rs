//! Events on the wire (contract-events, 'Envelope' and 'Published').
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

use chrono::{DateTime, TimeDelta};
use comm_app::envelope::FreeText;
use comm_app::{Envelope, EventSettings, ScheduleCall};
use comm_domain::outreach::{
    Email, EmailEvent, EmailEventKind, EmailRecord, EmailStatus, Empfaenger, ErgebnisArt, Fehler,
    Fehlerart, Fehlergrund, Folge,
};
use comm_ports::error::Cause;
use comm_ports::outbox::Priority;
use comm_ports::testing::build::{email, instant};
use comm_ports::{EventEncoder, OutboxRecord};
use serde_json::Value;

fn envelope(free_text: FreeText) -> Envelope {
    Envelope::new(EventSettings {
        topic: "communication-events".to_owned(),
        free_text,
        schedule_call: ScheduleCall::Record,
        keep_seen_days: 30,
        keep_anrufwuensche_days: 90,
        also_publish_old_names: false,
        keep_days: 7,
    })
}

/// The one record of an event without copies.
fn only(records: Result<Vec<OutboxRecord>, Cause>) -> OutboxRecord {
    let [record] = <[_; 1]>::try_from(records.unwrap()).unwrap();
    record
}

fn encode(email: &Email, kind: EmailEventKind) -> OutboxRecord {
    let event = EmailEvent {
        sequence: 3,
        at: instant(),
        kind,
    };
    only(envelope(FreeText::Send).encode_email(email, &event))
}

fn json(record: &OutboxRecord) -> Value {
    serde_json::from_slice(&record.payload).unwrap()
}

fn refused() -> EmailEventKind {
    EmailEventKind::Failed {
        enhanced_code: Some("5.1.1".to_owned()),
    }
}

/// An email in this state to this person, with a value in every field that an event could betray.
fn about(empfaenger: Empfaenger, status: EmailStatus) -> Email {
    let mut record: EmailRecord = (*email(5, status)).clone();
    record.empfaenger = empfaenger;
    record.fehlerart = Some(Fehlerart::Endgueltig);
    let server = Some("550 unknown: praxis@example.org".to_owned());
    let fehler = Fehler {
        server,
        ..Fehler::in_doubt(Fehlergrund::Adresse)
    };
    record.fehlermeldung = Some(fehler.meldung(Folge::Ende));
    record.antwort.erhalten = true;
    record.antwort.inhalt = Some("Leider nein, Anna".to_owned());
    record.antwort.art = Some(ErgebnisArt::Abgelehnt);
    record.nachverfolgung_notizen = Some("Notiz".to_owned());
    Email::restore(record)
}

fn kinds() -> [(&'static str, EmailStatus, EmailEventKind); 5] {
    [
        ("created", EmailStatus::Entwurf, EmailEventKind::Created),
        ("sent", EmailStatus::Gesendet, EmailEventKind::Sent),
        ("failed", EmailStatus::Fehlgeschlagen, refused()),
        (
            "response",
            EmailStatus::Gesendet,
            EmailEventKind::ResponseReceived,
        ),
        ("deleted", EmailStatus::Gesendet, EmailEventKind::Deleted),
    ]
}

#[test]
fn every_kind_of_event_looks_as_the_contract_says() {
    for (person, empfaenger) in [
        ("therapist", Empfaenger::Therapeut(7)),
        ("patient", Empfaenger::Patient(8)),
    ] {
        for (name, status, kind) in kinds() {
            let value = json(&encode(&about(empfaenger, status), kind));
            insta::assert_json_snapshot!(format!("{name}_{person}"), value, {".eventId" => "[uuid]"});
        }
    }
}

#[test]
fn without_free_text_there_is_no_subject_and_nothing_else_is_missing() {
    for (name, status, kind) in kinds() {
        let event = EmailEvent {
            sequence: 1,
            at: instant(),
            kind,
        };
        let email = about(Empfaenger::Therapeut(7), status);
        let with = only(envelope(FreeText::Send).encode_email(&email, &event));
        let without = only(envelope(FreeText::Omit).encode_email(&email, &event));
        assert!(
            !String::from_utf8_lossy(&without.payload).contains("Anfrage"),
            "{name}"
        );
        let mut expected = json(&with);
        if let Some(Value::Object(data)) = expected.pointer_mut("/payload/email_data") {
            assert!(data.remove("betreff").is_some(), "{name}");
        }
        let mut found = json(&without);
        for value in [&mut expected, &mut found] {
            value.as_object_mut().unwrap().remove("eventId");
        }
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn no_event_carries_a_body_an_address_a_name_or_words_of_others() {
    for empfaenger in [Empfaenger::Therapeut(7), Empfaenger::Patient(8)] {
        for (name, _, kind) in kinds() {
            for status in EmailStatus::ALL {
                let record = encode(&about(empfaenger, *status), kind.clone());
                let mut value = json(&record);
                // Random digits may spell anything.
                value["eventId"].take();
                let text = value.to_string().replace("\"eventId\":null,", "");
                for secret in [
                    "Guten Tag",
                    "example.org",
                    "@",
                    "Ada",
                    "Vermittlung",
                    "Anna",
                    "550 unknown",
                    "Mailserver",
                    "Notiz",
                    "null",
                ] {
                    assert!(!text.contains(secret), "{name} has {secret}: {text}");
                }
            }
        }
    }
}

#[test]
fn the_record_says_what_its_bytes_say() {
    let record = encode(&email(5, EmailStatus::Gesendet), EmailEventKind::Sent);
    let value = json(&record);
    assert_eq!(value["eventId"], record.event_id.to_string());
    assert_eq!(value["eventType"], record.event_type);
    assert_eq!(value["sequence"], record.sequence);
    assert_eq!(
        (
            record.aggregate.as_str(),
            record.aggregate_id,
            record.sequence
        ),
        ("email", 5, 3)
    );
    assert_eq!(
        (record.topic.as_str(), record.key.as_str()),
        ("communication-events", "5")
    );
    assert_eq!(record.occurred_at, instant());
}

#[test]
fn ids_and_trace_contexts_are_new_for_every_event() {
    let encoded = || encode(&email(5, EmailStatus::Gesendet), EmailEventKind::Sent);
    let (first, second) = (encoded(), encoded());
    assert_ne!(first.event_id, second.event_id);
    assert_ne!(first.traceparent, second.traceparent);
    let parts: Vec<_> = first.traceparent.split('-').collect();
    let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
    assert_eq!(lengths, [2, 32, 16, 2], "{}", first.traceparent);
    assert_eq!((parts[0], parts[3]), ("00", "00"));
    let lower_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    assert!(parts.iter().all(|part| part.chars().all(lower_hex)));
}

#[test]
fn the_time_is_utc_with_six_digits_and_no_offset() {
    for (at, expected) in [
        (instant(), "2026-01-31T09:15:00.123456"),
        (
            instant() - TimeDelta::microseconds(123_456),
            "2026-01-31T09:15:00.000000",
        ),
        (DateTime::UNIX_EPOCH, "1970-01-01T00:00:00.000000"),
    ] {
        let event = EmailEvent {
            sequence: 1,
            at,
            kind: EmailEventKind::Created,
        };
        let email = email(5, EmailStatus::Entwurf);
        let record = only(envelope(FreeText::Send).encode_email(&email, &event));
        assert_eq!(json(&record)["timestamp"], expected);
    }
}

#[test]
fn with_old_names_two_events_have_a_copy_with_an_id_of_its_own_and_the_sequence_of_its_original() {
    let envelope = Envelope::new(EventSettings {
        topic: "communication-events".to_owned(),
        free_text: FreeText::Send,
        also_publish_old_names: true,
        schedule_call: ScheduleCall::Record,
        keep_seen_days: 30,
        keep_anrufwuensche_days: 90,
        keep_days: 7,
    });
    for (name, status, kind) in kinds() {
        let event = EmailEvent {
            sequence: 3,
            at: instant(),
            kind,
        };
        let email = about(Empfaenger::Therapeut(7), status);
        let records = envelope.encode_email(&email, &event).unwrap();
        let old = match name {
            "sent" => "communication.email_sent",
            "response" => "communication.email_response_received",
            _ => {
                assert!(records.len() == 1 && !records[0].is_copy, "{name}");
                continue;
            }
        };
        let [original, copy] = <[_; 2]>::try_from(records).unwrap();
        assert!(copy.is_copy && !original.is_copy);
        assert_ne!(copy.event_id, original.event_id);
        let mut expected = json(&original);
        expected["eventId"] = copy.event_id.to_string().into();
        expected["eventType"] = old.into();
        assert_eq!(json(&copy), expected);
        assert_eq!((copy.event_type.as_str(), copy.sequence), (old, 3));
        assert_eq!((copy.key, copy.topic), (original.key, original.topic));
    }
}

#[test]
fn only_a_failed_mail_goes_first() {
    for (name, status, kind) in kinds() {
        let priority = encode(&email(5, status), kind).priority;
        assert_eq!(priority == Priority::First, name == "failed", "{name}");
    }
}
