//! The service's own templates, by Tera. They are trusted: what they write is not sanitised. Values are not:
//! they are escaped in HTML, and never read as a template.

mod files;
mod filter;
mod schema;

use comm_ports::MailTemplates;
use comm_ports::error::Cause;
use comm_ports::templates::{FilledTemplate, TemplateError, Vorlage};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tera::{Context, Tera};

use files::Files;

/// Where the templates come from (section `templates`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TemplatesConfig {
    /// A folder like `templates/email`, whose files are read anew when they change; empty: the templates
    /// that are built into the binary.
    pub folder: PathBuf,
}

/// The templates that can be sent. The frame, `basis`, is none of them.
const NAMES: &[&str] = &[
    "batch_request",
    "confirmation",
    "follow_up",
    "initial_contact",
];
/// What the frame knows besides a template's own data: the company's name, empty where none is configured.
const COMPANY: &str = "firma";

/// Templates in Tera's language.
pub struct TeraTemplates {
    folder: Option<PathBuf>,
    company: String,
    loaded: Mutex<Arc<Loaded>>,
}

/// What was made of the files.
struct Loaded {
    files: Files,
    tera: Tera,
    vorlagen: Vec<Vorlage>,
}

impl TeraTemplates {
    /// Reads every template, and tries each out.
    ///
    /// # Errors
    /// A file that is missing, a template or a schema that cannot be read, or one that its own sample data
    /// do not fit.
    pub fn new(config: &TemplatesConfig, company: &str) -> Result<Self, TemplateError> {
        let folder = Some(config.folder.clone()).filter(|folder| !folder.as_os_str().is_empty());
        let files = match &folder {
            Some(folder) => files::in_folder(folder)?,
            None => files::built_in(),
        };
        let company = company.trim().to_owned();
        let loaded = Arc::new(Loaded::new(files, &company)?);
        Ok(Self {
            folder,
            company,
            loaded: Mutex::new(loaded),
        })
    }

    /// The present templates. Contents are compared, not times: two changes may have the same time.
    fn current(&self) -> Result<Arc<Loaded>, TemplateError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &self.folder {
            let files = files::in_folder(folder)?;
            if files != loaded.files {
                *loaded = Arc::new(Loaded::new(files, &self.company)?);
            }
        }
        Ok(Arc::clone(&loaded))
    }
}

impl MailTemplates for TeraTemplates {
    fn list(&self) -> Result<Vec<Vorlage>, TemplateError> {
        Ok(self.current()?.vorlagen.clone())
    }

    fn fill(
        &self,
        name: &str,
        daten: &Map<String, Value>,
    ) -> Result<FilledTemplate, TemplateError> {
        self.current()?.fill(name, daten)
    }
}

impl Loaded {
    fn new(files: Files, company: &str) -> Result<Self, TemplateError> {
        let mut tera = Tera::new();
        tera.autoescape_on(vec![".html"]);
        tera.register_filter("datum", filter::datum);
        tera.global_context().insert(COMPANY, company);
        let templates = files.iter().filter(|(path, _)| !path.ends_with(".json"));
        let templates = templates.map(|(path, text)| (*path, text.as_ref()));
        let read = tera.add_raw_templates(templates);
        read.map_err(|error| broken("email", error))?;
        let schemas = NAMES.iter().map(|name| {
            let text = files.get(format!("{name}/schema.json").as_str());
            schema::parse(name, text.map(AsRef::as_ref).unwrap_or_default())
        });
        let vorlagen = schemas.collect::<Result<_, _>>()?;
        let loaded = Self {
            files,
            tera,
            vorlagen,
        };
        loaded.try_out()?;
        Ok(loaded)
    }

    /// Tera finds a misspelt variable only when it meets it, so each template is filled in with all that
    /// it can be given, and with nothing but what it must be given.
    fn try_out(&self) -> Result<(), TemplateError> {
        for vorlage in &self.vorlagen {
            let (most, least) = schema::samples(vorlage);
            self.fill(&vorlage.name, &most)?;
            self.fill(&vorlage.name, &least)?;
        }
        Ok(())
    }

    fn fill(
        &self,
        name: &str,
        daten: &Map<String, Value>,
    ) -> Result<FilledTemplate, TemplateError> {
        let context = Context::from_serialize(daten).map_err(|error| broken(name, error))?;
        let part = |file: &str| {
            let filled = self.tera.render(&format!("{name}/{file}"), &context);
            filled.map_err(|error| broken(name, error))
        };
        Ok(FilledTemplate {
            betreff: part("betreff.txt")?.trim().to_owned(),
            html: part("inhalt.html")?.trim().to_owned(),
            text: part("inhalt.txt")?.trim().to_owned(),
        })
    }
}

fn broken(name: &str, cause: impl Into<Cause>) -> TemplateError {
    TemplateError {
        name: name.to_owned(),
        cause: cause.into(),
    }
}
