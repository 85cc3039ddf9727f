//! The use cases about templates (contract, 'Templates'), and what a template writes into a new email.

mod daten;

pub use daten::{
    DatenError, DatenErrors, ENTRIES_MAX as VORLAGE_LIST_MAX,
    TEXT_MAX_CHARS as VORLAGE_TEXT_MAX_CHARS,
};

use super::bodies::not_empty;
use super::{CreateEmail, Preview};
use crate::Adapters;
use crate::error::OutreachError;
use comm_domain::field;
use comm_domain::outreach::{EmailError, Inhalt, Source};
use comm_ports::content::Composed;
use comm_ports::templates::{FilledTemplate, TemplateError, Vorlage};
use serde_json::{Map, Value};
use thiserror::Error;

/// Why nothing can be written from a template.
#[derive(Debug, Error)]
pub enum VorlageError {
    /// There is no such template under this path.
    #[error("Template not found")]
    NotFound,
    /// A new email names a template that does not exist.
    #[error("vorlage must be one of: {0}")]
    Unknown(String),
    /// A template and a body.
    #[error("vorlage cannot be combined with inhalt_markdown, inhalt_html or inhalt_text")]
    BesideBody,
    /// Data for no template.
    #[error("vorlage_daten are given without vorlage, the name of the template that they are for")]
    WithoutVorlage,
    /// The data do not fit the template.
    #[error(transparent)]
    Daten(#[from] DatenErrors),
    /// The template itself is at fault.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// A template filled in, as it is shown to whoever tries it out.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownVorlage {
    /// The data that it was filled in with.
    pub daten: Map<String, Value>,
    /// The subject.
    pub betreff: String,
    /// Both parts, legal footer included.
    pub parts: Composed,
}

/// The use cases about templates. Cheap to clone.
#[derive(Clone)]
pub struct Vorlagen {
    adapters: Adapters,
}

impl Vorlagen {
    pub(crate) fn new(adapters: Adapters) -> Self {
        Self { adapters }
    }

    /// Every template that can be sent.
    ///
    /// # Errors
    /// A template that cannot be read.
    pub fn list(&self) -> Result<Vec<Vorlage>, OutreachError> {
        let templates = self.adapters.templates.list();
        Ok(templates.map_err(VorlageError::from)?)
    }

    /// What a mail from this template would say, with the given data or else with the sample data.
    /// Nothing is stored.
    ///
    /// # Errors
    /// A template that does not exist, data that do not fit, or a result that could not be stored.
    pub fn preview(&self, name: &str, request: Preview) -> Result<ShownVorlage, OutreachError> {
        let all = self.list()?;
        let vorlage = all.iter().find(|vorlage| vorlage.name == name);
        let vorlage = vorlage.ok_or(VorlageError::NotFound)?;
        let daten = request
            .daten
            .unwrap_or_else(|| vorlage.beispieldaten.clone());
        let filled = self.adapters.fill(vorlage, &daten)?;
        let betreff = field::line("betreff", filled.betreff.clone())?;
        let inhalt = Inhalt {
            legal_footer: request.add_legal_footer.unwrap_or(true),
            ..inhalt(filled)?
        };
        Ok(ShownVorlage {
            daten,
            betreff,
            parts: self.adapters.content.compose(&inhalt),
        })
    }
}

/// What a new email says.
pub(super) struct Written {
    /// The subject: the client's, else the template's.
    pub(super) betreff: Option<String>,
    /// Both bodies.
    pub(super) inhalt: Inhalt,
    /// The template that wrote them.
    pub(super) vorlage: Option<String>,
}

impl Adapters {
    /// Subject and bodies of a new email, from a template or from what the client wrote.
    pub(super) fn write(&self, request: &CreateEmail) -> Result<Written, OutreachError> {
        let bodies = request.bodies.clone();
        let source = Source::parse(bodies.markdown, bodies.html, bodies.text)?;
        let vorlage = given(&request.vorlage);
        let no_data = Map::new();
        let daten = request.vorlage_daten.as_ref().unwrap_or(&no_data);
        let mut written = match (vorlage, source) {
            (Some(_), Some(_)) => return Err(VorlageError::BesideBody.into()),
            (Some(name), None) => self.write_from(name, daten)?,
            (None, _) if !daten.is_empty() => return Err(VorlageError::WithoutVorlage.into()),
            (None, None) => return Err(EmailError::InhaltMissing.into()),
            (None, Some(source)) => Written {
                betreff: None,
                inhalt: self.content.render(&source),
                vorlage: None,
            },
        };
        not_empty(&written.inhalt)?;
        written.inhalt.legal_footer = request.add_legal_footer.unwrap_or(true);
        let own = match vorlage {
            Some(_) => given(&request.betreff).map(str::to_owned),
            None => request.betreff.clone(),
        };
        written.betreff = own.or(written.betreff);
        Ok(written)
    }

    fn write_from(&self, name: &str, daten: &Map<String, Value>) -> Result<Written, OutreachError> {
        let all = self.templates.list().map_err(VorlageError::from)?;
        let Some(vorlage) = all.iter().find(|vorlage| vorlage.name == name) else {
            let names: Vec<&str> = all.iter().map(|vorlage| vorlage.name.as_str()).collect();
            return Err(VorlageError::Unknown(names.join(", ")).into());
        };
        let filled = self.fill(vorlage, daten)?;
        Ok(Written {
            betreff: Some(filled.betreff.clone()),
            inhalt: inhalt(filled)?,
            vorlage: Some(vorlage.name.clone()),
        })
    }

    fn fill(
        &self,
        vorlage: &Vorlage,
        daten: &Map<String, Value>,
    ) -> Result<FilledTemplate, VorlageError> {
        let daten = daten::checked(&vorlage.variablen, daten)?;
        Ok(self.templates.fill(&vorlage.name, &daten)?)
    }
}

/// A text that says something: `""` stands for absent, as forms send it.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// Values are limited one by one; all of them together must keep to the limits of a body, too.
fn inhalt(filled: FilledTemplate) -> Result<Inhalt, OutreachError> {
    Ok(Inhalt {
        html: field::text("inhalt_html", filled.html)?,
        text: field::text("inhalt_text", filled.text)?,
        legal_footer: true,
    })
}
