//! A new email.

use super::{Antwort, Email, EmailError, EmailId, EmailRecord};
use crate::change::Change;
use crate::field::{self, FieldError};
use crate::kontakt::Mailbox;
use crate::outreach::{
    Anhaenge, AnhangError, EmailEventKind, EmailStatus, Empfaenger, Inhalt, NewAnhang,
};
use chrono::{DateTime, TimeDelta, Utc};

/// Where a new email stands in the queue unless the client says otherwise (contract, 'Email').
const DEFAULT_PRIORITAET: i16 = 5;

/// What a client asks for, already parsed into types that carry the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEmail {
    /// Whom it is for.
    pub empfaenger: Empfaenger,
    /// Where it goes.
    pub an: Mailbox,
    /// Where it comes from.
    pub absender: Mailbox,
    betreff: String,
    /// Both bodies.
    pub inhalt: Inhalt,
    status: EmailStatus,
    /// The Matching Service's bundle.
    pub therapeutenanfrage_id: Option<i64>,
    /// Not to be sent before.
    pub senden_ab: Option<DateTime<Utc>>,
    /// The template that made the body.
    pub vorlage: Option<String>,
    prioritaet: i16,
    anhaenge: Anhaenge,
}

impl NewEmail {
    /// A draft of normal priority.
    ///
    /// # Errors
    /// A subject that is blank, longer than 255 characters, or that has control characters.
    pub fn draft(
        empfaenger: Empfaenger,
        an: Mailbox,
        absender: Mailbox,
        betreff: &str,
        inhalt: Inhalt,
    ) -> Result<Self, FieldError> {
        Ok(Self {
            empfaenger,
            an,
            absender,
            betreff: field::line("betreff", betreff)?,
            inhalt,
            status: EmailStatus::Entwurf,
            therapeutenanfrage_id: None,
            senden_ab: None,
            vorlage: None,
            prioritaet: DEFAULT_PRIORITAET,
            anhaenge: Anhaenge::default(),
        })
    }

    /// Sets the initial status.
    ///
    /// # Errors
    /// Any other than `Entwurf` and `In_Warteschlange`.
    pub fn with_status(mut self, status: EmailStatus) -> Result<Self, EmailError> {
        if !matches!(status, EmailStatus::Entwurf | EmailStatus::InWarteschlange) {
            return Err(EmailError::InitialStatus);
        }
        self.status = status;
        Ok(self)
    }

    /// Sets the priority, 0 (first) to 9.
    ///
    /// # Errors
    /// Any other number.
    pub fn with_prioritaet(mut self, prioritaet: i64) -> Result<Self, FieldError> {
        self.prioritaet = parse_prioritaet(prioritaet)?;
        Ok(self)
    }

    /// Attaches files.
    ///
    /// # Errors
    /// Too many of them, or together too large.
    pub fn with_anhaenge(mut self, new: Vec<NewAnhang>) -> Result<Self, AnhangError> {
        self.anhaenge = Anhaenge::create(new)?;
        Ok(self)
    }

    /// Creates it. One that is to be queued is due after `undo`, during which it can be recalled.
    pub fn create(
        self,
        id: EmailId,
        message_id: String,
        now: DateTime<Utc>,
        undo: TimeDelta,
    ) -> Change<Email> {
        let mut record = EmailRecord {
            id,
            empfaenger: self.empfaenger,
            an: self.an,
            absender: self.absender,
            betreff: self.betreff,
            inhalt: self.inhalt,
            status: EmailStatus::Entwurf,
            antwort: Antwort::default(),
            nachverfolgung_erforderlich: None,
            nachverfolgung_notizen: None,
            in_warteschlange_am: None,
            gesendet_am: None,
            fehlermeldung: None,
            fehlerart: None,
            wiederholungsanzahl: 0,
            naechster_versuch_am: None,
            versucht_am: None,
            message_id,
            therapeutenanfrage_id: self.therapeutenanfrage_id,
            senden_ab: self.senden_ab,
            prioritaet: self.prioritaet,
            vorlage: self.vorlage,
            anhaenge: self.anhaenge,
            created_at: now,
            updated_at: now,
            geloescht_am: None,
            sequence: 0,
            due_in: None,
        };
        if self.status == EmailStatus::InWarteschlange {
            record.enter_queue(now, undo);
        }
        let created = record.report(EmailEventKind::Created, now);
        Change::new(Email(record), vec![created])
    }
}

/// A priority from 0 (first) to 9.
pub(super) fn parse_prioritaet(value: i64) -> Result<i16, FieldError> {
    i16::try_from(value)
        .ok()
        .filter(|value| (0..=9).contains(value))
        .ok_or_else(|| FieldError::invalid("prioritaet", "must be an integer from 0 to 9"))
}
