//! Which emails a list shows, and how.

use crate::page::PageRequest;
use chrono::{DateTime, Utc};
use comm_domain::FieldError;
use comm_domain::field::LINE_MAX_CHARS;
use comm_domain::outreach::{EmailStatus, Fehlerart, RecipientType};
use std::fmt;

/// Which emails a list shows; `None` does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmailFilter {
    /// Only those to this therapist.
    pub therapist_id: Option<i64>,
    /// Only those to this patient.
    pub patient_id: Option<i64>,
    /// Only those to therapists, or to patients.
    pub recipient_type: Option<RecipientType>,
    /// Only those in this state.
    pub status: Option<EmailStatus>,
    /// Only those whose last attempt failed like this.
    pub fehlerart: Option<Fehlerart>,
    /// Only those that were answered, or were not.
    pub antwort_erhalten: Option<bool>,
    /// Only those of this bundle.
    pub therapeutenanfrage_id: Option<i64>,
    /// Only those created at this instant or later.
    pub created_from: Option<DateTime<Utc>>,
    /// Only those created before this instant.
    pub created_before: Option<DateTime<Utc>>,
    /// Only those with all of these words.
    pub suchworte: Option<Suchworte>,
}

/// Words to look for in subject, name and address of the recipient: whole words, in any order, upper and
/// lower case alike.
#[derive(Clone, PartialEq, Eq)]
pub struct Suchworte(String);

impl Suchworte {
    /// Takes words as a person types them: white space and punctuation separate them.
    ///
    /// # Errors
    /// More than 255 characters, or a NUL, which PostgreSQL cannot read.
    pub fn parse(field: &'static str, words: &str) -> Result<Self, FieldError> {
        if words.chars().count() > LINE_MAX_CHARS {
            let reason = format!("must have at most {LINE_MAX_CHARS} characters");
            return Err(FieldError::invalid(field, reason));
        }
        if words.contains('\0') {
            let reason = "must not contain a NUL character";
            return Err(FieldError::invalid(field, reason));
        }
        Ok(Self(words.to_owned()))
    }

    /// As they were given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// People look for people: what is formatted for a log does not show whom.
impl fmt::Debug for Suchworte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Suchworte(..)")
    }
}

/// One page of a list of emails.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmailQuery {
    /// Which emails.
    pub filter: EmailFilter,
    /// Which page of them.
    pub page: PageRequest,
    /// How far the total is counted.
    pub counting: Counting,
    /// Whether the bodies are read.
    pub bodies: BodyColumns,
}

/// How far a total is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Counting {
    /// Up to [`crate::page::TOTAL_CAP`].
    #[default]
    Capped,
    /// To the end, which takes its time in a large table.
    Exact,
}

/// Whether a list reads the bodies, by far the largest columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BodyColumns {
    /// Both.
    #[default]
    Read,
    /// Neither: they are empty in what is answered.
    LeftOut,
}
