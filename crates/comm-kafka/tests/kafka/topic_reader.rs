//! Reading a whole topic, also one whose beginning is gone.

use crate::support::{config, event, unique};
use comm_devkit::kafka;
use comm_kafka::{KafkaPublisher, TopicReader};
use comm_ports::EventPublisher;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio::task::spawn_blocking;

/// The sequence of each message, and whether something stood before its partition's first; read off a thread
/// of its own.
async fn read(bootstrap: &str, topic: &str) -> Vec<(i64, bool)> {
    let (reader, topic) = (TopicReader::new(&config(bootstrap)), topic.to_owned());
    spawn_blocking(move || {
        let mut seen = Vec::new();
        let count = reader.read(&topic, |message| {
            let value: serde_json::Value = serde_json::from_slice(message.value).unwrap();
            assert!(message.timestamp.is_some());
            seen.push((
                value.get("sequence").unwrap().as_i64().unwrap(),
                message.beginning_removed,
            ));
        });
        assert_eq!(count.unwrap(), seen.len());
        seen
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn every_message_is_seen_up_to_the_present_end() {
    let topics = kafka::shared().await.unwrap();
    let topic = unique("whole");
    topics.create(&topic, 3).await.unwrap();
    assert_eq!(read(topics.bootstrap(), &topic).await, []);
    let publisher = KafkaPublisher::new(&config(topics.bootstrap())).unwrap();
    let events: Vec<_> = (1..=50).map(|n| event(&topic, n % 7, n)).collect();
    assert!(publisher.publish(&events).await.iter().all(Result::is_ok));
    let mut seen = read(topics.bootstrap(), &topic).await;
    seen.sort_unstable();
    let expected: Vec<_> = (1..=50).map(|n| (n, false)).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_beginning_that_kafka_has_removed_is_told() {
    let topics = kafka::shared().await.unwrap();
    let topic = unique("trimmed");
    topics.create(&topic, 1).await.unwrap();
    let publisher = KafkaPublisher::new(&config(topics.bootstrap())).unwrap();
    for n in 1..=4 {
        let reports = publisher.publish(&[event(&topic, 1, n)]).await;
        assert!(reports.iter().all(Result::is_ok));
    }
    let mut settings = ClientConfig::new();
    settings.set("bootstrap.servers", topics.bootstrap());
    let admin: AdminClient<DefaultClientContext> = settings.create().unwrap();
    let mut before = TopicPartitionList::new();
    before
        .add_partition_offset(&topic, 0, Offset::Offset(2))
        .unwrap();
    admin
        .delete_records(&before, &AdminOptions::new())
        .await
        .unwrap();
    let seen = read(topics.bootstrap(), &topic).await;
    assert_eq!(seen, [(3, true), (4, true)]);
}

#[tokio::test]
async fn a_topic_that_does_not_exist_is_an_error_and_is_not_made() {
    let topics = kafka::shared().await.unwrap();
    let name = unique("nowhere");
    for _ in 0..2 {
        let (reader, topic) = (TopicReader::new(&config(topics.bootstrap())), name.clone());
        let result = spawn_blocking(move || reader.read(&topic, |_| {})).await;
        assert!(result.unwrap().is_err());
    }
}
