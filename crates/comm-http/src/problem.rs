//! Errors as clients see them (RFC 9457). The only place that knows status codes.

mod members;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use comm_app::{BulkError, OutreachError, SystemMessageError, VorlageError};
use comm_domain::FieldError;
use comm_domain::outreach::{
    AngabeErrors, AnhangError, EmailError, Grund, TelefonanrufError, TerminError,
    terminsuche::MAX_DAYS,
};
use comm_ports::error::StoreError;
use members::Members;
use serde::Serialize;
use std::fmt;
use tracing::error;

/// Seconds after which a client may try again when a dependency is down.
const RETRY_AFTER: &str = "5";
/// Seconds after which the first of two equal requests has probably ended.
const RETRY_RUNNING_AFTER: &str = "1";
/// The media type of RFC 9457.
pub(crate) const CONTENT_TYPE: &str = "application/problem+json";
const INTERNAL: &str = "The request could not be served; the log has more under this trace_id";

/// An error answer: `application/problem+json` with the member `message`, which existing clients read.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    message: String,
    allow: Option<&'static str>,
    retry_after: Option<&'static str>,
    members: Box<Members>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    message: &'a str,
    #[serde(flatten)]
    members: &'a Members,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
}

impl Problem {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            allow: None,
            retry_after: None,
            members: Box::default(),
        }
    }

    fn with(self, members: Members) -> Self {
        Self {
            members: Box::new(members),
            ..self
        }
    }

    /// The request is wrong in itself.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The same, said of the email at this place of a bulk request, from 0.
    #[must_use]
    pub fn at(mut self, index: usize) -> Self {
        self.members.index = Some(index);
        self
    }

    /// There is nothing under this path.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// The path exists, but not for this method.
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("This method is not allowed here; allowed: {allow}"),
            )
        }
    }

    /// The body is larger than allowed (bytes).
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The request body is too large: at most {limit} bytes are allowed"),
        )
    }

    /// The body is not JSON.
    pub fn not_json() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The Content-Type must be application/json",
        )
    }

    /// Something that the service needs is down.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self {
            retry_after: Some(RETRY_AFTER),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
        }
    }

    /// An error of the server's own middleware, which has no words for clients.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let reason = status.canonical_reason().unwrap_or("Error");
        Self::new(status, format!("The request cannot be served: {reason}"))
    }

    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL)
    }

    /// The body; a server error carries the request's id, which the log has too.
    pub(crate) fn body(&self, request_id: &str) -> Vec<u8> {
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.message,
            message: &self.message,
            members: &self.members,
            trace_id: Some(request_id).filter(|_| self.status.is_server_error()),
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// `request_id` writes the body anew, since it knows the request's id.
    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        answer.content_type(CONTENT_TYPE);
        if let Some(allow) = self.allow {
            answer.insert_header((header::ALLOW, allow));
        }
        if let Some(seconds) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        answer.body(self.body(""))
    }
}

impl From<OutreachError> for Problem {
    fn from(error: OutreachError) -> Self {
        match error {
            OutreachError::EmailNotFound
            | OutreachError::TelefonanrufNotFound
            | OutreachError::KalenderNotFound
            | OutreachError::TherapistPathNotFound
            | OutreachError::AttachmentNotFound
            | OutreachError::AttachmentGone => Self::not_found(error.to_string()),
            OutreachError::TherapistNotFound | OutreachError::PatientNotFound => {
                Self::invalid(error.to_string())
            }
            OutreachError::SlotTaken {
                naechster_freier_termin,
            } => Self::new(StatusCode::CONFLICT, error.to_string())
                .with(Members::because(Grund::Belegt).with_next_slot(naechster_freier_termin)),
            OutreachError::NoSeat {
                naechster_freier_termin,
            } => Self::new(StatusCode::CONFLICT, error.to_string())
                .with(Members::because(Grund::KeinPlatz).with_next_slot(naechster_freier_termin)),
            OutreachError::NoSlots {
                grund,
                naechster_kontakt_moeglich,
                ..
            } => Self::invalid(error.to_string())
                .with(Members::because(grund).with_next_contact(naechster_kontakt_moeglich)),
            OutreachError::Kontakt(hindernis) => {
                Self::new(StatusCode::CONFLICT, error.to_string()).with(Members::of_rule(hindernis))
            }
            OutreachError::DirectoryAway => Self::unavailable(error.to_string())
                .with(Members::because(Grund::VerzeichnisNichtErreichbar)),
            OutreachError::Telefonanruf(error) => error.into(),
            OutreachError::Slots(error) => error.into(),
            OutreachError::Erreichbarkeit(error) => error.into(),
            OutreachError::AttachmentFolder(ref cause) => {
                error!(error = %cause, "Attachments cannot be read");
                Self::unavailable(error.to_string())
            }
            OutreachError::Email(error) => error.into(),
            OutreachError::Store(error) => error.into(),
            OutreachError::Vorlage(error) => error.into(),
            OutreachError::Contended | OutreachError::KeyReused => {
                Self::new(StatusCode::CONFLICT, error.to_string())
            }
            OutreachError::StillRunning | OutreachError::RunUnderWay => Self {
                retry_after: Some(RETRY_RUNNING_AFTER),
                ..Self::new(StatusCode::CONFLICT, error.to_string())
            },
            OutreachError::Interrupted => {
                error!("A use case was interrupted");
                Self::internal()
            }
        }
    }
}

impl From<BulkError> for Problem {
    fn from(error: BulkError) -> Self {
        Self::from(error.error).at(error.index)
    }
}

impl From<SystemMessageError> for Problem {
    fn from(error: SystemMessageError) -> Self {
        use SystemMessageError::{Field, NoMessage, NoRecipient, NoSubject};
        let message = error.to_string();
        match error {
            NoSubject | NoMessage | NoRecipient => Self::invalid(message),
            Field(error) => error.into(),
            SystemMessageError::Refused(_) => Self::new(StatusCode::BAD_GATEWAY, message),
            SystemMessageError::Unknown => Self::new(StatusCode::GATEWAY_TIMEOUT, message),
            SystemMessageError::Stopping => Self::unavailable(message),
        }
    }
}

impl From<EmailError> for Problem {
    fn from(error: EmailError) -> Self {
        let status = match &error {
            EmailError::Field(FieldError::TooLarge { .. })
            | EmailError::Anhang(AnhangError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            error if error.is_conflict() => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}

impl From<TelefonanrufError> for Problem {
    fn from(error: TelefonanrufError) -> Self {
        match error {
            TelefonanrufError::Field(error) => error.into(),
            TelefonanrufError::Deleted => Self::not_found(error.to_string()),
            error if error.is_conflict() => Self::new(StatusCode::CONFLICT, error.to_string()),
            error => Self::invalid(error.to_string()),
        }
    }
}

impl From<TerminError> for Problem {
    fn from(error: TerminError) -> Self {
        match error {
            TerminError::Dauer(error) => error.into(),
            TerminError::Zeitraum { .. } => Self::invalid(format!(
                "von and bis must be the first and the last of 1 to {MAX_DAYS} days"
            )),
            error => Self::invalid(error.to_string()),
        }
    }
}

impl From<AngabeErrors> for Problem {
    fn from(errors: AngabeErrors) -> Self {
        let members = Members::mistakes(&errors);
        Self::invalid(members.sentence()).with(members)
    }
}

impl From<VorlageError> for Problem {
    fn from(error: VorlageError) -> Self {
        match error {
            VorlageError::NotFound => Self::not_found(error.to_string()),
            VorlageError::Template(error) => {
                error!(error = %error, "A template is broken");
                Self::internal()
            }
            error => Self::invalid(error.to_string()),
        }
    }
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        EmailError::from(error).into()
    }
}

impl From<StoreError> for Problem {
    fn from(failure: StoreError) -> Self {
        error!(error = %failure, "Storage failed");
        if failure.is_transient() {
            Self::unavailable("The database is not available at the moment; please try again")
        } else {
            Self::internal()
        }
    }
}
