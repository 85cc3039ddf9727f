//! Requests of other services by event: once in effect, whatever happens between the work and the offset.

use comm_tests::{Service, World, email, eventually};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

const CALLS: i64 = 100;
const RECORDED: &str = "SELECT count(*) FROM communication_service.anrufwuensche";
const REPEATED: &str = "the event was dealt with before";

async fn say(world: &World, key: &str, event_type: &str, payload: Value) {
    let event = json!({
        "eventId": Uuid::new_v4(), "eventType": event_type, "version": "1.0",
        "timestamp": "2026-01-31T10:15:00+01:00", "producer": "matching-service", "payload": payload,
    })
    .to_string();
    let sent = world.topics.send(&world.topic, key, event.as_bytes());
    sent.await.unwrap();
}

async fn says(service: &Service, words: &str) {
    eventually(words, || async {
        service.log().contains(words).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_kill_between_the_work_and_the_offset_repeats_the_event_and_not_its_effect() {
    let world = World::new().await;
    for id in 1..=CALLS {
        let payload = json!({"patient_id": id, "geplante_zeit": "9:05", "notizen": "Anna Muster"});
        say(
            &world,
            &id.to_string(),
            "communication.schedule_call",
            payload,
        )
        .await;
    }
    let first = world.start_with(&["--no-api"]).await;
    eventually("a part of the work is done", || async {
        (world.number(RECORDED).await > 0).then_some(())
    })
    .await;
    first.kill().await;

    let second = world.start_with(&["--no-api"]).await;
    eventually("all of the work is done", || async {
        (world.number(RECORDED).await >= CALLS).then_some(())
    })
    .await;
    // Offsets are committed once a second, so some of what the first had done came again.
    eventually("an event is repeated", || async {
        let doubled = world.number(RECORDED).await > CALLS;
        (doubled || second.log().contains(REPEATED)).then_some(())
    })
    .await;
    let people = "SELECT count(DISTINCT patient_id) FROM communication_service.anrufwuensche";
    assert_eq!(world.number(people).await, CALLS);
    assert_eq!(world.number(RECORDED).await, CALLS, "once in effect");
    let seen = "SELECT count(*) FROM communication_service.consumed_events";
    assert_eq!(world.number(seen).await, CALLS);
    let logged = second.log();
    assert!(logged.contains("A request to schedule a call was recorded as"));
    assert!(!logged.contains("Muster"), "notizen are not logged");
    assert!(second.stop().await.0.unwrap().success());
}

/// A worker that finished what it was at would do so beside the partition's next owner, and the event would
/// come to that one as a repeat.
#[tokio::test]
async fn an_attempt_under_way_is_given_up_when_its_partition_is_taken_away() {
    // The attempts wait for a lock, and not for a time-out.
    let world = World::new()
        .await
        .set("COMM__DATABASE__STATEMENT_TIMEOUT_MS", "120000");
    let mut blocker = world.database.connect().await.unwrap();
    let lock = blocker.transaction().await.unwrap();
    let table = "LOCK TABLE communication_service.anrufwuensche IN EXCLUSIVE MODE";
    lock.batch_execute(table).await.unwrap();
    for id in 1..=12 {
        let payload = json!({ "patient_id": id });
        let key = id.to_string();
        say(&world, &key, "communication.schedule_call", payload).await;
    }
    let messages = world.topics.read_all(&world.topic).await.unwrap();
    let partitions: BTreeSet<_> = messages.iter().map(|message| message.partition).collect();
    let first = world.start_with(&["--no-api"]).await;
    eventually("a request of each partition waits for the lock", || async {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO communication_service.anrufwuensche%'";
        let waiting = usize::try_from(world.number(waiting).await).unwrap();
        (waiting == partitions.len()).then_some(())
    })
    .await;
    let second = world.start_with(&["--no-api"]).await;
    says(&first, "Partitions were taken away").await;
    says(&second, "Partitions were assigned").await;
    lock.rollback().await.unwrap();
    eventually("all of the work is done", || async {
        (world.number(RECORDED).await >= 12).then_some(())
    })
    .await;
    for service in [first, second] {
        assert!(!service.log().contains(REPEATED), "{}", service.log());
        assert!(service.stop().await.0.unwrap().success());
    }
    assert_eq!(world.number(RECORDED).await, 12);
}

#[tokio::test]
async fn a_request_to_send_overtakes_undo_and_changes_nothing_in_other_states() {
    let world = World::new()
        .await
        .set("COMM__EMAIL_QUEUE__UNDO_SECONDS", "3600");
    let service = world.start().await;
    let draft = service.client.post("/api/emails", &email(json!({}))).await;
    let queued = email(json!({"status": "In_Warteschlange"}));
    let queued = service.client.post("/api/emails", &queued).await;
    let later = email(json!({"status": "In_Warteschlange", "senden_ab": "2999-01-01T00:00:00Z"}));
    let later = service.client.post("/api/emails", &later).await;
    let [draft, queued, later] =
        [draft, queued, later].map(|answer| answer.expect(201).body["id"].as_i64().unwrap());
    for id in [draft, later, queued] {
        let payload = json!({ "email_id": id });
        say(&world, "1", "communication.send_email", payload).await;
    }
    service.client.wait_for_status(queued, "Gesendet").await;
    says(&service, "changed nothing: its status is Entwurf").await;
    let waits = service.client.get(&format!("/api/emails/{later}")).await;
    assert_eq!(waits.body["status"], "In_Warteschlange");
    assert_eq!(world.smtp.received().len(), 1);
    assert!(service.stop().await.0.unwrap().success());
}

#[tokio::test]
async fn where_that_is_configured_a_wish_becomes_a_call_and_one_that_cannot_a_dead_letter() {
    let world = World::new()
        .await
        .set("COMM__EVENTS__SCHEDULE_CALL", "book");
    let service = world.start().await;
    let wishes = [
        json!({"patient_id": 8, "geplante_zeit": "9:05", "notizen": "Anna Muster"}),
        json!({"patient_id": 8, "geplante_zeit": "09:05"}),
        json!({"therapist_id": 7, "therapeutenanfrage_id": 4}),
    ];
    for wish in wishes {
        say(&world, "8", "communication.schedule_call", wish).await;
    }
    let calls = eventually("two calls are planned", || async {
        let page = service.client.get("/api/phone-calls?status=geplant").await;
        (page.body["total"] == 2).then_some(page.body)
    })
    .await;
    let calls = calls["data"].as_array().unwrap();
    let patient = calls.iter().find(|call| call["patient_id"] == 8).unwrap();
    assert_eq!(patient["geplante_zeit"], "09:05");
    assert_eq!(patient["notizen"], "Anna Muster");
    let therapist = calls.iter().find(|call| call["therapist_id"] == 7).unwrap();
    assert_eq!(therapist["therapeutenanfrage_id"], 4);
    assert_eq!(world.number(RECORDED).await, 0);
    let letters = format!("{}.dlq", world.topic);
    let letters = world
        .topics
        .wait_for(&letters, 1, comm_tests::PATIENCE)
        .await;
    assert_eq!(letters.unwrap().len(), 1, "the slot was taken");
    assert!(!service.log().contains("Muster"), "notizen are not logged");
}
