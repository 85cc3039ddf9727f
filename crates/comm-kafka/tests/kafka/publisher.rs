//! Publishing to a broker that is there.

use crate::support::{config, event, unique};
use comm_devkit::kafka::{self, Topics};
use comm_kafka::KafkaPublisher;
use comm_ports::{EventPublisher, OutboxRecord, PublishError};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

async fn topic(name: &str, partitions: i32) -> (Topics, String, KafkaPublisher) {
    let topics = kafka::shared().await.unwrap();
    let topic = unique(name);
    topics.create(&topic, partitions).await.unwrap();
    let publisher = KafkaPublisher::new(&config(topics.bootstrap())).unwrap();
    (topics, topic, publisher)
}

/// Where Java's client puts a key: murmur2 of its bytes, as `org.apache.kafka.common.utils.Utils` has it.
fn partition(key: &str, partitions: i32) -> i32 {
    const M: u32 = 0x5bd1_e995;
    let bytes = key.as_bytes();
    let mut hash = 0x9747_b28c ^ u32::try_from(bytes.len()).unwrap();
    let mut chunks = bytes.chunks_exact(4);
    for chunk in &mut chunks {
        let mut k = u32::from_le_bytes(chunk.try_into().unwrap()).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        for (place, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    hash ^= hash >> 15;
    i32::try_from(hash & 0x7fff_ffff).unwrap() % partitions
}

#[test]
fn the_expected_partition_is_that_of_java() {
    // From Kafka's own UtilsTest: murmur2("21") is -973932308, murmur2("foobar") is -790332482.
    let positive = |hash: i32| hash & 0x7fff_ffff;
    for (key, hash) in [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
    ] {
        assert_eq!(partition(key, 997), positive(hash) % 997, "{key}");
    }
}

#[tokio::test]
async fn an_event_arrives_with_its_bytes_its_key_and_cloudevents_headers() {
    let (topics, topic, publisher) = topic("headers", 3).await;
    let event = event(&topic, 5, 1);
    let reports = publisher.publish(std::slice::from_ref(&event)).await;
    assert!(matches!(reports.as_slice(), [Ok(())]));
    let messages = topics.read_all(&topic).await.unwrap();
    let [message] = messages.as_slice() else {
        unreachable!("{} messages", messages.len());
    };
    assert_eq!(message.payload, event.payload);
    assert_eq!(message.key.as_deref(), Some("5"));
    let id = event.event_id.to_string();
    for (name, value) in [
        ("ce_specversion", "1.0"),
        ("ce_id", id.as_str()),
        ("ce_type", "email.sent"),
        ("ce_source", "/communication-service"),
        ("ce_time", "2026-01-31T09:15:00.123456Z"),
        ("content-type", "application/json"),
        ("traceparent", event.traceparent.as_str()),
    ] {
        assert_eq!(message.header(name), Some(value));
    }
    assert_eq!(message.headers.len(), 7);
}

#[tokio::test]
async fn a_key_lands_where_the_other_services_put_it() {
    let (topics, topic, publisher) = topic("partitions", 6).await;
    let ids = (1..=40).chain([123_456, i64::MAX]);
    let events: Vec<_> = ids.map(|id| event(&topic, id, 1)).collect();
    let reports = publisher.publish(&events).await;
    assert!(reports.len() == events.len() && reports.iter().all(Result::is_ok));
    let messages = topics.read_all(&topic).await.unwrap();
    assert_eq!(messages.len(), events.len());
    for message in messages {
        let key = message.key.unwrap();
        assert_eq!(message.partition, partition(&key, 6), "key {key}");
    }
}

#[tokio::test]
async fn the_events_of_a_key_keep_their_order() {
    let (topics, topic, publisher) = topic("order", 3).await;
    for batch in 0..3 {
        let numbers = (1..=100).map(|n| batch * 100 + n);
        let events: Vec<_> = numbers.map(|n| event(&topic, n % 7, n)).collect();
        assert!(publisher.publish(&events).await.iter().all(Result::is_ok));
    }
    let messages = topics.read_all(&topic).await.unwrap();
    assert_eq!(messages.len(), 300);
    for key in 0..7 {
        let of_key = messages
            .iter()
            .filter(|m| m.key.as_deref() == Some(&key.to_string()));
        let numbers: Vec<_> = of_key
            .map(|m| m.json().unwrap()["sequence"].as_i64())
            .collect();
        assert!(
            numbers.is_sorted() && numbers.len() >= 42,
            "{key}: {numbers:?}"
        );
    }
}

#[tokio::test]
async fn an_event_that_is_too_large_is_rejected_and_others_beside_it_are_not() {
    let (topics, topic, publisher) = topic("too-large", 1).await;
    let mut events = [1, 2, 3].map(|id| event(&topic, id, 1));
    events[1].payload = vec![b'x'; 3_000_000];
    let reports = publisher.publish(&events).await;
    assert!(matches!(
        reports.as_slice(),
        [Ok(()), Err(PublishError::Rejected(_)), Ok(())]
    ));
    assert_eq!(topics.read_all(&topic).await.unwrap().len(), 2);
    let again = publisher.publish(&events[..1]).await;
    assert!(
        matches!(again.as_slice(), [Ok(())]),
        "it still works afterwards"
    );
}

/// A topic that takes batches of this many bytes and no larger ones.
async fn narrow_topic(bootstrap: &str, bytes: &str) -> String {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    let admin: AdminClient<DefaultClientContext> = config.create().unwrap();
    let name = unique("narrow");
    let topic = NewTopic::new(&name, 1, TopicReplication::Fixed(1)).set("max.message.bytes", bytes);
    let made = admin
        .create_topics(&[topic], &AdminOptions::new())
        .await
        .unwrap();
    assert!(made.iter().all(Result::is_ok));
    name
}

fn with_payload(mut event: OutboxRecord, bytes: usize) -> OutboxRecord {
    event.payload = vec![b'x'; bytes];
    event
}

/// A broker refuses a batch as a whole, though each of its events would do, or all but one.
#[tokio::test]
async fn a_batch_that_the_broker_refuses_costs_only_the_events_that_are_too_large() {
    let topics = kafka::shared().await.unwrap();
    let topic = narrow_topic(topics.bootstrap(), "4000").await;
    let publisher = KafkaPublisher::new(&config(topics.bootstrap())).unwrap();
    let size = |id| if id == 4 { 5000 } else { 1000 };
    let events: Vec<_> = (0..10)
        .map(|id| with_payload(event(&topic, id, 1), size(id)))
        .collect();
    let reports = publisher.publish(&events).await;
    for (id, report) in reports.iter().enumerate() {
        assert_eq!(
            matches!(report, Err(PublishError::Rejected(_))),
            id == 4,
            "{id}: {report:?}"
        );
        assert_eq!(report.is_ok(), id != 4, "{id}: {report:?}");
    }
    assert_eq!(topics.read_all(&topic).await.unwrap().len(), 9);
}

#[tokio::test]
async fn nothing_to_publish_is_done_at_once() {
    let publisher = KafkaPublisher::new(&config("127.0.0.1:1")).unwrap();
    assert!(publisher.publish(&[]).await.is_empty());
}
