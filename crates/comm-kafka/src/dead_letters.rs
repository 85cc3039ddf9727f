//! Dead letters: what cannot be read, or fails for good, is kept where a person can look at it.

use crate::config::KafkaConfig;
use rdkafka::Message;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tracing::error;

/// Where the dead letters of a topic go.
pub fn topic_of_dead_letters(topic: &str) -> String {
    format!("{topic}.dlq")
}

/// Writes dead letters. Its producer is made when the first is due: most services never see one.
pub(crate) struct DeadLetters {
    config: KafkaConfig,
    producer: Mutex<Option<FutureProducer>>,
}

impl DeadLetters {
    pub(crate) fn new(config: &KafkaConfig) -> Self {
        Self {
            config: config.clone(),
            producer: Mutex::new(None),
        }
    }

    /// Writes the message as it came, with its key and headers, and in further headers why and where it
    /// died. Returns once every in-sync replica has it. One that is too large with these headers loses its
    /// value, or its partition would stand still for ever.
    ///
    /// # Errors
    /// Kafka does not acknowledge it; it may arrive all the same, so a dead letter can stand there twice.
    pub(crate) async fn write(
        &self,
        message: &OwnedMessage,
        reason: &str,
    ) -> Result<(), KafkaError> {
        let headers = headers(message, reason);
        match self.send(message, message.payload(), headers.clone()).await {
            Err(error) if is_too_large(&error) => {
                error!(
                    topic = message.topic(),
                    partition = message.partition(),
                    offset = message.offset(),
                    "A dead letter is too large: it is written without its value"
                );
                let size = message.payload().map_or(0, <[u8]>::len).to_string();
                self.send(message, None, with(headers, "dlq_value_omitted", &size))
                    .await
            }
            result => result,
        }
    }

    async fn send(
        &self,
        message: &OwnedMessage,
        payload: Option<&[u8]>,
        headers: OwnedHeaders,
    ) -> Result<(), KafkaError> {
        let producer = self.producer()?;
        let topic = topic_of_dead_letters(message.topic());
        let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(&topic).headers(headers);
        record.key = message.key();
        record.payload = payload;
        let sent = producer.send(record, Duration::ZERO).await;
        if producer.client().fatal_error().is_some() {
            *self.producer.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        sent.map(drop).map_err(|(error, _)| error)
    }

    fn producer(&self) -> Result<FutureProducer, KafkaError> {
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        match producer.as_ref() {
            Some(producer) => Ok(producer.clone()),
            None => {
                let fresh: FutureProducer = self.config.dead_letters().create()?;
                Ok(producer.insert(fresh).clone())
            }
        }
    }
}

fn is_too_large(error: &KafkaError) -> bool {
    use RDKafkaErrorCode::{InvalidMessageSize, MessageSizeTooLarge};
    let code = error.rdkafka_error_code();
    matches!(code, Some(MessageSizeTooLarge | InvalidMessageSize))
}

/// Its own headers are copied unread, whatever their names, and ours follow.
fn headers(message: &OwnedMessage, reason: &str) -> OwnedHeaders {
    let own = message.headers().cloned().unwrap_or_default();
    [
        ("dlq_reason", reason),
        ("dlq_topic", message.topic()),
        ("dlq_partition", &message.partition().to_string()),
        ("dlq_offset", &message.offset().to_string()),
    ]
    .into_iter()
    .fold(own, |headers, (key, value)| with(headers, key, value))
}

fn with(headers: OwnedHeaders, key: &str, value: &str) -> OwnedHeaders {
    headers.insert(Header {
        key,
        value: Some(value),
    })
}
