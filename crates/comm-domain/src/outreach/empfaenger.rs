//! Whom a communication is for: one therapist or one patient, never both, never none.

use super::EmailError;
use crate::field;

/// The person that a communication is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Empfaenger {
    /// A psychotherapist, by the Therapist Service's id.
    Therapeut(i64),
    /// A patient, by the Patient Service's id.
    Patient(i64),
}

impl Empfaenger {
    /// Takes the two ids of a request, of which exactly one is set (0 counts as absent).
    ///
    /// # Errors
    /// Both, none, or a negative id.
    pub fn parse(therapist_id: Option<i64>, patient_id: Option<i64>) -> Result<Self, EmailError> {
        match (
            field::id("therapist_id", therapist_id)?,
            field::id("patient_id", patient_id)?,
        ) {
            (Some(id), None) => Ok(Self::Therapeut(id)),
            (None, Some(id)) => Ok(Self::Patient(id)),
            (None, None) => Err(EmailError::EmpfaengerMissing),
            (Some(_), Some(_)) => Err(EmailError::EmpfaengerAmbiguous),
        }
    }

    /// The therapist's id, if it is one.
    pub fn therapist_id(self) -> Option<i64> {
        match self {
            Self::Therapeut(id) => Some(id),
            Self::Patient(_) => None,
        }
    }

    /// The patient's id, if it is one.
    pub fn patient_id(self) -> Option<i64> {
        match self {
            Self::Patient(id) => Some(id),
            Self::Therapeut(_) => None,
        }
    }

    /// `recipient_type` on the wire.
    pub fn recipient_type(self) -> RecipientType {
        match self {
            Self::Therapeut(_) => RecipientType::Therapist,
            Self::Patient(_) => RecipientType::Patient,
        }
    }
}

crate::outreach::status::wire_enum! {
    /// The kind of person, `recipient_type` on the wire.
    RecipientType "recipient_type" {
        /// A psychotherapist.
        Therapist = "therapist",
        /// A patient.
        Patient = "patient",
    }
}
