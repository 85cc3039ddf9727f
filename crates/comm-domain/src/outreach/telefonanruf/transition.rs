//! Every change of state of a call (contract, 'Telefonanruf'), its deletion, and the emails that it
//! follows up.

use super::{Moment, Telefonanruf, TelefonanrufError, TelefonanrufEventKind, TelefonanrufRecord};
use crate::change::{Change, Deletion};
use crate::field;
use crate::outreach::telefonanruf::TelefonanrufPatch;
use crate::outreach::{EmailId, TelefonanrufStatus};
use chrono::{DateTime, Utc};

/// What `notizen` of a call says that was called off because nothing is left to follow up.
const NICHTS_OFFEN: &str =
    "Abgebrochen, weil keine der E-Mails mehr offen ist, denen dieser Anruf nachgehen sollte";

/// Why a call no longer has to follow up an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erledigt {
    /// An answer arrived.
    Beantwortet,
    /// Its follow-up was switched off.
    Abgeschaltet,
}

impl Erledigt {
    fn in_words(self) -> &'static str {
        match self {
            Self::Beantwortet => "beantwortet",
            Self::Abgeschaltet => "abgeschaltet",
        }
    }
}

impl Telefonanruf {
    /// Whether it holds its slot: only a planned call does.
    pub fn holds_slot(&self) -> bool {
        self.status == TelefonanrufStatus::Geplant
    }

    /// The call as it is, for a store that changes what it keeps beside it.
    pub fn unchanged(self) -> Change<Self> {
        Change::new(self, Vec::new())
    }

    /// Lets a planned call follow up one more email, also one that a client planned (contract, 'Follow-up
    /// automation'). It has no event.
    ///
    /// # Errors
    /// A call that is not `geplant`.
    pub fn join(
        self,
        email: EmailId,
        now: DateTime<Utc>,
    ) -> Result<Change<Self>, TelefonanrufError> {
        if !self.holds_slot() {
            return Err(self.frozen("email_ids"));
        }
        let mut record = self.0;
        if let Err(place) = record.email_ids.binary_search(&email) {
            record.email_ids.insert(place, email);
            record.updated_at = now;
        }
        Ok(Change::new(Self(record), Vec::new()))
    }

    /// Nothing is left to follow up about `email`: a call that is still to come leaves it alone, and one that was
    /// planned is called off with its last email (contract, 'Follow-up automation'). A call that is over,
    /// or that never was about this email, stays as it is.
    pub fn settled(self, email: EmailId, erledigt: Erledigt, now: DateTime<Utc>) -> Change<Self> {
        let over = self.ended();
        let mut record = self.0;
        let place = record.email_ids.binary_search(&email);
        let mut events = Vec::new();
        if let (Ok(place), false) = (place, over) {
            record.email_ids.remove(place);
            record.updated_at = now;
            if record.email_ids.is_empty() && record.status == TelefonanrufStatus::Geplant {
                record.status = TelefonanrufStatus::Abgebrochen;
                let last = erledigt.in_words();
                record.note(&format!("{NICHTS_OFFEN} (zuletzt {last}: E-Mail {email})."));
                events.push(record.report(TelefonanrufEventKind::Cancelled, now));
            }
        }
        Change::new(Self(record), events)
    }

    /// Deletes it. One that was held, or that ended with a refusal, is hidden, so that contact rules and
    /// follow-ups still know of it; one that was planned is called off by it.
    pub fn delete(self, now: DateTime<Utc>) -> Deletion<Self> {
        let held = self.status == TelefonanrufStatus::Abgeschlossen;
        let kept = held || self.abgelehnt_am().is_some();
        let planned = self.holds_slot();
        let mut record = self.0;
        record.geloescht_am = Some(now);
        record.updated_at = now;
        let mut events = Vec::new();
        if planned {
            record.status = TelefonanrufStatus::Abgebrochen;
            events.push(record.report(TelefonanrufEventKind::Cancelled, now));
        }
        let change = Change::new(Self(record), events);
        if kept {
            Deletion::Hide(change)
        } else {
            Deletion::Remove(change)
        }
    }

    /// The state that a patch leads to.
    pub(super) fn status_after(
        &self,
        patch: &TelefonanrufPatch,
    ) -> Result<TelefonanrufStatus, TelefonanrufError> {
        use TelefonanrufStatus::{Abgebrochen, Abgeschlossen, Fehlgeschlagen, Geplant};
        let (from, to) = (self.status, patch.status.unwrap_or(self.status));
        match (from, to) {
            _ if from == to => Ok(to),
            (Geplant, Abgeschlossen | Fehlgeschlagen | Abgebrochen) | (Abgebrochen, Geplant) => {
                Ok(to)
            }
            _ => Err(TelefonanrufError::Transition { from, to }),
        }
    }

    /// Takes over what was edited, in the state that was asked for, and reports it.
    pub(super) fn enter(
        self,
        mut record: TelefonanrufRecord,
        to: TelefonanrufStatus,
        now: Moment,
    ) -> Result<Change<Self>, TelefonanrufError> {
        record.status = to;
        record.default_tatsaechlich(now);
        let after = Self(record);
        let concluded = to != self.status || after.ergebnis != self.ergebnis;
        if concluded && after.ended() {
            after.ergebnis.check_rueckruf()?;
        }
        let event = self.reported_by(&after);
        let mut record = after.0;
        if record != self.0 {
            record.updated_at = now.at;
        }
        let event = event.map(|kind| record.report(kind, now.at));
        Ok(Change::new(Self(record), event.into_iter().collect()))
    }

    /// A call that ends is reported as such, also when the same request moves it: it will not take place at
    /// the new time. A new duration alone is no move.
    fn reported_by(&self, after: &Self) -> Option<TelefonanrufEventKind> {
        let moved = after.termin.beginn() != self.termin.beginn();
        let entered = after.status != self.status;
        match after.status {
            TelefonanrufStatus::Geplant if moved || entered => {
                Some(TelefonanrufEventKind::Scheduled)
            }
            TelefonanrufStatus::Abgeschlossen if entered => Some(TelefonanrufEventKind::Completed),
            TelefonanrufStatus::Fehlgeschlagen if entered => Some(TelefonanrufEventKind::Failed),
            TelefonanrufStatus::Abgebrochen if entered => Some(TelefonanrufEventKind::Cancelled),
            _ => None,
        }
    }
}

impl TelefonanrufRecord {
    /// A completed call without an actual day was made today, without an actual time at the planned time
    /// (contract, `PUT /api/phone-calls/{id}`).
    fn default_tatsaechlich(&mut self, now: Moment) {
        if self.status == TelefonanrufStatus::Abgeschlossen {
            self.tatsaechlich.datum.get_or_insert(now.heute());
            self.tatsaechlich.zeit.get_or_insert(self.termin.zeit());
        }
    }

    /// Adds a line to `notizen`. Where there is no room for it, the staff's own words win.
    fn note(&mut self, line: &str) {
        let notizen = match &self.notizen {
            Some(old) => format!("{old}\n{line}"),
            None => line.to_owned(),
        };
        if let Ok(notizen) = field::text("notizen", notizen) {
            self.notizen = Some(notizen);
        }
    }
}
