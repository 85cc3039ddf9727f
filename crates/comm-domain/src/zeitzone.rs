//! The service's time zone: instants are UTC everywhere, days are those of the staff.

use crate::field::FieldError;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
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

    /// The same as chrono has it.
    pub fn tz(self) -> Tz {
        self.0
    }

    /// The day that it is there.
    pub fn day_of(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// What the clocks show there.
    pub fn wall_clock(self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.0).naive_local()
    }

    /// The instant in which this day begins there: midnight, or the end of the hour that its clocks skip.
    pub fn begin_of(self, day: NaiveDate) -> DateTime<Utc> {
        self.instant_of(day.and_time(NaiveTime::MIN))
    }

    /// The instant in which the clocks there show this: of an hour that they show twice the first pass, in one that
    /// they skip the first time after it, by steps of a quarter of an hour.
    pub fn instant_of(self, wall: NaiveDateTime) -> DateTime<Utc> {
        let quarters = (0..=96).map(|quarter| TimeDelta::minutes(15 * quarter));
        let mut times = quarters.filter_map(|later| wall.checked_add_signed(later));
        times
            .find_map(|time| self.0.from_local_datetime(&time).earliest())
            .map_or_else(|| wall.and_utc(), |begin| begin.with_timezone(&Utc))
    }

    /// Its name in the IANA database.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}
