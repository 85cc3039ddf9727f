//! Reading a topic from its beginning, without a group and without leaving a trace on the broker.

use super::BrokerError;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::collections::HashSet;
use std::time::{Duration, Instant};
use uuid::Uuid;

const STEP: Duration = Duration::from_millis(100);

/// One message as it lies on a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The key, if it has one.
    pub key: Option<String>,
    /// The value.
    pub payload: Vec<u8>,
    /// The headers in their order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The partition.
    pub partition: i32,
    /// The position in its partition.
    pub offset: i64,
    /// When it was made, in milliseconds since 1970.
    pub timestamp: Option<i64>,
}

impl Message {
    /// The value as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_slice(&self.payload)
    }

    /// The first header of this name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key == name)?;
        std::str::from_utf8(value).ok()
    }

    fn read(message: &BorrowedMessage<'_>) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let headers = message.headers().into_iter().flat_map(Headers::iter);
        Self {
            key: message.key().map(text),
            payload: message.payload().unwrap_or_default().to_vec(),
            headers: headers
                .map(|h| (h.key.to_owned(), h.value.unwrap_or_default().to_vec()))
                .collect(),
            partition: message.partition(),
            offset: message.offset(),
            timestamp: message.timestamp().to_millis(),
        }
    }
}

/// Reads one topic from its beginning on; its calls block.
pub struct Reader {
    consumer: BaseConsumer,
    partitions: usize,
    ended: HashSet<i32>,
}

impl Reader {
    pub(super) fn open(
        config: &ClientConfig,
        topic: &str,
        deadline: Instant,
    ) -> Result<Self, BrokerError> {
        let consumer = consumer(config)?;
        let partitions = partitions(&consumer, topic, deadline)?;
        let mut from = TopicPartitionList::new();
        for partition in &partitions {
            from.add_partition_offset(topic, *partition, Offset::Beginning)?;
        }
        consumer.assign(&from)?;
        Ok(Self {
            consumer,
            partitions: partitions.len(),
            ended: HashSet::new(),
        })
    }

    /// The next message, if one comes within `patience`. What is wrong for the moment is waited out.
    ///
    /// # Errors
    /// What the client library says, the end of a partition excepted.
    pub fn next(&mut self, patience: Duration) -> Result<Option<Message>, BrokerError> {
        match self.consumer.poll(patience) {
            None => Ok(None),
            Some(Ok(message)) => Ok(Some(Message::read(&message))),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                self.ended.insert(partition);
                Ok(None)
            }
            Some(Err(error)) => Err(error.into()),
        }
    }

    pub(super) fn until_end(&mut self, deadline: Instant) -> Result<Vec<Message>, BrokerError> {
        let mut messages = Vec::new();
        while self.ended.len() < self.partitions {
            match self.next(STEP) {
                Ok(message) => messages.extend(message),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => {}
            }
            if Instant::now() > deadline {
                return Err(timed_out());
            }
        }
        messages.sort_by_key(|message| (message.partition, message.offset));
        Ok(messages)
    }

    pub(super) fn at_least(&mut self, wanted: usize, deadline: Instant) -> Vec<Message> {
        let mut messages = Vec::new();
        while messages.len() < wanted && Instant::now() < deadline {
            // The broker may be away for a moment, which is what some tests are about.
            messages.extend(self.next(STEP).ok().flatten());
        }
        messages.sort_by_key(|message| (message.partition, message.offset));
        messages
    }
}

/// Whether a broker answers with at least itself.
pub(super) fn ping(config: &ClientConfig, patience: Duration) -> Result<(), BrokerError> {
    let metadata = consumer(config)?.fetch_metadata(None, patience)?;
    if metadata.brokers().is_empty() {
        return Err(timed_out());
    }
    Ok(())
}

fn consumer(config: &ClientConfig) -> Result<BaseConsumer, BrokerError> {
    let mut config = config.clone();
    config
        // The library wants a group even where none is joined.
        .set("group.id", format!("reader-{}", Uuid::new_v4().simple()))
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        // Where a broker that has just started cannot tell the beginning, the library would go to the end.
        .set("auto.offset.reset", "earliest")
        .set("fetch.wait.max.ms", "20");
    Ok(config.create()?)
}

/// Waits until the topic exists and each of its partitions has a leader.
fn partitions(
    consumer: &BaseConsumer,
    topic: &str,
    deadline: Instant,
) -> Result<Vec<i32>, BrokerError> {
    loop {
        let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(2));
        let found = metadata.as_ref().ok().and_then(|m| m.topics().first());
        let found = found.map(|topic| topic.partitions()).unwrap_or_default();
        if !found.is_empty() && found.iter().all(|partition| partition.leader() >= 0) {
            return Ok(found.iter().map(|partition| partition.id()).collect());
        }
        if Instant::now() > deadline {
            return Err(metadata.err().map_or_else(timed_out, BrokerError::Client));
        }
        // Serves the client's own events for a moment before it is asked again.
        drop(consumer.poll(Duration::from_millis(50)));
    }
}

fn timed_out() -> BrokerError {
    KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut).into()
}
