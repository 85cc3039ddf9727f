//! `POST /api/system-messages`: one notification, sent at once and not stored.

use crate::setup::{Api, assert_problem};
use comm_devkit::smtp::{Action, Script, Stage};
use comm_tests::{Answer, World};
use mail_parser::MessageParser;
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/system-messages";

async fn api(script: Script) -> Api {
    let world = World::without_kafka().await.mailing_to(script).await;
    let world = world
        .set("SYSTEM_NOTIFICATION_EMAIL", "betrieb@example.org")
        .set("COMPANY_NAME", "Beispiel Vermittlung GmbH")
        .set("COMM__SMTP__TIMEOUTS__REPLY_AFTER_DOT_SECONDS", "1");
    Api::serving(world, &["--no-worker"]).await
}

async fn post(api: &Api, body: Value) -> Answer {
    api.client.post(PATH, &body).await
}

#[tokio::test]
async fn it_is_sent_at_once_as_a_message_of_a_program_and_not_stored() {
    let api = api(Script::new()).await;
    let sent = post(
        &api,
        json!({"subject": "Platte voll", "message": "Nur noch *1 %* frei"}),
    )
    .await
    .expect(200);
    let expected =
        json!({"message": "System message sent successfully", "recipient": "betrieb@example.org"});
    assert_eq!(sent.body, expected);
    let mails = api.world.smtp.received();
    assert_eq!(mails[0].recipients, ["betrieb@example.org"]);
    let parsed = MessageParser::default().parse(&mails[0].raw).unwrap();
    assert_eq!(parsed.subject(), Some("Platte voll"));
    assert_eq!(
        parsed.header_raw("Auto-Submitted").map(str::trim),
        Some("auto-generated")
    );
    assert_eq!(
        parsed.body_text(0).unwrap().trim(),
        "Nur noch *1 %* frei",
        "no markdown, no footer"
    );
    assert!(parsed.message_id().unwrap().ends_with("@example.org"));
    assert_eq!(api.rows().await, 0);
    let events = "SELECT count(*) FROM communication_service.outbox";
    assert_eq!(api.world.number(events).await, 0);
}

#[tokio::test]
async fn sender_recipient_markdown_and_footer_are_as_asked_for() {
    let api = api(Script::new()).await;
    let request = json!({
        "subject": "Bericht für März", "message": "# Stand\n\nalles **gut**", "sender_name": "Überwachung", "farbe": "rot",
        "recipient_email": "ada@example.org", "recipient_name": "Ada", "process_markdown": true, "add_legal_footer": true,
    });
    let sent = post(&api, request).await.expect(200);
    assert_eq!(sent.body["recipient"], "ada@example.org");
    let mails = api.world.smtp.received();
    let parsed = MessageParser::default().parse(&mails[0].raw).unwrap();
    assert_eq!(
        parsed.from().unwrap().first().unwrap().name(),
        Some("Überwachung")
    );
    assert_eq!(parsed.to().unwrap().first().unwrap().name(), Some("Ada"));
    let html = parsed.body_html(0).unwrap();
    assert!(
        html.contains("<strong>gut</strong>") && html.contains("Beispiel Vermittlung GmbH"),
        "{html}"
    );
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named() {
    let api = api(Script::new()).await;
    let exact = [
        (json!({"message": "x"}), "Subject is required"),
        (
            json!({"subject": "", "message": "x"}),
            "Subject is required",
        ),
        (
            json!({"subject": "  ", "message": "x"}),
            "Subject is required",
        ),
        (json!({"subject": "x"}), "Message is required"),
        (
            json!({"subject": "x", "message": " \n"}),
            "Message is required",
        ),
    ];
    for (body, words) in exact {
        let answer = post(&api, body).await;
        assert_problem(&answer, 400, words);
        assert_eq!(answer.message(), words);
    }
    let wrong = [
        ("subject", json!("a\nBcc: x@example.org")),
        ("subject", json!("a".repeat(256))),
        ("message", json!("a\0b")),
        ("sender_name", json!("a\r\nb")),
        ("recipient_email", json!("a@example.org, b@example.org")),
        ("recipient_name", json!("a\nb")),
        ("process_markdown", json!("ja")),
        ("add_legal_footer", json!(1)),
        ("message", json!(5)),
    ];
    for (name, value) in wrong {
        let mut body = json!({"subject": "x", "message": "y"});
        body[name] = value;
        assert_problem(&post(&api, body).await, 400, name);
    }
    let large = json!({"subject": "x", "message": "a".repeat(512 * 1024 + 1)});
    assert_problem(&post(&api, large).await, 413, "message");
    let larger = json!({"subject": "x", "message": "a".repeat(1024 * 1024)});
    assert_problem(&post(&api, larger).await, 413, "at most 1048576 bytes");
    let keyed = api.client.send(Method::POST, PATH, |request| {
        request
            .header("idempotency-key", "k")
            .json(&json!({"subject": "x", "message": "y"}))
    });
    assert_problem(&keyed.await.unwrap(), 400, "Idempotency-Key");
    assert_problem(&api.client.get(PATH).await, 405, "POST");
    assert_eq!(api.world.smtp.count(), 0);
}

#[tokio::test]
async fn without_a_configured_recipient_one_must_be_given() {
    let api = Api::start().await;
    let message = json!({"subject": "x", "message": "y"});
    assert_problem(
        &post(&api, message).await,
        400,
        "recipient_email is required",
    );
    let message = json!({"subject": "x", "message": "y", "recipient_email": "ada@example.org"});
    post(&api, message).await.expect(200);
}

#[tokio::test]
async fn a_refusal_is_a_502_that_says_why_without_the_words_of_the_server() {
    let cases = [
        (
            Stage::Rcpt,
            Action::reply(550, "5.1.1 <ada.geheim@example.org> unknown"),
            "recipient_email (5.1.1)",
        ),
        (
            Stage::Rcpt,
            Action::reply(450, "4.2.0 Ada Geheim is busy"),
            "recipient_email (4.2.0)",
        ),
        (
            Stage::Message,
            Action::reply(554, "5.7.1 ada.geheim"),
            "refused the message (5.7.1)",
        ),
        (
            Stage::Greeting,
            Action::reply(554, "go away ada.geheim"),
            "did not let the service in",
        ),
        (Stage::Ehlo, Action::drop(), "could not be reached"),
    ];
    for (stage, action, words) in cases {
        let api = api(Script::new().always(stage, action)).await;
        let message =
            json!({"subject": "x", "message": "y", "recipient_email": "ada.geheim@example.org"});
        let answer = post(&api, message).await;
        assert_problem(&answer, 502, words);
        let told = [answer.body.to_string(), api.service.log()].concat();
        assert!(!told.contains("ada.geheim") && !told.contains("Ada Geheim"));
        assert_eq!(answer.body["trace_id"], answer.header("x-request-id"));
        assert_eq!(api.world.smtp.count(), 0, "and it is not tried again");
    }
}

#[tokio::test]
async fn what_was_refused_once_is_not_tried_again() {
    let busy = Action::reply(450, "4.2.0 later");
    let api = api(Script::new().once(Stage::Rcpt, busy)).await;
    let message = json!({"subject": "x", "message": "y", "recipient_email": "ada@example.org"});
    assert_problem(&post(&api, message.clone()).await, 502, "4.2.0");
    assert_eq!(api.world.smtp.count(), 0);
    post(&api, message).await.expect(200);
    assert_eq!(api.world.smtp.count(), 1);
}

#[tokio::test]
async fn an_unknown_outcome_is_a_504_and_it_is_not_sent_again() {
    for action in [Action::hang(), Action::drop()] {
        let api = api(Script::new().once(Stage::Message, action)).await;
        let message = json!({"subject": "x", "message": "y"});
        let answer = post(&api, message).await;
        assert_problem(
            &answer,
            504,
            "not known whether the system message was sent",
        );
        assert_eq!(api.world.smtp.connections().accepted, 1);
    }
}
