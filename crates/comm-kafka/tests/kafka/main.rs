//! The adapter on a real Apache Kafka, with a topic and a group of its own per test.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod consumer;
mod dead_letters;
mod outage;
mod partitions;
mod publisher;
mod support;
mod world;
