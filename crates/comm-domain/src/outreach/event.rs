//! What is reported about an email (contract-events, 'Published').

use chrono::{DateTime, Utc};

/// One thing that happened to an email. Its data is the state after the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailEvent {
    /// Counts 1, 2, 3, ... per email without a gap.
    pub sequence: i64,
    /// When it happened, UTC.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: EmailEventKind,
}

/// The kinds of events of an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailEventKind {
    /// It was stored.
    Created,
    /// It became `Gesendet`.
    Sent,
    /// It became `Fehlgeschlagen`.
    Failed {
        /// The enhanced status code of the server's reply (RFC 3463), if it gave one.
        enhanced_code: Option<String>,
    },
    /// `antwort_erhalten` became true.
    ResponseReceived,
    /// It was deleted.
    Deleted,
}
