//! Events on their way to Kafka: written with the change, published afterwards (contract-events,
//! 'What is promised'). What an operator asks about them is in `event_log`.

use crate::error::{Cause, StoreError};
use crate::event_log::OutboxHealth;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use comm_domain::outreach::{Email, EmailEvent, Telefonanruf, TelefonanrufEvent};
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
    /// Whether it goes before others.
    pub priority: Priority,
    /// Whether it repeats another event under the name that older consumers know; then it has the
    /// sequence of its original.
    pub is_copy: bool,
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

/// Which events go first. An event that does takes along what its email or call still has waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Before all others.
    First,
    /// As they come.
    Normal,
}

impl Priority {
    /// As it is stored: the lower goes first.
    pub fn rank(self) -> i16 {
        match self {
            Self::First => 0,
            Self::Normal => 1,
        }
    }

    /// Reads what was stored.
    pub fn of_rank(rank: i16) -> Self {
        if rank == 0 { Self::First } else { Self::Normal }
    }
}

/// Puts events on the wire; the stores call it, so that no change is saved without its events.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait EventEncoder: Send + Sync {
    /// The record that reports `event` of `email`, whose state is the one after the change, and then
    /// its copies under older names.
    ///
    /// # Errors
    /// A value that cannot be serialised.
    fn encode_email(&self, email: &Email, event: &EmailEvent) -> Result<Vec<OutboxRecord>, Cause>;

    /// The same for a call.
    ///
    /// # Errors
    /// A value that cannot be serialised.
    fn encode_telefonanruf(
        &self,
        anruf: &Telefonanruf,
        event: &TelefonanrufEvent,
    ) -> Result<Vec<OutboxRecord>, Cause>;
}

/// An unpublished row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The row's id.
    pub id: i64,
    /// What is to be published.
    pub record: OutboxRecord,
}

/// The outbox as the relay's instances see it before one of them leads.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait OutboxStore: Send + Sync {
    /// Tries to become the only relay.
    ///
    /// # Errors
    /// The database is away. `Ok(None)` while another instance leads.
    async fn try_lead(&self) -> Result<Option<Box<dyn RelayLease>>, StoreError>;

    /// Removes at most `limit` rows that were published longer ago than `keep`; says how many. What was
    /// never published stays.
    ///
    /// # Errors
    /// The database is away.
    async fn purge(&self, keep: Duration, limit: i64) -> Result<usize, StoreError>;

    /// How the publishing fares, over all instances.
    ///
    /// # Errors
    /// The database is away.
    async fn health(&self) -> Result<OutboxHealth, StoreError>;
}

/// Leadership of the relay, and what only the leader may do: once it is lost, each of these fails. It
/// ends when this is dropped or its connection is lost.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RelayLease: Send + Sync {
    /// For how long what an earlier leader has handed to Kafka may still arrive, as of the moment in
    /// which the leadership began.
    fn in_flight(&self) -> Duration;

    /// Whether the leadership still holds. What is handed to Kafka now may arrive for `in_flight`, which
    /// a successor will wait for.
    async fn holds(&mut self, in_flight: Duration) -> bool;

    /// The rows that are to be published next, at most `limit`: by priority, then in the order in which
    /// they were written. What a parked row holds back is not among them. If there are any, a successor
    /// will wait for `in_flight`.
    ///
    /// # Errors
    /// The leadership is lost, or the database away.
    async fn unpublished(
        &mut self,
        limit: i64,
        in_flight: Duration,
    ) -> Result<Vec<OutboxRow>, StoreError>;

    /// Marks rows as published.
    ///
    /// # Errors
    /// As above; the rows will be published again, which consumers expect.
    async fn mark_published(&mut self, ids: &[i64]) -> Result<(), StoreError>;

    /// Parks a row that Kafka can never take: it, and all later rows of its email or call, wait until a
    /// person asks for it again.
    ///
    /// # Errors
    /// As above.
    async fn park(&mut self, id: i64, reason: &str) -> Result<(), StoreError>;

    /// Counts attempts that Kafka did not acknowledge, by reason.
    ///
    /// # Errors
    /// As above.
    async fn count_failures(&mut self, failures: &[(String, i64)]) -> Result<(), StoreError>;

    /// Gives the leadership up with nothing on its way to Kafka, so that a successor need not wait.
    async fn release(self: Box<Self>);
}
