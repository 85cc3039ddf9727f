use super::*;
use chrono::{NaiveDate, NaiveTime};
use comm_domain::outreach::{Dauer, Empfaenger};

fn parse(value: &str) -> Result<Option<Requested>, UnreadableMessage> {
    Requested::parse(Some(value.as_bytes()))
}

fn request(event_type: &str, payload: &str) -> Result<Option<Requested>, UnreadableMessage> {
    parse(&format!(
        r#"{{"eventId": "0197e5a0-0000-7000-8000-000000000001", "eventType": "{event_type}", "version": "1.0",
            "timestamp": "2026-01-31T10:15:00+01:00", "producer": "matching-service", "payload": {payload}}}"#
    ))
}

fn refusal(event_type: &str, payload: &str) -> String {
    request(event_type, payload).unwrap_err().to_string()
}

#[test]
fn a_request_to_send_names_its_email_and_its_event() {
    let requested = request(SEND_EMAIL, r#"{"email_id": 42, "more": [1]}"#).unwrap();
    let requested = requested.unwrap();
    assert_eq!(requested.request, Request::SendEmail(EmailId(42)));
    let id = requested.event_id.unwrap().to_string();
    assert_eq!(id, "0197e5a0-0000-7000-8000-000000000001");
}

#[test]
fn an_event_id_that_nobody_or_everybody_can_have_drawn_is_not_used() {
    for (event_id, usable) in [
        (r#""0197E5A0-0000-7000-8000-000000000001""#, true),
        (r#""0197e5a0000070008000000000000001""#, true),
        (r#""00000000-0000-0000-0000-000000000000""#, false),
        (r#""ffffffff-ffff-ffff-ffff-ffffffffffff""#, false),
        (r#""1""#, false),
        ("1", false),
        ("null", false),
        ("[]", false),
    ] {
        let value = format!(
            r#"{{"eventId": {event_id}, "eventType": "{SEND_EMAIL}", "payload": {{"email_id": 1}}}}"#
        );
        let requested = parse(&value).unwrap().unwrap();
        assert_eq!(requested.event_id.is_some(), usable, "{event_id}");
    }
}

#[test]
fn a_wish_for_a_call_has_every_field_and_the_instant_in_utc() {
    let requested = request(
        SCHEDULE_CALL,
        r#"{"therapist_id": 7, "patient_id": 0, "geplantes_datum": "2026-02-02", "geplante_zeit": "9:05",
            "dauer_minuten": 10, "notizen": "x", "therapeutenanfrage_id": null}"#,
    );
    let wunsch = Anrufwunsch {
        empfaenger: Empfaenger::Therapeut(7),
        geplantes_datum: NaiveDate::from_ymd_opt(2026, 2, 2),
        geplante_zeit: NaiveTime::from_hms_opt(9, 5, 0),
        dauer_minuten: Dauer::parse(10).ok(),
        notizen: Some("x".to_owned()),
        therapeutenanfrage_id: None,
    };
    let angefragt_am = timestamp::parse("2026-01-31T09:15:00");
    assert!(angefragt_am.is_some());
    let expected = Request::ScheduleCall {
        wunsch,
        angefragt_am,
    };
    assert_eq!(requested.unwrap().unwrap().request, expected);
}

#[test]
fn other_types_are_passed_over_whatever_their_payload() {
    for value in [
        r#"{"eventType": "email.sent", "payload": {"email_id": 1}}"#,
        r#"{"eventType": "match.created", "payload": "text", "timestamp": 5, "eventId": []}"#,
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
        r#"{"eventtype": "communication.send_email"}"#,
        "{\"eventType\": \"x\"",
    ] {
        let error = parse(value).unwrap_err();
        assert!(matches!(error, UnreadableMessage::Envelope { .. }));
        assert!(!error.to_string().contains("Muster"), "{error}");
    }
    assert_eq!(Requested::parse(None), Err(UnreadableMessage::Empty));
    assert!(Requested::parse(Some(&[0xff, 0xfe])).is_err());
}

#[test]
fn a_wrong_field_is_named_without_its_value() {
    for (event_type, payload, named) in [
        (SEND_EMAIL, "null", "payload is required"),
        (SEND_EMAIL, "\"Muster\"", "payload must be an object"),
        (SEND_EMAIL, "{}", "payload.email_id is required"),
        (
            SEND_EMAIL,
            r#"{"email_id": "Muster"}"#,
            "payload.email_id has",
        ),
        (
            SEND_EMAIL,
            r#"{"email_id": 99999999999999999999}"#,
            "payload.email_id has",
        ),
        (
            SCHEDULE_CALL,
            r#"{"therapist_id": "Muster"}"#,
            "payload.therapist_id has",
        ),
        (
            SCHEDULE_CALL,
            r#"{"therapist_id": 1, "notizen": {"Muster": 1}}"#,
            "payload.notizen has",
        ),
        (
            SCHEDULE_CALL,
            r#"{"therapist_id": 1, "dauer_minuten": 7}"#,
            "dauer_minuten must be",
        ),
        (
            SCHEDULE_CALL,
            r#"{"therapist_id": 1, "geplante_zeit": "Muster"}"#,
            "geplante_zeit must be",
        ),
        (SCHEDULE_CALL, "{}", "therapist_id or patient_id"),
    ] {
        let words = refusal(event_type, payload);
        assert!(
            words.contains(named) && words.starts_with(event_type),
            "{words}"
        );
        assert!(!words.contains("Muster"), "{words}");
    }
    let value = format!(
        r#"{{"eventType": "{SCHEDULE_CALL}", "timestamp": "gestern", "payload": {{"patient_id": 1}}}}"#
    );
    assert!(parse(&value).unwrap_err().to_string().contains("timestamp"));
}
