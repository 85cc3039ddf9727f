//! Events of other services: which of them have been dealt with, and how far the consumer is
//! (contract-events, 'Consumed once in effect').

use crate::error::{Cause, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// A consumed event, as far as it takes to know it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumedEvent {
    /// `eventId`, or the message's place and time where there is no usable one.
    pub key: String,
    /// `eventType`.
    pub event_type: &'static str,
    /// Where it lay.
    pub topic: String,
    /// Where it lay.
    pub partition: i32,
    /// Where it lay.
    pub offset: i64,
}

/// What was consumed. An event is remembered in the transaction that does its work, so that is a method
/// of the transaction.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ConsumedStore: Send + Sync {
    /// Forgets at most `limit` events that were consumed longer ago than `keep`; says how many.
    ///
    /// # Errors
    /// The database is away.
    async fn purge_consumed(&self, keep: Duration, limit: i64) -> Result<usize, StoreError>;

    /// Removes at most `limit` wishes for calls that were recorded longer ago than `keep`; says how many.
    ///
    /// # Errors
    /// The database is away.
    async fn purge_anrufwuensche(&self, keep: Duration, limit: i64) -> Result<usize, StoreError>;

    /// When an event was last consumed, by any instance.
    ///
    /// # Errors
    /// The database is away.
    async fn last_consumed(&self) -> Result<Option<DateTime<Utc>>, StoreError>;
}

/// How far the consumer group is, all instances together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsumerFigures {
    /// One entry per partition, in ascending order; none if the topic does not exist.
    pub partitions: Vec<PartitionLag>,
    /// Messages that lie on the topic of dead letters.
    pub dead_letters: i64,
}

/// How far the group is on one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionLag {
    /// The partition.
    pub partition: i32,
    /// Messages that are still to be dealt with.
    pub lag: i64,
}

impl ConsumerFigures {
    /// Messages that are still to be dealt with, on all partitions; `None` if there is no topic to ask about.
    pub fn lag(&self) -> Option<i64> {
        let lags = self.partitions.iter().map(|partition| partition.lag);
        (lags.len() > 0).then(|| lags.sum())
    }
}

/// Asks the broker how far the group is. The figures are the broker's, so that every instance shows the
/// same, one without a consumer too.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ConsumerHealth: Send + Sync {
    /// The present figures.
    ///
    /// # Errors
    /// The broker is away, or does not answer in time.
    async fn figures(&self) -> Result<ConsumerFigures, Cause>;
}
