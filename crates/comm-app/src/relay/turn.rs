//! One turn of the relay: in which waves events go out, and what has happened so far.

use comm_ports::PublishError;
use comm_ports::event_log::Subject;
use comm_ports::outbox::OutboxRow;
use std::collections::{BTreeMap, HashMap, HashSet};
use tracing::{error, warn};

/// What one turn of the relay came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// There was nothing that Kafka would take.
    Idle,
    /// Some events were published or parked, and Kafka failed for none.
    Published,
    /// Kafka is away, or was for some of the events.
    Failed,
}

/// What has happened in a turn so far.
#[derive(Default)]
pub(super) struct Turn {
    /// Emails and calls with an event that failed.
    kept_back: HashSet<Subject>,
    pub(super) published: bool,
    parked: bool,
    /// How many events were not acknowledged because Kafka is away.
    away: usize,
    failures: BTreeMap<String, i64>,
}

impl Turn {
    /// Whether an earlier event of its email or call has failed in this turn.
    pub(super) fn keeps_back(&self, row: &OutboxRow) -> bool {
        !self.kept_back.is_empty() && self.kept_back.contains(&subject(row))
    }

    /// Kafka away is one line a turn, however many events wait for it. Answers the reason.
    pub(super) fn note(
        &mut self,
        outbox_id: i64,
        subject: Subject,
        error: &PublishError,
    ) -> String {
        let reason = error.reason();
        match error {
            PublishError::Unavailable(_) => {
                if self.away == 0 {
                    warn!(outbox_id, error = %reason, "An event was not acknowledged; trying again");
                }
                self.away += 1;
            }
            PublishError::Rejected(_) => {
                error!(outbox_id, error = %reason, "Kafka does not take an event: it is parked");
                self.parked = true;
            }
        }
        self.kept_back.insert(subject);
        *self.failures.entry(reason.clone()).or_default() += 1;
        reason
    }

    /// How many attempts failed, by reason.
    pub(super) fn failures(&self) -> Vec<(String, i64)> {
        self.failures
            .iter()
            .map(|(reason, count)| (reason.clone(), *count))
            .collect()
    }

    /// An event that Kafka can never take blocks nothing but its email or call, so it is no reason to
    /// back off.
    pub(super) fn into_step(self) -> Step {
        match self {
            Self { away, .. } if away > 0 => Step::Failed,
            Self {
                published: true, ..
            }
            | Self { parked: true, .. } => Step::Published,
            Self { .. } => Step::Idle,
        }
    }
}

/// What an event is about: order goes by it, never by the Kafka key, which an email and a call may share.
pub(super) fn subject(row: &OutboxRow) -> Subject {
    Subject {
        aggregate: row.record.aggregate.clone(),
        id: row.record.aggregate_id,
    }
}

/// Splits rows so that each wave has at most one event of an email or call, and an event stands in a
/// later wave than those before it. So the next event is only sent once the one before it has been
/// acknowledged, and no retry can let it overtake.
pub(super) fn waves(rows: Vec<OutboxRow>) -> Vec<Vec<OutboxRow>> {
    let mut waves: Vec<Vec<OutboxRow>> = Vec::new();
    let mut depth = HashMap::new();
    for row in rows {
        let wave: &mut usize = depth.entry(subject(&row)).or_insert(0);
        if waves.len() <= *wave {
            waves.push(Vec::new());
        }
        if let Some(rows) = waves.get_mut(*wave) {
            rows.push(row);
        }
        *wave += 1;
    }
    waves
}
