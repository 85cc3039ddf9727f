//! The Python client that `make sdk-python` generates, at work.

use crate::{files, python};
use comm_tests::World;
use tokio::process::Command;

#[tokio::test]
async fn the_generated_client_creates_queues_and_reads_an_email_and_sees_typed_problems() {
    // Looks whether the tools are there, before the script complains in its own words.
    let mut smoke = python::tool("python");
    let folder = tempfile::tempdir().unwrap();
    let mut generate = Command::new("bash");
    generate
        .arg(files::path(".ci/sdk-python"))
        .arg(folder.path());
    python::succeed(generate).await;
    let world = World::without_kafka().await;
    let service = world.start_with(&["--no-worker"]).await;
    smoke
        .arg(files::path("tests/documents/sdk_smoke.py"))
        .arg(format!("http://127.0.0.1:{}", service.client.port()))
        .env("PYTHONPATH", folder.path())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let output = python::succeed(smoke).await;
    assert_eq!(output.stdout, b"The client works.\n");
}
