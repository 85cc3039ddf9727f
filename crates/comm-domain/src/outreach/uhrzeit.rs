//! A minute of a wall-clock day, from 00:00 up to 24:00, which ends a day.

use chrono::{NaiveTime, Timelike};
use std::fmt;

/// Minutes since midnight on the wall clock, 0 to 1440. Unlike [`NaiveTime`] it can say 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uhrzeit(u16);

impl Uhrzeit {
    /// 00:00.
    pub const MITTERNACHT: Self = Self(0);
    /// 24:00: only ever the end of something.
    pub const TAGESENDE: Self = Self(MINUTES_PER_DAY);

    /// Takes minutes since midnight; `None` above 1440.
    pub const fn from_minutes(minutes: u16) -> Option<Self> {
        if minutes <= MINUTES_PER_DAY {
            Some(Self(minutes))
        } else {
            None
        }
    }

    /// Reads `9:00`, `09:00`, `09:00:00` or `24:00`; white space is forgiven (contract, 'Shared rules' and
    /// 'Telephone hours'). Seconds other than 00 are none that a call could keep.
    ///
    /// ```
    /// # use comm_domain::outreach::Uhrzeit;
    /// assert_eq!(Uhrzeit::parse(" 9:05 ").unwrap().to_string(), "09:05");
    /// assert_eq!(Uhrzeit::parse("24:00"), Some(Uhrzeit::TAGESENDE));
    /// assert_eq!(Uhrzeit::parse("09:05:00"), Uhrzeit::parse("09:05"));
    /// assert_eq!(Uhrzeit::parse("09:05:30"), None);
    /// assert_eq!(Uhrzeit::parse("25:00"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':').map(str::trim);
        let (hour, minute) = (parts.next()?, parts.next()?);
        let seconds = parts.next().unwrap_or("00");
        if minute.len() != 2 || seconds != "00" || parts.next().is_some() {
            return None;
        }
        let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
        if minute > 59 {
            return None;
        }
        Self::from_minutes(hour * 60 + minute)
    }

    /// Minutes since midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// The same as chrono has it; `None` for 24:00.
    pub fn naive_time(self) -> Option<NaiveTime> {
        NaiveTime::from_num_seconds_from_midnight_opt(u32::from(self.0) * 60, 0)
    }
}

/// Minutes of a wall-clock day.
pub(crate) const MINUTES_PER_DAY: u16 = 24 * 60;

/// One or two ASCII digits.
fn two_digits(text: &str) -> Option<u16> {
    let digits = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// The minute in which this time lies: seconds are dropped.
impl From<NaiveTime> for Uhrzeit {
    fn from(time: NaiveTime) -> Self {
        let minutes = time.num_seconds_from_midnight() / 60;
        u16::try_from(minutes).map_or(Self::TAGESENDE, Self)
    }
}

/// `HH:MM`.
impl fmt::Display for Uhrzeit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}
