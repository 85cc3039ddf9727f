//! Whether a topic tells the whole story: the sequence of each email or call without a gap, and never
//! backwards but for repeats (contract-events, 'Envelope').

use crate::envelope::PRODUCER;
use crate::event_names::is_old_name;
use comm_ports::event_log::{EventEntry, Subject};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::fmt;
use uuid::Uuid;

/// One of our events as it lies on a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// `eventId`.
    pub event_id: Uuid,
    /// What it is about.
    pub subject: Subject,
    /// Its place among the events of its email or call.
    pub sequence: i64,
    /// Whether it is a copy under an older name, which has the sequence of its original.
    pub is_copy: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    event_id: Uuid,
    event_type: std::borrow::Cow<'a, str>,
    sequence: i64,
    producer: std::borrow::Cow<'a, str>,
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    email_id: Option<i64>,
    call_id: Option<i64>,
}

impl Published {
    /// Reads a message; `None` for what others have published, and for what is no event.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let wire: Wire<'_> = serde_json::from_slice(value).ok()?;
        if wire.producer != PRODUCER {
            return None;
        }
        let (aggregate, id) = match (wire.payload.email_id, wire.payload.call_id) {
            (Some(id), None) => ("email", id),
            (None, Some(id)) => ("telefonanruf", id),
            _ => return None,
        };
        Some(Self {
            event_id: wire.event_id,
            is_copy: is_old_name(&wire.event_type),
            subject: Subject {
                aggregate: aggregate.to_owned(),
                id,
            },
            sequence: wire.sequence,
        })
    }
}

/// What is wrong with a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Events of this email or call are missing.
    Gap {
        /// The email or call.
        subject: Subject,
        /// The first that is missing.
        from: i64,
        /// The last that is missing.
        to: i64,
    },
    /// An event stands after a later one, or has the sequence of another one.
    Backwards {
        /// The event.
        event: Published,
        /// The last sequence before it.
        after: i64,
    },
    /// The outbox says that it was published, but it is not there.
    Missing(EventEntry),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { subject, from, to } if from == to => {
                write!(f, "gap: {subject} has no event {from}")
            }
            Self::Gap { subject, from, to } => {
                write!(f, "gap: {subject} has no events {from} to {to}")
            }
            Self::Backwards { event, after } => write!(
                f,
                "backwards: {} has event {} ({}) after event {after}",
                event.subject, event.sequence, event.event_id
            ),
            Self::Missing(entry) => write!(
                f,
                "missing: event {} ({}) of {} was published, but is not on the topic",
                entry.sequence, entry.event_id, entry.subject
            ),
        }
    }
}

/// How many events were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Different events, copies under older names not counted.
    pub events: usize,
    /// Copies under older names.
    pub copies: usize,
    /// The same event once more.
    pub repeats: usize,
    /// Emails and calls.
    pub subjects: usize,
}

/// Follows a topic from its beginning to its end, each partition in its order.
#[derive(Default)]
pub struct SequenceCheck {
    histories: HashMap<Subject, History>,
    /// Copies, events that came too late, and repeats of events whose first appearance Kafka has removed.
    others: HashSet<Uuid>,
    tally: Tally,
}

/// The events of an email or call so far.
struct History {
    /// The sequence before the first that was seen.
    before: i64,
    /// One entry for each sequence since; `None`: it has not come.
    seen: Vec<Option<Uuid>>,
}

impl History {
    fn last(&self) -> i64 {
        self.before + i64::try_from(self.seen.len()).unwrap_or(i64::MAX)
    }

    fn event(&self, sequence: i64) -> Option<Uuid> {
        let index = usize::try_from(sequence.checked_sub(self.before)?.checked_sub(1)?).ok()?;
        self.seen.get(index).copied().flatten()
    }
}

/// Whether the beginning of a partition is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// It is: every history begins with 1.
    Kept,
    /// Kafka has removed old messages: a history may begin anywhere.
    Removed,
}

/// No event of ours stands further apart; a number beyond it is a defect, and must not cost memory.
const LARGEST_GAP: i64 = 100_000;

impl SequenceCheck {
    /// Takes the next event of a partition; answers what is wrong with it.
    pub fn see(&mut self, event: Published, beginning: Beginning) -> Option<Finding> {
        if event.is_copy {
            let new = self.others.insert(event.event_id);
            self.tally.copies += usize::from(new);
            self.tally.repeats += usize::from(!new);
            return None;
        }
        let before = match beginning {
            Beginning::Kept => 0,
            Beginning::Removed => event.sequence.saturating_sub(1),
        };
        let subjects = &mut self.tally.subjects;
        let history = self
            .histories
            .entry(event.subject.clone())
            .or_insert_with(|| {
                *subjects += 1;
                History {
                    before,
                    seen: Vec::new(),
                }
            });
        if history.event(event.sequence) == Some(event.event_id) {
            self.tally.repeats += 1;
            return None;
        }
        if event.sequence >= 1 && event.sequence <= history.before {
            self.others.insert(event.event_id);
            self.tally.repeats += 1;
            return None;
        }
        self.tally.events += 1;
        let last = history.last();
        let missing = event.sequence.saturating_sub(last).saturating_sub(1);
        if !(0..=LARGEST_GAP).contains(&missing) {
            self.others.insert(event.event_id);
            return Some(Finding::Backwards { event, after: last });
        }
        history.seen.extend((0..missing).map(|_| None));
        history.seen.push(Some(event.event_id));
        (missing > 0).then(|| Finding::Gap {
            from: last + 1,
            to: event.sequence - 1,
            subject: event.subject,
        })
    }

    /// Whether this event was seen.
    pub fn has(&self, entry: &EventEntry) -> bool {
        let event = self
            .histories
            .get(&entry.subject)
            .and_then(|history| history.event(entry.sequence));
        event == Some(entry.event_id) || self.others.contains(&entry.event_id)
    }

    /// What was seen so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }
}

#[cfg(test)]
mod tests;
