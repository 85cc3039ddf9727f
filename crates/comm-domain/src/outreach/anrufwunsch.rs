//! The wish of another service that somebody be called (contract-events, `communication.schedule_call`).
//! It is recorded; it is no call, and holds no slot.

use super::{Dauer, EmailError, Empfaenger, spelling};
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

fn datum(text: &str) -> Result<NaiveDate, FieldError> {
    let wrong = || FieldError::invalid("geplantes_datum", format!("must be {}", spelling::DATE));
    spelling::date(text).ok_or_else(wrong)
}

fn zeit(text: &str) -> Result<NaiveTime, FieldError> {
    let reason = || format!("must be {}", spelling::TIME_OF_DAY);
    spelling::time_of_day(text).ok_or_else(|| FieldError::invalid("geplante_zeit", reason()))
}
