//! Events as an operator sees them: `GET /health/events`, `communication-service events list|replay|verify`,
//! and the names that older consumers know.

use comm_devkit::kafka::Message;
use comm_tests::{Service, World, email, eventually, run_to_end};
use serde_json::{Value, json};
use uuid::Uuid;

/// Runs `communication-service events`; answers its exit code and what it said.
async fn events(world: &World, arguments: &[&str]) -> (i32, String) {
    let all: Vec<&str> = ["events"].iter().chain(arguments).copied().collect();
    let output = run_to_end(world.environment(), &all).await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complained = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said + &complained)
}

async fn drafts(service: &Service, count: usize) {
    for _ in 0..count {
        service
            .client
            .post("/api/emails", &email(json!({})))
            .await
            .expect(201);
    }
}

/// Waits until `/health/events` says this at a JSON pointer.
async fn health_says(service: &Service, pointer: &str, value: Value) -> Value {
    eventually(&format!("{pointer} is {value}"), || async {
        let body = service.client.get("/health/events").await.expect(200).body;
        (body.pointer(pointer) == Some(&value)).then_some(body)
    })
    .await
}

fn kinds(messages: &[Message]) -> Vec<(String, i64)> {
    let read = |message: &Message| {
        let event = message.json().unwrap();
        let kind = event["eventType"].as_str().unwrap().to_owned();
        (kind, event["sequence"].as_i64().unwrap())
    };
    messages.iter().map(read).collect()
}

/// A row as a change writes it, of this many bytes.
fn row(id: i64, sequence: i64, topic: &str, bytes: usize) -> String {
    format!(
        "INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, topic, \
           key, payload, traceparent, occurred_at) \
         SELECT event_id, 'email.sent', 'email', {id}, {sequence}, '{topic}', '{id}', convert_to(json_build_object( \
             'eventId', event_id, 'eventType', 'email.sent', 'sequence', {sequence}, \
             'producer', 'communication-service', 'payload', json_build_object('email_id', {id}), \
             'filler', repeat('x', {bytes}))::text, 'UTF8'), 't', now() \
         FROM gen_random_uuid() AS event_id;"
    )
}

#[tokio::test]
async fn health_says_what_waits_how_long_it_has_and_why_kafka_did_not_take_it() {
    let world = World::without_kafka()
        .await
        .set("COMM__KAFKA__MESSAGE_TIMEOUT_MS", "300");
    let service = world.start().await;
    let body = service.client.get("/health/events").await.expect(200).body;
    let nothing = json!({
        "outbox": {"depth": 0, "oldest_age_seconds": null, "parked": 0, "held_back": 0},
        "publishing": {"latency_ms": null, "failures": []},
        "consuming": {"lag": null, "dead_letters": null, "last_event_at": null},
    });
    assert_eq!(body, nothing);
    drafts(&service, 3).await;
    let body = health_says(&service, "/outbox/depth", json!(3)).await;
    assert!(body["outbox"]["oldest_age_seconds"].as_f64().unwrap() > 0.0);
    let failure = eventually("a failure is counted", || async {
        let body = service.client.get("/health/events").await.body;
        body.pointer("/publishing/failures/0").cloned()
    })
    .await;
    let reason = failure["reason"].as_str().unwrap();
    assert!(reason.contains("timed out"), "{reason}");
    assert!(failure["count"].as_i64().unwrap() >= 1);
    assert!(failure["last_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn published_events_have_a_latency() {
    let world = World::new().await;
    let service = world.start().await;
    drafts(&service, 3).await;
    world.events(3).await;
    let body = health_says(&service, "/publishing/latency_ms/events", json!(3)).await;
    let latency = &body["publishing"]["latency_ms"];
    assert!(
        latency["p50"].as_f64().unwrap() > 0.0
            && latency["p99"].as_f64() >= latency["p50"].as_f64()
    );
    assert_eq!(body["outbox"]["depth"], 0);
}

/// The instance that is asked consumes nothing itself: the figures are those of the group.
#[tokio::test]
async fn a_message_that_cannot_be_read_is_counted_as_a_dead_letter_and_the_lag_goes_to_0() {
    let world = World::new().await;
    let office = world.start_with(&["--no-worker"]).await;
    let wish = json!({
        "eventId": Uuid::new_v4(), "eventType": "communication.schedule_call", "payload": {"patient_id": 8},
    });
    for message in ["Anna Muster", &wish.to_string()] {
        let sent = world.topics.send(&world.topic, "1", message.as_bytes());
        sent.await.unwrap();
    }
    let body = health_says(&office, "/consuming/lag", json!(2)).await;
    let nothing_yet = json!({"lag": 2, "dead_letters": 0, "last_event_at": null});
    assert_eq!(body["consuming"], nothing_yet);

    let worker = world.start_with(&["--no-api"]).await;
    let body = health_says(&office, "/consuming/lag", json!(0)).await;
    assert_eq!(body["consuming"]["dead_letters"], 1);
    let last = "SELECT count(*) FROM communication_service.consumed_events WHERE consumed_at = ";
    let at = body["consuming"]["last_event_at"].as_str().unwrap();
    assert_eq!(world.number(&format!("{last}'{at}'")).await, 1);
    assert!(worker.stop().await.0.unwrap().success());
}

#[tokio::test]
async fn an_event_that_is_too_large_is_parked_until_it_is_asked_for_and_holds_up_no_other_email() {
    let world = World::new().await;
    let service = world.start().await;
    let rows = [
        row(901, 1, &world.topic, 3_000_000),
        row(901, 2, &world.topic, 10),
        row(902, 1, &world.topic, 10),
    ];
    world.execute(&rows.concat()).await;
    drafts(&service, 1).await;
    let body = health_says(&service, "/outbox/parked", json!(1)).await;
    assert_eq!(world.events(2).await.len(), 2, "the other emails");
    assert_eq!(
        (&body["outbox"]["depth"], &body["outbox"]["held_back"]),
        (&json!(1), &json!(1))
    );
    let (_, said) = events(&world, &["list", "--state", "parked"]).await;
    assert!(
        said.contains("email 901  #1") && said.contains("parked: Message"),
        "{said}"
    );

    // What was too large fits now: here the row is cut, elsewhere the broker's limit is raised.
    let cut = "UPDATE communication_service.outbox SET payload = convert_to(replace( \
         convert_from(payload, 'UTF8'), repeat('x', 3000000), ''), 'UTF8') WHERE parked_at IS NOT NULL";
    world.execute(cut).await;
    let (code, said) = events(&world, &["replay", "--parked"]).await;
    assert_eq!((code, said.as_str()), (0, "1 event is published again\n"));
    let messages = world.events(4).await;
    let of_901: Vec<_> = messages
        .iter()
        .filter(|m| m.key.as_deref() == Some("901"))
        .cloned()
        .collect();
    let sequences: Vec<i64> = kinds(&of_901)
        .into_iter()
        .map(|(_, sequence)| sequence)
        .collect();
    assert_eq!(sequences, [1, 2]);
    world.assert_nothing_left_behind().await;
    assert_eq!(events(&world, &["verify"]).await.0, 0);
}

#[tokio::test]
async fn events_are_listed_and_published_again_while_the_service_runs() {
    let world = World::new().await;
    let service = world.start().await;
    drafts(&service, 3).await;
    world.events(3).await;
    world.assert_nothing_left_behind().await;
    let (code, lines) = events(&world, &["list"]).await;
    assert_eq!((code, lines.lines().count()), (0, 3), "{lines}");
    assert!(lines.contains("email 2  #1  communication.email_created  published "));
    let (_, one) = events(&world, &["list", "--email", "2", "--json"]).await;
    let one: Value = serde_json::from_str(&one).unwrap();
    let id = one["eventId"].as_str().unwrap();
    let rest = (
        &one["aggregate"],
        &one["id"],
        &one["sequence"],
        &one["state"],
    );
    assert_eq!(
        rest,
        (&json!("email"), &json!(2), &json!(1), &json!("published"))
    );
    for nothing in [&["--call", "2"][..], &["--state", "unpublished"]] {
        let (code, said) = events(&world, &[&["list"], nothing].concat()).await;
        assert_eq!((code, said.as_str()), (0, ""));
    }

    let (code, said) = events(&world, &["replay", "--event", id]).await;
    assert_eq!((code, said.as_str()), (0, "1 event is published again\n"));
    let messages = world.events(4).await;
    let again = messages
        .iter()
        .filter(|message| message.header("ce_id") == Some(id));
    assert_eq!(again.count(), 2);
    world.assert_nothing_left_behind().await;
    let (_, said) = events(&world, &["replay", "--from", "2026-01-01T00:00:00Z"]).await;
    assert_eq!(said, "3 events are published again\n");
    world.events(7).await;
    world.assert_nothing_left_behind().await;
    let (code, said) = events(&world, &["verify"]).await;
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("3 events of 3 emails and calls, 0 copies under older names, 4 repeats"),
        "{said}"
    );
    assert!(said.contains("compared with 3 events"), "{said}");
}

#[tokio::test]
async fn a_gap_and_a_loss_are_named_and_end_with_code_one() {
    let world = World::new().await;
    let service = world.start().await;
    drafts(&service, 2).await;
    world.events(2).await;
    world.assert_nothing_left_behind().await;
    // Both rows end up behind a hole: email 1 lacks 2, and what email 2 is said to have published never was.
    let lost = row(2, 2, &world.topic, 1).replace(
        "INSERT INTO communication_service.outbox (",
        "INSERT INTO communication_service.outbox (published_at, ",
    );
    let lost = lost.replace("SELECT event_id,", "SELECT now(), event_id,");
    world.execute(&(row(1, 3, &world.topic, 1) + &lost)).await;
    world.events(3).await;
    world.assert_nothing_left_behind().await;
    let (code, said) = events(&world, &["verify"]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("gap: email 1 has no event 2\n"), "{said}");
    assert!(
        said.contains("missing: event 2 (") && said.contains(") of email 2 was published"),
        "{said}"
    );
    assert!(said.contains("2 findings"), "{said}");
}

#[tokio::test]
async fn replay_needs_to_know_which_events_and_verify_a_broker() {
    let world = World::without_kafka().await;
    let (code, said) = events(&world, &["replay"]).await;
    assert!(code != 0 && said.contains("--event"), "{said}");
    let (code, said) = events(&world, &["list", "--email", "1", "--call", "2"]).await;
    assert!(code != 0 && said.contains("--call"), "{said}");
    let (code, said) = events(&world, &["verify"]).await;
    assert!(
        code == 1 && said.contains("the topic cannot be read"),
        "{said}"
    );
}

#[tokio::test]
async fn older_consumers_get_a_copy_under_the_name_that_they_know_where_that_is_wished() {
    let world = World::new()
        .await
        .set("COMM__EVENTS__ALSO_PUBLISH_OLD_NAMES", "true");
    let service = world.start().await;
    let body = email(json!({"status": "In_Warteschlange"}));
    service.client.post("/api/emails", &body).await.expect(201);
    let messages = world.events(3).await;
    let expected = [
        ("communication.email_created", 1),
        ("email.sent", 2),
        ("communication.email_sent", 2),
    ];
    assert_eq!(
        kinds(&messages),
        expected.map(|(kind, at)| (kind.to_owned(), at))
    );
    let ids: Vec<_> = messages
        .iter()
        .map(|message| message.header("ce_id"))
        .collect();
    assert_ne!(ids[1], ids[2]);
    world.assert_nothing_left_behind().await;
    let (code, said) = events(&world, &["verify"]).await;
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("2 events of 1 emails and calls, 1 copies"),
        "{said}"
    );
}
