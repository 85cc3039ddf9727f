//! `docs/openapi.json`: the code's own description, and nothing else.

use crate::files;
use comm_tests::run_to_end;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What `communication-service openapi` prints, which needs no settings.
pub(crate) async fn printed() -> Value {
    let output = run_to_end(Vec::new(), &["openapi"]).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every operation with its method and path.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, operation)| {
            (format!("{} {path}", method.to_uppercase()), operation)
        })
    })
}

#[tokio::test]
async fn the_committed_document_is_what_the_code_says() {
    let committed: Value = serde_json::from_str(&files::text("docs/openapi.json")).unwrap();
    let same = committed == printed().await;
    assert!(
        same,
        "docs/openapi.json is not what the code says: make openapi"
    );
}

/// The routes of `routes.rs` with their methods, as `GET /api/emails/{}`.
fn routes() -> BTreeSet<String> {
    let code = files::text("crates/comm-http/src/routes.rs");
    let mut routes = BTreeSet::new();
    for service in code.split("only(").skip(1) {
        let Some(path) = service.split("resource(\"").nth(1) else {
            continue;
        };
        let path = without_names(path.split('"').next().unwrap());
        let methods = service.split('"').nth(1).unwrap().split(", ");
        routes.extend(methods.map(|method| format!("{method} {path}")));
    }
    routes
}

/// A path with what stands for names taken out, and so with one spelling.
fn without_names(path: &str) -> String {
    let mut plain = String::new();
    for (nth, part) in path.split(['{', '}']).enumerate() {
        plain.push_str(if nth % 2 == 0 { part } else { "{}" });
    }
    plain
}

#[tokio::test]
async fn every_route_is_described_and_every_description_has_a_route() {
    let document = printed().await;
    let templates = [
        "batch_request",
        "confirmation",
        "follow_up",
        "initial_contact",
    ];
    let mut described: BTreeSet<String> = operations(&document)
        .map(|(operation, _)| without_names(&operation))
        .collect();
    for template in templates {
        assert!(described.remove(&format!("POST /api/vorlagen/{template}/vorschau")));
    }
    described.insert("POST /api/vorlagen/{}/vorschau".to_owned());
    let undescribed = ["GET /openapi.json", "GET /docs", "GET /docs/{}"];
    described.extend(undescribed.map(str::to_owned));
    assert_eq!(routes(), described);
}

#[tokio::test]
async fn every_operation_says_what_it_does_and_every_field_what_it_is() {
    let document = printed().await;
    assert_eq!(document["openapi"], "3.1.0");
    for (operation, said) in operations(&document) {
        assert!(said["summary"].is_string(), "{operation}");
        assert!(said["operationId"].is_string(), "{operation}");
    }
    let mut silent = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let own = schema["properties"].as_object();
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let of_parts = parts.filter_map(|part| part["properties"].as_object());
        for fields in own.into_iter().chain(of_parts) {
            silent.extend(undescribed(fields).map(|field| format!("{name}.{field}")));
        }
    }
    assert!(silent.is_empty(), "without a description: {silent:#?}");
}

fn undescribed(fields: &Map<String, Value>) -> impl Iterator<Item = &String> {
    let silent = fields.iter().filter(|(_, field)| !is_described(field));
    silent.map(|(name, _)| name)
}

/// What may be `null` has its description at the reference.
fn is_described(field: &Value) -> bool {
    let mut parts = field["oneOf"].as_array().into_iter().flatten();
    field["description"].is_string() || parts.any(is_described)
}
