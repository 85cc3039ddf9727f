//! Events of calls on the wire (contract-events, 'Published').
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

use comm_app::envelope::FreeText;
use comm_app::{Envelope, EventSettings, ScheduleCall};
use comm_domain::outreach::telefonanruf::{Ergebnis, Tatsaechlich};
use comm_domain::outreach::{
    Empfaenger, ErgebnisArt, Telefonanruf, TelefonanrufEvent, TelefonanrufEventKind,
    TelefonanrufRecord, TelefonanrufStatus,
};
use comm_ports::outbox::Priority;
use comm_ports::testing::build::{instant, planned, tag, zeit};
use comm_ports::{EventEncoder, OutboxRecord};
use serde_json::{Value, json};

const WORDS: &str = "Leider nein, Anna";

fn settings(free_text: FreeText) -> EventSettings {
    EventSettings {
        topic: "communication-events".to_owned(),
        free_text,
        schedule_call: ScheduleCall::Record,
        keep_seen_days: 30,
        keep_anrufwuensche_days: 90,
        also_publish_old_names: false,
        keep_days: 7,
    }
}

/// The one record of an event without copies.
fn encode(anruf: &Telefonanruf, kind: TelefonanrufEventKind, free_text: FreeText) -> OutboxRecord {
    let envelope = Envelope::new(settings(free_text));
    let records = envelope.encode_telefonanruf(anruf, &event(kind)).unwrap();
    let [record] = <[_; 1]>::try_from(records).unwrap();
    record
}

fn event(kind: TelefonanrufEventKind) -> TelefonanrufEvent {
    TelefonanrufEvent {
        sequence: 3,
        at: instant(),
        kind,
    }
}

fn json(record: &OutboxRecord) -> Value {
    serde_json::from_slice(&record.payload).unwrap()
}

/// A call in this state to this person, with a value in every field that an event could betray.
fn about(empfaenger: Empfaenger, status: TelefonanrufStatus) -> Telefonanruf {
    let call = planned(5, empfaenger, zeit(2, 9, 5)).into_after();
    let mut record: TelefonanrufRecord = (*call).clone();
    record.status = status;
    record.ergebnis = Ergebnis {
        text: Some(WORDS.to_owned()),
        art: Some(ErgebnisArt::Abgelehnt),
        wiederholen_nach: Some(tag(9)),
        wiederholen_zeit: None,
    };
    record.tatsaechlich = Tatsaechlich {
        datum: Some(tag(2)),
        zeit: Some(zeit(2, 9, 7).time()),
    };
    record.therapeutenanfrage_id = Some(12);
    record.notizen = Some("Notiz".to_owned());
    record.bearbeiter = Some("Uwe Klein".to_owned());
    Telefonanruf::restore(record)
}

/// The same with another outcome.
fn with_ergebnis(text: Option<&str>, art: Option<ErgebnisArt>) -> Telefonanruf {
    let call = about(Empfaenger::Patient(8), TelefonanrufStatus::Abgeschlossen);
    let mut record: TelefonanrufRecord = (*call).clone();
    record.therapeutenanfrage_id = None;
    record.ergebnis = Ergebnis {
        text: text.map(str::to_owned),
        art,
        ..Ergebnis::default()
    };
    Telefonanruf::restore(record)
}

const KINDS: [(&str, TelefonanrufStatus, TelefonanrufEventKind); 4] = [
    (
        "scheduled",
        TelefonanrufStatus::Geplant,
        TelefonanrufEventKind::Scheduled,
    ),
    (
        "completed",
        TelefonanrufStatus::Abgeschlossen,
        TelefonanrufEventKind::Completed,
    ),
    (
        "failed",
        TelefonanrufStatus::Fehlgeschlagen,
        TelefonanrufEventKind::Failed,
    ),
    (
        "cancelled",
        TelefonanrufStatus::Abgebrochen,
        TelefonanrufEventKind::Cancelled,
    ),
];

#[test]
fn every_event_of_a_call_looks_as_the_contract_says() {
    for (person, empfaenger) in [
        ("therapist", Empfaenger::Therapeut(7)),
        ("patient", Empfaenger::Patient(8)),
    ] {
        for (name, status, kind) in KINDS {
            let value = json(&encode(&about(empfaenger, status), kind, FreeText::Send));
            insta::assert_json_snapshot!(format!("{name}_{person}"), value, {".eventId" => "[uuid]"});
        }
    }
}

#[test]
fn an_outcome_is_its_kind_or_else_its_words() {
    let reached = Some(ErgebnisArt::Angenommen);
    for (text, art, outcome, ergebnis) in [
        (Some("ja"), reached, json!("angenommen"), json!("ja")),
        (None, reached, json!("angenommen"), Value::Null),
        (Some("ja"), None, json!("ja"), json!("ja")),
        (None, None, Value::Null, Value::Null),
    ] {
        let call = with_ergebnis(text, art);
        let value = json(&encode(
            &call,
            TelefonanrufEventKind::Completed,
            FreeText::Send,
        ));
        let payload = value["payload"].as_object().unwrap();
        assert_eq!(value["payload"]["outcome"], outcome);
        assert_eq!(payload.contains_key("outcome"), !outcome.is_null());
        let data = payload["call_data"].as_object().unwrap();
        assert_eq!(value["payload"]["call_data"]["ergebnis"], ergebnis);
        assert_eq!(data.contains_key("ergebnis"), !ergebnis.is_null());
        assert!(!data.contains_key("therapeutenanfrage_id"));
    }
}

#[test]
fn without_free_text_an_outcome_has_no_words() {
    for (name, status, kind) in KINDS {
        let call = about(Empfaenger::Therapeut(7), status);
        let mut expected = json(&encode(&call, kind, FreeText::Send));
        let mut found = json(&encode(&call, kind, FreeText::Omit));
        let data = expected.pointer_mut("/payload/call_data").unwrap();
        let words = data.as_object_mut().unwrap().remove("ergebnis");
        assert_eq!(words.is_some(), name != "scheduled");
        for value in [&mut expected, &mut found] {
            value["eventId"].take();
        }
        assert_eq!(found, expected, "{name}");
    }
    let call = with_ergebnis(Some(WORDS), None);
    let value = json(&encode(
        &call,
        TelefonanrufEventKind::Completed,
        FreeText::Omit,
    ));
    assert_eq!(value["payload"].get("outcome"), None);
    assert!(!value.to_string().contains(WORDS));
}

#[test]
fn no_event_of_a_call_carries_notes_or_the_name_of_a_member_of_staff() {
    for (name, _, kind) in KINDS {
        for status in TelefonanrufStatus::ALL {
            let call = about(Empfaenger::Patient(8), *status);
            let text = json(&encode(&call, kind, FreeText::Send)).to_string();
            for secret in ["Notiz", "Uwe", "null"] {
                assert!(!text.contains(secret), "{name} has {secret}: {text}");
            }
        }
    }
}

#[test]
fn the_record_of_a_call_says_what_its_bytes_say() {
    let call = about(Empfaenger::Therapeut(7), TelefonanrufStatus::Geplant);
    let record = encode(&call, TelefonanrufEventKind::Scheduled, FreeText::Send);
    let value = json(&record);
    assert_eq!(value["eventId"], record.event_id.to_string());
    assert_eq!(value["eventType"], record.event_type);
    assert_eq!(value["sequence"], record.sequence);
    let about = (record.aggregate.as_str(), record.aggregate_id);
    assert_eq!(about, ("telefonanruf", 5));
    assert_eq!((record.key.as_str(), record.sequence), ("5", 3));
    assert_eq!(record.occurred_at, instant());
}

#[test]
fn what_ends_a_call_goes_first() {
    for (name, status, kind) in KINDS {
        let call = about(Empfaenger::Therapeut(7), status);
        let priority = encode(&call, kind, FreeText::Send).priority;
        assert_eq!(priority == Priority::Normal, name == "scheduled", "{name}");
    }
}

#[test]
fn older_consumers_hear_of_a_completed_call_under_the_name_that_they_know() {
    for (name, status, kind) in KINDS {
        let call = about(Empfaenger::Therapeut(7), status);
        let envelope = Envelope::new(EventSettings {
            also_publish_old_names: true,
            ..settings(FreeText::Send)
        });
        let records = envelope.encode_telefonanruf(&call, &event(kind)).unwrap();
        if name != "completed" {
            assert!(records.len() == 1 && !records[0].is_copy, "{name}");
            continue;
        }
        let [original, copy] = <[_; 2]>::try_from(records).unwrap();
        assert!(copy.is_copy && !original.is_copy);
        assert_ne!(copy.event_id, original.event_id);
        let mut expected = json(&original);
        expected["eventId"] = copy.event_id.to_string().into();
        expected["eventType"] = "communication.call_completed".into();
        assert_eq!(json(&copy), expected);
        assert_eq!((copy.key, copy.priority), (original.key, Priority::First));
    }
}
