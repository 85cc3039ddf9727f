//! What a client may change about an email (contract, `PUT /api/emails/{id}`).

use super::create::parse_prioritaet;
use super::{Email, EmailError};
use crate::change::Change;
use crate::field::{self, FieldError};
use crate::kontakt::{EmailAddress, Mailbox};
use crate::outreach::{AnhangWunsch, EmailEventKind, EmailStatus, ErgebnisArt, Inhalt, Patch};
use chrono::{DateTime, TimeDelta, Utc};

/// The fields of a `PUT`. What equals the present value counts as left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EmailPatch {
    /// The new subject.
    pub betreff: Option<String>,
    /// Both new bodies, already rendered.
    pub inhalt: Option<Inhalt>,
    /// The new list of `attachments`.
    pub anhaenge: Option<Vec<AnhangWunsch>>,
    /// `empfaenger_email`.
    pub empfaenger_email: Option<EmailAddress>,
    /// `empfaenger_name`.
    pub empfaenger_name: Option<String>,
    /// `absender_email`.
    pub absender_email: Option<EmailAddress>,
    /// `absender_name`.
    pub absender_name: Option<String>,
    /// Not to be sent before.
    pub senden_ab: Patch<DateTime<Utc>>,
    /// 0 to 9.
    pub prioritaet: Option<i64>,
    /// `therapist_id`; it can never change, but may be sent back.
    pub therapist_id: Patch<i64>,
    /// `patient_id`; it can never change, but may be sent back.
    pub patient_id: Patch<i64>,
    /// It can never change, but may be sent back.
    pub therapeutenanfrage_id: Patch<i64>,
    /// The template's name; it can never change, but may be sent back.
    pub vorlage: Patch<String>,
    /// `antwort_erhalten`.
    pub antwort_erhalten: Option<bool>,
    /// `antwortdatum`; now, where an answer is recorded without one.
    pub antwortdatum: Patch<DateTime<Utc>>,
    /// `antwortinhalt`.
    pub antwortinhalt: Patch<String>,
    /// `antwort_art`.
    pub antwort_art: Patch<ErgebnisArt>,
    /// An explicit `false` switches the follow-up off.
    pub nachverfolgung_erforderlich: Patch<bool>,
    /// Notes of the staff.
    pub nachverfolgung_notizen: Patch<String>,
    /// The last error in words; the staff may add to it.
    pub fehlermeldung: Patch<String>,
    /// The state to go to.
    pub status: Option<EmailStatus>,
}

impl Email {
    /// Applies a client's changes, all or none. A recall comes before the edits and every other change
    /// of state after them, so that one request can recall and edit, or edit and queue.
    ///
    /// # Errors
    /// A field that is frozen in this state, a state that cannot be reached, or a value out of bounds.
    pub fn apply(
        self,
        mut patch: EmailPatch,
        now: DateTime<Utc>,
        undo: TimeDelta,
    ) -> Result<Change<Self>, EmailError> {
        let before = self.clone();
        if matches!(&patch.fehlermeldung, Patch::Set(words) if Some(words) == before.fehlermeldung.as_ref())
        {
            // Sent back as it was answered: it must not survive a transition that clears it.
            patch.fehlermeldung = Patch::Keep;
        }
        let mut email = self;
        let mut events = Vec::new();
        let target = patch.status.filter(|status| *status != email.status);
        let recall = target.filter(|status| *status == EmailStatus::Entwurf);
        if let Some(draft) = recall {
            email.move_to(draft, now, undo, &mut events)?;
        }
        email.check_identity(&patch)?;
        email.edit_draft(&patch)?;
        let answered = email.edit_tracking(patch, now)?;
        if let Some(status) = target.filter(|_| recall.is_none()) {
            email.move_to(status, now, undo, &mut events)?;
        }
        if answered {
            events.push(email.0.report(EmailEventKind::ResponseReceived, now));
        }
        if email != before {
            email.0.updated_at = now;
        }
        Ok(Change::new(email, events))
    }

    /// Whom an email is for, its bundle and its template are fixed at creation.
    fn check_identity(&self, patch: &EmailPatch) -> Result<(), EmailError> {
        let ids = [
            (
                "therapist_id",
                &patch.therapist_id,
                self.empfaenger.therapist_id(),
            ),
            (
                "patient_id",
                &patch.patient_id,
                self.empfaenger.patient_id(),
            ),
            (
                "therapeutenanfrage_id",
                &patch.therapeutenanfrage_id,
                self.therapeutenanfrage_id,
            ),
        ];
        for (name, patch, present) in ids {
            if patch.changes_id(present) {
                return Err(EmailError::Fixed(name));
            }
        }
        if patch.vorlage.clone().over(self.vorlage.clone()) != self.vorlage {
            return Err(EmailError::Fixed("vorlage"));
        }
        Ok(())
    }

    /// Changes what only a draft lets change.
    fn edit_draft(&mut self, patch: &EmailPatch) -> Result<(), EmailError> {
        let mut draft = self.0.clone();
        if let Some(betreff) = &patch.betreff {
            draft.betreff = field::line("betreff", betreff.as_str())?;
        }
        if let Some(inhalt) = &patch.inhalt {
            draft.inhalt = inhalt.clone();
        }
        if let Some(wishes) = &patch.anhaenge {
            draft.anhaenge = draft.anhaenge.revise(wishes)?;
        }
        draft.an = readdress(
            &draft.an,
            &patch.empfaenger_email,
            "empfaenger_name",
            &patch.empfaenger_name,
        )?;
        draft.absender = readdress(
            &draft.absender,
            &patch.absender_email,
            "absender_name",
            &patch.absender_name,
        )?;
        draft.senden_ab = patch.senden_ab.clone().over(draft.senden_ab);
        if let Some(prioritaet) = patch.prioritaet {
            draft.prioritaet = parse_prioritaet(prioritaet)?;
        }
        let changed = [
            ("betreff", draft.betreff != self.betreff),
            ("inhalt_html", draft.inhalt.html != self.inhalt.html),
            ("inhalt_text", draft.inhalt.text != self.inhalt.text),
            ("attachments", draft.anhaenge != self.anhaenge),
            ("empfaenger_email", draft.an.address != self.an.address),
            ("empfaenger_name", draft.an.name() != self.an.name()),
            (
                "absender_email",
                draft.absender.address != self.absender.address,
            ),
            (
                "absender_name",
                draft.absender.name() != self.absender.name(),
            ),
            ("senden_ab", draft.senden_ab != self.senden_ab),
            ("prioritaet", draft.prioritaet != self.prioritaet),
        ];
        let first = changed.iter().find(|(_, changed)| *changed);
        if let (Some((field, _)), true) = (first, self.status != EmailStatus::Entwurf) {
            return Err(self.frozen(field));
        }
        self.0 = draft;
        Ok(())
    }

    /// Changes what may change at any time; says whether an answer was recorded just now.
    fn edit_tracking(&mut self, patch: EmailPatch, now: DateTime<Utc>) -> Result<bool, FieldError> {
        let record = &mut self.0;
        let known = record.antwort.erhalten;
        // What an answer said is known of an answer alone, and rules go by it.
        let says = matches!(patch.antwort_art, Patch::Set(_));
        record.antwort.erhalten = patch.antwort_erhalten.unwrap_or(known || says);
        record.antwort.datum = patch.antwortdatum.over(record.antwort.datum);
        record.antwort.inhalt = patch
            .antwortinhalt
            .text_over("antwortinhalt", record.antwort.inhalt.take())?;
        record.antwort.art = patch.antwort_art.over(record.antwort.art);
        let answered = record.antwort.erhalten && !known;
        if answered && record.antwort.datum.is_none() {
            record.antwort.datum = Some(now);
        }
        record.nachverfolgung_erforderlich = patch
            .nachverfolgung_erforderlich
            .over(record.nachverfolgung_erforderlich)
            .filter(|required| !required);
        record.nachverfolgung_notizen = patch.nachverfolgung_notizen.text_over(
            "nachverfolgung_notizen",
            record.nachverfolgung_notizen.take(),
        )?;
        record.fehlermeldung = patch
            .fehlermeldung
            .text_over("fehlermeldung", record.fehlermeldung.take())?;
        Ok(answered)
    }

    fn frozen(&self, field: &'static str) -> EmailError {
        EmailError::Frozen {
            field,
            status: self.status,
        }
    }
}

fn readdress(
    old: &Mailbox,
    address: &Option<EmailAddress>,
    name_field: &'static str,
    name: &Option<String>,
) -> Result<Mailbox, FieldError> {
    let address = address.clone().unwrap_or_else(|| old.address.clone());
    Mailbox::parse(address, name_field, name.as_deref().unwrap_or(old.name()))
}
