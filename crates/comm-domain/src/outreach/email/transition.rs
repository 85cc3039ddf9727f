//! Every change of state of an email (contract, 'Email', `PUT` and 'Sending').
//!
//! One transition is not here: `In_Warteschlange` → `Wird_gesendet` is the store's claim, because only
//! the database can give a row to exactly one instance. It has no event.

use super::{Email, EmailError, EmailRecord};
use crate::change::Change;
use crate::outreach::{
    EmailEvent, EmailEventKind, EmailStatus, Fehler, Fehlerart, Fehlergrund, Outcome,
};
use chrono::{DateTime, TimeDelta, Utc};

/// How an email is deleted: one that never left is removed, one that was sent or is in doubt is hidden, so
/// that contact limits still know of it.
pub type Deletion = crate::change::Deletion<Email>;

impl Email {
    /// Stores how the attempt ended that holds it.
    ///
    /// The instance that holds a mail may still replace a verdict `ausgang_unklar` by what it knows. A
    /// second doubt about the same attempt changes nothing, and a mail that was deleted while it was in
    /// doubt does not go back to the queue.
    ///
    /// # Errors
    /// An email that is neither under way nor in doubt.
    pub fn settle(self, outcome: Outcome, now: DateTime<Utc>) -> Result<Change<Self>, EmailError> {
        let doubted = self.in_doubt();
        let to = match &outcome {
            Outcome::Accepted => EmailStatus::Gesendet,
            Outcome::Failed(_) => EmailStatus::Fehlgeschlagen,
            Outcome::CalledOff => EmailStatus::InWarteschlange,
        };
        if self.status != EmailStatus::WirdGesendet && !doubted {
            return Err(self.no_way_to(to));
        }
        let changes_nothing = match &outcome {
            Outcome::Accepted => false,
            Outcome::Failed(fehler) => fehler.art == Fehlerart::AusgangUnklar,
            // A deleted mail must not be sent after all.
            Outcome::CalledOff => self.geloescht_am.is_some(),
        };
        if doubted && changes_nothing {
            return Ok(Change::new(self, Vec::new()));
        }
        let mut record = self.0;
        // The doubt had been counted as a failed attempt; what is known now replaces it.
        record.wiederholungsanzahl -= i32::from(doubted);
        let event = match outcome {
            Outcome::Accepted => Some(record.become_sent(now, now)),
            Outcome::Failed(fehler) => Some(record.become_failed(&fehler, now)),
            Outcome::CalledOff => {
                record.go_back_to_queue(now);
                None
            }
        };
        Ok(Change::new(Self(record), event.into_iter().collect()))
    }

    /// The lease of the attempt ran out: whoever held it is gone, and nobody knows.
    ///
    /// # Errors
    /// An email that is not under way.
    pub fn abandon(self, now: DateTime<Utc>) -> Result<Change<Self>, EmailError> {
        self.settle(
            Outcome::Failed(Fehler::in_doubt(Fehlergrund::Abgebrochen)),
            now,
        )
    }

    /// Deletes it.
    ///
    /// # Errors
    /// While it is under way.
    pub fn delete(self, now: DateTime<Utc>) -> Result<Deletion, EmailError> {
        if self.status == EmailStatus::WirdGesendet {
            return Err(EmailError::UnderWay);
        }
        let left = self.status == EmailStatus::Gesendet || self.in_doubt();
        let mut record = self.0;
        record.geloescht_am = Some(now);
        let event = record.report(EmailEventKind::Deleted, now);
        let change = Change::new(Self(record), vec![event]);
        Ok(if left {
            Deletion::Hide(change)
        } else {
            Deletion::Remove(change)
        })
    }

    /// The change of state that a person asks for; `events` receives what it reports.
    pub(super) fn move_to(
        &mut self,
        to: EmailStatus,
        now: DateTime<Utc>,
        undo: TimeDelta,
        events: &mut Vec<EmailEvent>,
    ) -> Result<(), EmailError> {
        use EmailStatus::{Entwurf, Fehlgeschlagen, Gesendet, InWarteschlange};
        let in_doubt = self.in_doubt();
        let record = &mut self.0;
        match (record.status, to) {
            (Entwurf | Fehlgeschlagen, InWarteschlange) => record.enter_queue(now, undo),
            (InWarteschlange, Entwurf) => record.become_draft(),
            (Fehlgeschlagen, Entwurf) if !in_doubt => record.become_draft(),
            (Entwurf | InWarteschlange | Fehlgeschlagen, Gesendet) => {
                let sent_at = record.versucht_am.filter(|_| in_doubt).unwrap_or(now);
                events.push(record.become_sent(sent_at, now));
            }
            _ => return Err(self.no_way_to(to)),
        }
        Ok(())
    }

    fn no_way_to(&self, to: EmailStatus) -> EmailError {
        EmailError::Transition {
            from: self.status,
            to,
        }
    }
}

impl EmailRecord {
    /// Numbers an event; the caller changes the state first, since the event shows the state after it.
    pub(super) fn report(&mut self, kind: EmailEventKind, now: DateTime<Utc>) -> EmailEvent {
        self.sequence += 1;
        self.updated_at = now;
        EmailEvent {
            sequence: self.sequence,
            at: now,
            kind,
        }
    }

    /// A fresh round of attempts, due after `undo`.
    pub(super) fn enter_queue(&mut self, now: DateTime<Utc>, undo: TimeDelta) {
        self.status = EmailStatus::InWarteschlange;
        self.in_warteschlange_am = Some(now);
        self.wiederholungsanzahl = 0;
        self.due_in = Some(undo);
        self.clear_error();
    }

    fn become_draft(&mut self) {
        self.status = EmailStatus::Entwurf;
        self.clear_error();
    }

    fn become_sent(&mut self, sent_at: DateTime<Utc>, now: DateTime<Utc>) -> EmailEvent {
        self.status = EmailStatus::Gesendet;
        self.gesendet_am = Some(sent_at);
        self.clear_error();
        self.report(EmailEventKind::Sent, now)
    }

    fn become_failed(&mut self, fehler: &Fehler, now: DateTime<Utc>) -> EmailEvent {
        self.status = EmailStatus::Fehlgeschlagen;
        self.fehlerart = Some(fehler.art);
        self.fehlermeldung = Some(fehler.meldung());
        self.naechster_versuch_am = None;
        self.wiederholungsanzahl += 1;
        let enhanced_code = fehler.enhanced_code.clone();
        self.report(EmailEventKind::Failed { enhanced_code }, now)
    }

    /// Nothing has left: due again at once, and the attempt does not count.
    fn go_back_to_queue(&mut self, now: DateTime<Utc>) {
        self.status = EmailStatus::InWarteschlange;
        self.due_in = Some(TimeDelta::zero());
        self.updated_at = now;
        self.clear_error();
    }

    fn clear_error(&mut self) {
        self.fehlerart = None;
        self.fehlermeldung = None;
        self.naechster_versuch_am = None;
    }
}
