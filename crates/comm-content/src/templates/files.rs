//! The files of the templates: built into the binary, or in a folder.

use super::broken;
use comm_ports::templates::TemplateError;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file by its path below `templates/email`.
pub(super) type Files = BTreeMap<&'static str, Cow<'static, str>>;

macro_rules! embedded {
    ($($path:literal,)*) => {
        &[$(($path, include_str!(concat!("../../../../templates/email/", $path)))),*]
    };
}

/// Every file that there must be, with its text as it was when the binary was built.
const EMBEDDED: &[(&str, &str)] = embedded![
    "basis.html",
    "basis.txt",
    "batch_request/betreff.txt",
    "batch_request/inhalt.html",
    "batch_request/inhalt.txt",
    "batch_request/schema.json",
    "confirmation/betreff.txt",
    "confirmation/inhalt.html",
    "confirmation/inhalt.txt",
    "confirmation/schema.json",
    "follow_up/betreff.txt",
    "follow_up/inhalt.html",
    "follow_up/inhalt.txt",
    "follow_up/schema.json",
    "initial_contact/betreff.txt",
    "initial_contact/inhalt.html",
    "initial_contact/inhalt.txt",
    "initial_contact/schema.json",
];

pub(super) fn built_in() -> Files {
    let files = EMBEDDED.iter();
    files
        .map(|(path, text)| (*path, Cow::from(*text)))
        .collect()
}

/// The same files in a folder; others are left alone.
pub(super) fn in_folder(folder: &Path) -> Result<Files, TemplateError> {
    let paths = EMBEDDED.iter().map(|(path, _)| *path);
    let read = paths.map(|path| {
        let text = fs::read_to_string(folder.join(path)).map_err(|error| broken(path, error))?;
        Ok((path, Cow::from(text)))
    });
    read.collect()
}
