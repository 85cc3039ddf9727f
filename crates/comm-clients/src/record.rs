//! The record of a person, read as leniently as can be: what cannot be used is left out, and nothing about one
//! field keeps the others from being read.

use comm_domain::outreach::Angabe;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// Longest line that is taken over, in characters.
const LINE_MAX_CHARS: usize = 255;
/// Longest text of several lines.
const TEXT_MAX_CHARS: usize = 10_000;
/// Names of the parts of a name, in their order.
const NAME: [&str; 3] = ["titel", "vorname", "nachname"];

/// The fields of a record, none of them looked into yet.
#[derive(Debug)]
pub(crate) struct Record(HashMap<String, Box<RawValue>>);

impl Record {
    /// `None` if it is no JSON object. One may be wrapped as `{"data": {...}}`; bytes that are no UTF-8 are
    /// replaced.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(body);
        let fields = object(text.trim_start_matches('\u{feff}'))?;
        match fields.get("data") {
            Some(data) if !fields.contains_key("id") => object(data.get()).map(Self),
            _ => Some(Self(fields)),
        }
    }

    /// The parts of the name that are there; a title alone is no name.
    pub(crate) fn name(&self) -> Option<String> {
        let [titel, vorname, nachname] = NAME.map(|part| self.line(part));
        if vorname.is_none() && nachname.is_none() {
            return self.line("name");
        }
        let parts: Vec<String> = [titel, vorname, nachname].into_iter().flatten().collect();
        Some(cut(&parts.join(" "), LINE_MAX_CHARS))
    }

    /// A text in one line; numbers are shown as they stand.
    pub(crate) fn line(&self, field: &str) -> Option<String> {
        let text = self.shown(field)?;
        let words: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect();
        Some(cut(&words.join(" "), LINE_MAX_CHARS)).filter(|line| !line.is_empty())
    }

    /// A text of several lines.
    pub(crate) fn text(&self, field: &str) -> Option<String> {
        let text = self.shown(field)?.replace("\r\n", "\n");
        let text = text.replace(|c: char| c.is_control() && c != '\n', " ");
        Some(cut(text.trim(), TEXT_MAX_CHARS)).filter(|text| !text.is_empty())
    }

    /// Whether something is said to be so.
    pub(crate) fn flag(&self, field: &str) -> bool {
        let said = self.0.get(field).map_or("", |raw| raw.get());
        let said = said.trim_matches('"').to_ascii_lowercase();
        matches!(said.as_str(), "true" | "1" | "ja" | "yes")
    }

    /// A value as it is stated; what cannot even be told apart is not the same as nothing.
    pub(crate) fn stated(&self, field: &str) -> Angabe {
        self.0.get(field).map_or(Angabe::Null, |raw| {
            serde_json::from_str(raw.get())
                .unwrap_or_else(|_| Angabe::Other("unreadable".to_owned()))
        })
    }

    fn shown(&self, field: &str) -> Option<String> {
        let raw = self.0.get(field)?.get();
        match raw.chars().next()? {
            '"' => serde_json::from_str(raw).ok(),
            '-' | '0'..='9' => Some(raw.to_owned()),
            _ => None,
        }
    }
}

fn object(text: &str) -> Option<HashMap<String, Box<RawValue>>> {
    serde_json::from_str(text).ok()
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
