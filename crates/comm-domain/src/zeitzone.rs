//! The service's time zone: instants are UTC everywhere, days are those of the staff.

use crate::field::FieldError;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// A time zone of the IANA database, for example `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zeitzone(Tz);

impl Zeitzone {
    /// Parses a name of the IANA database.
    ///
    /// # Errors
    /// A name that it does not know.
    pub fn parse(field: &'static str, name: &str) -> Result<Self, FieldError> {
        name.parse().map(Self).map_err(|_| {
            FieldError::invalid(
                field,
                "must be a name of the IANA database such as Europe/Berlin",
            )
        })
    }

    /// The day that it is there.
    pub fn day_of(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }
}
