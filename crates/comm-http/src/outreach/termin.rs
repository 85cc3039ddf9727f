//! A slot as the API answers it.

use super::values::{Datum, Zeit};
use comm_domain::outreach::Termin;
use serde::Serialize;
use utoipa::ToSchema;

/// When a call may begin, on the wall clock of the service's time zone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreierTermin {
    /// The day.
    #[schema(value_type = NaiveDate)]
    datum: Datum,
    /// The time of day.
    #[schema(value_type = String, format = "hours-and-minutes")]
    zeit: Zeit,
}

impl From<Termin> for FreierTermin {
    fn from(termin: Termin) -> Self {
        Self {
            datum: Datum(termin.datum()),
            zeit: Zeit(termin.zeit()),
        }
    }
}
