//! What tests and the events page ask of a broker: make a topic, write, read everything.

use super::reader::{Message, Reader};
use super::{BrokerError, reader};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::io;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// The topics of one broker.
#[derive(Clone, Debug)]
pub struct Topics {
    bootstrap: String,
}

impl Topics {
    /// Of the broker at `host:port`.
    pub fn new(bootstrap: impl Into<String>) -> Self {
        Self {
            bootstrap: bootstrap.into(),
        }
    }

    /// The broker's address, `host:port`.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Makes sure that a topic exists and can be used. Not for the mock, which knows no such request.
    ///
    /// # Errors
    /// When the broker is away or refuses the name.
    pub async fn create(&self, topic: &str, partitions: i32) -> Result<(), BrokerError> {
        let admin: AdminClient<DefaultClientContext> = self.config().create()?;
        let wanted = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
        for made in admin.create_topics(&[wanted], &AdminOptions::new()).await? {
            match made {
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((_, code)) => return Err(KafkaError::AdminOp(code).into()),
            }
        }
        self.follow(topic).await.map(drop)
    }

    /// Writes one message and waits until the broker has it.
    ///
    /// # Errors
    /// When the broker does not acknowledge it.
    pub async fn send(&self, topic: &str, key: &str, payload: &[u8]) -> Result<(), BrokerError> {
        let producer: FutureProducer = self.config().create()?;
        let record = FutureRecord::to(topic).key(key).payload(payload);
        match producer.send(record, PATIENCE).await {
            Ok(_) => Ok(()),
            Err((error, _)) => Err(error.into()),
        }
    }

    /// Everything on a topic from its beginning to its present end, in order per partition.
    ///
    /// # Errors
    /// When there is no such topic, or the broker is away.
    pub async fn read_all(&self, topic: &str) -> Result<Vec<Message>, BrokerError> {
        let (mut reader, deadline) = (self.follow(topic).await?, Instant::now() + PATIENCE);
        blocking(move || reader.until_end(deadline)).await
    }

    /// Waits until a topic has at least `wanted` messages, and returns those read so far.
    ///
    /// # Errors
    /// When fewer arrive within `patience`.
    pub async fn wait_for(
        &self,
        topic: &str,
        wanted: usize,
        patience: Duration,
    ) -> Result<Vec<Message>, BrokerError> {
        let deadline = Instant::now() + patience;
        let mut reader = self.open(topic, deadline).await?;
        let messages = blocking(move || Ok(reader.at_least(wanted, deadline))).await?;
        if messages.len() >= wanted {
            return Ok(messages);
        }
        Err(BrokerError::Missing {
            topic: topic.to_owned(),
            wanted,
            found: messages.len(),
            seconds: patience.as_secs(),
        })
    }

    /// Opens a topic for reading from its beginning on, once it exists.
    ///
    /// # Errors
    /// When there is no such topic, or the broker is away.
    pub async fn follow(&self, topic: &str) -> Result<Reader, BrokerError> {
        self.open(topic, Instant::now() + PATIENCE).await
    }

    /// Whether a broker answers within `patience`.
    pub(super) async fn answers(&self, patience: Duration) -> bool {
        let config = self.config();
        blocking(move || reader::ping(&config, patience))
            .await
            .is_ok()
    }

    async fn open(&self, topic: &str, deadline: Instant) -> Result<Reader, BrokerError> {
        let (config, topic) = (self.config(), topic.to_owned());
        blocking(move || Reader::open(&config, &topic, deadline)).await
    }

    pub(super) fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.bootstrap)
            // A broker that is just starting, or was just killed, is found again at once.
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", "300");
        config
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BrokerError> + Send + 'static,
) -> Result<T, BrokerError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(io::Error::other)?
}
