//! What an error carries beside its sentence, so that a program can act on it.

use crate::outreach::termin::FreierTermin;
use crate::outreach::values::Datum;
use chrono::NaiveDate;
use comm_domain::outreach::{AngabeErrors, Grund, Kontakthindernis, Termin};
use serde::Serialize;

/// Mistakes that are told; of more only the number.
const ERRORS_TOLD: usize = 100;

/// Members that not every error has.
#[derive(Debug, Default, Serialize)]
pub(super) struct Members {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grund: Option<&'static str>,
    /// Said to be none where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    naechster_kontakt_moeglich: Option<Option<Datum>>,
    /// Said to be none where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    naechster_freier_termin: Option<Option<FreierTermin>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<String>,
}

impl Members {
    /// Why not, in a form that rules can use.
    pub(super) fn because(grund: Grund) -> Self {
        Self {
            grund: Some(grund.as_str()),
            ..Self::default()
        }
    }

    /// And the next slot that is free, if there is one.
    pub(super) fn with_next_slot(self, termin: Option<Termin>) -> Self {
        Self {
            naechster_freier_termin: Some(termin.map(FreierTermin::from)),
            ..self
        }
    }

    /// And the first day on which a contact rule allows it, where one does not now.
    pub(super) fn with_next_contact(self, day: Option<NaiveDate>) -> Self {
        Self {
            naechster_kontakt_moeglich: day.map(Datum::if_told),
            ..self
        }
    }

    /// The contact rule that does not allow it, and the first day on which it does.
    pub(super) fn of_rule(hindernis: Kontakthindernis) -> Self {
        Self {
            naechster_kontakt_moeglich: Some(
                hindernis
                    .naechster_kontakt_moeglich
                    .and_then(Datum::if_told),
            ),
            ..Self::because(hindernis.grund)
        }
    }

    /// Every mistake by itself.
    pub(super) fn mistakes(errors: &AngabeErrors) -> Self {
        let told = errors.0.iter().take(ERRORS_TOLD);
        let mut errors_told: Vec<String> = told.map(ToString::to_string).collect();
        match errors.0.len().saturating_sub(ERRORS_TOLD) {
            0 => {}
            more => errors_told.push(format!("{more} more mistakes")),
        }
        Self {
            errors: errors_told,
            ..Self::default()
        }
    }

    /// All mistakes in one sentence.
    pub(super) fn sentence(&self) -> String {
        self.errors.join("; ")
    }
}
