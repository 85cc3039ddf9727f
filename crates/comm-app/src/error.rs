//! Why a use case could not do what it was asked.

use crate::outreach::VorlageError;
use comm_domain::FieldError;
use comm_domain::outreach::{AnhangError, EmailError};
use comm_ports::AttachmentError;
use comm_ports::error::StoreError;
use thiserror::Error;

/// Errors of the outreach use cases.
#[derive(Debug, Error)]
pub enum OutreachError {
    /// There is no such email, or it was deleted.
    #[error("Email not found")]
    EmailNotFound,
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
        matches!(self, Self::Store(error) if error.is_transient())
    }
}

impl From<AnhangError> for OutreachError {
    fn from(error: AnhangError) -> Self {
        Self::Email(error.into())
    }
}

impl From<FieldError> for OutreachError {
    fn from(error: FieldError) -> Self {
        Self::Email(error.into())
    }
}
