//! Kafka: publishing events and consuming requests (contract-events).

mod config;
mod consumer;
mod message;
mod publisher;

pub use config::KafkaConfig;
pub use consumer::EventConsumer;
pub use message::{Request, UnreadableMessage};
pub use publisher::KafkaPublisher;
