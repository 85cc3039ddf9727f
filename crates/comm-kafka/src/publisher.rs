//! Publishing: an idempotent producer that waits for every delivery report.

use crate::config::KafkaConfig;
use async_trait::async_trait;
use comm_ports::{EventPublisher, OutboxRecord, PublishError};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer, PurgeConfig};
use std::sync::{Mutex, PoisonError};
use tracing::error;

/// CloudEvents `source` of everything that we publish.
const SOURCE: &str = "/communication-service";

/// The producer behind the relay.
pub struct KafkaPublisher {
    config: KafkaConfig,
    producer: Mutex<FutureProducer>,
}

impl KafkaPublisher {
    /// Prepares a producer; it connects by itself, whenever Kafka is there.
    ///
    /// # Errors
    /// A setting that librdkafka does not accept.
    pub fn new(config: &KafkaConfig) -> Result<Self, KafkaError> {
        Ok(Self {
            producer: Mutex::new(config.producer().create()?),
            config: config.clone(),
        })
    }

    fn producer(&self) -> FutureProducer {
        self.producer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// After a failure nothing may stay behind that could get through later, and a producer that has
    /// lost its idempotence for good is replaced.
    fn clean_up(&self, producer: &FutureProducer) {
        producer.purge(PurgeConfig::default().queue().inflight());
        let Some((code, _)) = producer.client().fatal_error() else {
            return;
        };
        error!(code = %code, "The Kafka producer has failed for good and is replaced");
        if let Ok(fresh) = self.config.producer().create() {
            *self.producer.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

#[async_trait]
impl EventPublisher for KafkaPublisher {
    /// A broker refuses a batch as a whole, be it for one record or for its own size, and librdkafka
    /// does not split it: a record is only called unacceptable once it was refused alone.
    async fn publish(&self, records: &[OutboxRecord]) -> Vec<Result<(), PublishError>> {
        let mut reports = self.send(records).await;
        if records.len() > 1 {
            for (report, record) in reports.iter_mut().zip(records) {
                if matches!(report, Err(PublishError::Rejected(_))) {
                    *report = self.send_alone(record).await;
                }
            }
        }
        reports
    }

    fn abandon(&self) {
        self.producer()
            .purge(PurgeConfig::default().queue().inflight());
    }
}

impl KafkaPublisher {
    async fn send_alone(&self, record: &OutboxRecord) -> Result<(), PublishError> {
        let report = self.send(std::slice::from_ref(record)).await.pop();
        report.unwrap_or_else(|| Err(PublishError::Unavailable("no delivery report".into())))
    }

    /// Sends them together and waits for every report.
    async fn send(&self, records: &[OutboxRecord]) -> Vec<Result<(), PublishError>> {
        let producer = self.producer();
        let sent: Vec<_> = records
            .iter()
            .map(|record| enqueue(&producer, record))
            .collect();
        let mut reports = Vec::with_capacity(sent.len());
        for delivery in sent {
            reports.push(match delivery {
                Ok(delivery) => report(delivery).await,
                Err(error) => Err(classify(error)),
            });
        }
        if reports.iter().any(Result::is_err) {
            self.clean_up(&producer);
        }
        reports
    }
}

fn enqueue(producer: &FutureProducer, record: &OutboxRecord) -> Result<DeliveryFuture, KafkaError> {
    let message = FutureRecord::to(&record.topic)
        .key(&record.key)
        .payload(&record.payload)
        .headers(headers(record));
    producer.send_result(message).map_err(|(error, _)| error)
}

async fn report(delivery: DeliveryFuture) -> Result<(), PublishError> {
    match delivery.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err((error, _))) => Err(classify(error)),
        Err(gone) => Err(PublishError::Unavailable(Box::new(gone))),
    }
}

/// The cause is the bare code where there is one: failures are counted by its words.
fn classify(error: KafkaError) -> PublishError {
    use RDKafkaErrorCode::{InvalidRecord, MessageBatchTooLarge, MessageSizeTooLarge};
    match error.rdkafka_error_code() {
        Some(code @ (MessageSizeTooLarge | MessageBatchTooLarge | InvalidRecord)) => {
            PublishError::Rejected(Box::new(code))
        }
        Some(code) => PublishError::Unavailable(Box::new(code)),
        None => PublishError::Unavailable(Box::new(error)),
    }
}

/// CloudEvents 1.0 in binary mode, and the trace context.
fn headers(record: &OutboxRecord) -> OwnedHeaders {
    let id = record.event_id.to_string();
    let time = record
        .occurred_at
        .format("%Y-%m-%dT%H:%M:%S%.6fZ")
        .to_string();
    let pairs = [
        ("ce_specversion", "1.0"),
        ("ce_id", id.as_str()),
        ("ce_type", record.event_type.as_str()),
        ("ce_source", SOURCE),
        ("ce_time", time.as_str()),
        ("content-type", "application/json"),
        ("traceparent", record.traceparent.as_str()),
    ];
    pairs.into_iter().fold(
        OwnedHeaders::new_with_capacity(pairs.len()),
        |headers, (key, value)| {
            headers.insert(Header {
                key,
                value: Some(value),
            })
        },
    )
}
