//! The Patient Service away, and a service that dies before it has told it.

use crate::ledger::settled;
use comm_devkit::free_port;
use comm_tests::{Client, DirectoryServer, Reply, World, email, eventually};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OWED: &str =
    "SELECT count(*) FROM communication_service.kontaktmeldungen WHERE faellig_am IS NOT NULL";

async fn create(client: &Client, patient: i64, status: &str) -> Value {
    let body = email(json!({"therapist_id": null, "patient_id": patient, "status": status}));
    client.post("/api/emails", &body).await.expect(201).body
}

async fn mark_as_sent(client: &Client, email: &Value) {
    let path = format!("/api/emails/{}", email["id"]);
    let sent = json!({"status": "Gesendet"});
    client.put(&path, &sent).await.expect(200);
}

async fn until_nothing_is_owed(world: &World) {
    eventually("nothing is owed", || async {
        (world.number(OWED).await == 0).then_some(())
    })
    .await;
}

/// The patients about whom the server was told.
fn patients(directory: &DirectoryServer) -> BTreeSet<String> {
    let requests = directory.requests().into_iter();
    requests.map(|request| request.route).collect()
}

#[tokio::test]
async fn a_patient_service_that_is_down_is_told_of_every_patient_when_it_is_back() {
    let port = free_port().unwrap();
    let world = World::without_kafka().await;
    let world = world.set("PATIENT_SERVICE_URL", &format!("http://127.0.0.1:{port}"));
    let services = [world.start().await, world.start().await];
    let client = &services[0].client;
    for patient in 1..=20 {
        create(client, patient, "In_Warteschlange").await;
    }
    let by_hand = create(client, 21, "Entwurf").await;
    mark_as_sent(client, &by_hand).await;
    settled(client).await;
    assert_eq!(world.number(OWED).await, 21);
    let directory = DirectoryServer::start_at(port).await;
    until_nothing_is_owed(&world).await;
    let told = directory.requests().len();
    assert_eq!((told, patients(&directory).len()), (21, 21), "each once");
    for service in services {
        assert!(service.stop().await.0.unwrap().success());
    }
}

#[tokio::test]
async fn a_kill_between_the_commit_and_the_call_leaves_the_duty_to_the_next_process() {
    let directory = DirectoryServer::answering(|_| Reply::Hang).await;
    let world = World::without_kafka().await;
    let world = world.set("PATIENT_SERVICE_URL", &directory.url());
    let service = world.start_with(&["--no-worker"]).await;
    let email = create(&service.client, 3, "Entwurf").await;
    let client = service.client.clone();
    let put = tokio::spawn(async move {
        let path = format!("/api/emails/{}", email["id"]);
        let sent = json!({"status": "Gesendet"});
        let answer = client.send(reqwest::Method::PUT, &path, |request| request.json(&sent));
        answer.await.is_ok()
    });
    directory.wait_for(1).await;
    service.kill().await;
    assert!(!put.await.unwrap(), "nobody was answered");
    directory.now_answers(|_| Reply::Status(200));

    let service = world.start().await;
    let requests = directory.wait_for(2).await;
    assert_eq!(requests[0].body, requests[1].body);
    until_nothing_is_owed(&world).await;
    assert_eq!(patients(&directory).len(), 1);
    let (status, _) = service.stop().await;
    assert!(status.unwrap().success());
}

#[tokio::test]
async fn a_kill_of_the_process_that_sent_the_mail_loses_no_duty() {
    let directory = DirectoryServer::answering(|_| Reply::Status(503)).await;
    let world = World::without_kafka().await;
    let world = world.set("PATIENT_SERVICE_URL", &directory.url());
    let service = world.start().await;
    let email = create(&service.client, 3, "In_Warteschlange").await;
    let id = email["id"].as_i64().unwrap();
    service.client.wait_for_status(id, "Gesendet").await;
    service.kill().await;
    let before = directory.requests().len();
    directory.now_answers(|_| Reply::Status(200));
    let _service = world.start().await;
    directory.wait_for(before + 1).await;
    until_nothing_is_owed(&world).await;
}
