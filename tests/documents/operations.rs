//! Every operation once with success and once in vain, and each answer as the document foretells it.

use crate::openapi::{operations, printed};
use comm_tests::{Answer, Client, World, email};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An operation, how to ask for it, and what is answered.
struct Case {
    operation: &'static str,
    path: String,
    body: Option<Value>,
    status: u16,
}

fn case(operation: &'static str, status: u16) -> Case {
    Case {
        operation,
        path: operation.split(' ').nth(1).unwrap().to_owned(),
        body: None,
        status,
    }
}

impl Case {
    /// With another path than the operation's own.
    fn at(self, path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..self
        }
    }

    fn with(self, body: Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    async fn answer(&self, client: &Client) -> Answer {
        let method = self.operation.split(' ').next().unwrap();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let shape = |request: reqwest::RequestBuilder| match &self.body {
            Some(body) => request.json(body),
            None => request,
        };
        client.send(method, &self.path, shape).await.unwrap()
    }
}

/// What is asked of a service with this draft, which has one attachment.
fn about_emails(id: i64) -> Vec<Case> {
    let mine = |path: &str| path.replace("{id}", &id.to_string());
    let nobody = |path: &str| path.replace("{id}", "999");
    let follow_up = json!({"betreff": null, "inhalt_markdown": null, "vorlage": "follow_up",
        "vorlage_daten": {"anrede": "Guten Tag", "anfrage_vom": "2026-11-20", "ansprechpartner": "Jana Muster"}});
    vec![
        case("POST /api/emails", 201).with(email(follow_up)),
        case("POST /api/emails", 400).with(email(json!({"patient_id": 8}))),
        case("POST /api/emails", 415).at("/api/emails"),
        case("GET /api/emails", 200)
            .at("/api/emails?fields=id,betreff&q=Anfrage&created_from=2026-01-31"),
        case("GET /api/emails", 400).at("/api/emails?status=Quatsch"),
        case("GET /api/emails/{id}", 200).at(mine("/api/emails/{id}")),
        case("GET /api/emails/{id}", 404).at(nobody("/api/emails/{id}")),
        case("PUT /api/emails/{id}", 200)
            .at(mine("/api/emails/{id}"))
            .with(json!({"betreff": "Neu", "antwort_art": "", "prioritaet": 3.0})),
        case("PUT /api/emails/{id}", 400)
            .at(mine("/api/emails/{id}"))
            .with(json!({"status": "Quatsch"})),
        case("PUT /api/emails/{id}", 409)
            .at(mine("/api/emails/{id}"))
            .with(json!({"therapist_id": 8})),
        case("PUT /api/emails/{id}", 404)
            .at(nobody("/api/emails/{id}"))
            .with(json!({})),
        case("GET /api/emails/{id}/attachments/{n}", 200)
            .at(mine("/api/emails/{id}/attachments/0")),
        case("GET /api/emails/{id}/attachments/{n}", 404)
            .at(mine("/api/emails/{id}/attachments/1")),
        case("POST /api/emails/bulk", 201).with(json!({"emails": [email(json!({}))]})),
        case("POST /api/emails/bulk", 400).with(json!({"emails": [email(json!({"betreff": ""}))]})),
        case("GET /api/emails/queue-status", 200),
        case("DELETE /api/emails/{id}", 200).at(mine("/api/emails/{id}")),
        case("DELETE /api/emails/{id}", 404).at(mine("/api/emails/{id}")),
    ]
}

/// What is asked of a service with this call, which is planned.
fn about_calls(id: i64) -> Vec<Case> {
    let mine = || format!("/api/phone-calls/{id}");
    let nobody = || "/api/phone-calls/999".to_owned();
    let slot =
        json!({"patient_id": 8, "geplantes_datum": "2099-01-05", "geplante_zeit": "9:00:00"});
    vec![
        case("POST /api/phone-calls", 201).with(json!({"therapist_id": 7, "dauer_minuten": 10.0})),
        case("POST /api/phone-calls", 201).with(slot.clone()),
        case("POST /api/phone-calls", 409).with(slot),
        case("POST /api/phone-calls", 400).with(json!({"therapist_id": 7, "patient_id": 8})),
        case("POST /api/phone-calls", 415),
        case("GET /api/phone-calls", 200).at("/api/phone-calls?status=geplant&von=2026-01-31"),
        case("GET /api/phone-calls", 400).at("/api/phone-calls?status=Quatsch"),
        case("GET /api/phone-calls/{id}", 200).at(mine()),
        case("GET /api/phone-calls/{id}", 404).at(nobody()),
        case("PUT /api/phone-calls/{id}", 409)
            .at(mine())
            .with(json!({"therapist_id": 8})),
        case("PUT /api/phone-calls/{id}", 200)
            .at(mine())
            .with(json!({"status": "fehlgeschlagen", "ergebnis": "", "wiederholen_zeit": ""})),
        case("PUT /api/phone-calls/{id}", 400)
            .at(mine())
            .with(json!({"status": "Quatsch"})),
        case("PUT /api/phone-calls/{id}", 404)
            .at(nobody())
            .with(json!({})),
        case("DELETE /api/phone-calls/{id}", 200).at(mine()),
        case("DELETE /api/phone-calls/{id}", 404).at(mine()),
    ]
}

/// What the staff reads about calls; the feed is there, and its calendar under that path.
fn about_reports(feed: &Value) -> Vec<Case> {
    let calendar = "GET /api/phone-calls/kalender.ics";
    let pfad = feed["pfad"].as_str().unwrap();
    vec![
        case("GET /api/phone-calls/tagesliste", 200)
            .at("/api/phone-calls/tagesliste?datum=2099-01-05&bearbeiter="),
        case("GET /api/phone-calls/tagesliste", 400).at("/api/phone-calls/tagesliste?datum=heute"),
        case("GET /api/phone-calls/statistik", 200).at("/api/phone-calls/statistik?bis=2099-01-31"),
        case("GET /api/phone-calls/statistik", 400).at("/api/phone-calls/statistik?von=2000-01-01"),
        case(calendar, 200).at(pfad),
        case(calendar, 404).at("/api/phone-calls/kalender.ics?token=falsch"),
        case("POST /api/kalender-feeds", 201).with(json!({"bearbeiter": "Jana Muster"})),
        case("POST /api/kalender-feeds", 201),
        case("POST /api/kalender-feeds", 400).with(json!({"bearbeiter": "a\nb"})),
        case("GET /api/kalender-feeds", 200).at("/api/kalender-feeds?total=exact&limit=2"),
        case("GET /api/kalender-feeds", 400).at("/api/kalender-feeds?total=alle"),
        case("DELETE /api/kalender-feeds/{id}", 200)
            .at(format!("/api/kalender-feeds/{}", feed["id"])),
        case("DELETE /api/kalender-feeds/{id}", 404).at("/api/kalender-feeds/999"),
        case(calendar, 404).at(pfad),
    ]
}

fn about_therapists() -> Vec<Case> {
    let hours = |id: i64| format!("/api/therapists/{id}/erreichbarkeit");
    let check = |query: &str| format!("{}/pruefen?{query}", hours(7));
    let slots = |query: &str| format!("/api/therapists/7/slots?{query}");
    let block = "PUT /api/therapists/{id}/kontaktsperre";
    let sperre = |id: i64| format!("/api/therapists/{id}/kontaktsperre");
    let contacts = "GET /api/therapists/{id}/kontakte";
    let free = "GET /api/therapists/kontaktierbar";
    let simulation = "POST /api/kontaktregeln/simulation";
    vec![
        case("PUT /api/therapists/{id}/erreichbarkeit", 200)
            .at(hours(7))
            .with(json!({"Mo": ["9:00-12:00"], "dienstag": [{"start": "14:00", "end": "24:00"}]})),
        case("PUT /api/therapists/{id}/erreichbarkeit", 400)
            .at(hours(7))
            .with(json!({"Mo": ["12:00-9:00", 5]})),
        case("PUT /api/therapists/{id}/erreichbarkeit", 404)
            .at(hours(0))
            .with(json!({})),
        case("GET /api/therapists/{id}/erreichbarkeit", 200).at(hours(7)),
        case("GET /api/therapists/{id}/erreichbarkeit", 404).at(hours(0)),
        case("GET /api/therapists/{id}/erreichbarkeit/pruefen", 200)
            .at(check("datum=2099-01-05&zeit=13:00")),
        case("GET /api/therapists/{id}/erreichbarkeit/pruefen", 400).at(check("zeit=13:00")),
        case("GET /api/therapists/{id}/slots", 200).at(slots("limit=3&dauer_minuten=15")),
        case("GET /api/therapists/{id}/slots", 400).at(slots("von=morgen")),
        case("PUT /api/therapists/{id}/erreichbarkeit", 200)
            .at(hours(7))
            .with(Value::Null),
        case(contacts, 200).at("/api/therapists/7/kontakte?total=exact"),
        case(contacts, 404).at("/api/therapists/0/kontakte"),
        case(free, 200).at("/api/therapists/kontaktierbar?am=2099-01-05&weg=anruf"),
        case(free, 400).at("/api/therapists/kontaktierbar?am=2020-01-05"),
        case(simulation, 200).with(json!({"therapist_ids": [7, 99], "regeln": {"sperre": "warn"}})),
        case(simulation, 200),
        case(simulation, 400).with(json!({"regeln": {"sperre": "quatsch"}})),
        case(block, 200)
            .at(sperre(7))
            .with(json!({"bis": "2099-12-31", "begruendung": "Die Praxis zieht um."})),
        case(contacts, 200).at("/api/therapists/7/kontakte"),
        case(block, 400).at(sperre(7)).with(json!({"bis": ""})),
        case(block, 404).at(sperre(0)).with(Value::Null),
        case(block, 200).at(sperre(7)).with(Value::Null),
    ]
}

fn about_the_rest() -> Vec<Case> {
    let wrong = json!({"vorlage_daten": {"anrede": 5}});
    vec![
        case("POST /api/system-messages", 200).with(json!({"subject": "S", "message": "M"})),
        case("POST /api/system-messages", 400).with(json!({"message": "M"})),
        case("POST /api/follow-ups/run", 200).with(json!({"dry_run": true})),
        case("POST /api/follow-ups/run", 200),
        case("POST /api/follow-ups/run", 400).at("/api/follow-ups/run?dry_run=vielleicht"),
        case("GET /api/vorlagen", 200),
        case("GET /api/vorlagen", 400).at("/api/vorlagen?page=x"),
        case("POST /api/vorlagen/batch_request/vorschau", 200),
        case("POST /api/vorlagen/batch_request/vorschau", 400).with(wrong.clone()),
        case("POST /api/vorlagen/confirmation/vorschau", 200),
        case("POST /api/vorlagen/confirmation/vorschau", 400).with(wrong.clone()),
        case("POST /api/vorlagen/follow_up/vorschau", 200),
        case("POST /api/vorlagen/follow_up/vorschau", 400).with(wrong.clone()),
        case("POST /api/vorlagen/initial_contact/vorschau", 200),
        case("POST /api/vorlagen/initial_contact/vorschau", 400).with(wrong),
        case("GET /health", 200),
        case("GET /ready", 200),
        case("GET /health/events", 200),
        case("GET /health/email-queue", 200),
    ]
}

/// What cannot be done without a database.
fn without_a_database() -> Vec<Case> {
    let unavailable = [
        "GET /ready",
        "GET /health/events",
        "GET /api/emails/queue-status",
    ];
    unavailable.map(|operation| case(operation, 503)).into()
}

/// What never fails, but by another method.
const ALWAYS: [&str; 2] = ["GET /health", "GET /health/email-queue"];

/// Fails unless the document foretells the answer: its status, its type and what is in it.
fn assert_foretold(document: &Value, case: &Case, answer: &Answer) {
    let operation = operations(document).find(|(name, _)| name == case.operation);
    let (name, operation) = operation.unwrap_or_else(|| panic!("no {}", case.operation));
    assert_eq!(answer.status, case.status, "{name}: {}", answer.body);
    let said = &operation["responses"][case.status.to_string()];
    let kind = answer.header("content-type");
    let Some(content) = said["content"].get(kind) else {
        assert!(said["content"].get("*/*").is_some(), "{name}: {kind}");
        return;
    };
    let mut schema = content["schema"].clone();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    // What is no JSON is a text.
    let text = || Value::from(String::from_utf8_lossy(&answer.bytes));
    let body = match kind.contains("json") {
        true => answer.body.clone(),
        false => text(),
    };
    let errors: Vec<String> = validator
        .iter_errors(&body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
    assert!(!answer.header("x-request-id").is_empty());
}

async fn try_all(
    document: &Value,
    client: &Client,
    cases: Vec<Case>,
    tried: &mut BTreeSet<(&str, bool)>,
) {
    for case in cases {
        let answer = case.answer(client).await;
        assert_foretold(document, &case, &answer);
        tried.insert((case.operation, case.status < 300));
    }
}

#[tokio::test]
async fn every_operation_succeeds_and_fails_as_the_document_foretells() {
    let world = World::without_kafka()
        .await
        .set("SYSTEM_NOTIFICATION_EMAIL", "betrieb@example.org");
    let service = world.start_with(&["--no-worker"]).await;
    let client = &service.client;
    let (document, mut tried) = (printed().await, BTreeSet::new());
    let file = json!({"filename": "Befund.pdf", "content_base64": "JVBERi0="});
    let draft = client
        .post("/api/emails", &email(json!({"attachments": [file]})))
        .await;
    let id = draft.expect(201).body["id"].as_i64().unwrap();
    try_all(&document, client, about_emails(id), &mut tried).await;
    let call = client
        .post("/api/phone-calls", &json!({"therapist_id": 7}))
        .await;
    let id = call.expect(201).body["id"].as_i64().unwrap();
    try_all(&document, client, about_calls(id), &mut tried).await;
    let feed = client.post("/api/kalender-feeds", &json!({})).await;
    let feed = feed.expect(201).body;
    try_all(&document, client, about_reports(&feed), &mut tried).await;
    try_all(&document, client, about_therapists(), &mut tried).await;
    try_all(&document, client, about_the_rest(), &mut tried).await;
    let cut_off = world.set("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing");
    let cut_off = cut_off.start_with(&["--no-worker"]).await;
    try_all(&document, &cut_off.client, without_a_database(), &mut tried).await;
    for operation in ALWAYS {
        let path = operation.split(' ').nth(1).unwrap();
        let answer = client.post(path, &Value::Null).await.expect(405);
        assert_eq!(answer.header("allow"), "GET");
        tried.insert((operation, false));
    }
    let all = operations(&document).flat_map(|(name, _)| [(name.clone(), true), (name, false)]);
    let missing: Vec<_> = all
        .filter(|(name, success)| !tried.contains(&(name.as_str(), *success)))
        .collect();
    assert!(missing.is_empty(), "not tried: {missing:#?}");
}
