//! Publishing events.

use crate::error::Cause;
use crate::outbox::OutboxRecord;
use async_trait::async_trait;
use thiserror::Error;

/// Why an event was not acknowledged.
#[derive(Debug, Error)]
pub enum PublishError {
    /// The broker is away or too slow; it will be tried again.
    #[error("the broker did not acknowledge the event")]
    Unavailable(#[source] Cause),
    /// The broker can never take it, for example because it is too large.
    #[error("the broker cannot take the event")]
    Rejected(#[source] Cause),
}

impl PublishError {
    /// Why, in the client library's words: one of a few, and nothing about the event itself.
    pub fn reason(&self) -> String {
        match self {
            Self::Unavailable(cause) | Self::Rejected(cause) => cause.to_string(),
        }
    }
}

/// Publishes events to Kafka.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait EventPublisher: Send + Sync {
    /// Publishes all of them at once and waits for every delivery report. The answer has one entry per
    /// record, in the same order; `Ok` only after every in-sync replica has acknowledged it. When it
    /// returns, nothing of a failed record is still on its way.
    async fn publish(&self, records: &[OutboxRecord]) -> Vec<Result<(), PublishError>>;

    /// Gives up whatever is still on its way, as far as it has not left: another instance publishes now.
    fn abandon(&self);
}
