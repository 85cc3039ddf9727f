//! Kafka: publishing events and consuming requests (contract-events).

mod config;
mod consumer;
mod dead_letters;
mod health;
mod lanes;
mod look;
mod message;
mod publisher;
mod topic_reader;
mod worker;

pub use config::KafkaConfig;
pub use consumer::EventConsumer;
pub use dead_letters::topic_of_dead_letters;
pub use health::KafkaHealth;
pub use message::{Request, Requested, UnreadableMessage};
pub use publisher::KafkaPublisher;
pub use topic_reader::{TopicMessage, TopicReader, TopicUnreadable};
