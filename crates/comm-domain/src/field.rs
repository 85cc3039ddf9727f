//! Checked texts: limits that hold for every field, and the error that names the field.

use thiserror::Error;

/// Why the value of one field is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FieldError {
    /// The value breaks a rule; `reason` completes the sentence "`field` ...".
    #[error("{field} {reason}")]
    Invalid {
        /// The field's name on the wire.
        field: &'static str,
        /// What it must be instead, for example "must have 1 to 255 characters".
        reason: String,
    },
    /// The value is longer than a body may be (bytes).
    #[error("{field} is too large: at most {limit} bytes are allowed")]
    TooLarge {
        /// The field's name on the wire.
        field: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
}

impl FieldError {
    /// A broken rule; see [`FieldError::Invalid`].
    pub fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            reason: reason.into(),
        }
    }
}

/// Longest subject or name in characters (contract, 'Email').
pub const LINE_MAX_CHARS: usize = 255;
/// Longest body, note or answer in bytes (contract, 'Shared rules': `inhalt_*` 512 KiB each).
pub const TEXT_MAX_BYTES: usize = 512 * 1024;

/// One line of text: 1 to 255 characters, not only white space, no control character, so that it can
/// stand in a mail header.
pub fn line(field: &'static str, value: impl Into<String>) -> Result<String, FieldError> {
    let value = value.into();
    let chars = value.chars().count();
    if chars == 0 || chars > LINE_MAX_CHARS || value.trim().is_empty() {
        return Err(FieldError::invalid(
            field,
            format!("must have 1 to {LINE_MAX_CHARS} characters and must not be blank"),
        ));
    }
    if value.chars().any(is_line_breaking) {
        return Err(FieldError::invalid(
            field,
            "must not contain control characters or line breaks",
        ));
    }
    Ok(value)
}

/// Text of several lines: at most 512 KiB, no NUL (PostgreSQL cannot store one).
pub fn text(field: &'static str, value: impl Into<String>) -> Result<String, FieldError> {
    let value = value.into();
    if value.len() > TEXT_MAX_BYTES {
        return Err(FieldError::TooLarge {
            field,
            limit: TEXT_MAX_BYTES,
        });
    }
    if value.contains('\0') {
        return Err(FieldError::invalid(
            field,
            "must not contain a NUL character",
        ));
    }
    Ok(value)
}

/// A positive id. `None` stands for absent, and so does 0, which older clients send back.
pub fn id(field: &'static str, value: Option<i64>) -> Result<Option<i64>, FieldError> {
    match value {
        None | Some(0) => Ok(None),
        Some(id) if id > 0 => Ok(Some(id)),
        Some(_) => Err(FieldError::invalid(field, "must be a positive integer")),
    }
}

/// A number without a fraction that fits 64 bits. JSON knows one kind of numbers, so that some programs write 7 as
/// `7.0`.
///
/// ```
/// # use comm_domain::field::whole;
/// assert_eq!(whole(7.0), Some(7));
/// assert_eq!((whole(7.5), whole(1e30), whole(f64::NAN)), (None, None, None));
/// ```
pub fn whole(number: f64) -> Option<i64> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    let fits = number.fract() == 0.0 && (-BEYOND..BEYOND).contains(&number);
    fits.then_some(number as i64)
}

/// Control characters, and the separators that Unicode and mail programs treat as a new line.
fn is_line_breaking(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
