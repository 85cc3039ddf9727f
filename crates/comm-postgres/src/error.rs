//! What diesel's errors mean to the ports.

use comm_ports::error::StoreError;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::pooled_connection::deadpool::PoolError;

/// Beginnings of messages with which PostgreSQL says that it is going, coming or full. diesel does not
/// show the SQLSTATE (57P01..57P05, 53300, 57014, 25P03).
const PASSING: [&str; 6] = [
    "terminating connection",
    "the database system is",
    "sorry, too many clients",
    "remaining connection slots",
    "canceling statement",
    "deadlock detected",
];

pub(crate) fn from_pool(error: PoolError) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

pub(crate) fn from_diesel(error: Error) -> StoreError {
    if let Error::RollbackErrorOnCommit { commit_error, .. } = error {
        return from_diesel(*commit_error);
    }
    match &error {
        Error::DatabaseError(kind, info) => match kind {
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction => StoreError::Unavailable(Box::new(error)),
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::ExclusionViolation
            | DatabaseErrorKind::CheckViolation => StoreError::Conflict {
                constraint: info.constraint_name().unwrap_or("unnamed").to_owned(),
            },
            _ if PASSING
                .iter()
                .any(|start| info.message().starts_with(start)) =>
            {
                StoreError::Unavailable(Box::new(error))
            }
            _ => StoreError::Failed(Box::new(error)),
        },
        Error::BrokenTransactionManager => StoreError::Unavailable(Box::new(error)),
        _ => StoreError::Failed(Box::new(error)),
    }
}
