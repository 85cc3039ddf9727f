//! What other services ask for through events (contract-events, 'Consumed'): each once in effect, since an
//! event is remembered in the transaction that does its work.

use crate::Adapters;
use crate::error::OutreachError;
use chrono::{DateTime, Utc};
use comm_domain::outreach::{Anrufwunsch, EmailId, EmailStatus};
use comm_ports::{ConsumedEvent, Signal};

/// What became of a wish to send an email at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expedited {
    /// It is due now, or at its `senden_ab`.
    Due,
    /// It is in a state from which it is not sent.
    Not(EmailStatus),
    /// There is no such email.
    Unknown,
    /// The event had been dealt with before.
    Repeated,
}

/// What became of a wish for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It was recorded under this id.
    New(i64),
    /// The event had been dealt with before.
    Repeated,
}

/// The use cases behind consumed events. Cheap to clone.
#[derive(Clone)]
pub struct EventRequests {
    adapters: Adapters,
}

impl EventRequests {
    pub(crate) fn new(adapters: Adapters) -> Self {
        Self { adapters }
    }

    /// Makes a waiting email due now, ahead of the queue (`communication.send_email`).
    ///
    /// # Errors
    /// Storage; nothing was done then, and the event is not remembered.
    pub async fn expedite(
        &self,
        id: EmailId,
        event: &ConsumedEvent,
    ) -> Result<Expedited, OutreachError> {
        let mut tx = self.adapters.store.begin().await?;
        if !tx.remember(event).await? {
            // Whoever did the work may have died before it woke the worker.
            self.adapters.signals.raise(Signal::Queue);
            return Ok(Expedited::Repeated);
        }
        let status = tx.expedite(id).await?;
        tx.commit().await?;
        Ok(match status {
            Some(EmailStatus::InWarteschlange) => {
                self.adapters.signals.raise(Signal::Queue);
                Expedited::Due
            }
            Some(status) => Expedited::Not(status),
            None => Expedited::Unknown,
        })
    }

    /// Records a wish for a call (`communication.schedule_call`).
    ///
    /// # Errors
    /// Storage; nothing was done then, and the event is not remembered.
    pub async fn record_call(
        &self,
        wunsch: &Anrufwunsch,
        event: &ConsumedEvent,
        angefragt_am: Option<DateTime<Utc>>,
    ) -> Result<Recorded, OutreachError> {
        let mut tx = self.adapters.store.begin().await?;
        if !tx.remember(event).await? {
            return Ok(Recorded::Repeated);
        }
        let id = tx.insert_anrufwunsch(wunsch, event, angefragt_am).await?;
        tx.commit().await?;
        Ok(Recorded::New(id))
    }
}

#[cfg(test)]
mod tests;
