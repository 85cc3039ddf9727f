//! The wish of another service that somebody be called (contract-events, `communication.schedule_call`).
//! It is recorded; it is no call, and holds no slot.

use super::{Dauer, EmailError, Empfaenger, Uhrzeit};
use crate::field::{self, FieldError};
use chrono::{NaiveDate, NaiveTime};
use thiserror::Error;

/// A wish that keeps the rules of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anrufwunsch {
    /// Who is to be called.
    pub empfaenger: Empfaenger,
    /// `geplantes_datum`.
    pub geplantes_datum: Option<NaiveDate>,
    /// `geplante_zeit`, wall clock, in whole minutes.
    pub geplante_zeit: Option<NaiveTime>,
    /// `dauer_minuten`.
    pub dauer_minuten: Option<Dauer>,
    /// `notizen`.
    pub notizen: Option<String>,
    /// `therapeutenanfrage_id`.
    pub therapeutenanfrage_id: Option<i64>,
}

/// A wish as it came, before the rules have been applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawAnrufwunsch {
    /// `therapist_id`.
    pub therapist_id: Option<i64>,
    /// `patient_id`.
    pub patient_id: Option<i64>,
    /// `geplantes_datum`, `YYYY-MM-DD`.
    pub geplantes_datum: Option<String>,
    /// `geplante_zeit`: `H:MM`, `HH:MM` or `HH:MM:SS`.
    pub geplante_zeit: Option<String>,
    /// `dauer_minuten`.
    pub dauer_minuten: Option<i64>,
    /// `notizen`.
    pub notizen: Option<String>,
    /// `therapeutenanfrage_id`.
    pub therapeutenanfrage_id: Option<i64>,
}

/// Why a wish cannot be recorded; the sentence names the field and has no part of its value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnrufwunschError {
    /// A field's value is not acceptable.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Nobody, or two people.
    #[error(transparent)]
    Empfaenger(#[from] EmailError),
}

impl Anrufwunsch {
    /// Applies the rules.
    ///
    /// # Errors
    /// The first field that breaks one.
    pub fn parse(raw: RawAnrufwunsch) -> Result<Self, AnrufwunschError> {
        let notizen = raw.notizen.filter(|text| !text.is_empty());
        Ok(Self {
            empfaenger: Empfaenger::parse(raw.therapist_id, raw.patient_id)?,
            geplantes_datum: raw.geplantes_datum.as_deref().map(datum).transpose()?,
            geplante_zeit: raw.geplante_zeit.as_deref().map(zeit).transpose()?,
            dauer_minuten: raw.dauer_minuten.map(Dauer::parse).transpose()?,
            notizen: notizen
                .map(|text| field::text("notizen", text))
                .transpose()?,
            therapeutenanfrage_id: field::id("therapeutenanfrage_id", raw.therapeutenanfrage_id)?,
        })
    }
}

/// Four digits, two, two: chrono alone would take `2026-1-5`, blanks and `+12026-01-05`.
fn datum(text: &str) -> Result<NaiveDate, FieldError> {
    let plain = |byte: u8| byte.is_ascii_digit() || byte == b'-';
    let spelt = |text: &&str| text.len() == 10 && text.bytes().all(plain);
    Some(text)
        .filter(spelt)
        .and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .ok_or_else(|| FieldError::invalid("geplantes_datum", "must be a date like 2026-01-31"))
}

/// Seconds may be given, and must be `00` (contract, 'Shared rules').
fn zeit(text: &str) -> Result<NaiveTime, FieldError> {
    let minutes = match text.matches(':').count() {
        2 => text.strip_suffix(":00"),
        _ => Some(text),
    };
    minutes
        .and_then(Uhrzeit::parse)
        .and_then(Uhrzeit::naive_time)
        .ok_or_else(|| {
            let reason = "must be a time of day like 9:05, 09:05 or 09:05:00";
            FieldError::invalid("geplante_zeit", reason)
        })
}
