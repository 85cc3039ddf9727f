//! When a call is to take place: wall clock of the service's time zone, never an instant, so that a change
//! of the clocks moves nothing. Whether the slot is free and within telephone hours is not decided here.

use crate::field::FieldError;
use crate::outreach::{Empfaenger, Uhrzeit};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

/// The present moment, as the `Clock` port tells it. The domain has no clock and no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The instant, UTC.
    pub at: DateTime<Utc>,
    /// The same on the wall clock of the service's time zone.
    pub wall: NaiveDateTime,
}

impl Moment {
    /// Today, in the service's time zone.
    pub fn heute(self) -> NaiveDate {
        self.wall.date()
    }

    /// The present minute: times of day are `HH:MM` (contract, 'Shared rules').
    pub fn minute(self) -> NaiveTime {
        let time = self.wall.time();
        NaiveTime::from_hms_opt(time.hour(), time.minute(), 0).unwrap_or(time)
    }
}

/// How long a call is to take: 5 to 120 minutes, a multiple of 5 (contract, `dauer_minuten`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dauer(i16);

impl Dauer {
    /// The default of a call to a therapist: 5 minutes.
    pub const THERAPEUT: Self = Self(5);
    /// The default of a call to a patient: 10 minutes.
    pub const PATIENT: Self = Self(10);

    /// Takes a number of minutes.
    ///
    /// # Errors
    /// Less than 5, more than 120, or not a multiple of 5.
    pub fn parse(minuten: i64) -> Result<Self, FieldError> {
        i16::try_from(minuten)
            .ok()
            .filter(|minuten| (5..=120).contains(minuten) && minuten % 5 == 0)
            .map(Self)
            .ok_or_else(|| {
                FieldError::invalid("dauer_minuten", "must be a multiple of 5 from 5 to 120")
            })
    }

    /// What a call takes unless somebody says otherwise.
    pub fn default_for(empfaenger: Empfaenger) -> Self {
        match empfaenger {
            Empfaenger::Therapeut(_) => Self::THERAPEUT,
            Empfaenger::Patient(_) => Self::PATIENT,
        }
    }

    /// The number of minutes.
    pub fn minuten(self) -> i16 {
        self.0
    }
}

/// The slot of a call: `geplantes_datum`, `geplante_zeit`, `dauer_minuten`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Termin {
    datum: NaiveDate,
    zeit: NaiveTime,
    dauer: Dauer,
}

impl Termin {
    /// Joins a day, a time of day in whole minutes, and a duration.
    ///
    /// # Errors
    /// A time of day with seconds.
    pub fn new(datum: NaiveDate, zeit: NaiveTime, dauer: Dauer) -> Result<Self, FieldError> {
        let zeit = whole_minute("geplante_zeit", zeit)?;
        Ok(Self { datum, zeit, dauer })
    }

    /// The slot that begins with this minute of a day; at 24:00 that of 00:00.
    pub(in crate::outreach) fn at(datum: NaiveDate, zeit: Uhrzeit, dauer: Dauer) -> Self {
        let zeit = zeit.naive_time().unwrap_or_default();
        Self { datum, zeit, dauer }
    }

    /// `geplantes_datum`.
    pub fn datum(self) -> NaiveDate {
        self.datum
    }

    /// `geplante_zeit`.
    pub fn zeit(self) -> NaiveTime {
        self.zeit
    }

    /// `dauer_minuten`.
    pub fn dauer(self) -> Dauer {
        self.dauer
    }

    /// Its first minute.
    pub fn beginn(self) -> NaiveDateTime {
        self.datum.and_time(self.zeit)
    }

    /// The first minute after it: the interval is half-open.
    pub fn ende(self) -> NaiveDateTime {
        self.beginn()
            .checked_add_signed(TimeDelta::minutes(self.dauer.0.into()))
            .unwrap_or(NaiveDateTime::MAX)
    }

    /// Whether both hold a common minute; touching ones do not.
    pub fn overlaps(self, other: Self) -> bool {
        self.beginn() < other.ende() && other.beginn() < self.ende()
    }

    /// A call can be booked for the present minute, not for an earlier one.
    ///
    /// # Errors
    /// A slot before the present minute.
    pub fn check_not_past(self, now: Moment) -> Result<(), FieldError> {
        if self.beginn() >= now.heute().and_time(now.minute()) {
            return Ok(());
        }
        let field = if self.datum < now.heute() {
            "geplantes_datum"
        } else {
            "geplante_zeit"
        };
        Err(FieldError::invalid(field, "must not lie in the past"))
    }
}

/// A time of day without seconds.
pub(super) fn whole_minute(field: &'static str, zeit: NaiveTime) -> Result<NaiveTime, FieldError> {
    if zeit.second() == 0 && zeit.nanosecond() == 0 {
        Ok(zeit)
    } else {
        Err(FieldError::invalid(
            field,
            "must be a time of day in whole minutes",
        ))
    }
}
