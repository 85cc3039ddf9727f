//! `docs/asyncapi.yaml`: every event that is really published fits it, and what it says can be asked for is done.

use crate::files;
use comm_devkit::kafka::Message;
use comm_devkit::smtp::{Action, Context, Script, Stage};
use comm_tests::{Service, World, email, eventually};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;

/// The document.
pub(crate) struct AsyncApi(Value);

impl AsyncApi {
    pub(crate) fn read() -> Self {
        let document: Value = serde_saphyr::from_str(&files::text("docs/asyncapi.yaml")).unwrap();
        Self(document)
    }

    fn message(&self, name: &str) -> &Value {
        let message = &self.0["components"]["messages"][name];
        assert!(
            message.is_object(),
            "no message {name} in docs/asyncapi.yaml"
        );
        message
    }

    /// The messages of an operation.
    fn messages_of(&self, operation: &str) -> BTreeSet<String> {
        let messages = self.0["operations"][operation]["messages"]
            .as_array()
            .unwrap();
        let name = |message: &Value| {
            let place = message["$ref"].as_str().unwrap();
            place.rsplit('/').next().unwrap().to_owned()
        };
        messages.iter().map(name).collect()
    }

    /// Fails unless the value fits; of objects whose fields are listed, no other field is let through.
    fn assert_fits(&self, value: &Value, schema: &Value, what: &str) {
        let mut schema = schema.clone();
        schema["components"] = self.0["components"].clone();
        close(&mut schema);
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        let errors: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{what}: {errors:#?}\n{value:#}");
    }

    /// Fails unless the value, the headers and the key of a published event are as foretold; answers its type.
    pub(crate) fn assert_foretells(&self, published: &Message) -> String {
        let event = published.json().unwrap();
        let name = event["eventType"].as_str().unwrap();
        let message = self.message(name);
        self.assert_fits(&event, &message["payload"], name);
        let headers = headers(published);
        self.assert_fits(&headers, &message["headers"], name);
        assert_eq!(headers["ce_type"], event["eventType"]);
        assert_eq!(headers["ce_id"], event["eventId"]);
        let time = event["timestamp"].as_str().unwrap();
        assert_eq!(headers["ce_time"], format!("{time}Z"));
        let key = Value::from(published.key.clone());
        let binding = message["bindings"]["$ref"].as_str().unwrap();
        let binding = binding.strip_prefix('#').unwrap();
        let binding = &self.0.pointer(binding).unwrap()["kafka"]["key"];
        self.assert_fits(&key, binding, name);
        let id = match &event["payload"]["email_id"] {
            Value::Null => &event["payload"]["call_id"],
            id => id,
        };
        assert_eq!(key, id.to_string());
        name.to_owned()
    }
}

/// Lets no field through that is not listed.
fn close(schema: &mut Value) {
    if let Value::Object(keywords) = schema {
        if keywords.get("type") == Some(&json!("object")) && keywords.contains_key("properties") {
            keywords
                .entry("additionalProperties")
                .or_insert(Value::Bool(false));
        }
        keywords.values_mut().for_each(close);
    } else if let Value::Array(schemas) = schema {
        schemas.iter_mut().for_each(close);
    }
}

fn headers(message: &Message) -> Value {
    let pairs = message.headers.iter().map(|(name, value)| {
        let value = String::from_utf8(value.clone()).unwrap();
        (name.clone(), value.into())
    });
    pairs.collect::<Map<_, _>>().into()
}

/// Every place in the document that another place refers to.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_message_is_of_use() {
    let document = AsyncApi::read();
    assert_eq!(document.0["asyncapi"], "3.0.0");
    let mut found = BTreeSet::new();
    references(&document.0, &mut found);
    for place in &found {
        let pointer = place.strip_prefix('#').unwrap();
        assert!(document.0.pointer(pointer).is_some(), "{place} is missing");
    }
    for part in ["messages", "schemas"] {
        for name in document.0["components"][part].as_object().unwrap().keys() {
            let place = format!("#/components/{part}/{name}");
            assert!(found.contains(place.as_str()), "{place} is of no use");
        }
    }
}

#[test]
fn every_event_as_it_was_agreed_fits() {
    let document = AsyncApi::read();
    let folder = files::path("crates/comm-app/tests/snapshots");
    let mut types = BTreeSet::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let json = text.rsplit("---\n").next().unwrap();
        let event = json.replace("[uuid]", "01a1fe40-094d-7595-a66a-e55fba202043");
        let event: Value = serde_json::from_str(&event).unwrap();
        let name = event["eventType"].as_str().unwrap();
        document.assert_fits(&event, &document.message(name)["payload"], name);
        types.insert(name.to_owned());
    }
    let mut foretold = document.messages_of("report");
    foretold.extend(document.messages_of("reportCalls"));
    assert_eq!(types, foretold);
}

/// One address that the server refuses.
fn refusing() -> Script {
    Script::new().on(Stage::Rcpt, |context: &Context<'_>| {
        match context.recipient.contains("nobody@") {
            true => Action::reply(550, "5.1.1 no such user"),
            false => Action::proceed(),
        }
    })
}

async fn create(service: &Service, fields: Value) -> i64 {
    let answer = service.client.post("/api/emails", &email(fields)).await;
    answer.expect(201).body["id"].as_i64().unwrap()
}

/// Lets everything happen to emails that is reported.
async fn live(service: &Service) {
    let client = &service.client;
    let queued = json!({"therapist_id": null, "patient_id": 8, "status": "In_Warteschlange"});
    let sent = create(service, queued).await;
    client.wait_for_status(sent, "Gesendet").await;
    let answered = json!({"antwort_erhalten": true, "antwort_art": "abgelehnt"});
    client
        .put(&format!("/api/emails/{sent}"), &answered)
        .await
        .expect(200);
    client
        .delete(&format!("/api/emails/{sent}"))
        .await
        .expect(200);
    let refused = json!({"empfaenger_email": "nobody@example.org", "status": "In_Warteschlange"});
    let refused = create(service, refused).await;
    client.wait_for_status(refused, "Fehlgeschlagen").await;
}

#[tokio::test]
async fn every_event_that_is_published_fits_and_every_one_that_is_foretold_is_published() {
    let world = World::with_smtp(refusing())
        .await
        .set("COMM__EVENTS__ALSO_PUBLISH_OLD_NAMES", "true");
    let service = world.start().await;
    live(&service).await;
    world.assert_nothing_left_behind().await;
    let document = AsyncApi::read();
    let published = world.topics.read_all(&world.topic).await.unwrap();
    let types: BTreeSet<String> = published
        .iter()
        .map(|message| document.assert_foretells(message))
        .collect();
    let mut foretold = document.messages_of("report");
    foretold.extend(document.messages_of("reportToOlderConsumers"));
    assert_eq!(types, foretold);
}

#[tokio::test]
async fn what_the_document_shows_can_be_asked_for_and_rubbish_becomes_a_dead_letter() {
    let document = AsyncApi::read();
    let world = World::new()
        .await
        .set("COMM__EMAIL_QUEUE__UNDO_SECONDS", "3600");
    let service = world.start().await;
    let waiting = create(&service, json!({"status": "In_Warteschlange"})).await;
    assert_eq!(waiting, 1, "the one that the example names");
    for name in document.messages_of("takeRequests") {
        let message = document.message(&name);
        for example in message["examples"].as_array().unwrap() {
            let event = &example["payload"];
            document.assert_fits(event, &message["payload"], &name);
            let event = event.to_string();
            let sent = world.topics.send(&world.topic, "1", event.as_bytes());
            sent.await.unwrap();
        }
    }
    world
        .topics
        .send(&world.topic, "1", b"rubbish")
        .await
        .unwrap();
    service.client.wait_for_status(waiting, "Gesendet").await;
    let wishes = "SELECT count(*) FROM communication_service.anrufwuensche";
    eventually("both wishes are recorded", || async {
        (world.number(wishes).await == 2).then_some(())
    })
    .await;
    let dead = format!("{}.dlq", world.topic);
    let dead = world
        .topics
        .wait_for(&dead, 1, comm_tests::PATIENCE)
        .await
        .unwrap();
    assert_eq!(dead.len(), 1);
    let schema = &document.message("deadLetter")["headers"];
    document.assert_fits(&headers(&dead[0]), schema, "deadLetter");
}
