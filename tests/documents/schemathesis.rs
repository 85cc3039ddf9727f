//! schemathesis makes requests out of the document, good and bad ones, and finds no answer that it does not foretell.

use crate::asyncapi::AsyncApi;
use crate::{files, python};
use comm_tests::{World, given_seed};
use std::fs;

/// Requests made up for an operation, at the least; others probe the limits of every value.
const EXAMPLES: &str = "50";

#[tokio::test]
async fn no_request_out_of_the_document_gets_an_answer_that_it_does_not_foretell() {
    let attachments = tempfile::tempdir().unwrap();
    fs::create_dir(attachments.path().join("formulare")).unwrap();
    fs::write(attachments.path().join("formulare/antrag.pdf"), "%PDF-").unwrap();
    let world = World::new()
        .await
        .set(
            "COMM__ATTACHMENTS__FOLDER",
            attachments.path().to_str().unwrap(),
        )
        .set("SYSTEM_NOTIFICATION_EMAIL", "betrieb@example.org")
        .set("COMM__LOG__FILTER", "warn");
    let service = world.start().await;
    let seed = given_seed();
    println!("COMM_TEST_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let mut run = python::tool("schemathesis");
    run.arg("--config-file")
        .arg(files::path("tests/documents/schemathesis.toml"))
        .arg("run")
        .arg(format!(
            "http://127.0.0.1:{}/openapi.json",
            service.client.port()
        ))
        .args(["--checks", "all", "--max-examples", EXAMPLES])
        .args(["--seed", &seed.to_string()])
        .args(["--continue-on-failure", "--no-color"])
        .env("SCHEMATHESIS_HOOKS", "schemathesis_hooks")
        .env("PYTHONPATH", files::path("tests/documents"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder.path());
    let output = python::succeed(run).await;
    let said = String::from_utf8_lossy(&output.stdout);
    let end = said.split("SUMMARY").last().unwrap();
    println!("{end}");
    assert!(end.contains("Tested: 38"), "{end}");
    let events = world.topics.read_all(&world.topic).await.unwrap();
    assert!(events.len() > 100, "{} events", events.len());
    let document = AsyncApi::read();
    for event in &events {
        document.assert_foretells(event);
    }
}
