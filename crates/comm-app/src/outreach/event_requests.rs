//! What other services ask for through events (contract-events, 'Consumed'): each once in effect, since an
//! event is remembered in the transaction that does its work.

use super::telefonanrufe::{CreateTelefonanruf, Telefonanrufe};
use crate::error::OutreachError;
use crate::{Adapters, ScheduleCall};
use chrono::{DateTime, TimeDelta, Utc};
use comm_domain::outreach::{Anrufwunsch, EmailId, EmailStatus, TelefonanrufId};
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

/// A wish for a call that is older than this is recorded, and not booked any more (contract-events, 'Consumed').
const BOOKED_WITHIN: TimeDelta = TimeDelta::hours(24);

/// What became of a wish for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheduled {
    /// It was recorded under this id.
    Recorded(i64),
    /// This call was planned.
    Booked(TelefonanrufId),
    /// The event had been dealt with before.
    Repeated,
}

/// The use cases behind consumed events. Cheap to clone.
#[derive(Clone)]
pub struct EventRequests {
    adapters: Adapters,
    calls: Telefonanrufe,
}

impl EventRequests {
    pub(crate) fn new(adapters: Adapters, calls: Telefonanrufe) -> Self {
        Self { adapters, calls }
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

    /// Records a wish for a call (`communication.schedule_call`), or where that is configured, plans the call.
    ///
    /// # Errors
    /// Storage, and what [`Telefonanrufe::create`] refuses; nothing was done then, and the event is not remembered.
    pub async fn schedule_call(
        &self,
        wunsch: &Anrufwunsch,
        event: &ConsumedEvent,
        angefragt_am: Option<DateTime<Utc>>,
    ) -> Result<Scheduled, OutreachError> {
        let now = self.adapters.clock.now();
        let is_old = angefragt_am.is_some_and(|at| now - at > BOOKED_WITHIN);
        match self.calls.settings().schedule_call {
            ScheduleCall::Book if !is_old => self.book_call(wunsch, event).await,
            ScheduleCall::Book | ScheduleCall::Record => {
                self.record_call(wunsch, event, angefragt_am).await
            }
        }
    }

    async fn record_call(
        &self,
        wunsch: &Anrufwunsch,
        event: &ConsumedEvent,
        angefragt_am: Option<DateTime<Utc>>,
    ) -> Result<Scheduled, OutreachError> {
        let mut tx = self.adapters.store.begin().await?;
        if !tx.remember(event).await? {
            return Ok(Scheduled::Repeated);
        }
        let id = tx.insert_anrufwunsch(wunsch, event, angefragt_am).await?;
        tx.commit().await?;
        Ok(Scheduled::Recorded(id))
    }

    async fn book_call(
        &self,
        wunsch: &Anrufwunsch,
        event: &ConsumedEvent,
    ) -> Result<Scheduled, OutreachError> {
        let auftrag = match self.calls.prepare(request(wunsch)).await {
            Ok(auftrag) => auftrag,
            Err(refusal) => return self.unless_repeated(event, refusal).await,
        };
        let mut tx = self.adapters.store.begin().await?;
        if !tx.remember(event).await? {
            return Ok(Scheduled::Repeated);
        }
        let gebucht = self.calls.store_in(tx.as_mut(), &auftrag).await?;
        tx.commit().await?;
        self.calls.committed(&gebucht).await;
        Ok(Scheduled::Booked(gebucht.shown.anruf.id))
    }

    /// Of a call that was planned before it does not matter what is refused now.
    async fn unless_repeated(
        &self,
        event: &ConsumedEvent,
        refusal: OutreachError,
    ) -> Result<Scheduled, OutreachError> {
        let mut tx = self.adapters.store.begin().await?;
        match tx.remember(event).await? {
            true => {
                tx.rollback().await;
                Err(refusal)
            }
            false => Ok(Scheduled::Repeated),
        }
    }
}

fn request(wunsch: &Anrufwunsch) -> CreateTelefonanruf {
    CreateTelefonanruf {
        therapist_id: wunsch.empfaenger.therapist_id(),
        patient_id: wunsch.empfaenger.patient_id(),
        therapeutenanfrage_id: wunsch.therapeutenanfrage_id,
        geplantes_datum: wunsch.geplantes_datum,
        geplante_zeit: wunsch.geplante_zeit,
        dauer_minuten: wunsch.dauer_minuten.map(|dauer| dauer.minuten().into()),
        notizen: wunsch.notizen.clone(),
        ..CreateTelefonanruf::default()
    }
}

#[cfg(test)]
mod tests;
