//! What an answer says of a contact rule that it has met (contract, 'Contact rules').

use super::values::Datum;
use crate::openapi;
use comm_domain::outreach::Kontakthindernis;
use serde::Serialize;
use utoipa::ToSchema;

/// A contact rule that speaks against a contact.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kontaktwarnung {
    /// Which one.
    #[schema(value_type = openapi::Grund)]
    grund: &'static str,
    /// The first day on which it no longer does; `null` when nobody knows.
    #[schema(value_type = Option<NaiveDate>)]
    naechster_kontakt_moeglich: Option<Datum>,
}

impl From<Kontakthindernis> for Kontaktwarnung {
    fn from(hindernis: Kontakthindernis) -> Self {
        Self {
            grund: hindernis.grund.as_str(),
            naechster_kontakt_moeglich: hindernis
                .naechster_kontakt_moeglich
                .and_then(Datum::if_told),
        }
    }
}
