use super::*;
use comm_ports::event_log::EventState;
use comm_ports::testing::build::instant;

fn email(id: i64) -> Subject {
    Subject {
        aggregate: "email".to_owned(),
        id,
    }
}

/// The event `sequence` of the email 5.
fn event(sequence: i64) -> Published {
    Published {
        event_id: Uuid::from_u128(sequence.unsigned_abs().into()),
        subject: email(5),
        sequence,
        is_copy: false,
    }
}

fn entry(sequence: i64) -> EventEntry {
    let event = event(sequence);
    EventEntry {
        id: 1,
        event_id: event.event_id,
        event_type: "email.sent".to_owned(),
        subject: event.subject,
        sequence,
        occurred_at: instant(),
        state: EventState::Published(instant()),
    }
}

fn findings(events: impl IntoIterator<Item = Published>) -> Vec<String> {
    let mut check = SequenceCheck::default();
    let found = events
        .into_iter()
        .filter_map(|event| check.see(event, Beginning::Kept));
    found.map(|finding| finding.to_string()).collect()
}

#[test]
fn an_event_that_came_too_late_is_on_the_topic_all_the_same() {
    let mut check = SequenceCheck::default();
    let found = [1, 3, 2].map(|n| check.see(event(n), Beginning::Kept).is_some());
    assert_eq!(found, [false, true, true]);
    assert!(check.has(&entry(2)));
}

#[test]
fn a_story_from_one_on_is_whole_and_repeats_and_copies_do_not_disturb_it() {
    let mut check = SequenceCheck::default();
    let copy = Published {
        event_id: Uuid::from_u128(99),
        is_copy: true,
        ..event(2)
    };
    let call = Published {
        subject: Subject {
            aggregate: "telefonanruf".to_owned(),
            id: 5,
        },
        ..event(1)
    };
    let story = [
        event(1),
        call,
        event(2),
        copy.clone(),
        event(1),
        event(2),
        copy,
        event(3),
    ];
    for event in story {
        assert_eq!(check.see(event, Beginning::Kept), None);
    }
    let tally = Tally {
        events: 4,
        copies: 1,
        repeats: 3,
        subjects: 2,
    };
    assert_eq!(check.tally(), tally);
    assert!(check.has(&entry(3)) && !check.has(&entry(4)));
}

#[test]
fn a_gap_is_named_once() {
    assert_eq!(
        findings([event(1), event(4), event(5)]),
        ["gap: email 5 has no events 2 to 3"]
    );
    assert_eq!(findings([event(2)]), ["gap: email 5 has no event 1"]);
}

#[test]
fn an_event_that_comes_for_the_first_time_after_a_later_one_is_named() {
    let [gap, late] = <[_; 2]>::try_from(findings([event(1), event(3), event(2)])).unwrap();
    assert_eq!(gap, "gap: email 5 has no event 2");
    assert!(
        late.starts_with("backwards: email 5 has event 2 ("),
        "{late}"
    );
    assert!(late.ends_with("after event 3"), "{late}");
}

#[test]
fn two_events_with_one_sequence_are_named() {
    let other = Published {
        event_id: Uuid::from_u128(77),
        ..event(1)
    };
    assert_eq!(findings([event(1), other]).len(), 1);
}

#[test]
fn where_kafka_has_removed_the_beginning_a_story_may_begin_anywhere_but_goes_on_without_a_gap() {
    let mut check = SequenceCheck::default();
    for sequence in [7, 8, 7] {
        assert_eq!(check.see(event(sequence), Beginning::Removed), None);
    }
    // A person asked for an event again whose first appearance is gone.
    assert_eq!(check.see(event(5), Beginning::Removed), None);
    assert!(check.has(&entry(5)) && !check.has(&entry(6)));
    assert!(check.see(event(10), Beginning::Removed).is_some());
}

#[test]
fn absurd_numbers_are_findings_and_cost_no_memory() {
    for sequence in [0, -1, i64::MIN, i64::MAX] {
        for beginning in [Beginning::Kept, Beginning::Removed] {
            let mut check = SequenceCheck::default();
            check.see(event(1), beginning);
            assert!(
                check.see(event(sequence), beginning).is_some(),
                "{sequence}"
            );
            check.see(event(2), beginning);
        }
        SequenceCheck::default().see(event(sequence), Beginning::Removed);
    }
}

#[test]
fn only_our_events_are_read() {
    let ours = r#"{"eventId": "2f1d2c52-6f5f-4f5e-8d6a-0d4a2a8f7c11", "eventType": "email.sent", "sequence": 2,
        "producer": "communication-service", "payload": {"email_id": 5, "more": {}}}"#;
    let parsed = Published::parse(ours.as_bytes()).unwrap();
    assert_eq!(
        (parsed.subject, parsed.sequence, parsed.is_copy),
        (email(5), 2, false)
    );
    let call = ours
        .replace("email_id", "call_id")
        .replace("email.sent", "communication.call_completed");
    let parsed = Published::parse(call.as_bytes()).unwrap();
    assert_eq!(
        (parsed.subject.aggregate.as_str(), parsed.is_copy),
        ("telefonanruf", true)
    );
    for other in [
        ours.replace("communication-service", "matching-service"),
        ours.replace("email_id", "match_id"),
        ours.replace("\"sequence\": 2,", ""),
        "Guten Tag".to_owned(),
        String::new(),
    ] {
        assert_eq!(Published::parse(other.as_bytes()), None, "{other}");
    }
}
