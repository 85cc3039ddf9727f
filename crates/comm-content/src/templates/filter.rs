//! How values are written in German.

use chrono::{Datelike, NaiveDate};
use tera::{Kwargs, State, TeraResult};

const MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// `2026-01-05` as `5. Januar 2026`.
pub(super) fn datum(date: &str, _: Kwargs, _: &State<'_>) -> TeraResult<String> {
    let no_date = |_| tera::Error::message("the filter datum needs YYYY-MM-DD");
    let date: NaiveDate = date.parse().map_err(no_date)?;
    let month = MONTHS.get(date.month0() as usize).copied();
    Ok(format!(
        "{}. {} {}",
        date.day(),
        month.unwrap_or_default(),
        date.year()
    ))
}
