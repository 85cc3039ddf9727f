//! Kafka: publishing events and consuming requests (contract-events).

mod config;
mod consumer;
mod message;
mod publisher;
mod topic_reader;

pub use config::KafkaConfig;
pub use consumer::EventConsumer;
pub use message::{Request, UnreadableMessage};
pub use publisher::KafkaPublisher;
pub use topic_reader::{TopicMessage, TopicReader, TopicUnreadable};
