//! Dates and times of day as clients and other services spell them (contract, 'Shared rules').

use super::Uhrzeit;
use chrono::{NaiveDate, NaiveTime};

/// What a date must be, to complete a sentence that names the field.
pub const DATE: &str = "a date like 2026-01-31";
/// What a time of day must be, likewise.
pub const TIME_OF_DAY: &str = "a time of day like 9:05, 09:05 or 09:05:00";

/// Four digits, two, two: chrono alone would take `2026-1-5`, blanks, `+12026-01-05` and `-001-01-05`.
///
/// ```
/// # use comm_domain::outreach::spelling::date;
/// assert_eq!(date("2026-01-31").unwrap().to_string(), "2026-01-31");
/// assert_eq!((date("2026-1-31"), date("31.01.2026")), (None, None));
/// ```
pub fn date(text: &str) -> Option<NaiveDate> {
    let is_spelt = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    let spelt = text.len() == "YYYY-MM-DD".len() && text.bytes().enumerate().all(is_spelt);
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    date.filter(|_| spelt)
}

/// Seconds may be given, and must be `00`; nothing begins at `24:00`.
///
/// ```
/// # use comm_domain::outreach::spelling::time_of_day;
/// assert_eq!(time_of_day("9:05"), time_of_day("09:05:00"));
/// assert_eq!((time_of_day("09:05:30"), time_of_day("24:00")), (None, None));
/// ```
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    Uhrzeit::parse(text).and_then(Uhrzeit::naive_time)
}
