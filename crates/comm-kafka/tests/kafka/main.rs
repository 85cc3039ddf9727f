//! The adapter on a real Apache Kafka, with a topic and a group of its own per test.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

#[path = "../../../comm-app/tests/common/mod.rs"]
mod common;
mod consumer;
mod dead_letters;
mod outage;
mod partitions;
mod publisher;
mod support;
mod topic_reader;
mod world;
