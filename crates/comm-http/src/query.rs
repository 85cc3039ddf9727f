//! Query strings of lists: pages, filters, and errors that name the parameter.

use crate::problem::Problem;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use comm_domain::outreach::spelling;
use comm_domain::{FieldError, timestamp};
use comm_ports::outreach::Counting;
use comm_ports::page::{Cursor, LIMIT_DEFAULT, PageRequest};
use std::collections::HashMap;
use std::num::{IntErrorKind, ParseIntError};
use utoipa::IntoParams;

/// The parameters that every list has.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "`Query::page` reads them; here they are described"
)]
pub(crate) struct PageParameters {
    /// Which page, from 1.
    #[param(default = 1, format = "any-integer")]
    page: Option<i64>,
    /// How many rows a page has, up to 1000.
    #[param(default = 20, format = "any-integer")]
    limit: Option<i64>,
    /// The `next_cursor` of the page before, instead of `page`: as fast on the last page as on the first.
    #[param(value_type = Option<String>, format = "cursor")]
    cursor: Option<Cursor>,
}

/// The parameters of a request; unknown ones are never looked at.
pub(crate) struct Query(HashMap<String, String>);

/// The one parameter that is a list, and so may be given several times, as some programs write a list.
const LIST: &str = "fields";

impl Query {
    /// Of a parameter that is given several times the last counts; a list goes on.
    pub(crate) fn new(parameters: Vec<(String, String)>) -> Self {
        let mut query: HashMap<String, String> = HashMap::new();
        for (name, value) in parameters {
            match query.get_mut(&name).filter(|_| name == LIST) {
                Some(before) => before.extend([",", &value]),
                None => drop(query.insert(name, value)),
            }
        }
        Self(query)
    }

    /// A parameter that is given and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A whole number.
    pub(crate) fn integer(&self, name: &'static str) -> Result<Option<i64>, Problem> {
        let parsed = self.text(name).map(whole).transpose();
        parsed.map_err(|_| no_integer(name))
    }

    /// An id; 0 counts as absent.
    pub(crate) fn id(&self, name: &'static str) -> Result<Option<i64>, Problem> {
        Ok(comm_domain::field::id(name, self.integer(name)?)?)
    }

    /// A value of an enumeration.
    pub(crate) fn choice<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, FieldError>,
    ) -> Result<Option<T>, Problem> {
        Ok(self.text(name).map(parse).transpose()?)
    }

    /// `true` or `false`.
    pub(crate) fn truth(&self, name: &'static str) -> Result<Option<bool>, Problem> {
        let parse = |value: &str| match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(FieldError::invalid(name, "must be one of 'true', 'false'")),
        };
        self.choice(name, parse)
    }

    /// An instant or a whole day.
    pub(crate) fn moment(&self, name: &'static str) -> Result<Option<Moment>, Problem> {
        self.choice(name, |value| Moment::parse(name, value))
    }

    /// A day.
    pub(crate) fn date(&self, name: &'static str) -> Result<Option<NaiveDate>, Problem> {
        let wrong = || FieldError::invalid(name, format!("must be {}", spelling::DATE));
        self.choice(name, |value| spelling::date(value).ok_or_else(wrong))
    }

    /// A time of day on the wall clock.
    pub(crate) fn time_of_day(&self, name: &'static str) -> Result<Option<NaiveTime>, Problem> {
        let wrong = || FieldError::invalid(name, format!("must be {}", spelling::TIME_OF_DAY));
        self.choice(name, |value| spelling::time_of_day(value).ok_or_else(wrong))
    }

    /// How far the total is counted.
    pub(crate) fn counting(&self) -> Result<Counting, Problem> {
        let parse = |value: &str| match value {
            "exact" => Ok(Counting::Exact),
            _ => Err(FieldError::invalid("total", "must be 'exact'")),
        };
        Ok(self.choice("total", parse)?.unwrap_or_default())
    }

    /// A whole number that will be brought into bounds: one beyond 64 bits is just a large one.
    fn bounded(&self, name: &'static str) -> Result<Option<i64>, Problem> {
        match self.0.get(name).map(|value| whole(value)).transpose() {
            Err(error) if *error.kind() == IntErrorKind::PosOverflow => Ok(Some(i64::MAX)),
            Err(error) if *error.kind() == IntErrorKind::NegOverflow => Ok(Some(i64::MIN)),
            Err(_) => Err(no_integer(name)),
            Ok(value) => Ok(value),
        }
    }

    /// `page` and `limit`, or `cursor` and `limit`.
    pub(crate) fn page(&self) -> Result<PageRequest, Problem> {
        let limit = self.bounded("limit")?.unwrap_or(LIMIT_DEFAULT);
        let page = self.bounded("page")?.unwrap_or(1);
        match self.text("cursor") {
            None => Ok(PageRequest::numbered(page, limit)),
            Some(cursor) => {
                let cursor: Cursor = cursor
                    .parse()
                    .map_err(|error| Problem::invalid(format!("{error}")))?;
                Ok(PageRequest::after(cursor, limit))
            }
        }
    }
}

/// What limits a time: an instant, or a day as people count them.
pub(crate) enum Moment {
    Instant(DateTime<Utc>),
    Day(NaiveDate),
}

impl Moment {
    fn parse(name: &'static str, value: &str) -> Result<Self, FieldError> {
        if let Some(day) = spelling::date(value) {
            return Ok(Self::Day(day));
        }
        // A plus sign that a client did not escape arrives as a space.
        let escaped = || {
            let (time, offset) = value.rsplit_once(' ')?;
            timestamp::parse(&format!("{time}+{offset}"))
        };
        let instant = timestamp::parse(value).or_else(escaped);
        let wrong = "must be a timestamp like 2026-01-31T09:15:00Z or a date like 2026-01-31";
        instant
            .map(Self::Instant)
            .ok_or_else(|| FieldError::invalid(name, wrong))
    }
}

/// As in bodies, `7.0` is a whole number, too.
fn whole(value: &str) -> Result<i64, ParseIntError> {
    let value = value.trim();
    value.strip_suffix(".0").unwrap_or(value).parse()
}

fn no_integer(name: &str) -> Problem {
    Problem::invalid(format!("{name} must be an integer"))
}
