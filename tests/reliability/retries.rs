//! What fails for the moment is tried again by itself, for as long as configured, and without an event.

use crate::ledger::{histories, queue_to};
use crate::settings::environment_of;
use comm_devkit::free_port;
use comm_devkit::smtp::{Action, Script, Stage};
use comm_tests::{Client, Service, World, eventually};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const PAUSES: &str = "COMM__EMAIL_QUEUE__BACKOFF_MINUTES";
/// In minutes: 0.6 seconds.
const SHORTEST: &str = "0.01";

/// The types of this email's events, in their order.
async fn events(world: &World, id: i64) -> Vec<Value> {
    let history = histories(&world.topics, &world.topic).await;
    let types = history[&id].iter().map(|event| event["eventType"].clone());
    types.collect()
}

/// The email while it waits for another attempt after this many have failed.
async fn waiting(client: &Client, id: i64, failed: i64) -> Value {
    eventually("the email waits for its next attempt", || async {
        let email = client.get(&format!("/api/emails/{id}")).await.body;
        let waits = email["status"] == "In_Warteschlange" && email["fehlerart"] != Value::Null;
        (waits && email["wiederholungsanzahl"] == failed).then_some(email)
    })
    .await
}

/// Does `action` for the first `count` mails that come to this stage.
fn at_first(count: usize, stage: Stage, action: Action) -> Script {
    let seen = AtomicUsize::new(0);
    Script::new().on(stage, move |_| {
        if seen.fetch_add(1, Ordering::Relaxed) < count {
            action.clone()
        } else {
            Action::proceed()
        }
    })
}

#[tokio::test]
async fn a_server_that_is_busy_twice_takes_the_mail_at_the_third_attempt() {
    let busy = Action::reply(451, "4.7.1 <praxis@example.org> later");
    let world = World::with_smtp(at_first(2, Stage::Message, busy)).await;
    let world = world.set(PAUSES, "0.01,0.05,240");
    let service = world.start().await;
    let id = queue_to(&service.client, "praxis@example.org").await;
    let email = waiting(&service.client, id, 2).await;
    assert_eq!(email["fehlerart"], "voruebergehend");
    assert!(email["naechster_versuch_am"].is_string(), "{email}");
    let sentence = email["fehlermeldung"].as_str().unwrap();
    assert!(sentence.contains("automatisch erneut versucht"), "{email}");
    assert!(sentence.ends_with("451 4.7.1 <[Adresse]> later"), "{email}");

    let sent = service.client.wait_for_status(id, "Gesendet").await;
    assert_eq!(sent["fehlerart"], Value::Null);
    assert_eq!(sent["fehlermeldung"], Value::Null);
    assert_eq!(sent["naechster_versuch_am"], Value::Null);
    assert_eq!(sent["wiederholungsanzahl"], json!(2));
    world.events(2).await;
    world.assert_nothing_left_behind().await;
    assert_eq!(world.smtp.count(), 1);
    let expected = ["communication.email_created", "email.sent"];
    assert_eq!(events(&world, id).await, expected);
}

#[tokio::test]
async fn a_server_that_stays_busy_fails_the_mail_once_with_its_status_code() {
    let busy = Action::reply(451, "4.7.1 later");
    let world = World::with_smtp(Script::new().always(Stage::Rcpt, busy)).await;
    let world = world.set(PAUSES, "0.01,0.01");
    let service = world.start().await;
    let id = queue_to(&service.client, "praxis@example.org").await;
    let email = service.client.wait_for_status(id, "Fehlgeschlagen").await;
    assert_eq!(email["fehlerart"], "voruebergehend");
    assert_eq!(email["wiederholungsanzahl"], json!(3));
    let sentence = email["fehlermeldung"].as_str().unwrap();
    assert!(
        sentence.contains("alle Versuche sind aufgebraucht"),
        "{email}"
    );
    world.events(2).await;
    let expected = ["communication.email_created", "email.failed"];
    assert_eq!(events(&world, id).await, expected);
    let history = histories(&world.topics, &world.topic).await;
    let said = &history[&id][1]["payload"];
    assert_eq!(said["fehlerart"], "voruebergehend");
    assert_eq!(said["status_code"], "4.7.1");
}

#[tokio::test]
async fn a_refused_connection_is_a_passing_failure() {
    let world = World::new().await;
    let nobody = free_port().unwrap().to_string();
    let settings = [("SMTP_PORT", nobody.as_str()), (PAUSES, SHORTEST)];
    let service = Service::start(environment_of(&world, &settings), &[]).await;
    let id = queue_to(&service.client, "praxis@example.org").await;
    let email = service.client.wait_for_status(id, "Fehlgeschlagen").await;
    assert_eq!(email["fehlerart"], "voruebergehend");
    assert_eq!(email["wiederholungsanzahl"], json!(2));
    let sentence = email["fehlermeldung"].as_str().unwrap();
    assert!(sentence.contains("nicht erreichbar"), "{email}");
}

#[tokio::test]
async fn a_set_up_at_fault_costs_no_attempt_and_a_request_to_send_does_not_wait() {
    let refusal = Action::reply(554, "5.7.1 go away");
    let world = World::with_smtp(at_first(1, Stage::Greeting, refusal)).await;
    let service = world.start().await;
    let id = queue_to(&service.client, "praxis@example.org").await;
    let email = waiting(&service.client, id, 0).await;
    assert_eq!(email["fehlerart"], "voruebergehend");
    let sentence = email["fehlermeldung"].as_str().unwrap();
    assert!(sentence.contains("jede Minute"), "{email}");
    assert!(sentence.contains("Einstellungen"), "{email}");

    let event = json!({
        "eventId": "5f3c9f64-6f0e-4f57-9d3c-0d6f1c1f9a10",
        "eventType": "communication.send_email",
        "version": "1.0",
        "timestamp": "2026-01-31T09:15:00",
        "producer": "matching-service",
        "payload": {"email_id": id},
    })
    .to_string();
    let sent = world.topics.send(&world.topic, "1", event.as_bytes());
    sent.await.unwrap();
    let sent = service.client.wait_for_status(id, "Gesendet").await;
    assert_eq!(sent["wiederholungsanzahl"], json!(0));
}

#[tokio::test]
async fn a_mail_whose_sender_was_killed_is_sent_again_where_that_is_wished() {
    let script = Script::new().once(Stage::Message, Action::hang());
    let world = World::with_smtp(script)
        .await
        .set("COMM__EMAIL_QUEUE__AFTER_CRASH", "resend")
        .set("COMM__EMAIL_QUEUE__LEASE_SECONDS", "3")
        .set(PAUSES, SHORTEST);
    let office = world.start_with(&["--no-worker"]).await;
    let service = world.start_with(&["--no-api"]).await;
    let id = queue_to(&office.client, "praxis@example.org").await;
    world.smtp.wait_for_hanging(1).await;
    service.kill().await;
    let _second = world.start_with(&["--no-api"]).await;
    let sent = office.client.wait_for_status(id, "Gesendet").await;
    assert_eq!(sent["wiederholungsanzahl"], json!(1));
    world.events(2).await;
    let expected = ["communication.email_created", "email.sent"];
    assert_eq!(events(&world, id).await, expected);
}

#[tokio::test]
async fn a_domain_above_its_limit_waits_and_holds_up_no_other() {
    let world = World::new().await;
    let world = world.set("COMM__EMAIL_QUEUE__PER_DOMAIN_PER_MINUTE", "1");
    let service = world.start().await;
    let first = queue_to(&service.client, "a@praxis.example").await;
    service.client.wait_for_status(first, "Gesendet").await;
    let second = queue_to(&service.client, "b@Praxis.example").await;
    let other = queue_to(&service.client, "c@other.example").await;
    service.client.wait_for_status(other, "Gesendet").await;
    let email = service.client.get(&format!("/api/emails/{second}")).await;
    assert_eq!(email.body["status"], "In_Warteschlange");
    assert_eq!(email.body["fehlerart"], Value::Null, "it is no failure");
}
