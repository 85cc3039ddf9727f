//! Work that is done once a day, by one instance.

use crate::error::StoreError;
use async_trait::async_trait;
use chrono::NaiveDate;

/// Remembers for which day the daily work was done, and lets one instance do it.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait DailyStore: Send + Sync {
    /// Takes the lock of the daily work; `None` while another instance has it.
    ///
    /// # Errors
    /// The database is away.
    async fn try_begin(&self) -> Result<Option<Box<dyn DailyLease>>, StoreError>;
}

/// The lock: held until it is dropped, or until its session ends. A holder that is frozen loses it within 15 s.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait DailyLease: Send + Sync {
    /// The day for which the work was done last.
    ///
    /// # Errors
    /// The lock is lost, or the database is away.
    async fn last_day(&mut self) -> Result<Option<NaiveDate>, StoreError>;

    /// Whether the lock is still held; to be asked every few seconds, which keeps it.
    async fn holds(&mut self) -> bool;

    /// Gives the lock back at once; dropping does so too, but a moment later.
    async fn release(self: Box<Self>);

    /// Remembers that the work is done for this day, and gives the lock back.
    ///
    /// # Errors
    /// The lock is lost, or the database is away; the work is done again then.
    async fn finish(self: Box<Self>, day: NaiveDate) -> Result<(), StoreError>;
}
