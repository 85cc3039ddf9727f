//! Several processes on one database, and requests that come by Kafka.

use crate::ledger::{assert_all_sent, assert_one_end_each, emails, histories, queue, queue_to};
use comm_devkit::smtp::{Action, Script, SmtpOptions, Stage};
use comm_tests::{Service, World, eventually};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Only signals and due times wake a worker here: the fallback poll never comes.
fn unpolled(world: World, undo_seconds: &str) -> World {
    world
        .set("EMAIL_QUEUE_CHECK_INTERVAL_SECONDS", "86400")
        .set("COMM__EMAIL_QUEUE__UNDO_SECONDS", undo_seconds)
}

fn slow() -> SmtpOptions {
    SmtpOptions {
        delay_per_mail: Duration::from_millis(300),
        ..SmtpOptions::default()
    }
}

#[tokio::test]
async fn a_mail_queued_at_one_process_is_sent_and_reported_by_another_without_polling() {
    let world = unpolled(World::new().await, "1");
    let office = world.start_with(&["--no-worker"]).await;
    let worker = world.start_with(&["--no-api"]).await;
    for mails in 1..=2 {
        // The second finds a worker that has nothing to do and sleeps.
        queue(&office.client, 1).await;
        assert_all_sent(&office.client, &world.smtp, mails).await;
        world.events(2 * mails).await;
    }
    world.assert_nothing_left_behind().await;
    for service in [office, worker] {
        assert!(service.stop().await.0.unwrap().success());
    }
}

#[tokio::test]
async fn two_instances_share_a_queue_and_one_of_them_publishes() {
    let world = unpolled(World::with_smtp(slow()).await, "2");
    let office = world.start_with(&["--no-worker"]).await;
    let client = &office.client;
    // All mails are there before anybody sends, so that one instance is not quick enough to do it alone.
    queue(client, 100).await;
    let services: [Service; 2] = tokio::join!(world.start(), world.start()).into();
    assert_all_sent(client, &world.smtp, 100).await;
    let peak = world.smtp.connections().peak;
    assert!(peak > 8, "only one of them sent: {peak} connections");
    world.assert_nothing_left_behind().await;
    let messages = world.topics.read_all(&world.topic).await.unwrap();
    assert_eq!(messages.len(), 200, "each event was published once");
    let histories = histories(&world.topics, &world.topic).await;
    assert_one_end_each(&histories, &emails(client, "").await);
    let leads = |log: String| log.contains("This instance publishes the events");
    let leaders = services.iter().filter(|service| leads(service.log()));
    assert_eq!(leaders.count(), 1);
}

#[tokio::test]
async fn three_instances_drain_a_queue_and_no_mail_goes_out_twice() {
    let world = unpolled(World::with_smtp(slow()).await, "2");
    let office = world.start_with(&["--no-worker"]).await;
    let client = &office.client;
    queue(client, 300).await;
    let _services = tokio::join!(world.start(), world.start(), world.start());
    assert_all_sent(client, &world.smtp, 300).await;
    let peak = world.smtp.connections().peak;
    assert!(peak > 16, "not all of them sent: {peak} connections");
    world.assert_nothing_left_behind().await;
    let messages = world.topics.read_all(&world.topic).await.unwrap();
    assert_eq!(messages.len(), 600, "each event was published once");
    let histories = histories(&world.topics, &world.topic).await;
    assert_one_end_each(&histories, &emails(client, "").await);
}

#[tokio::test]
async fn a_request_on_the_topic_makes_a_mail_due_now_and_rubbish_before_it_stops_nobody() {
    let world = unpolled(World::new().await, "3600");
    let service = world.start().await;
    for rubbish in [
        "Guten Tag",
        "",
        "[]",
        r#"{"eventType": "communication.send_email"}"#,
    ] {
        let sent = world.topics.send(&world.topic, "1", rubbish.as_bytes());
        sent.await.unwrap();
    }
    for _ in 0..2 {
        let id = queue_to(&service.client, "praxis@example.org").await;
        let request = json!({
            "eventId": Uuid::new_v4(),
            "eventType": "communication.send_email",
            "version": "1.0",
            "timestamp": "2026-01-31T09:15:00+01:00",
            "producer": "matching-service",
            "payload": {"email_id": id},
        })
        .to_string();
        let sent = world.topics.send(&world.topic, "1", request.as_bytes());
        sent.await.unwrap();
        service.client.wait_for_status(id, "Gesendet").await;
    }
    assert_eq!(world.smtp.count(), 2);
    assert!(!service.log().contains("Guten Tag"));
}

#[tokio::test]
async fn an_instance_that_was_frozen_past_its_lease_does_not_send_what_another_has_sent() {
    let late = Action::proceed().after(Duration::from_secs(10));
    let world = World::with_smtp(Script::new().once(Stage::Rcpt, late)).await;
    let world = world.set("COMM__EMAIL_QUEUE__LEASE_SECONDS", "3");
    let office = world.start_with(&["--no-worker"]).await;
    let frozen = world.start_with(&["--no-api"]).await;
    let id = queue_to(&office.client, "praxis@example.org").await;
    office.client.wait_for_status(id, "Wird_gesendet").await;
    frozen.freeze();
    let _other = world.start_with(&["--no-api"]).await;
    office.client.wait_for_status(id, "Fehlgeschlagen").await;
    let again = json!({"status": "In_Warteschlange"});
    let path = format!("/api/emails/{id}");
    office.client.put(&path, &again).await.expect(200);
    office.client.wait_for_status(id, "Gesendet").await;
    frozen.thaw();
    eventually("the frozen one has seen that it was late", || async {
        let late = "their leases had been given away";
        frozen.log().contains(late).then_some(())
    })
    .await;
    assert_eq!(world.smtp.count(), 1);
}
