//! The relay: how fast it drains an outbox into a real broker, against a plain idempotent producer, and how
//! soon a lone event is acknowledged.

use crate::place::{self, Place};
use crate::report::{Row, median};
use comm_devkit::Place as Folder;
use comm_devkit::kafka::{ApacheKafka, Topics};
use comm_tests::email;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::time::sleep;
use uuid::Uuid;

const EVENTS: u32 = 100_000;
const BYTES: usize = 450;
const PARTITIONS: i32 = 3;
const ROUNDS: usize = 3;
const LONE_EVENTS: usize = 200;

pub(crate) async fn measure(place: &Place) -> Row {
    let broker = ApacheKafka::start(&Folder::Temporary).await.unwrap();
    let topics = broker.topics();
    let (mut ours, mut references) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        references.push(flood(&topics).await);
        ours.push(drain(&place.database().await, &topics).await);
    }
    let latency = latency(&place.database().await, &topics).await;
    Row {
        what: format!("Outbox relay, {EVENTS} events of {BYTES} B, two of an email, Apache Kafka"),
        ours: median(ours),
        reference: median(references),
        against: "a plain idempotent producer, acks=all".to_owned(),
        note: format!(
            "a lone event is acknowledged after {:.1} ms at the median",
            latency.as_secs_f64() * 1000.0
        ),
    }
}

async fn topic(topics: &Topics) -> String {
    let name = format!("bench-{}", Uuid::new_v4().simple());
    topics.create(&name, PARTITIONS).await.unwrap();
    name
}

async fn flood(topics: &Topics) -> f64 {
    let topic = topic(topics).await;
    let count = usize::try_from(EVENTS).unwrap();
    let took = topics.flood(&topic, count, BYTES).await.unwrap();
    f64::from(EVENTS) / took.as_secs_f64()
}

fn settings(topics: &Topics, topic: &str) -> Vec<(&'static str, String)> {
    vec![
        ("KAFKA_BOOTSTRAP_SERVERS", topics.bootstrap().to_owned()),
        ("COMM__EVENTS__TOPIC", topic.to_owned()),
    ]
}

/// From the start of the process to the last mark.
async fn drain(url: &str, topics: &Topics) -> f64 {
    let topic = topic(topics).await;
    Place::sql(
        url,
        &format!(
            "INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, \
               topic, key, payload, traceparent, occurred_at) \
             SELECT gen_random_uuid(), 'email.sent', 'email', (n + 1) / 2, 2 - n % 2, '{topic}', ((n + 1) / 2)::text, \
               convert_to(repeat('x', {BYTES}), 'UTF8'), \
               '00-00000000000000000000000000000000-0000000000000000-00', now() \
             FROM generate_series(1, {EVENTS}) n"
        ),
    )
    .await;
    let begun = Instant::now();
    let service = place::start(url, &settings(topics, &topic), &["--no-api"]).await;
    let open = "SELECT (SELECT count(*) FROM (SELECT FROM communication_service.outbox \
         WHERE published_at IS NULL LIMIT 1) one)";
    Place::until_at_most(url, open, 0).await;
    let took = begun.elapsed();
    service.stop().await;
    let arrived = topics.read_all(&topic).await.unwrap().len();
    assert_eq!(arrived, usize::try_from(EVENTS).unwrap());
    f64::from(EVENTS) / took.as_secs_f64()
}

/// From the insert, which is before the commit, to the mark, which is after the acknowledgement.
async fn latency(url: &str, topics: &Topics) -> Duration {
    let topic = topic(topics).await;
    let service = place::start(url, &settings(topics, &topic), &[]).await;
    for _ in 0..LONE_EVENTS {
        let created = service.client.post("/api/emails", &email(json!({}))).await;
        created.expect(201);
        sleep(Duration::from_millis(25)).await;
    }
    topics
        .wait_for(&topic, LONE_EVENTS, comm_tests::PATIENCE)
        .await
        .unwrap();
    service.stop().await;
    let micros = "SELECT (1000000 * percentile_cont(0.5) WITHIN GROUP ( \
         ORDER BY extract(epoch FROM published_at - queued_at)))::bigint FROM communication_service.outbox";
    Duration::from_micros(Place::number(url, micros).await.unsigned_abs())
}
