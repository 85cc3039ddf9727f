//! How far the consumer group is, as the broker sees it.

use crate::config::KafkaConfig;
use crate::dead_letters::topic_of_dead_letters;
use async_trait::async_trait;
use comm_ports::error::Cause;
use comm_ports::{ConsumerFigures, ConsumerHealth, PartitionLag};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::{Offset, TopicPartitionList};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

/// The figures are asked for at most this often, whoever asks.
const FRESH: Duration = Duration::from_secs(5);
/// How long each question to the broker may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks at the group without joining it.
pub struct KafkaHealth {
    config: KafkaConfig,
    topic: String,
    last: Mutex<Option<(Instant, ConsumerFigures)>>,
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
            return Ok(figures.clone());
        }
        let (config, topic) = (self.config.clone(), self.topic.clone());
        let figures = spawn_blocking(move || ask(&config, &topic)).await??;
        *last = Some((Instant::now(), figures.clone()));
        Ok(figures)
    }
}

/// Blocks for as long as the broker takes.
fn ask(config: &KafkaConfig, topic: &str) -> KafkaResult<ConsumerFigures> {
    let onlooker: BaseConsumer = config.onlooker().create()?;
    let mut list = TopicPartitionList::new();
    for partition in partitions(&onlooker, topic)? {
        list.add_partition(topic, partition);
    }
    let mut figures = ConsumerFigures::default();
    if list.count() > 0 {
        for committed in onlooker.committed_offsets(list, PATIENCE)?.elements() {
            let partition = committed.partition();
            let (first, end) = onlooker.fetch_watermarks(topic, partition, PATIENCE)?;
            // Without an offset the group begins at the first message; what has expired is gone.
            let next = match committed.offset() {
                Offset::Offset(offset) => offset.max(first),
                _ => first,
            };
            let lag = (end - next).max(0);
            figures.partitions.push(PartitionLag { partition, lag });
        }
    }
    figures.partitions.sort_by_key(|lag| lag.partition);
    let dead = topic_of_dead_letters(topic);
    for partition in partitions(&onlooker, &dead)? {
        let (first, end) = onlooker.fetch_watermarks(&dead, partition, PATIENCE)?;
        figures.dead_letters += end - first;
    }
    Ok(figures)
}

/// None if the topic does not exist.
fn partitions(onlooker: &BaseConsumer, topic: &str) -> KafkaResult<Vec<i32>> {
    let metadata = onlooker.fetch_metadata(Some(topic), PATIENCE)?;
    let topics = metadata.topics().iter();
    let partitions = topics.flat_map(|topic| topic.partitions());
    Ok(partitions.map(|partition| partition.id()).collect())
}
