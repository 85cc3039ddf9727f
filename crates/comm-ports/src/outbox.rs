//! Events on their way to Kafka: written with the change, published afterwards (contract-events,
//! 'What is promised').

use crate::error::{Cause, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use comm_domain::outreach::{Email, EmailEvent};
use std::time::Duration;
use uuid::Uuid;

/// One event with its final bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRecord {
    /// `eventId`: fixed when the thing happens.
    pub event_id: Uuid,
    /// `eventType`.
    pub event_type: String,
    /// What the event is about, `email` or `telefonanruf`: order and sequence go by it and its id.
    pub aggregate: String,
    /// The id of the email or call.
    pub aggregate_id: i64,
    /// Counts 1, 2, 3, ... per aggregate.
    pub sequence: i64,
    /// The topic.
    pub topic: String,
    /// The Kafka key.
    pub key: String,
    /// The message value.
    pub payload: Vec<u8>,
    /// When it happened, UTC.
    pub occurred_at: DateTime<Utc>,
    /// W3C trace context.
    pub traceparent: String,
}

/// Puts events on the wire; the stores call it, so that no change is saved without its events.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait EventEncoder: Send + Sync {
    /// The bytes that report `event` of `email`, whose state is the one after the change.
    ///
    /// # Errors
    /// A value that cannot be serialised.
    fn encode_email(&self, email: &Email, event: &EmailEvent) -> Result<OutboxRecord, Cause>;
}

/// An unpublished row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The row's id.
    pub id: i64,
    /// What is to be published.
    pub record: OutboxRecord,
}

/// The outbox as the relay sees it.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait OutboxStore: Send + Sync {
    /// Tries to become the only relay.
    ///
    /// # Errors
    /// The database is away. `Ok(None)` while another instance leads.
    async fn try_lead(&self) -> Result<Option<Box<dyn RelayLease>>, StoreError>;

    /// The oldest unpublished rows, at most `limit`, in the order in which they were written.
    ///
    /// # Errors
    /// The database is away.
    async fn unpublished(&self, limit: i64) -> Result<Vec<OutboxRow>, StoreError>;

    /// Marks rows as published.
    ///
    /// # Errors
    /// The database is away; the rows will be published again, which consumers expect.
    async fn mark_published(&self, ids: &[i64]) -> Result<(), StoreError>;

    /// Removes at most `limit` rows that were published longer ago than `keep`; says how many.
    ///
    /// # Errors
    /// The database is away.
    async fn purge(&self, keep: Duration, limit: i64) -> Result<usize, StoreError>;
}

/// Leadership of the relay. It ends when this is dropped or its connection is lost.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RelayLease: Send + Sync {
    /// Asks the database whether the leadership still holds.
    async fn holds(&mut self) -> bool;
}
