//! What is reported about a call (contract-events, 'Published').

use chrono::{DateTime, Utc};

/// One thing that happened to a call. Its data is the state after the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelefonanrufEvent {
    /// Counts 1, 2, 3, ... per call without a gap.
    pub sequence: i64,
    /// When it happened, UTC.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: TelefonanrufEventKind,
}

/// The kinds of events of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TelefonanrufEventKind {
    /// It was planned, planned again, or moved to another date or time: `communication.call_scheduled`.
    Scheduled,
    /// It became `abgeschlossen`: `phone_call.completed`.
    Completed,
    /// It became `fehlgeschlagen`: `phone_call.failed`.
    Failed,
    /// It became `abgebrochen`, or was deleted while planned: `phone_call.cancelled`.
    Cancelled,
}
