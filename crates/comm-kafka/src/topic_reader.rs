//! Reading a topic once from its beginning to its present end, without a group: nothing is left on the broker.

use crate::config::KafkaConfig;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Message, Offset, TopicPartitionList};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use thiserror::Error;

/// How long a broker may say nothing before it counts as away.
const PATIENCE: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(100);

/// One message on a topic.
#[derive(Debug, Clone, Copy)]
pub struct TopicMessage<'a> {
    /// The partition.
    pub partition: i32,
    /// The value, empty if there is none.
    pub value: &'a [u8],
    /// When it was made, in milliseconds since 1970.
    pub timestamp: Option<i64>,
    /// Whether Kafka has removed messages that stood before the first one of this partition.
    pub beginning_removed: bool,
}

/// Reads topics.
pub struct TopicReader {
    config: ClientConfig,
}

/// A topic cannot be read: the broker is away, or there is no such topic.
#[derive(Debug, Error)]
#[error("the topic cannot be read")]
pub struct TopicUnreadable(#[from] KafkaError);

/// Where a partition begins and ends.
struct Span {
    first: i64,
    end: i64,
}

impl TopicReader {
    /// Connects when it reads.
    pub fn new(config: &KafkaConfig) -> Self {
        Self {
            config: config.reader(),
        }
    }

    /// Shows every message to `see`, each partition in its order, up to the end that the topic has now. It
    /// blocks. Answers how many there were.
    ///
    /// # Errors
    /// See [`TopicUnreadable`].
    pub fn read(
        &self,
        topic: &str,
        see: impl FnMut(TopicMessage<'_>),
    ) -> Result<usize, TopicUnreadable> {
        Ok(self.read_to_end(topic, see)?)
    }

    fn read_to_end(
        &self,
        topic: &str,
        mut see: impl FnMut(TopicMessage<'_>),
    ) -> Result<usize, KafkaError> {
        let consumer: BaseConsumer = self.config.create()?;
        let mut open = spans(&consumer, topic)?;
        open.retain(|_, span| span.first < span.end);
        let mut from = TopicPartitionList::new();
        for (partition, span) in &open {
            from.add_partition_offset(topic, *partition, Offset::Offset(span.first))?;
        }
        consumer.assign(&from)?;
        let mut messages = 0;
        let mut heard = Instant::now();
        while !open.is_empty() {
            match consumer.poll(STEP) {
                Some(Ok(message)) => {
                    heard = Instant::now();
                    let Some(span) = open.get(&message.partition()) else {
                        continue;
                    };
                    if message.offset() < span.end {
                        messages += 1;
                        see(TopicMessage {
                            partition: message.partition(),
                            value: message.payload().unwrap_or_default(),
                            timestamp: message.timestamp().to_millis(),
                            beginning_removed: span.first > 0,
                        });
                    }
                    if message.offset() + 1 >= span.end {
                        open.remove(&message.partition());
                    }
                }
                // Control records and compaction can leave the last offsets without a message.
                Some(Err(KafkaError::PartitionEOF(partition))) => drop(open.remove(&partition)),
                Some(Err(error)) if heard.elapsed() > PATIENCE => return Err(error),
                None if heard.elapsed() > PATIENCE => return Err(timed_out()),
                Some(Err(_)) | None => {}
            }
        }
        Ok(messages)
    }
}

fn spans(consumer: &BaseConsumer, topic: &str) -> Result<HashMap<i32, Span>, KafkaError> {
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
    let found = metadata.topics().first().ok_or_else(timed_out)?;
    if let Some(error) = found.error() {
        return Err(KafkaError::MetadataFetch(error.into()));
    }
    let mut spans = HashMap::new();
    for partition in found.partitions() {
        let (first, end) = consumer.fetch_watermarks(topic, partition.id(), PATIENCE)?;
        spans.insert(partition.id(), Span { first, end });
    }
    Ok(spans)
}

fn timed_out() -> KafkaError {
    KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut)
}
