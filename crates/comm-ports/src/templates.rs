//! The templates that mails are written from.

use crate::error::Cause;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;
use thiserror::Error;

/// A template that can be sent, as clients see it (contract, 'Templates').
#[derive(Debug, Clone, PartialEq)]
pub struct Vorlage {
    /// Its name, for example `follow_up`.
    pub name: String,
    /// What it is for, in a sentence for the staff.
    pub beschreibung: String,
    /// What it needs to know. Data with any other name are refused.
    pub variablen: Vec<Variable>,
    /// Data that fit, of nobody who exists.
    pub beispieldaten: Map<String, Value>,
}

/// One value that a template needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name in the data.
    pub name: String,
    /// What it says in the mail, for the staff.
    pub beschreibung: String,
    /// Whether it may not be left out.
    pub pflicht: bool,
    /// What it must be.
    pub typ: Typ,
}

/// What the value of a variable must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Typ {
    /// One line of text.
    Zeile,
    /// Text of one or several lines.
    Text,
    /// A whole number between two others.
    Ganzzahl(RangeInclusive<i64>),
    /// A date, `YYYY-MM-DD`.
    Datum,
    /// A time of day, `HH:MM`.
    Uhrzeit,
    /// A list of objects, each with these fields; never an empty one.
    Liste(Vec<Variable>),
}

impl Typ {
    /// Its name on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Zeile => "zeile",
            Self::Text => "text",
            Self::Ganzzahl(_) => "ganzzahl",
            Self::Datum => "datum",
            Self::Uhrzeit => "uhrzeit",
            Self::Liste(_) => "liste",
        }
    }
}

/// A template filled in. The HTML is a whole document whose styles stand in its head; values in it are
/// escaped, and need no sanitising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledTemplate {
    /// The subject.
    pub betreff: String,
    /// The HTML part.
    pub html: String,
    /// The plain text part.
    pub text: String,
}

/// A template that cannot be read or filled in: a defect of its author, not of a client. The words are
/// for the log.
#[derive(Debug, Error)]
#[error("the template {name} cannot be used: {cause}")]
pub struct TemplateError {
    /// The template, or the file of the frame.
    pub name: String,
    /// What is wrong with it.
    pub cause: Cause,
}

/// The templates of mails. Values given are data: they are never read as a template themselves.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait MailTemplates: Send + Sync {
    /// Every template that can be sent, by name.
    ///
    /// # Errors
    /// A template that cannot be read.
    fn list(&self) -> Result<Vec<Vorlage>, TemplateError>;

    /// Fills one in with data that fit its variables; optional ones that are not given are `null`.
    ///
    /// # Errors
    /// A template that does not exist, or that cannot be filled in.
    fn fill(&self, name: &str, daten: &Map<String, Value>)
    -> Result<FilledTemplate, TemplateError>;
}
