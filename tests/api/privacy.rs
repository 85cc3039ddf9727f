//! What answers and the log must not show: the inside of the service, and people.

use crate::setup::{Api, assert_problem, path};
use comm_devkit::smtp::{Action, Script, Stage};
use comm_tests::World;
use serde_json::json;

/// Each stands somewhere in the requests below, and the log must have none of them.
const PERSONAL: [&str; 9] = [
    "ada.geheim",
    "Ada Geheim",
    "Vertraulich",
    "Diagnose F32",
    "eva.privat",
    "Eva Privat",
    "Notiz Z9",
    "Antwort K7",
    "Quatsch77",
];

#[tokio::test]
async fn the_log_shows_neither_people_nor_query_strings() {
    let world = World::without_kafka().await;
    let api = Api::serving(world, &[]).await;
    let email = api.create(personal()).await;
    api.client
        .wait_for_status(email["id"].as_i64().unwrap(), "Gesendet")
        .await;
    let notes = json!({"nachverfolgung_notizen": "Notiz Z9", "antwortinhalt": "Antwort K7", "antwort_erhalten": true});
    api.put(&email, notes).await.expect(200);
    let query = "?status=Quatsch77&name=Ada%20Geheim&q=ada.geheim@example.org&page=77123";
    assert_problem(
        &api.client.get(&format!("/api/emails{query}")).await,
        400,
        "status",
    );
    api.client
        .get("/api/emails?q=ada.geheim@example.org&name=Vertraulich")
        .await
        .expect(200);
    api.client.get("/ada.geheim/Vertraulich").await.expect(404);
    api.client.get("/api/emails/ada.geheim").await.expect(404);
    for (name, value) in [
        ("empfaenger_email", "ada.geheim@example.org,"),
        ("betreff", "Vertraulich\n"),
    ] {
        assert_problem(&api.put(&email, json!({name: value})).await, 400, name);
    }
    for name in ["therapist_id", "prioritaet", "senden_ab"] {
        api.put(&email, json!({name: "Ada Geheim Vertraulich"}))
            .await
            .expect(400);
    }
    api.post_bytes("{\"betreff\": \"Vertraulich\", \"empfaenger_name\": \"Ada Geheim\",")
        .await
        .expect(400);
    let wrong = json!({"vorlage_daten": {"anrede": "Ada Geheim", "hinweis": "Diagnose F32", "anfrage_vom": "Vertraulich"}});
    let answer = api
        .client
        .post("/api/vorlagen/follow_up/vorschau", &wrong)
        .await;
    assert_problem(&answer, 400, "vorlage_daten.anfrage_vom must be a date");
    api.client.delete(&path(&email)).await.expect(200);
    assert_private(&api.service.log());
}

fn personal() -> serde_json::Value {
    json!({
        "empfaenger_email": "ada.geheim@example.org", "empfaenger_name": "Dr. Ada Geheim", "betreff": "Vertraulich",
        "inhalt_markdown": "Diagnose F32", "absender_email": "eva.privat@example.org", "absender_name": "Eva Privat",
        "status": "In_Warteschlange",
    })
}

#[tokio::test]
async fn the_log_does_not_repeat_the_words_of_a_server_that_refuses() {
    let refusal = Action::reply(
        550,
        "5.1.1 <ada.geheim@example.org> Ada Geheim is unknown here",
    );
    let world = World::without_kafka()
        .await
        .mailing_to(Script::new().always(Stage::Rcpt, refusal))
        .await;
    let api = Api::serving(world, &[]).await;
    let email = api.create(personal()).await;
    let failed = api
        .client
        .wait_for_status(email["id"].as_i64().unwrap(), "Fehlgeschlagen")
        .await;
    let words = failed["fehlermeldung"].as_str().unwrap();
    assert!(
        words.contains("Ada Geheim is unknown here"),
        "the clerk sees them: {words}"
    );
    assert_private(&api.service.log());
}

fn assert_private(log: &str) {
    assert!(log.contains("A request was answered") && log.contains("/api/emails/{id}"));
    for word in PERSONAL {
        let line = log
            .lines()
            .find(|line| line.contains(word) || line.contains(&as_bytes(word)));
        assert!(
            line.is_none(),
            "{word} is in the log: {}",
            line.unwrap_or("")
        );
    }
    assert!(!log.contains("77123"), "a query string is in the log");
}

/// As a list of bytes, as which a parameter of a statement would be shown.
fn as_bytes(word: &str) -> String {
    format!("{:?}", word.as_bytes())
        .trim_matches(['[', ']'])
        .to_owned()
}

#[tokio::test]
async fn a_defect_shows_nothing_but_an_id_that_the_log_has_too() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    api.world
        .execute("ALTER TABLE communication_service.emails RENAME TO verschwunden")
        .await;
    let answers = [
        api.client.get("/api/emails").await,
        api.client.get(&path(&email)).await,
        api.post(json!({})).await,
        api.put(&email, json!({"betreff": "x"})).await,
        api.client.delete(&path(&email)).await,
    ];
    let log = api.service.log();
    for answer in answers {
        assert_problem(&answer, 500, "");
        let id = answer.header("x-request-id");
        assert_eq!(answer.body["trace_id"], id);
        assert!(
            log.lines()
                .any(|line| line.contains("ERROR") && line.contains(id))
        );
        let shown = answer.body.to_string();
        for inside in [
            "emails",
            "relation",
            "SELECT",
            "INSERT",
            "crates/",
            ".rs",
            "panicked",
            "verschwunden",
        ] {
            assert!(!shown.contains(inside), "{shown}");
        }
    }
}
