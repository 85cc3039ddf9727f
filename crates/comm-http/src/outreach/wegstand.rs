//! What the contact rules say of a contact by one way (contract, 'Contact rules').

use super::values::Datum;
use crate::openapi;
use comm_domain::outreach::Kontakterlaubnis;
use serde::Serialize;
use utoipa::ToSchema;

/// Whether a contact by one way may be made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Wegstand {
    /// Whether it may.
    moeglich: bool,
    /// Whether a rule speaks against it that only warns.
    warnung: bool,
    /// The rule that speaks against it; of several the one that ends last.
    #[schema(value_type = Option<openapi::Grund>)]
    grund: Option<&'static str>,
    /// The first day on which it no longer does; `null` also where nobody knows.
    #[schema(value_type = Option<NaiveDate>)]
    naechster_kontakt_moeglich: Option<Datum>,
}

impl From<Kontakterlaubnis> for Wegstand {
    fn from(erlaubnis: Kontakterlaubnis) -> Self {
        let (moeglich, hindernis) = match erlaubnis {
            Kontakterlaubnis::Erlaubt => (true, None),
            Kontakterlaubnis::Gewarnt(hindernis) => (true, Some(hindernis)),
            Kontakterlaubnis::Abgelehnt(hindernis) => (false, Some(hindernis)),
        };
        let end = hindernis.and_then(|hindernis| hindernis.naechster_kontakt_moeglich);
        Self {
            moeglich,
            warnung: moeglich && hindernis.is_some(),
            grund: hindernis.map(|hindernis| hindernis.grund.as_str()),
            naechster_kontakt_moeglich: end.and_then(Datum::if_told),
        }
    }
}
