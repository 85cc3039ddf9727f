//! How far the consumer group is, as the broker sees it.

use crate::config::KafkaConfig;
use crate::dead_letters::topic_of_dead_letters;
use async_trait::async_trait;
use comm_ports::error::Cause;
use comm_ports::{ConsumerFigures, ConsumerHealth, PartitionLag};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

/// The broker is asked at most this often, whoever wants to know and whether or not it answers.
const FRESH: Duration = Duration::from_secs(5);
/// How long all questions together may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks at the group without joining it.
pub struct KafkaHealth {
    config: KafkaConfig,
    topic: String,
    last: Mutex<Option<(Instant, KafkaResult<ConsumerFigures>)>>,
}

impl KafkaHealth {
    /// Of the group in these settings, on this topic. It connects when it is asked.
    pub fn new(config: &KafkaConfig, topic: &str) -> Self {
        Self {
            config: config.clone(),
            topic: topic.to_owned(),
            last: Mutex::new(None),
        }
    }
}

#[async_trait]
impl ConsumerHealth for KafkaHealth {
    async fn figures(&self) -> Result<ConsumerFigures, Cause> {
        let mut last = self.last.lock().await;
        if let Some((asked, figures)) = last.as_ref()
            && asked.elapsed() < FRESH
        {
            return Ok(figures.clone()?);
        }
        let (config, topic) = (self.config.clone(), self.topic.clone());
        let figures = spawn_blocking(move || figures(&config, &topic)).await?;
        *last = Some((Instant::now(), figures.clone()));
        Ok(figures?)
    }
}

/// Blocks for as long as the broker takes.
fn figures(config: &KafkaConfig, topic: &str) -> KafkaResult<ConsumerFigures> {
    let onlooker = Onlooker {
        consumer: config.onlooker().create()?,
        until: Instant::now() + PATIENCE,
    };
    let mut partitions = onlooker.lags(topic)?;
    partitions.sort_by_key(|lag| lag.partition);
    Ok(ConsumerFigures {
        partitions,
        dead_letters: onlooker.messages(&topic_of_dead_letters(topic))?,
    })
}

/// A client that asks for the group's offsets and is no member. A broker's error is never taken for a figure.
struct Onlooker {
    consumer: BaseConsumer,
    until: Instant,
}

impl Onlooker {
    fn lags(&self, topic: &str) -> KafkaResult<Vec<PartitionLag>> {
        let mut list = TopicPartitionList::new();
        for partition in self.partitions(topic)? {
            list.add_partition(topic, partition);
        }
        if list.count() == 0 {
            return Ok(Vec::new());
        }
        let committed = self.consumer.committed_offsets(list, self.rest())?;
        let lags = committed.elements().into_iter().map(|committed| {
            committed.error()?;
            let partition = committed.partition();
            let (first, end) = self.span(topic, partition)?;
            // Without an offset the group begins at the first message; what has expired is gone.
            let next = match committed.offset() {
                Offset::Offset(offset) => offset.max(first),
                _ => first,
            };
            let lag = (end - next).max(0);
            Ok(PartitionLag { partition, lag })
        });
        lags.collect()
    }

    /// How many messages lie on a topic; on one that does not exist, none.
    fn messages(&self, topic: &str) -> KafkaResult<i64> {
        let partitions = self.partitions(topic)?.into_iter();
        let spans = partitions.map(|partition| self.span(topic, partition));
        spans.map(|span| span.map(|(first, end)| end - first)).sum()
    }

    /// None if the topic does not exist.
    fn partitions(&self, topic: &str) -> KafkaResult<Vec<i32>> {
        let metadata = self.consumer.fetch_metadata(Some(topic), self.rest())?;
        let mut ids = Vec::new();
        for found in metadata.topics() {
            match found.error().map(RDKafkaErrorCode::from) {
                None => ids.extend(found.partitions().iter().map(|partition| partition.id())),
                Some(RDKafkaErrorCode::UnknownTopicOrPartition) => {}
                Some(code) => return Err(KafkaError::MetadataFetch(code)),
            }
        }
        Ok(ids)
    }

    /// The first message that is still there, and the end.
    fn span(&self, topic: &str, partition: i32) -> KafkaResult<(i64, i64)> {
        self.consumer
            .fetch_watermarks(topic, partition, self.rest())
    }

    fn rest(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}
