//! How the queue fares, out of the database alone: the same answer from every instance.

use crate::error::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use comm_domain::outreach::EmailStatus;
use std::time::Duration;
use uuid::Uuid;

/// What the queue's tables say. Of each email the last attempt counts; hidden emails were sent all the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueFigures {
    /// When a worker of any instance last said that it works, by the database's clock.
    pub last_check: Option<DateTime<Utc>>,
    /// Whether that was a moment ago.
    pub running: bool,
    /// Sent since the day began.
    pub sent_today: i64,
    /// `Fehlgeschlagen` by an attempt since the day began.
    pub failed_today: i64,
    /// Sent within the last hour.
    pub sent_last_hour: i64,
    /// Nobody knows whether they arrived.
    pub in_doubt: i64,
    /// When the email that waits longest was queued.
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// For how long the email that is due longest has been due.
    pub oldest_due: Option<Duration>,
    /// Waiting emails whose last error is the given sentence.
    pub blamed: i64,
    /// The last error that is still written at an email.
    pub last_error: Option<LastError>,
    /// The last minutes with an outcome, latest first.
    pub batches: Vec<Batch>,
    /// How many of the last attempts are known, and how many of them failed.
    pub attempts: Attempts,
}

/// Counts of all emails. In a large table they take their time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// Emails that are not deleted, by state.
    pub per_status: Vec<(EmailStatus, i64)>,
    /// All that were ever sent, also by hand and hidden since.
    pub total_sent: i64,
    /// All that are `Fehlgeschlagen` now.
    pub total_failed: i64,
}

/// An error as a clerk reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastError {
    /// `fehlermeldung`.
    pub meldung: String,
    /// When the attempt began.
    pub at: DateTime<Utc>,
}

/// The outcomes of one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// When the minute began.
    pub minute: DateTime<Utc>,
    /// Emails that were sent.
    pub sent: i64,
    /// Emails whose attempt failed.
    pub failed: i64,
}

/// The last attempts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How many there are, at most [`LAST_ATTEMPTS`].
    pub known: i64,
    /// How many of them failed.
    pub failed: i64,
}

/// How many attempts are looked at.
pub const LAST_ATTEMPTS: i64 = 20;

/// Watches the queue.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait QueueMonitor: Send + Sync {
    /// Writes down that the worker of this instance works.
    ///
    /// # Errors
    /// The database is away.
    async fn seen(&self, instanz: Uuid) -> Result<(), StoreError>;

    /// Writes down that it has ended.
    ///
    /// # Errors
    /// The database is away.
    async fn gone(&self, instanz: Uuid) -> Result<(), StoreError>;

    /// How the queue fares. The day began at `today`; `blame` is the beginning of the sentence for
    /// [`QueueFigures::blamed`].
    ///
    /// # Errors
    /// The database is away.
    async fn figures(&self, today: DateTime<Utc>, blame: &str) -> Result<QueueFigures, StoreError>;

    /// Counts all emails.
    ///
    /// # Errors
    /// The database is away.
    async fn counts(&self) -> Result<QueueCounts, StoreError>;
}
