//! Why a use case could not do what it was asked.

use crate::outreach::VorlageError;
use chrono::NaiveDate;
use comm_domain::FieldError;
use comm_domain::outreach::{
    AngabeErrors, AnhangError, EmailError, Grund, Kontakthindernis, RecipientType,
    TelefonanrufError, Termin, TerminError,
};
use comm_ports::AttachmentError;
use comm_ports::error::StoreError;
use thiserror::Error;

/// Errors of the outreach use cases.
#[derive(Debug, Error)]
pub enum OutreachError {
    /// There is no such email, or it was deleted.
    #[error("Email not found")]
    EmailNotFound,
    /// There is no such call, or it was deleted.
    #[error("Phone call not found")]
    TelefonanrufNotFound,
    /// There is no such calendar feed, or none with this token, or it was revoked.
    #[error("Calendar feed not found")]
    KalenderNotFound,
    /// The request about a call is wrong, or at odds with the present state.
    #[error(transparent)]
    Telefonanruf(TelefonanrufError),
    /// The Therapist Service does not know this therapist.
    #[error("Therapist not found")]
    TherapistNotFound,
    /// The Therapist Service does not know the therapist whose id stands in the path.
    #[error("Therapist not found")]
    TherapistPathNotFound,
    /// The Patient Service does not know this patient.
    #[error("Patient not found")]
    PatientNotFound,
    /// Another call of the same person is planned then.
    #[error("Slot already booked")]
    SlotTaken {
        /// The next free slot, where there is one.
        naechster_freier_termin: Option<Termin>,
    },
    /// Every seat of the staff is taken then.
    #[error("No seat is free at this time")]
    NoSeat {
        /// The next free slot, where there is one.
        naechster_freier_termin: Option<Termin>,
    },
    /// The slot search found nothing within its horizon.
    #[error("{}", match person {
        RecipientType::Therapist => "No available slots found for this therapist",
        RecipientType::Patient => "No available slots found for this patient",
    })]
    NoSlots {
        /// For whom.
        person: RecipientType,
        /// Why, of the day that came closest.
        grund: Grund,
        /// From when on a contact rule allows it, where one does not now.
        naechster_kontakt_moeglich: Option<NaiveDate>,
    },
    /// A slot search that cannot be made as asked.
    #[error(transparent)]
    Slots(TerminError),
    /// A contact rule that is enforced speaks against it.
    #[error("The contact rule '{}' does not allow this contact{}", .0.grund, match .0.naechster_kontakt_moeglich {
        Some(day) => format!(" before {day}"),
        None => String::new(),
    })]
    Kontakt(Kontakthindernis),
    /// Telephone hours that cannot be read.
    #[error(transparent)]
    Erreichbarkeit(#[from] AngabeErrors),
    /// The directory is away, and without it no slot can be chosen.
    #[error(
        "The Therapist Service is not available at the moment; please try again, or give geplantes_datum and geplante_zeit"
    )]
    DirectoryAway,
    /// The request is wrong, or at odds with the present state.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// Nothing can be written from a template.
    #[error(transparent)]
    Vorlage(#[from] VorlageError),
    /// The email has no attachment at this place.
    #[error("Attachment not found")]
    AttachmentNotFound,
    /// The attachment is a file in the folder, and cannot be given any more.
    #[error("The file of this attachment is missing or has become too large")]
    AttachmentGone,
    /// The attachment folder cannot be read now.
    #[error("The attachment folder cannot be read at the moment; please try again")]
    AttachmentFolder(#[source] AttachmentError),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Other requests changed the email again and again meanwhile; nothing was committed.
    #[error("The email was changed by other requests at the same moment; please try again")]
    Contended,
    /// The same request, by its `Idempotency-Key`, is being carried out.
    #[error("A request with this Idempotency-Key is still running; please try again")]
    StillRunning,
    /// The follow-ups are being run, here or by another instance.
    #[error("A run of the follow-ups is under way; please try again")]
    RunUnderWay,
    /// The `Idempotency-Key` belongs to a request with another body.
    #[error("Idempotency-Key was used before for a request with another body")]
    KeyReused,
    /// The work was cut off; nothing was committed.
    #[error("the work was interrupted")]
    Interrupted,
}

impl OutreachError {
    /// Whether the same request may succeed later without anybody's doing.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::DirectoryAway => true,
            _ => false,
        }
    }
}

impl From<AnhangError> for OutreachError {
    fn from(error: AnhangError) -> Self {
        Self::Email(error.into())
    }
}

impl From<TelefonanrufError> for OutreachError {
    fn from(error: TelefonanrufError) -> Self {
        match error {
            TelefonanrufError::Deleted => Self::TelefonanrufNotFound,
            error => Self::Telefonanruf(error),
        }
    }
}

impl From<FieldError> for OutreachError {
    fn from(error: FieldError) -> Self {
        Self::Email(error.into())
    }
}
