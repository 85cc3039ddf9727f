//! `POST /api/emails`: what is stored, defaults, and the sentences of the contract.

use crate::setup::{Api, assert_problem, path};
use comm_tests::{World, email};
use serde_json::{Value, json};

#[tokio::test]
async fn a_new_email_is_answered_whole_and_can_be_read_at_its_location() {
    let api = Api::start().await;
    let answer = api.client.post("/api/emails", &email(json!({}))).await;
    let created = answer.expect(201);
    assert_eq!(created.header("location"), path(&created.body));
    assert_eq!(created.header("content-type"), "application/json");
    insta::assert_json_snapshot!(created.body, {
        ".message_id" => "[message id]",
        ".created_at" => "[instant]",
        ".updated_at" => "[instant]",
    });
    assert!(is_instant(&created.body["created_at"]));
    assert_eq!(created.body["created_at"], created.body["updated_at"]);
    let message_id = created.body["message_id"].as_str().unwrap();
    assert!(message_id.ends_with("@example.org"), "{message_id}");
    assert_eq!(api.get(&created.body).await, created.body);
}

fn is_instant(value: &Value) -> bool {
    let text = value.as_str().unwrap();
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    shape == "9999-99-99T99:99:99.999999Z"
}

#[tokio::test]
async fn the_sentences_of_the_contract_are_answered_word_for_word() {
    let api = Api::start().await;
    let no_recipient = "Either therapist_id or patient_id is required";
    let no_body = "Either inhalt_html, inhalt_text, or inhalt_markdown is required";
    let no_such_status = "Invalid status. Only 'Entwurf' or 'In_Warteschlange' allowed";
    let cases = [
        (json!({"therapist_id": null}), no_recipient),
        (json!({"therapist_id": 0, "patient_id": 0}), no_recipient),
        (
            json!({"patient_id": 3}),
            "Cannot specify both therapist_id and patient_id",
        ),
        (json!({"inhalt_markdown": null}), no_body),
        (
            json!({"inhalt_markdown": " ", "inhalt_html": "", "inhalt_text": "\n"}),
            no_body,
        ),
        (json!({"status": "Gesendet"}), no_such_status),
        (json!({"status": "Wird_gesendet"}), no_such_status),
        (json!({"status": "Fehlgeschlagen"}), no_such_status),
        (json!({"status": "entwurf"}), no_such_status),
        (json!({"status": "Quatsch"}), no_such_status),
        (json!({"status": ""}), no_such_status),
    ];
    for (fields, sentence) in cases {
        let answer = api.post(fields).await;
        assert_problem(&answer, 400, sentence);
        assert_eq!(answer.message(), sentence);
    }
    assert_eq!(api.rows().await, 0);
}

#[tokio::test]
async fn a_required_field_that_is_missing_is_named() {
    let api = Api::start().await;
    for field in ["betreff", "empfaenger_email", "empfaenger_name"] {
        for value in [json!(null), json!(""), json!(" ")] {
            let answer = api.post(json!({field: value})).await;
            assert_problem(&answer, 400, field);
        }
    }
    assert_eq!(api.rows().await, 0);
}

#[tokio::test]
async fn an_id_of_zero_and_null_count_as_absent() {
    let api = Api::start().await;
    let email = api.create(json!({"therapist_id": 0, "patient_id": 3, "therapeutenanfrage_id": 0}));
    let email = email.await;
    assert_eq!(email["therapist_id"], Value::Null);
    assert_eq!(email["therapeutenanfrage_id"], Value::Null);
    assert_eq!(
        (&email["patient_id"], &email["recipient_type"]),
        (&json!(3), &json!("patient"))
    );

    let optional = [
        "patient_id",
        "inhalt_html",
        "inhalt_text",
        "absender_email",
        "absender_name",
        "status",
        "add_legal_footer",
        "attachments",
        "therapeutenanfrage_id",
        "senden_ab",
        "prioritaet",
        "vorlage",
        "vorlage_daten",
    ];
    let nulls: Value = optional
        .map(|name| (name.to_owned(), Value::Null))
        .into_iter()
        .collect();
    let answer = api.post(nulls).await.expect(201);
    assert_eq!(answer.body["prioritaet"], 5);
    assert_eq!(answer.body["status"], "Entwurf");
}

#[tokio::test]
async fn unknown_and_read_only_fields_are_ignored() {
    let api = Api::start().await;
    let email = api.create(json!({
        "id": 99, "recipient_type": "patient", "message_id": "x@y", "created_at": 1, "gesendet_am": [],
        "wiederholungsanzahl": "viele", "fehlerart": "endgueltig", "antwort_erhalten": true, "farbe": {"a": [1]},
    }));
    let email = email.await;
    assert_eq!(email["recipient_type"], "therapist");
    assert_eq!(email["wiederholungsanzahl"], 0);
    assert_eq!(email["antwort_erhalten"], false);
    assert_ne!(email["message_id"], "x@y");
}

#[tokio::test]
async fn a_queued_email_is_stamped_and_due_after_the_time_to_undo() {
    let world = World::without_kafka().await;
    let world = world.set("COMM__EMAIL_QUEUE__UNDO_SECONDS", "3600");
    let api = Api::serving(world, &["--no-worker"]).await;
    let email = api.create(json!({"status": "In_Warteschlange"})).await;
    assert_eq!(email["status"], "In_Warteschlange");
    assert!(is_instant(&email["in_warteschlange_am"]));
    let wait = "SELECT round(extract(epoch FROM faellig_am - in_warteschlange_am) / 60)::bigint \
         FROM communication_service.emails";
    assert_eq!(api.world.number(wait).await, 60);
}

#[tokio::test]
async fn timestamps_are_read_with_and_without_an_offset_and_answered_in_utc() {
    let api = Api::start().await;
    let cases = [
        ("2026-01-31T09:15:00Z", "2026-01-31T09:15:00.000000Z"),
        ("2026-01-31T09:15:00", "2026-01-31T09:15:00.000000Z"),
        ("2026-01-31T09:15", "2026-01-31T09:15:00.000000Z"),
        ("2026-01-31 09:15:00", "2026-01-31T09:15:00.000000Z"),
        ("2026-01-31T09:15:00.123456", "2026-01-31T09:15:00.123456Z"),
        (
            "2026-01-31T09:15:00.123456789Z",
            "2026-01-31T09:15:00.123456Z",
        ),
        ("2026-01-31T09:15:00+01:00", "2026-01-31T08:15:00.000000Z"),
        ("2026-01-31T09:15:00+0100", "2026-01-31T08:15:00.000000Z"),
        ("2026-01-31T23:59:59.5-02:30", "2026-02-01T02:29:59.500000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
    ];
    for (given, answered) in cases {
        let email = api.create(json!({"senden_ab": given})).await;
        assert_eq!(email["senden_ab"], answered, "{given}");
    }
    let wrong = [
        "morgen",
        "2026-01-31",
        "31.01.2026 09:15",
        "2026-02-30T00:00:00Z",
        "1767225600",
    ];
    for given in wrong {
        assert_problem(
            &api.post(json!({"senden_ab": given})).await,
            400,
            "senden_ab",
        );
    }
}

#[tokio::test]
async fn a_priority_is_a_whole_number_from_0_to_9() {
    let api = Api::start().await;
    for prioritaet in [0, 5, 9] {
        let email = api.create(json!({"prioritaet": prioritaet})).await;
        assert_eq!(email["prioritaet"], prioritaet);
    }
    for wrong in [
        json!(-1),
        json!(10),
        json!(70_000),
        json!(4.5),
        json!("5"),
        json!(true),
    ] {
        assert_problem(
            &api.post(json!({"prioritaet": wrong})).await,
            400,
            "prioritaet",
        );
    }
    assert_eq!(api.rows().await, 3);
}

#[tokio::test]
async fn the_sender_is_the_configured_one_unless_a_client_names_another() {
    let world = World::without_kafka().await;
    let world = world
        .set("EMAIL_SENDER", "platz@example.com")
        .set("EMAIL_SENDER_NAME", "Platzvermittlung");
    let api = Api::serving(world, &["--no-worker"]).await;
    let cases = [
        (json!({}), "platz@example.com", "Platzvermittlung"),
        (
            json!({"absender_email": "", "absender_name": ""}),
            "platz@example.com",
            "Platzvermittlung",
        ),
        (
            json!({"absender_email": "eva@example.net"}),
            "eva@example.net",
            "Platzvermittlung",
        ),
        (json!({"absender_name": "Eva"}), "platz@example.com", "Eva"),
    ];
    for (fields, address, name) in cases {
        let email = api.create(fields).await;
        assert_eq!(email["absender_email"], address);
        assert_eq!(email["absender_name"], name);
    }
}

/// The Message-ID is fixed at creation, so it must be one that can stand in a mail.
#[tokio::test]
async fn whatever_the_limits_allow_can_be_sent() {
    let long = format!("eva@{}.example", ["a".repeat(59).as_str(); 4].join("."));
    let api = Api::serving(World::without_kafka().await, &[]).await;
    let cases = [
        json!({"absender_email": "eva@müller.example"}),
        json!({"absender_email": long}),
        json!({"empfaenger_email": "jürgen@müller.example"}),
        json!({"betreff": "😀".repeat(255), "empfaenger_name": "ä, \"".repeat(63), "absender_name": "<x@y>"}),
        json!({"inhalt_markdown": "x".repeat(512 * 1024)}),
    ];
    for mut fields in cases {
        fields["status"] = json!("In_Warteschlange");
        let id = api.create(fields).await["id"].as_i64().unwrap();
        api.client.wait_for_status(id, "Gesendet").await;
    }
}
