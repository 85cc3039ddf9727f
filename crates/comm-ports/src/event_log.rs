//! Events as an operator sees them: listed, published again, compared with what lies on a topic.

use crate::error::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::fmt;
use std::time::Duration;
use uuid::Uuid;

/// How the publishing fares.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OutboxHealth {
    /// How many events wait for Kafka; parked ones are not among them.
    pub depth: i64,
    /// For how long the oldest of them has waited.
    pub oldest_age: Option<Duration>,
    /// How many events Kafka refused for good.
    pub parked: i64,
    /// How many of those that wait are held back by a parked one of their email or call.
    pub held_back: i64,
    /// How long the latest took from being written to being acknowledged, if there were any lately.
    pub latency: Option<PublishLatency>,
    /// Attempts that Kafka did not acknowledge.
    pub failures: Vec<PublishFailures>,
}

/// From the moment an event is written to its acknowledgement by every in-sync replica.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishLatency {
    /// How many events were measured.
    pub events: i64,
    /// Half of them were faster.
    pub p50: Duration,
    /// All but one in a hundred were faster.
    pub p99: Duration,
}

/// How often Kafka did not take an event for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishFailures {
    /// The client library's name for the error.
    pub reason: String,
    /// How often.
    pub count: i64,
    /// When it happened last.
    pub last_at: DateTime<Utc>,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// `email` or `telefonanruf`.
    pub aggregate: String,
    /// The id of the email or call.
    pub id: i64,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.aggregate, self.id)
    }
}

/// Where an event stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventState {
    /// It waits for Kafka.
    Unpublished,
    /// Kafka refused it for good, with this reason.
    Parked(String),
    /// Kafka has acknowledged it.
    Published(DateTime<Utc>),
}

/// One event of the outbox, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEntry {
    /// The outbox row.
    pub id: i64,
    /// `eventId`.
    pub event_id: Uuid,
    /// `eventType`.
    pub event_type: String,
    /// What it is about.
    pub subject: Subject,
    /// Its place among the events of its email or call.
    pub sequence: i64,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Where it stands.
    pub state: EventState,
}

/// States to choose events by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StateFilter {
    /// Whatever their state.
    #[default]
    All,
    /// Those that wait for Kafka or are parked.
    Unpublished,
    /// Those that Kafka refused for good.
    Parked,
}

/// Which events; what is not set does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventFilter {
    /// These events; empty: any.
    pub event_ids: Vec<Uuid>,
    /// Those of this email or call.
    pub subject: Option<Subject>,
    /// Those that happened at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Those that happened before this moment.
    pub before: Option<DateTime<Utc>>,
    /// Those in this state.
    pub state: StateFilter,
}

/// Events that the outbox still keeps.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait EventLog: Send + Sync {
    /// The newest events that fit, at most `limit`, oldest first.
    ///
    /// # Errors
    /// The database is away.
    async fn list(&self, filter: &EventFilter, limit: i64) -> Result<Vec<EventEntry>, StoreError>;

    /// Has published and parked events that fit published again, with the same `eventId`; says how many.
    ///
    /// # Errors
    /// The database is away; some may have been asked for already, which asking again does not change.
    async fn replay(&self, filter: &EventFilter) -> Result<usize, StoreError>;

    /// The database's time.
    ///
    /// # Errors
    /// The database is away.
    async fn now(&self) -> Result<DateTime<Utc>, StoreError>;

    /// Events on this topic that were published up to this moment, with ids above `after`, in ascending order of ids.
    ///
    /// # Errors
    /// The database is away.
    async fn published(
        &self,
        topic: &str,
        until: DateTime<Utc>,
        after: i64,
    ) -> Result<Vec<EventEntry>, StoreError>;
}
