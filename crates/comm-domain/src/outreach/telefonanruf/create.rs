//! A new call: planned for a slot, or recorded after it was made without a plan.

use super::{
    Dauer, Ergebnis, Moment, Tatsaechlich, Telefonanruf, TelefonanrufError, TelefonanrufEventKind,
    TelefonanrufId, TelefonanrufRecord, Termin, termin,
};
use crate::change::Change;
use crate::field::{self, FieldError};
use crate::outreach::{EmailId, Empfaenger, TelefonanrufStatus};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// What is asked for besides the slot, already parsed into types that carry the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTelefonanruf {
    /// Whom it is for.
    pub empfaenger: Empfaenger,
    /// How long it is to take.
    pub dauer: Dauer,
    /// The Matching Service's bundle.
    pub therapeutenanfrage_id: Option<i64>,
    pub(super) email_ids: Vec<EmailId>,
    pub(super) versuch: i32,
    pub(super) vorgaenger_id: Option<TelefonanrufId>,
    pub(super) bearbeiter: Option<String>,
    ergebnis: Ergebnis,
    notizen: Option<String>,
}

/// When a call took place that is recorded afterwards. What is left out is taken from its counterpart,
/// else it is now (contract, 'Telefonanruf').
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gefuehrt {
    /// `geplantes_datum`.
    pub geplantes_datum: Option<NaiveDate>,
    /// `geplante_zeit`.
    pub geplante_zeit: Option<NaiveTime>,
    /// `tatsaechliches_datum` and `tatsaechliche_zeit`.
    pub tatsaechlich: Tatsaechlich,
}

impl NewTelefonanruf {
    /// A first call of default duration: 5 minutes for a therapist, 10 for a patient.
    pub fn to(empfaenger: Empfaenger) -> Self {
        Self {
            empfaenger,
            dauer: Dauer::default_for(empfaenger),
            therapeutenanfrage_id: None,
            email_ids: Vec::new(),
            versuch: 1,
            vorgaenger_id: None,
            bearbeiter: None,
            ergebnis: Ergebnis::default(),
            notizen: None,
        }
    }

    /// Whether a call may begin in this state.
    ///
    /// # Errors
    /// Any other than `geplant` (see [`Self::plan`]) and `abgeschlossen` (see [`Self::record`]).
    pub fn check_status(status: TelefonanrufStatus) -> Result<(), TelefonanrufError> {
        match status {
            TelefonanrufStatus::Geplant | TelefonanrufStatus::Abgeschlossen => Ok(()),
            _ => Err(TelefonanrufError::InitialStatus),
        }
    }

    /// Sets the emails that it follows up.
    pub fn with_email_ids(mut self, mut email_ids: Vec<EmailId>) -> Self {
        email_ids.sort_unstable();
        email_ids.dedup();
        self.email_ids = email_ids;
        self
    }

    /// Sets the member of staff who makes the call.
    ///
    /// # Errors
    /// A name that is blank, longer than 255 characters, or that has control characters.
    pub fn with_bearbeiter(mut self, name: &str) -> Result<Self, FieldError> {
        self.bearbeiter = Some(field::line("bearbeiter", name)?);
        Ok(self)
    }

    /// Sets the notes of the staff.
    ///
    /// # Errors
    /// More than 512 KiB, or a NUL character.
    pub fn with_notizen(mut self, notizen: &str) -> Result<Self, FieldError> {
        self.notizen = Some(field::text("notizen", notizen)?);
        Ok(self)
    }

    /// Sets what came out of it.
    ///
    /// # Errors
    /// A text of more than 512 KiB or with a NUL character, a `wiederholen_zeit` with seconds.
    pub fn with_ergebnis(mut self, ergebnis: Ergebnis) -> Result<Self, FieldError> {
        self.ergebnis = ergebnis.check()?;
        Ok(self)
    }

    /// Plans it for a slot that the caller found free: `beginn` is wall clock.
    ///
    /// # Errors
    /// A slot before the present minute, or one that does not begin at a whole minute.
    pub fn plan(
        self,
        id: TelefonanrufId,
        beginn: NaiveDateTime,
        now: Moment,
    ) -> Result<Change<Telefonanruf>, TelefonanrufError> {
        let termin = Termin::new(beginn.date(), beginn.time(), self.dauer)?;
        termin.check_not_past(now)?;
        let mut record = self.into_record(id, termin, now);
        let event = record.report(TelefonanrufEventKind::Scheduled, now.at);
        Ok(Change::new(Telefonanruf(record), vec![event]))
    }

    /// Records one that was made without a plan: it never held a slot.
    ///
    /// # Errors
    /// A time with seconds, or an agreed callback without `wiederholen_nach`.
    pub fn record(
        self,
        id: TelefonanrufId,
        wann: Gefuehrt,
        now: Moment,
    ) -> Result<Change<Telefonanruf>, TelefonanrufError> {
        self.ergebnis.check_rueckruf()?;
        let Tatsaechlich { datum, zeit } = wann.tatsaechlich;
        let planned_day = wann.geplantes_datum.or(datum).unwrap_or(now.heute());
        let planned_time = wann.geplante_zeit.or(zeit).unwrap_or(now.minute());
        let held_at = termin::whole_minute("tatsaechliche_zeit", zeit.unwrap_or(planned_time))?;
        let termin = Termin::new(planned_day, planned_time, self.dauer)?;
        let mut record = self.into_record(id, termin, now);
        record.status = TelefonanrufStatus::Abgeschlossen;
        record.tatsaechlich = Tatsaechlich {
            datum: Some(datum.unwrap_or(planned_day)),
            zeit: Some(held_at),
        };
        let event = record.report(TelefonanrufEventKind::Completed, now.at);
        Ok(Change::new(Telefonanruf(record), vec![event]))
    }

    fn into_record(self, id: TelefonanrufId, termin: Termin, now: Moment) -> TelefonanrufRecord {
        TelefonanrufRecord {
            id,
            empfaenger: self.empfaenger,
            therapeutenanfrage_id: self.therapeutenanfrage_id,
            email_ids: self.email_ids,
            termin,
            status: TelefonanrufStatus::Geplant,
            tatsaechlich: Tatsaechlich::default(),
            ergebnis: self.ergebnis,
            notizen: self.notizen,
            versuch: self.versuch,
            vorgaenger_id: self.vorgaenger_id,
            bearbeiter: self.bearbeiter,
            created_at: now.at,
            updated_at: now.at,
            geloescht_am: None,
            sequence: 0,
        }
    }
}
