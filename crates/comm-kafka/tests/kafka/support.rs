//! Events, names and settings that the tests share.

use comm_kafka::{KafkaConfig, KafkaPublisher};
use comm_ports::outbox::Priority;
use comm_ports::testing::build::instant;
use comm_ports::{EventPublisher, OutboxRecord, PublishError};
use std::time::Duration;
use uuid::Uuid;

/// How long a test waits for something that must happen; none that passes waits as long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A name that no other test and no other run uses.
pub(crate) fn unique(name: &str) -> String {
    format!("{name}-{}", Uuid::new_v4().simple())
}

pub(crate) fn config(bootstrap: &str) -> KafkaConfig {
    KafkaConfig {
        bootstrap_servers: bootstrap.to_owned(),
        group_id: unique("group"),
        message_timeout_ms: 10_000,
        linger_ms: 5,
    }
}

/// The event `sequence` of the email `id`.
pub(crate) fn event(topic: &str, id: i64, sequence: i64) -> OutboxRecord {
    OutboxRecord {
        event_id: Uuid::new_v4(),
        event_type: "email.sent".to_owned(),
        aggregate: "email".to_owned(),
        aggregate_id: id,
        sequence,
        priority: Priority::Normal,
        is_copy: false,
        topic: topic.to_owned(),
        key: id.to_string(),
        payload: format!(r#"{{"sequence": {sequence}}}"#).into_bytes(),
        occurred_at: instant(),
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00".to_owned(),
    }
}

/// Publishes one event alone.
pub(crate) async fn publish_one(
    publisher: &KafkaPublisher,
    event: &OutboxRecord,
) -> Result<(), PublishError> {
    let reports = publisher.publish(std::slice::from_ref(event)).await;
    let [report] = <[_; 1]>::try_from(reports).unwrap();
    report
}
