//! Whether data fit the variables of a template: every mistake is named by its place, and no value is repeated.

use comm_domain::field;
use comm_domain::outreach::{Uhrzeit, spelling};
use comm_ports::templates::{Typ, Variable};
use serde_json::{Map, Value};
use std::fmt;
use thiserror::Error;

type Daten = Map<String, Value>;

/// Longest text of several lines, in characters.
pub const TEXT_MAX_CHARS: usize = 2000;
/// Most entries of a list.
pub const ENTRIES_MAX: usize = 50;
/// Mistakes that are told; of more only the number.
const ERRORS_TOLD: usize = 5;
/// Unknown names of one object that are looked at; beyond that the data are no mistake but an attack.
const UNKNOWN_MAX: usize = 20;
/// Longest part of an unknown name that is repeated, in characters.
const NAME_SHOWN_CHARS: usize = 40;

/// One mistake with its place: `vorlage_daten.patienten[1].alter must be ...`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place} {reason}")]
pub struct DatenError {
    /// Where, from `vorlage_daten` on.
    pub place: String,
    /// Completes the sentence.
    pub reason: String,
}

/// The mistakes of the data, in their order; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct DatenErrors(pub Vec<DatenError>);

impl fmt::Display for DatenErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().take(ERRORS_TOLD).enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{error}")?;
        }
        match self.0.len().saturating_sub(ERRORS_TOLD) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// The data with every variable of the template, in the spelling that the template expects: line feeds
/// only, `null` for an optional one that is not given.
///
/// # Errors
/// Every mistake: what is missing, what has no such name, what has the wrong type.
pub(super) fn checked(variablen: &[Variable], daten: &Daten) -> Result<Daten, DatenErrors> {
    let mut errors = Vec::new();
    let checked = object(variablen, daten, "vorlage_daten", &mut errors);
    match errors.is_empty() {
        true => Ok(checked),
        false => Err(DatenErrors(errors)),
    }
}

fn object(
    variablen: &[Variable],
    daten: &Daten,
    place: &str,
    errors: &mut Vec<DatenError>,
) -> Daten {
    let is_known = |name: &&String| variablen.iter().any(|variable| variable.name == **name);
    let unknown = daten
        .keys()
        .filter(|name| !is_known(name))
        .take(UNKNOWN_MAX);
    errors.extend(unknown.map(|name| misspelt(place, name, variablen)));
    let mut checked = Daten::new();
    for variable in variablen {
        let place = format!("{place}.{}", variable.name);
        let value = match daten.get(&variable.name).filter(|value| !is_blank(value)) {
            Some(given) => value(&variable.typ, given, &place, errors),
            None if variable.pflicht => Err("is required".to_owned()),
            None => Ok(Value::Null),
        };
        match value {
            Ok(value) => drop(checked.insert(variable.name.clone(), value)),
            Err(reason) => errors.push(DatenError { place, reason }),
        }
    }
    checked
}

/// What forms send for a field that was left empty.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty() && is_within(text, field::LINE_MAX_CHARS),
        _ => false,
    }
}

fn misspelt(place: &str, name: &str, variablen: &[Variable]) -> DatenError {
    let start = name.chars().take(NAME_SHOWN_CHARS);
    let shown: String = start.flat_map(char::escape_debug).collect();
    let names: Vec<&str> = variablen
        .iter()
        .map(|variable| variable.name.as_str())
        .collect();
    DatenError {
        place: format!("{place}.{shown}"),
        reason: format!(
            "is not known to this template, which has {}",
            names.join(", ")
        ),
    }
}

/// The value, or what it must be. Mistakes inside of a list are told by themselves.
fn value(
    typ: &Typ,
    given: &Value,
    place: &str,
    errors: &mut Vec<DatenError>,
) -> Result<Value, String> {
    let words = given.as_str().filter(|words| is_within(words, most(typ)));
    let checked = match typ {
        Typ::Zeile => words.and_then(line).map(Value::from),
        Typ::Text => words.and_then(text).map(Value::from),
        Typ::Ganzzahl(range) => given
            .as_i64()
            .or_else(|| given.as_f64().and_then(field::whole))
            .filter(|number| range.contains(number))
            .map(Value::from),
        Typ::Datum => words.and_then(date).map(Value::from),
        Typ::Uhrzeit => words
            .and_then(Uhrzeit::parse)
            .map(|time| time.to_string().into()),
        Typ::Liste(felder) => given
            .as_array()
            .filter(|list| (1..=ENTRIES_MAX).contains(&list.len()))
            .map(|list| entries(felder, list, place, errors)),
    };
    checked.ok_or_else(|| demand(typ))
}

/// Characters of a value, white space around it included.
fn most(typ: &Typ) -> usize {
    match typ {
        Typ::Text => TEXT_MAX_CHARS,
        _ => field::LINE_MAX_CHARS,
    }
}

fn is_within(text: &str, most: usize) -> bool {
    text.chars().count() <= most
}

fn demand(typ: &Typ) -> String {
    match typ {
        Typ::Zeile => format!(
            "must be one line of 1 to {} characters without control characters",
            field::LINE_MAX_CHARS
        ),
        Typ::Text => format!("must be a text of at most {TEXT_MAX_CHARS} characters"),
        Typ::Ganzzahl(range) => {
            format!(
                "must be a whole number from {} to {}",
                range.start(),
                range.end()
            )
        }
        Typ::Datum => "must be a date such as 2026-01-31".to_owned(),
        Typ::Uhrzeit => "must be a time of day such as 09:00".to_owned(),
        Typ::Liste(_) => format!("must be a list of 1 to {ENTRIES_MAX} objects"),
    }
}

fn entries(
    felder: &[Variable],
    list: &[Value],
    place: &str,
    errors: &mut Vec<DatenError>,
) -> Value {
    let mut checked = Vec::with_capacity(list.len());
    for (index, entry) in list.iter().enumerate() {
        let place = format!("{place}[{index}]");
        match entry.as_object() {
            Some(entry) => checked.push(object(felder, entry, &place, errors).into()),
            None => errors.push(DatenError {
                place,
                reason: "must be an object".to_owned(),
            }),
        }
    }
    Value::Array(checked)
}

fn line(given: &str) -> Option<String> {
    field::line("", given.trim()).ok()
}

/// No control characters but those that part lines and words.
fn text(given: &str) -> Option<String> {
    let text = given.trim().replace("\r\n", "\n").replace('\r', "\n");
    let is_plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().all(is_plain).then_some(text)
}

fn date(given: &str) -> Option<String> {
    spelling::date(given.trim()).map(|date| date.to_string())
}

#[cfg(test)]
mod tests;
