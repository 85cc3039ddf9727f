//! What diesel's errors mean to the ports.

use comm_ports::error::StoreError;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::pooled_connection::deadpool::PoolError;

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
            // diesel does not show the SQLSTATE, and the words may be in any language. A defect of a
            // statement has a place in it; a server that is going, full, too slow or locked has none.
            DatabaseErrorKind::Unknown if info.statement_position().is_none() => {
                StoreError::Unavailable(Box::new(error))
            }
            _ => StoreError::Failed(Box::new(error)),
        },
        Error::BrokenTransactionManager => StoreError::Unavailable(Box::new(error)),
        _ => StoreError::Failed(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What PostgreSQL says, in the language of its operator.
    struct Words {
        message: &'static str,
        position: Option<i32>,
    }

    impl diesel::result::DatabaseErrorInformation for Words {
        fn message(&self) -> &str {
            self.message
        }
        fn details(&self) -> Option<&str> {
            None
        }
        fn hint(&self) -> Option<&str> {
            None
        }
        fn table_name(&self) -> Option<&str> {
            None
        }
        fn column_name(&self) -> Option<&str> {
            None
        }
        fn constraint_name(&self) -> Option<&str> {
            None
        }
        fn statement_position(&self) -> Option<i32> {
            self.position
        }
    }

    fn transient(message: &'static str, position: Option<i32>) -> bool {
        let words = Box::new(Words { message, position });
        from_diesel(Error::DatabaseError(DatabaseErrorKind::Unknown, words)).is_transient()
    }

    #[test]
    fn a_server_that_is_going_is_away_in_every_language_and_a_defect_is_a_defect() {
        assert!(transient(
            "terminating connection due to administrator command",
            None
        ));
        assert!(transient(
            "Verbindung wird abgebrochen aufgrund von Anweisung des Administrators",
            None
        ));
        assert!(transient(
            "storniere Anfrage wegen Zeit\u{fc}berschreitung der Anfrage",
            None
        ));
        assert!(!transient("Spalte \u{bb}x\u{ab} existiert nicht", Some(8)));
    }
}
