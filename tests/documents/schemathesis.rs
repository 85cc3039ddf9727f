//! schemathesis makes requests out of the document, good and bad ones, and finds no answer that it does not foretell.

use crate::asyncapi::AsyncApi;
use crate::{files, python};
use comm_tests::{World, given_seed};
use std::fs;

/// Requests made up for an operation, at the least; others probe the limits of every value.
const EXAMPLES: &str = "50";

/// Half of the operations, so that two runs share the machine's cores: schemathesis itself uses one.
const MAILS: &str = "^/(api/(emails|vorlagen|system-messages)|health|ready)";

#[tokio::test]
async fn no_request_about_mails_gets_an_answer_that_the_document_does_not_foretell() {
    let seed = given_seed();
    println!("COMM_TEST_SEED={seed}");
    println!("{}", probe("--include-path-regex", 18, seed).await);
}

#[tokio::test]
async fn no_request_about_calls_and_contacts_gets_an_answer_that_the_document_does_not_foretell() {
    let seed = given_seed();
    println!("COMM_TEST_SEED={seed}");
    println!("{}", probe("--exclude-path-regex", 20, seed).await);
}

/// Answers the summary.
async fn probe(which: &str, operations: usize, seed: u64) -> String {
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
    let folder = tempfile::tempdir().unwrap();
    let mut run = python::tool("schemathesis");
    run.arg("--config-file")
        .arg(files::path("tests/documents/schemathesis.toml"))
        .arg("run")
        .arg(format!(
            "http://127.0.0.1:{}/openapi.json",
            service.client.port()
        ))
        .args([which, MAILS])
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
    assert!(end.contains(&format!("Tested: {operations}\n")), "{end}");
    let events = world.topics.read_all(&world.topic).await.unwrap();
    assert!(events.len() > 100, "{} events", events.len());
    let document = AsyncApi::read();
    for event in &events {
        document.assert_foretells(event);
    }
    end.to_owned()
}
