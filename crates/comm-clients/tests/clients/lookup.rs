//! Asking the Therapist and the Patient Service for their people, on good days and on bad ones.

use comm_clients::{PatientClient, ServicesConfig, TherapistClient};
use comm_domain::outreach::{Angabe, Erreichbarkeit};
use comm_ports::{DirectoryError, Patient, PatientDirectory, Therapeut, TherapistDirectory};
use comm_tests::{DirectoryServer, Reply};
use serde_json::{Value, json};
use std::error::Error;
use std::time::{Duration, Instant};
use tokio::time::{advance, pause, resume};

const SEVEN: &str = "/api/therapists/7";

fn config(url: &str) -> ServicesConfig {
    ServicesConfig {
        patient_service_url: url.to_owned(),
        therapist_service_url: url.to_owned(),
        ..ServicesConfig::default()
    }
}

fn therapists(server: &DirectoryServer) -> TherapistClient {
    TherapistClient::new(&config(&server.url()))
        .unwrap()
        .unwrap()
}

fn patients(server: &DirectoryServer) -> PatientClient {
    PatientClient::new(&config(&server.url())).unwrap().unwrap()
}

fn words(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// What is read of a record.
async fn read(record: Value) -> Therapeut {
    read_bytes(record.to_string().into_bytes()).await
}

async fn read_bytes(bytes: Vec<u8>) -> Therapeut {
    let server = DirectoryServer::answering(move |_| Reply::Bytes(bytes.clone())).await;
    therapists(&server).therapist(7).await.unwrap().unwrap()
}

/// The cause of a failure that may pass.
fn away<T: std::fmt::Debug>(answered: Result<T, DirectoryError>) -> String {
    let error = answered.unwrap_err();
    assert!(matches!(error, DirectoryError::Unavailable(_)), "{error:?}");
    error.source().unwrap().to_string()
}

#[tokio::test]
async fn the_fields_that_are_used_are_read_over_one_connection_wrapped_or_bare() {
    let server = DirectoryServer::of_people().await;
    let hours = json!({"montag": ["09:00-12:00"]});
    let record = json!({"id": 7, "anrede": "Frau", "titel": "Dr. med.", "vorname": "Ada", "nachname": "Beispiel",
        "telefon": "+49 30 1234567", "email": "praxis@example.org", "telefonische_erreichbarkeit": hours,
        "potenziell_verfuegbar": true, "potenziell_verfuegbar_notizen": "ab Juli\nnachmittags",
        "status": "aktiv", "kassensitz": true, "fremdsprachen": ["Englisch"]});
    server.knows("/api/therapists/8", json!({"data": record}));
    server.knows(SEVEN, record);
    let client = therapists(&server);
    let read = client.therapist(7).await.unwrap().unwrap();
    let expected = Therapeut {
        name: words("Dr. med. Ada Beispiel"),
        telefon: words("+49 30 1234567"),
        email: words("praxis@example.org"),
        erreichbarkeit: Angabe::from(&json!({"montag": ["09:00-12:00"]})),
        potenziell_verfuegbar: true,
        potenziell_verfuegbar_notizen: words("ab Juli\nnachmittags"),
        status: words("aktiv"),
    };
    assert!(read == expected);
    assert!(
        client.therapist(8).await.unwrap().unwrap() == expected,
        "wrapped"
    );
    assert_eq!(client.therapist(9).await.unwrap(), None);
    assert_eq!(server.connections(), 1);
    assert_eq!(
        server.asked_for("/api/therapists/9"),
        1,
        "a 404 is not repeated"
    );
    assert_eq!(server.requests()[0].route, "GET /api/therapists/7");
}

#[tokio::test]
async fn a_patient_is_read_alike_and_without_what_is_none_of_our_business() {
    let server = DirectoryServer::of_people().await;
    server.knows(
        "/api/patients/3",
        json!({"vorname": "Jo", "nachname": "Muster", "telefon": "0170 1", "email": "jo@example.org",
            "status": "auf_der_Suche", "diagnose": "F32.1"}),
    );
    let client = patients(&server);
    let expected = Patient {
        name: words("Jo Muster"),
        telefon: words("0170 1"),
        email: words("jo@example.org"),
        status: words("auf_der_Suche"),
    };
    assert!(client.patient(3).await.unwrap() == Some(expected));
    assert_eq!(client.patient(4).await.unwrap(), None);
}

#[tokio::test]
async fn malformed_and_foreign_values_are_shown_as_text_or_left_out() {
    let read = read(
        json!({"vorname": "  J\u{fc}rgen \r\n ", "nachname": "\u{41d}\u{435}\u{432}\u{430}\u{0000}",
        "telefon": 49301234567_u64, "email": "J\u{fc}rgen <kein@@ort, zwei@example.org>",
        "telefonische_erreichbarkeit": "abends", "potenziell_verfuegbar": "true",
        "potenziell_verfuegbar_notizen": ["x"], "status": null}),
    )
    .await;
    assert_eq!(read.name, words("J\u{fc}rgen \u{41d}\u{435}\u{432}\u{430}"));
    assert_eq!(read.telefon, words("49301234567"));
    assert_eq!(
        read.email,
        words("J\u{fc}rgen <kein@@ort, zwei@example.org>")
    );
    assert_eq!(read.erreichbarkeit, Angabe::from("abends"));
    assert!(read.potenziell_verfuegbar);
    assert_eq!(
        (read.potenziell_verfuegbar_notizen, read.status),
        (None, None)
    );
}

#[tokio::test]
async fn nothing_about_one_field_keeps_the_others_from_being_read() {
    for odd in [
        json!(null),
        json!(true),
        json!([]),
        json!({"a": {"b": [1]}}),
        json!(""),
        json!(" \n "),
        json!("\u{0}"),
    ] {
        let read = read(
            json!({"nachname": odd, "telefon": odd, "email": odd, "status": odd,
            "telefonische_erreichbarkeit": odd, "potenziell_verfuegbar": odd, "vorname": "Ada"}),
        )
        .await;
        assert_eq!(read.name, words("Ada"), "{odd}");
        assert_eq!(
            (read.telefon, read.email, read.status),
            (None, None, None),
            "{odd}"
        );
        assert_eq!(read.potenziell_verfuegbar, odd == true, "{odd}");
    }
    assert!(read(json!({})).await == Therapeut::default());
    assert_eq!(
        read(json!({"titel": "Dr."})).await.name,
        None,
        "no name at all"
    );
    assert_eq!(
        read(json!({"titel": "Dr.", "name": "Praxis am Park"}))
            .await
            .name,
        words("Praxis am Park")
    );
    let long = read(
        json!({"nachname": "n".repeat(5000), "potenziell_verfuegbar_notizen": "x".repeat(50_000)}),
    )
    .await;
    assert_eq!(long.name.map(|name| name.len()), Some(255));
    assert_eq!(
        long.potenziell_verfuegbar_notizen.map(|text| text.len()),
        Some(10_000)
    );
}

#[tokio::test]
async fn bytes_that_are_no_proper_json_text_cost_only_what_they_spoil() {
    let latin = read_bytes(b"{\"nachname\": \"M\xfcller\", \"telefon\": \"030 1\"}".to_vec()).await;
    assert_eq!(
        (latin.name, latin.telefon),
        (words("M\u{fffd}ller"), words("030 1"))
    );
    let marked = read_bytes(b"\xef\xbb\xbf{\"nachname\": \"Ada\"}".to_vec()).await;
    assert_eq!(marked.name, words("Ada"));
    let half =
        read_bytes(br#"{"vorname": "\ud800", "nachname": "Ada", "telefon": 1e400}"#.to_vec()).await;
    assert_eq!((half.name, half.telefon), (words("Ada"), words("1e400")));
    let text = r#"{"telefonische_erreichbarkeit": {"montag": ["09:00-10:00", "\ud800"]}}"#;
    let unreadable = read_bytes(text.into()).await;
    let (hours, errors) = Erreichbarkeit::parse_lenient(&unreadable.erreichbarkeit);
    assert!(
        hours.is_stated() && !errors.is_empty(),
        "not the same as nothing"
    );
    let twice =
        r#"{"telefonische_erreichbarkeit": {"mo": ["09:00-10:00"], "mo": ["11:00-12:00"]}}"#;
    let twice = read_bytes(twice.into()).await;
    let hours = Erreichbarkeit::parse(&twice.erreichbarkeit).unwrap();
    assert_eq!(
        hours.windows(chrono::Weekday::Mon).len(),
        2,
        "as it was stated"
    );
}

#[tokio::test]
async fn what_is_no_record_is_no_answer() {
    let too_long = format!(r#"{{"nachname": "{}"}}"#, "n".repeat(300 * 1024));
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "[]",
        "null",
        "7",
        "\"Ada\"",
        "<html>",
        r#"{"nachname": "#,
        r#"{"data": null}"#,
        r#"{"data": []}"#,
        too_long.as_str(),
        deep.as_str(),
    ] {
        let bytes = body.as_bytes().to_vec();
        let server = DirectoryServer::answering(move |_| Reply::Bytes(bytes.clone())).await;
        let cause = away(therapists(&server).therapist(7).await);
        let shown = &body[..body.len().min(40)];
        assert_eq!(
            cause, "it answered with something that is no record",
            "{shown}"
        );
        assert_eq!(server.asked_for(SEVEN), 3, "{shown}");
    }
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_again_and_a_no_is_not() {
    let server = DirectoryServer::of_people().await;
    server.knows(SEVEN, json!({"nachname": "Ada"}));
    for bad in [
        Reply::Status(500),
        Reply::Status(503),
        Reply::Status(408),
        Reply::Gone,
        Reply::Nonsense,
        Reply::Bytes(b"oje".to_vec()),
    ] {
        let shown = format!("{bad:?}");
        let before = server.asked_for(SEVEN);
        server.now_answers(move |request| match request.nth - before {
            1 | 2 => bad.clone(),
            _ => Reply::Record,
        });
        let read = therapists(&server).therapist(7).await.unwrap().unwrap();
        assert_eq!(read.name, words("Ada"), "{shown}");
        assert_eq!(server.asked_for(SEVEN) - before, 3, "{shown}");
    }
    for (status, is_no) in [
        (400, true),
        (401, true),
        (403, true),
        (410, true),
        (429, false),
        (302, false),
    ] {
        let before = server.asked_for(SEVEN);
        server.now_answers(move |_| Reply::Status(status));
        let refused = therapists(&server).therapist(7).await.unwrap_err();
        assert_eq!(
            matches!(refused, DirectoryError::Refused(_)),
            is_no,
            "{status}"
        );
        assert_eq!(server.asked_for(SEVEN) - before, 1, "{status}");
    }
}

#[tokio::test]
async fn a_lookup_takes_two_seconds_at_most_however_the_service_fails() {
    for reply in [
        Reply::Hang,
        Reply::Slow(Duration::from_secs(30), 200),
        Reply::Slow(Duration::from_millis(900), 500),
        Reply::Gone,
        Reply::Nonsense,
        Reply::Status(500),
    ] {
        let shown = format!("{reply:?}");
        let server = DirectoryServer::answering(move |_| reply.clone()).await;
        let begun = Instant::now();
        let (therapists, patients) = (therapists(&server), patients(&server));
        let (therapist, patient) = tokio::join!(therapists.therapist(7), patients.patient(7));
        away(therapist);
        away(patient);
        assert!(begun.elapsed() < Duration::from_millis(2900), "{shown}");
    }
    let server =
        DirectoryServer::answering(|_| Reply::SlowRecord(Duration::from_millis(1200))).await;
    server.knows(SEVEN, json!({"nachname": "Ada"}));
    let slow = therapists(&server).therapist(7).await.unwrap().unwrap();
    assert_eq!(slow.name, words("Ada"), "slow, but in time");
}

#[tokio::test]
async fn a_service_that_keeps_failing_is_left_alone_until_one_question_finds_it_well() {
    let server = DirectoryServer::answering(|_| Reply::Status(500)).await;
    server.knows(SEVEN, json!({"nachname": "Ada"}));
    let client = therapists(&server);
    for _ in 0..5 {
        assert_eq!(away(client.therapist(7).await), "it answered 500");
    }
    let asked = server.asked_for(SEVEN);
    server.now_answers_records();
    let begun = Instant::now();
    for _ in 0..50 {
        let cause = away(client.therapist(7).await);
        assert!(cause.contains("left alone"), "{cause}");
    }
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(server.asked_for(SEVEN), asked);
    let other = patients(&server);
    assert_eq!(
        other.patient(7).await.unwrap(),
        None,
        "the other service is another matter"
    );
    pause();
    advance(Duration::from_secs(5)).await;
    resume();
    assert!(client.therapist(7).await.unwrap().is_some());
    assert_eq!(server.asked_for(SEVEN), asked + 1);
}

#[tokio::test]
async fn a_no_counts_as_an_answer_for_the_breaker() {
    let server = DirectoryServer::answering(|_| Reply::Status(403)).await;
    let client = therapists(&server);
    for _ in 0..8 {
        let refused = client.therapist(7).await.unwrap_err();
        assert!(matches!(refused, DirectoryError::Refused(_)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_failure_names_neither_the_person_nor_the_address() {
    let server = DirectoryServer::start().await;
    for reply in [
        Reply::Gone,
        Reply::Nonsense,
        Reply::Status(403),
        Reply::Status(500),
        Reply::Bytes(b"Ada".to_vec()),
    ] {
        server.now_answers(move |_| reply.clone());
        let error = therapists(&server).therapist(4711).await.unwrap_err();
        let shown = format!("{error} {} {error:?}", error.source().unwrap());
        assert!(
            !shown.contains("4711") && !shown.contains("Ada") && !shown.contains("127.0.0.1"),
            "{shown}"
        );
    }
    let client = therapists(&server);
    drop(server);
    let shown = format!("{:?}", client.therapist(4711).await.unwrap_err());
    assert!(!shown.contains("4711"), "{shown}");
}

#[test]
fn without_an_address_there_is_no_client_and_a_wrong_one_is_named() {
    assert!(
        TherapistClient::new(&ServicesConfig::default())
            .unwrap()
            .is_none()
    );
    let refused = TherapistClient::new(&config("therapists:8002"))
        .err()
        .unwrap()
        .to_string();
    assert!(
        refused.contains("services.therapist_service_url"),
        "{refused}"
    );
}
