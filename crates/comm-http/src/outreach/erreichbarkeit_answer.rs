//! Telephone hours as the API answers them (contract, 'Telephone hours').

use super::values::Timestamp;
use crate::openapi;
use comm_app::outreach::telefonanrufe::{GezeigteErreichbarkeit, Quelle};
use comm_domain::outreach::Erreichbarkeit;
use serde::Serialize;
use utoipa::ToSchema;

/// The spellings of who stated telephone hours.
pub(crate) const QUELLEN: [&str; 3] = ["von_hand", "verzeichnis", "buerozeiten"];

/// The telephone hours of a therapist as they hold now.
#[derive(Serialize, ToSchema)]
#[schema(as = Erreichbarkeit)]
pub(crate) struct ErreichbarkeitAnswer {
    /// The hours, in one spelling.
    #[schema(value_type = openapi::Hours)]
    telefonische_erreichbarkeit: Erreichbarkeit,
    /// Who stated them: the staff, the Therapist Service, or nobody, so that the office hours hold.
    #[schema(value_type = openapi::Quelle)]
    quelle: &'static str,
    /// When the Therapist Service said so; `null` if it was asked just now.
    #[schema(value_type = Option<DateTime<Utc>>)]
    stand: Option<Timestamp>,
    /// What could not be read of what was stated, each with its place.
    fehler: Vec<String>,
    /// What the staff should know, in German.
    hinweise: Vec<String>,
}

impl From<GezeigteErreichbarkeit> for ErreichbarkeitAnswer {
    fn from(shown: GezeigteErreichbarkeit) -> Self {
        Self {
            telefonische_erreichbarkeit: shown.erreichbarkeit,
            quelle: spelt(shown.quelle),
            stand: shown.stand.map(Timestamp),
            fehler: shown.fehler.iter().map(ToString::to_string).collect(),
            hinweise: shown.hinweise.iter().map(ToString::to_string).collect(),
        }
    }
}

fn spelt(quelle: Quelle) -> &'static str {
    let [von_hand, verzeichnis, buerozeiten] = QUELLEN;
    match quelle {
        Quelle::VonHand => von_hand,
        Quelle::Verzeichnis => verzeichnis,
        Quelle::Buerozeiten => buerozeiten,
    }
}
