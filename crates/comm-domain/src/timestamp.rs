//! Reading timestamps as other programs write them: ISO 8601, with an offset or without.

use chrono::{DateTime, Datelike, NaiveDateTime, SubsecRound, Utc};

/// What RFC 3339 does not have, but ISO 8601: seconds left out, an offset without a colon.
const WITH_OFFSET: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"];
const WITHOUT_OFFSET: [&str; 3] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
];

/// An instant in microseconds; without an offset it is UTC (contract, 'Shared rules'). `None` for
/// anything else, and for years that need more than four digits.
///
/// ```
/// # use comm_domain::timestamp::parse;
/// assert_eq!(parse("2026-01-31T10:15:00+01:00"), parse("2026-01-31T09:15:00"));
/// assert_eq!(parse("31.01.2026"), None);
/// ```
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let with_offset = || {
        let mut formats = WITH_OFFSET.iter();
        formats.find_map(|format| DateTime::parse_from_str(text, format).ok())
    };
    let without_offset = || {
        let mut formats = WITHOUT_OFFSET.iter();
        formats.find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    };
    DateTime::parse_from_rfc3339(text)
        .ok()
        .or_else(with_offset)
        .map(|at| at.with_timezone(&Utc))
        .or_else(|| without_offset().map(|naive| naive.and_utc()))
        .filter(|at| (0..=9999).contains(&at.year()))
        .map(|at| at.trunc_subsecs(6))
}
