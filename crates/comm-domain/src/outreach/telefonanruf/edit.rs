//! What a client may change about a call (contract, `PUT /api/phone-calls/{id}`).

use super::{
    Dauer, Ergebnis, Moment, Tatsaechlich, Telefonanruf, TelefonanrufError, Termin, termin,
};
use crate::change::Change;
use crate::field::{self, FieldError};
use crate::outreach::{EmailId, ErgebnisArt, Patch, TelefonanrufStatus};
use chrono::{NaiveDate, NaiveTime};

/// The fields of a `PUT`. What equals the present value counts as left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TelefonanrufPatch {
    /// The day of the slot.
    pub geplantes_datum: Option<NaiveDate>,
    /// The time of the slot, in whole minutes.
    pub geplante_zeit: Option<NaiveTime>,
    /// 5 to 120 minutes, a multiple of 5.
    pub dauer_minuten: Option<i64>,
    /// The state to go to.
    pub status: Option<TelefonanrufStatus>,
    /// `tatsaechliches_datum`; a call that is `abgeschlossen` always has one.
    pub tatsaechliches_datum: Patch<NaiveDate>,
    /// `tatsaechliche_zeit`; a call that is `abgeschlossen` always has one.
    pub tatsaechliche_zeit: Patch<NaiveTime>,
    /// The outcome in words.
    pub ergebnis: Patch<String>,
    /// The outcome in a form that rules can use.
    pub ergebnis_art: Patch<ErgebnisArt>,
    /// Earliest day of the next attempt.
    pub wiederholen_nach: Patch<NaiveDate>,
    /// Agreed time of the next attempt, in whole minutes.
    pub wiederholen_zeit: Patch<NaiveTime>,
    /// Notes of the staff.
    pub notizen: Patch<String>,
    /// The member of staff who makes the call.
    pub bearbeiter: Patch<String>,
    /// It can never change, but may be sent back.
    pub therapist_id: Patch<i64>,
    /// It can never change, but may be sent back.
    pub patient_id: Patch<i64>,
    /// It can never change, but may be sent back.
    pub therapeutenanfrage_id: Patch<i64>,
    /// It can never change, but may be sent back.
    pub vorgaenger_id: Patch<i64>,
    /// They change by joining and by answers alone, but may be sent back, in any order.
    pub email_ids: Option<Vec<EmailId>>,
}

impl Telefonanruf {
    /// Applies a client's changes, all or none. One request may move a call and end it, or move a cancelled
    /// one and plan it again.
    ///
    /// # Errors
    /// A call that was deleted, a state that cannot be reached, a field that is frozen in this state, a slot in
    /// the past, an agreed callback without `wiederholen_nach`, or a value out of bounds.
    pub fn apply(
        self,
        patch: TelefonanrufPatch,
        now: Moment,
    ) -> Result<Change<Self>, TelefonanrufError> {
        if self.geloescht_am.is_some() {
            return Err(TelefonanrufError::Deleted);
        }
        let to = self.status_after(&patch)?;
        self.check_identity(&patch)?;
        let termin = self.termin_after(&patch)?;
        self.check_slot(termin, to, now)?;
        let mut record = self.0.clone();
        record.termin = termin;
        record.tatsaechlich = edit_tatsaechlich(record.tatsaechlich, &patch)?;
        record.bearbeiter = edit_bearbeiter(record.bearbeiter, patch.bearbeiter.clone())?;
        record.notizen = patch.notizen.clone().text_over("notizen", record.notizen)?;
        record.ergebnis = edit_ergebnis(record.ergebnis, patch)?;
        self.enter(record, to, now)
    }

    /// The slot that the store has to find free for these changes: `None` when the call will hold none, or
    /// holds it already.
    ///
    /// # Errors
    /// A state that cannot be reached, a duration out of bounds, or a time with seconds.
    pub fn wanted_slot(
        &self,
        patch: &TelefonanrufPatch,
    ) -> Result<Option<Termin>, TelefonanrufError> {
        let to = self.status_after(patch)?;
        let termin = self.termin_after(patch)?;
        let new = termin != self.termin || to != self.status;
        Ok(Some(termin).filter(|_| new && to == TelefonanrufStatus::Geplant))
    }

    fn termin_after(&self, patch: &TelefonanrufPatch) -> Result<Termin, FieldError> {
        let dauer = patch.dauer_minuten.map(Dauer::parse).transpose()?;
        Termin::new(
            patch.geplantes_datum.unwrap_or(self.termin.datum()),
            patch.geplante_zeit.unwrap_or(self.termin.zeit()),
            dauer.unwrap_or(self.termin.dauer()),
        )
    }

    /// A slot changes only while the call is planned or becomes so, and a new one is not in the past.
    fn check_slot(
        &self,
        termin: Termin,
        to: TelefonanrufStatus,
        now: Moment,
    ) -> Result<(), TelefonanrufError> {
        let changed = [
            ("geplantes_datum", termin.datum() != self.termin.datum()),
            ("geplante_zeit", termin.zeit() != self.termin.zeit()),
            ("dauer_minuten", termin.dauer() != self.termin.dauer()),
        ];
        let first = changed.iter().find(|(_, changed)| *changed);
        let will_hold = to == TelefonanrufStatus::Geplant;
        if let Some((field, _)) = first.filter(|_| !will_hold && !self.holds_slot()) {
            return Err(self.frozen(field));
        }
        if will_hold && (!self.holds_slot() || termin.beginn() != self.termin.beginn()) {
            termin.check_not_past(now)?;
        }
        Ok(())
    }

    /// Whom a call is for, its bundle and its place in the chain of attempts are fixed at creation, and what it
    /// follows up is no client's to change.
    fn check_identity(&self, patch: &TelefonanrufPatch) -> Result<(), TelefonanrufError> {
        let person = self.empfaenger;
        let ids = [
            ("therapist_id", &patch.therapist_id, person.therapist_id()),
            ("patient_id", &patch.patient_id, person.patient_id()),
            (
                "therapeutenanfrage_id",
                &patch.therapeutenanfrage_id,
                self.therapeutenanfrage_id,
            ),
            (
                "vorgaenger_id",
                &patch.vorgaenger_id,
                self.vorgaenger_id.map(|id| id.0),
            ),
        ];
        if let Some((field, ..)) = ids.iter().find(|(_, patch, old)| patch.changes_id(*old)) {
            return Err(self.frozen(field));
        }
        match &patch.email_ids {
            Some(ids) if !self.is_about(ids) => Err(self.frozen("email_ids")),
            _ => Ok(()),
        }
    }

    /// Whether these are its emails, in any order.
    fn is_about(&self, ids: &[EmailId]) -> bool {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        ids == self.email_ids
    }

    pub(super) fn frozen(&self, field: &'static str) -> TelefonanrufError {
        TelefonanrufError::Frozen {
            field,
            status: self.status,
        }
    }
}

fn edit_tatsaechlich(
    old: Tatsaechlich,
    patch: &TelefonanrufPatch,
) -> Result<Tatsaechlich, FieldError> {
    let zeit = patch.tatsaechliche_zeit.clone().over(old.zeit);
    let zeit = zeit.map(|zeit| termin::whole_minute("tatsaechliche_zeit", zeit));
    Ok(Tatsaechlich {
        datum: patch.tatsaechliches_datum.clone().over(old.datum),
        zeit: zeit.transpose()?,
    })
}

fn edit_bearbeiter(
    old: Option<String>,
    patch: Patch<String>,
) -> Result<Option<String>, FieldError> {
    match patch {
        Patch::Set(name) => field::line("bearbeiter", name).map(Some),
        Patch::Keep | Patch::Clear => Ok(patch.over(old)),
    }
}

fn edit_ergebnis(old: Ergebnis, patch: TelefonanrufPatch) -> Result<Ergebnis, FieldError> {
    let ergebnis = Ergebnis {
        text: patch.ergebnis.over(old.text),
        art: patch.ergebnis_art.over(old.art),
        wiederholen_nach: patch.wiederholen_nach.over(old.wiederholen_nach),
        wiederholen_zeit: patch.wiederholen_zeit.over(old.wiederholen_zeit),
    };
    ergebnis.check()
}
