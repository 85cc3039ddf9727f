//! A broker that is away. It is a broker of its own, since it is stopped.

use crate::support::{PATIENCE, config, event, publish_one};
use comm_devkit::Place;
use comm_devkit::kafka::ApacheKafka;
use comm_kafka::{KafkaConfig, KafkaPublisher};
use comm_ports::{EventPublisher, OutboxRecord, PublishError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

fn impatient(bootstrap: &str) -> KafkaConfig {
    KafkaConfig {
        message_timeout_ms: 1000,
        ..config(bootstrap)
    }
}

/// Long enough for an event that timed out, and far less than librdkafka's own five minutes.
const IN_TIME: Duration = Duration::from_secs(4);

#[tokio::test]
async fn without_a_broker_an_event_is_given_back_in_time() {
    let publisher = KafkaPublisher::new(&impatient("127.0.0.1:1")).unwrap();
    let began = Instant::now();
    let report = publish_one(&publisher, &event("nowhere", 1, 1)).await;
    assert!(matches!(report, Err(PublishError::Unavailable(_))));
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_abandoned_is_given_back_at_once_and_never_sent() {
    let publisher = KafkaPublisher::new(&config("127.0.0.1:1")).unwrap();
    let event = event("nowhere", 1, 1);
    let publishing = publish_one(&publisher, &event);
    tokio::pin!(publishing);
    // The event is with the client library now, which would try for ten seconds.
    assert!(
        timeout(Duration::from_millis(500), &mut publishing)
            .await
            .is_err()
    );
    publisher.abandon();
    let report = timeout(Duration::from_secs(5), publishing).await.unwrap();
    let reason = report.unwrap_err().reason();
    assert!(reason.contains("Purge"), "{reason}");
}

/// Tries as the relay does: a broker that has just started has no producer ids to give for a moment.
async fn publish_in_the_end(publisher: &KafkaPublisher, event: &OutboxRecord) {
    let until_it_works = async { while publish_one(publisher, event).await.is_err() {} };
    timeout(PATIENCE, until_it_works).await.unwrap();
}

#[tokio::test]
async fn an_event_that_failed_while_the_broker_was_away_arrives_when_it_is_back() {
    let broker = ApacheKafka::start(&Place::Temporary).await.unwrap();
    let topics = broker.topics();
    topics.create("events", 1).await.unwrap();
    let publisher = KafkaPublisher::new(&impatient(&broker.bootstrap())).unwrap();
    publish_in_the_end(&publisher, &event("events", 1, 1)).await;

    broker.stop().await;
    let second = event("events", 1, 2);
    let began = Instant::now();
    let report = publish_one(&publisher, &second).await;
    assert!(matches!(report, Err(PublishError::Unavailable(_))));
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());

    broker.start_again().await.unwrap();
    publish_in_the_end(&publisher, &second).await;
    publish_in_the_end(&publisher, &event("events", 1, 3)).await;
    let messages = topics.read_all("events").await.unwrap();
    let mut numbers: Vec<_> = messages
        .iter()
        .map(|message| message.json().unwrap()["sequence"].as_i64())
        .collect();
    // An attempt that timed out on its way may have arrived all the same; consumers go by the event id.
    numbers.dedup();
    assert_eq!(numbers, [1, 2, 3].map(Some));
}
