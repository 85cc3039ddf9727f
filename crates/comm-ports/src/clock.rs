//! The time of day, so that tests can set it.

use chrono::{DateTime, Utc};

/// Tells the time. Leases and due times do not come from here: they are the database's.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Now in UTC, truncated to the microseconds that PostgreSQL keeps.
    fn now(&self) -> DateTime<Utc>;
}
