//! What can go wrong with storage.

use thiserror::Error;

/// The cause, for the log; it never reaches a client.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a store could not do what it was asked. The words are for the log: they hold their cause.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database cannot be reached or is too busy; trying again later may help.
    #[error("the database is not available: {0}")]
    Unavailable(Cause),
    /// A named constraint forbids it; the use case knows what it means.
    #[error("the database constraint {constraint} forbids it")]
    Conflict {
        /// The constraint's name.
        constraint: String,
    },
    /// A row that the domain does not accept.
    #[error("a stored row is not valid: {0}")]
    Corrupt(String),
    /// A statement that the database does not accept: a defect of ours.
    #[error("the database rejected a statement: {0}")]
    Failed(Cause),
    /// An event that cannot be put on the wire.
    #[error("an event cannot be encoded: {0}")]
    Encoding(Cause),
}

impl StoreError {
    /// Whether the same request may succeed later without anybody's doing.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}
