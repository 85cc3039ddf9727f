//! Every change of state of an email (contract, 'Email', `PUT` and 'Sending').
//!
//! One transition is not here: `In_Warteschlange` → `Wird_gesendet` is the store's claim, because only
//! the database can give a row to exactly one instance. It has no event.

use super::{Email, EmailError, EmailRecord};
use crate::change::Change;
use crate::outreach::{
    EmailEvent, EmailEventKind, EmailStatus, Fehler, Fehlerart, Fehlergrund, Folge, Outcome,
    Versuchsplan,
};
use chrono::{DateTime, TimeDelta, Utc};

/// How an email is deleted: one that never left is removed, one that was sent or is in doubt is hidden, so
/// that contact limits still know of it.
pub type Deletion = crate::change::Deletion<Email>;

impl Email {
    /// Stores how the attempt ended that holds it: it is sent, has failed, or waits for the next attempt,
    /// which is no event.
    ///
    /// The instance that holds a mail may still replace a verdict `ausgang_unklar` by what it knows. A
    /// second doubt about the same attempt changes nothing, and a mail that was deleted while it was in
    /// doubt does not go back to the queue.
    ///
    /// # Errors
    /// An email that is neither under way nor in doubt.
    pub fn settle(
        self,
        outcome: Outcome,
        now: DateTime<Utc>,
        plan: &Versuchsplan,
    ) -> Result<Change<Self>, EmailError> {
        let doubted = self.in_doubt();
        if self.status != EmailStatus::WirdGesendet && !doubted {
            return Err(self.no_way_to(target(&outcome)));
        }
        if doubted && self.keeps_doubt(&outcome) {
            return Ok(Change::new(self, Vec::new()));
        }
        let mut record = self.0;
        if doubted {
            // The doubt had been counted as a failed attempt; what is known now replaces it.
            record.wiederholungsanzahl -= 1;
            record.clear_error();
        }
        let event = match outcome {
            Outcome::Accepted => Some(record.become_sent(now, now)),
            Outcome::Failed(fehler) => record.fail(&fehler, now, plan),
            Outcome::CalledOff => {
                record.go_back_to_queue(now, None);
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
        let doubt = Fehler::in_doubt(Fehlergrund::Abgebrochen);
        self.settle(Outcome::Failed(doubt), now, &Versuchsplan::default())
    }

    /// The same, but it is sent again, though it may have arrived: it counts as a failed attempt, so that
    /// a mail that ends every process that touches it ends in doubt at last.
    ///
    /// # Errors
    /// An email that is not under way.
    pub fn abandon_and_resend(
        self,
        now: DateTime<Utc>,
        plan: &Versuchsplan,
    ) -> Result<Change<Self>, EmailError> {
        let mut fehler = Fehler::in_doubt(Fehlergrund::Abgebrochen);
        if plan.pause_after(self.wiederholungsanzahl + 1).is_some() {
            fehler.art = Fehlerart::Voruebergehend;
        }
        self.settle(Outcome::Failed(fehler), now, plan)
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

    /// Whether an outcome leaves a doubt as it is: it is one itself, or would have a deleted mail sent
    /// after all.
    fn keeps_doubt(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Accepted => false,
            Outcome::CalledOff => self.geloescht_am.is_some(),
            Outcome::Failed(fehler) => match fehler.art {
                Fehlerart::AusgangUnklar => true,
                Fehlerart::Voruebergehend => self.geloescht_am.is_some(),
                Fehlerart::Endgueltig => false,
            },
        }
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

    /// Decides what follows from a failed attempt: the next one, or the end with its event.
    fn fail(
        &mut self,
        fehler: &Fehler,
        now: DateTime<Utc>,
        plan: &Versuchsplan,
    ) -> Option<EmailEvent> {
        let pause = if fehler.blames_the_set_up() {
            Some(Versuchsplan::EINRICHTUNG)
        } else {
            self.wiederholungsanzahl += 1;
            plan.pause_after(self.wiederholungsanzahl)
                .filter(|_| fehler.art == Fehlerart::Voruebergehend)
        };
        self.fehlerart = Some(fehler.art);
        match pause {
            Some(pause) => {
                self.fehlermeldung = Some(fehler.meldung(Folge::Wiederholung));
                self.naechster_versuch_am = now.checked_add_signed(pause);
                self.go_back_to_queue(now, Some(pause));
                None
            }
            None => Some(self.become_failed(fehler, now)),
        }
    }

    fn become_failed(&mut self, fehler: &Fehler, now: DateTime<Utc>) -> EmailEvent {
        let folge = match fehler.art {
            Fehlerart::Voruebergehend => Folge::Aufgegeben,
            Fehlerart::Endgueltig | Fehlerart::AusgangUnklar => Folge::Ende,
        };
        self.status = EmailStatus::Fehlgeschlagen;
        self.fehlermeldung = Some(fehler.meldung(folge));
        self.naechster_versuch_am = None;
        let enhanced_code = fehler.enhanced_code.clone();
        self.report(EmailEventKind::Failed { enhanced_code }, now)
    }

    /// Due again after a pause, or without one at the place that it had, which the claim has left as it was. What the
    /// last failed attempt of this round said stays visible.
    fn go_back_to_queue(&mut self, now: DateTime<Utc>, pause: Option<TimeDelta>) {
        self.status = EmailStatus::InWarteschlange;
        self.due_in = pause;
        self.updated_at = now;
    }

    fn clear_error(&mut self) {
        self.fehlerart = None;
        self.fehlermeldung = None;
        self.naechster_versuch_am = None;
    }
}

/// The state that an outcome leads to as a rule, for the refusal of one that comes too late.
fn target(outcome: &Outcome) -> EmailStatus {
    match outcome {
        Outcome::Accepted => EmailStatus::Gesendet,
        Outcome::Failed(_) => EmailStatus::Fehlgeschlagen,
        Outcome::CalledOff => EmailStatus::InWarteschlange,
    }
}
