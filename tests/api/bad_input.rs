//! Requests that are wrong in themselves: a clear 4xx that names the field, and nothing is stored.

use crate::setup::{Api, assert_problem, path};
use reqwest::Method;
use serde_json::{Value, json};

const KIB: usize = 1024;

#[tokio::test]
async fn a_wrong_type_is_refused_with_the_name_of_the_field() {
    let api = Api::start().await;
    let huge: Value = serde_json::from_str("99999999999999999999").unwrap();
    let no_integer = [
        json!("x"),
        json!("7"),
        json!(1.5),
        json!(true),
        json!([]),
        json!({}),
        huge,
        json!(-1),
    ];
    for name in ["therapist_id", "patient_id", "therapeutenanfrage_id"] {
        for value in &no_integer {
            let absent = if name == "patient_id" {
                "therapist_id"
            } else {
                "patient_id"
            };
            assert_problem(&api.post(json!({name: value, absent: 0})).await, 400, name);
        }
    }
    let texts = [
        "betreff",
        "inhalt_markdown",
        "inhalt_html",
        "inhalt_text",
        "empfaenger_email",
        "empfaenger_name",
        "absender_email",
        "absender_name",
        "status",
        "senden_ab",
        "vorlage",
    ];
    for name in texts {
        for value in [json!(5), json!(true), json!(["x"]), json!({"x": 1})] {
            assert_problem(&api.post(json!({name: value})).await, 400, name);
        }
    }
    for value in [json!("ja"), json!(1), json!([])] {
        assert_problem(
            &api.post(json!({"add_legal_footer": value})).await,
            400,
            "add_legal_footer",
        );
    }
    for value in [json!("a.pdf"), json!({}), json!(1)] {
        assert_problem(
            &api.post(json!({"attachments": value})).await,
            400,
            "attachments",
        );
    }
    assert_eq!(api.rows().await, 0);
}

#[tokio::test]
async fn a_refusal_says_what_the_field_must_be_and_does_not_repeat_the_value() {
    let api = Api::start().await;
    let cases = [
        ("therapist_id", "must be a 64-bit integer"),
        ("prioritaet", "must be a 64-bit integer"),
        ("add_legal_footer", "must be a boolean"),
        ("attachments", "must be a list"),
        ("senden_ab", "must be a timestamp like 2026-01-31T09:15:00Z"),
        ("absender_email", "must be exactly one valid email address"),
    ];
    for (name, words) in cases {
        let answer = api.post(json!({name: "Ada expected at line 1"})).await;
        assert_problem(&answer, 400, "");
        assert_eq!(answer.message(), format!("{name} {words}"));
    }
    let answer = api.post(json!({"betreff": 5})).await;
    assert_eq!(answer.message(), "betreff must be a string");
}

#[tokio::test]
async fn control_characters_cannot_get_into_a_header() {
    let api = Api::start().await;
    for name in [
        "betreff",
        "empfaenger_name",
        "absender_name",
        "empfaenger_email",
        "absender_email",
    ] {
        let start = if name.ends_with("email") {
            "a@example.org"
        } else {
            "Anfrage"
        };
        for injection in [
            "\r\nBcc: x@example.net",
            "\nBcc: x@example.net",
            "\r",
            "\0",
            "\u{b}",
            "\u{1b}[0m",
            "\u{7f}",
            "\u{85}x",
            "\u{2028}x",
        ] {
            // White space around an address is forgiven, so the injection stands in the middle.
            for value in [
                format!("{start}{injection}b"),
                format!("b{injection}{start}"),
            ] {
                assert_problem(&api.post(json!({name: value})).await, 400, name);
            }
        }
    }
    assert_eq!(api.rows().await, 0);
}

#[tokio::test]
async fn an_address_is_exactly_one_mailbox() {
    let api = Api::start().await;
    let wrong = [
        "x",
        "@example.org",
        "a@",
        "a b@example.org",
        "a@example.org,b@example.org",
        "a@example.org;b@example.org",
        "a@example.org b@example.org",
        "Ada <a@example.org>",
        "<a@example.org>",
        "a@b@example.org",
        "a@example..org",
        "a@-example.org",
        "a@[127.0.0.1]",
        "a@example.org>",
        "a@example.org\u{0}",
    ];
    let long = format!("{}@example.org", "a".repeat(255));
    for name in ["empfaenger_email", "absender_email"] {
        for value in wrong.iter().copied().chain([long.as_str()]) {
            let answer = api.post(json!({name: value})).await;
            assert_problem(&answer, 400, name);
            assert!(
                !answer.message().contains("example"),
                "no address in {}",
                answer.message()
            );
        }
    }
    assert_eq!(api.rows().await, 0);
    for right in [
        "a.b+c@example.org",
        "jürgen@müller.example",
        "o'hara@example.co.uk",
        " a@example.org ",
    ] {
        let email = api.create(json!({"empfaenger_email": right})).await;
        assert_eq!(email["empfaenger_email"], right.trim());
    }
}

#[tokio::test]
async fn a_subject_and_a_name_have_at_most_255_characters() {
    let api = Api::start().await;
    for name in ["betreff", "empfaenger_name", "absender_name"] {
        let email = api.create(json!({name: "ä".repeat(255)})).await;
        assert_eq!(email[name].as_str().unwrap().chars().count(), 255);
        assert_problem(&api.post(json!({name: "ä".repeat(256)})).await, 400, name);
        assert_problem(
            &api.put(&email, json!({name: "ä".repeat(256)})).await,
            400,
            name,
        );
    }
    assert_eq!(api.rows().await, 3);
}

#[tokio::test]
async fn nul_characters_are_refused_in_every_text() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    let given = [
        "betreff",
        "inhalt_markdown",
        "inhalt_html",
        "inhalt_text",
        "empfaenger_name",
        "status",
        "senden_ab",
    ];
    for name in given {
        assert_problem(
            &api.post(json!({name: "a\0b"})).await,
            400,
            if name == "status" {
                "Invalid status"
            } else {
                name
            },
        );
        assert_problem(&api.put(&email, json!({name: "a\0b"})).await, 400, name);
    }
    for name in [
        "antwortinhalt",
        "nachverfolgung_notizen",
        "fehlermeldung",
        "antwort_art",
        "antwortdatum",
    ] {
        assert_problem(&api.put(&email, json!({name: "a\0b"})).await, 400, name);
    }
    assert_eq!(api.get(&email).await, email);
    assert_eq!(api.rows().await, 1);
    // As a character reference it is replaced, as browsers do.
    let reference = json!({"inhalt_markdown": "a&#0;b", "inhalt_html": "a&#0;b"});
    let email = api.create(reference).await;
    assert!(email["inhalt_text"].as_str().unwrap().contains('\u{fffd}'));
}

#[tokio::test]
async fn a_body_of_more_than_512_kib_is_too_large() {
    let api = Api::start().await;
    for name in ["inhalt_markdown", "inhalt_html", "inhalt_text"] {
        let fields = |size| json!({"inhalt_markdown": null, name: "a ".repeat(size / 2) + &"b".repeat(size % 2)});
        assert_problem(&api.post(fields(512 * KIB + 1)).await, 413, name);
        let email = api.post(fields(512 * KIB)).await.expect(201).body;
        assert_problem(&api.put(&email, fields(512 * KIB + 1)).await, 413, name);
        assert_eq!(api.put(&email, email.clone()).await.expect(200).body, email);
    }
    assert_eq!(api.rows().await, 3);
}

#[tokio::test]
async fn a_request_of_more_than_16_mib_gets_an_answer_that_can_be_read() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    for size in [16 * KIB * KIB + 1, 40 * KIB * KIB] {
        let body = format!("{{\"x\": \"{}\"}}", "a".repeat(size));
        assert_problem(
            &api.post_bytes(body.clone()).await,
            413,
            "at most 16777216 bytes",
        );
        let put = api.send(Method::PUT, &path(&email), body).await;
        assert_problem(&put, 413, "at most 16777216 bytes");
    }
    let largest = format!("{{\"x\": \"{}\"}}", "a".repeat(16 * KIB * KIB - 9));
    assert_problem(&api.post_bytes(largest).await, 400, "therapist_id");
    assert_eq!(api.rows().await, 1);
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_in_plain_words() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    for body in no_objects() {
        let start: String = String::from_utf8_lossy(&body).chars().take(60).collect();
        let answers = [
            api.post_bytes(body.clone()).await,
            api.send(Method::PUT, &path(&email), body).await,
        ];
        for answer in &answers {
            assert_problem(answer, 400, "");
            let words = answer.message();
            let shows_code = words.contains("struct") || words.contains("Body");
            assert!(!shows_code, "{start}: {words}");
        }
    }
    assert_eq!(api.get(&email).await, email);
    assert_eq!(api.rows().await, 1);
}

/// Broken JSON, JSON that is no object, and objects that no field can be read from.
fn no_objects() -> Vec<Vec<u8>> {
    let valid = comm_tests::email(json!({})).to_string();
    let texts = [
        "",
        " ",
        "{",
        "{\"a\":",
        "nicht",
        "{'a': 1}",
        "{\"betreff\": \"\\ud800\"}",
        "{\"prioritaet\": 1e999}",
        "[]",
        "\"text\"",
        "null",
        "5",
        "true",
        "\u{feff}{}",
        // A struct could be read by position.
        "[7, null, \"Anfrage\", \"Text\", null, null, null, \"a@example.org\", \"Ada\", null, null, null, null, \
         null, null, null, null]",
        &format!("{{\"betreff\": {}}}", nested()),
        &valid.replacen('{', "{\"betreff\": \"zwei\", ", 1),
        &format!("{valid}x"),
        &format!("{valid}{valid}"),
        &format!("[{valid}]"),
    ]
    .map(|text| text.as_bytes().to_vec());
    let no_utf8 = [b"{\"betreff\": \"\xff\"}".to_vec(), b"\xff\xfe".to_vec()];
    texts.into_iter().chain(no_utf8).collect()
}

fn nested() -> String {
    ["[".repeat(20_000), "]".repeat(20_000)].concat()
}

#[tokio::test]
async fn depth_in_a_field_that_nobody_reads_does_no_harm() {
    let api = Api::start().await;
    let valid = comm_tests::email(json!({})).to_string();
    let deep = valid.replacen('{', &format!("{{\"x\": {}, ", nested()), 1);
    api.post_bytes(deep).await.expect(201);
}
