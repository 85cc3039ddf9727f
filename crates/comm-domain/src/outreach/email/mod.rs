//! The email: its data, and where its transitions live. Creation is in `create`, changes of state in
//! `transition`, what a client may edit in `edit`.

mod create;
mod edit;
mod transition;

pub use create::NewEmail;
pub use edit::EmailPatch;
pub use transition::Deletion;

use super::{
    Anhaenge, AnhangError, EmailEvent, EmailStatus, Empfaenger, ErgebnisArt, Fehlerart, Inhalt,
};
use crate::change::Aggregate;
use crate::field::FieldError;
use crate::kontakt::Mailbox;
use chrono::{DateTime, TimeDelta, Utc};
use std::ops::Deref;
use thiserror::Error;

/// The id of an email, as clients see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailId(pub i64);

impl std::fmt::Display for EmailId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// An email. It reads like its [`EmailRecord`]; only its transitions can change it.
#[derive(Debug, Clone, PartialEq)]
pub struct Email(EmailRecord);

impl Email {
    /// Takes an email back from storage; only a store calls this.
    pub fn restore(record: EmailRecord) -> Self {
        Self(record)
    }

    /// As it reads back once all that a transition left to the store is done; only a store calls this.
    #[must_use]
    pub fn saved(mut self) -> Self {
        self.0.due_in = None;
        self.0.anhaenge.saved();
        self
    }

    /// Whether nobody knows if the last attempt delivered it.
    pub fn in_doubt(&self) -> bool {
        self.status == EmailStatus::Fehlgeschlagen
            && self.fehlerart == Some(Fehlerart::AusgangUnklar)
    }
}

impl Deref for Email {
    type Target = EmailRecord;

    fn deref(&self) -> &EmailRecord {
        &self.0
    }
}

impl Aggregate for Email {
    type Event = EmailEvent;
}

/// Everything that is known of an email (contract, 'Email'). All instants are UTC.
#[derive(Debug, Clone, PartialEq)]
pub struct EmailRecord {
    /// Its id.
    pub id: EmailId,
    /// Whom it is for.
    pub empfaenger: Empfaenger,
    /// `empfaenger_email`, `empfaenger_name`.
    pub an: Mailbox,
    /// `absender_email`, `absender_name`.
    pub absender: Mailbox,
    /// The subject: one line of 1 to 255 characters.
    pub betreff: String,
    /// Both bodies.
    pub inhalt: Inhalt,
    /// Where it stands.
    pub status: EmailStatus,
    /// What came back.
    pub antwort: Antwort,
    /// An explicit `false` switches the follow-up off; `None` is automatic.
    pub nachverfolgung_erforderlich: Option<bool>,
    /// Notes of the staff about the follow-up.
    pub nachverfolgung_notizen: Option<String>,
    /// When it was queued last.
    pub in_warteschlange_am: Option<DateTime<Utc>>,
    /// When it was sent, or said to be sent.
    pub gesendet_am: Option<DateTime<Utc>>,
    /// The last error in words.
    pub fehlermeldung: Option<String>,
    /// The kind of the last error.
    pub fehlerart: Option<Fehlerart>,
    /// How many attempts have failed so far.
    pub wiederholungsanzahl: i32,
    /// When the next attempt after a failure is due. A transition says it by its own clock, together with
    /// `due_in`; the store puts the instant of its own clock in its place.
    pub naechster_versuch_am: Option<DateTime<Utc>>,
    /// When the last attempt began.
    pub versucht_am: Option<DateTime<Utc>>,
    /// The RFC 5322 Message-ID without angle brackets, the same in every attempt.
    pub message_id: String,
    /// The Matching Service's bundle.
    pub therapeutenanfrage_id: Option<i64>,
    /// Not to be sent before.
    pub senden_ab: Option<DateTime<Utc>>,
    /// 0 to 9; 0 goes first.
    pub prioritaet: i16,
    /// The template that made the body.
    pub vorlage: Option<String>,
    /// `attachments`.
    pub anhaenge: Anhaenge,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// When it was deleted, for one that is hidden and not removed.
    pub geloescht_am: Option<DateTime<Utc>>,
    /// The sequence number of its last event.
    pub sequence: i64,
    /// Set by a transition that queues: due this long after the store's own `now`, or at `senden_ab`
    /// if that is later. `None` leaves the due time as it is.
    pub due_in: Option<TimeDelta>,
}

/// What came back for an email.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Antwort {
    /// `antwort_erhalten`.
    pub erhalten: bool,
    /// `antwortdatum`.
    pub datum: Option<DateTime<Utc>>,
    /// `antwortinhalt`.
    pub inhalt: Option<String>,
    /// `antwort_art`.
    pub art: Option<ErgebnisArt>,
}

/// Why an email cannot be created or changed as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EmailError {
    /// A field's value is not acceptable.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// An attachment is not acceptable.
    #[error(transparent)]
    Anhang(#[from] AnhangError),
    /// Neither a therapist nor a patient.
    #[error("Either therapist_id or patient_id is required")]
    EmpfaengerMissing,
    /// A therapist and a patient.
    #[error("Cannot specify both therapist_id and patient_id")]
    EmpfaengerAmbiguous,
    /// No body at all.
    #[error("Either inhalt_html, inhalt_text, or inhalt_markdown is required")]
    InhaltMissing,
    /// A new email may only be a draft or queued.
    #[error("Invalid status. Only 'Entwurf' or 'In_Warteschlange' allowed")]
    InitialStatus,
    /// There is no such way from one state to the other.
    #[error("status cannot be changed from '{from}' to '{to}'")]
    Transition {
        /// The state it is in.
        from: EmailStatus,
        /// The state that was asked for.
        to: EmailStatus,
    },
    /// This field never changes.
    #[error("{0} cannot be changed once the email is stored")]
    Fixed(&'static str),
    /// This field cannot be changed in this state.
    #[error("{field} cannot be changed while status is '{status}'")]
    Frozen {
        /// The field's name on the wire.
        field: &'static str,
        /// The state it is in.
        status: EmailStatus,
    },
    /// It is being sent, so it cannot be deleted.
    #[error("An email with status 'Wird_gesendet' cannot be deleted")]
    UnderWay,
}

impl EmailError {
    /// Whether the request is at odds with the present state, and not wrong in itself.
    pub fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::Transition { .. }
                | Self::Fixed(_)
                | Self::Frozen { .. }
                | Self::UnderWay
                | Self::Anhang(AnhangError::NotStored(_))
        )
    }
}
