//! The built-in templates between a company's data.

use comm_content::{Content, FooterConfig, TemplatesConfig, TeraTemplates};
use comm_domain::outreach::Inhalt;
use comm_ports::MailTemplates;
use comm_ports::templates::{FilledTemplate, Typ, Variable, Vorlage};
use serde_json::{Map, Value};

pub(crate) const COMPANY: &str = "Beispiel & Partner GmbH";

pub(crate) fn content() -> Content {
    Content::new(&FooterConfig {
        name: COMPANY.to_owned(),
        street: "Beispielstraße 1".to_owned(),
        plz: "10115".to_owned(),
        city: "Berlin".to_owned(),
        email: "info@example.com".to_owned(),
        ceo: "Erika Musterfrau".to_owned(),
        hrb: "HRB 12345, Amtsgericht Charlottenburg".to_owned(),
        privacy: "Hinweise zum Datenschutz: https://example.com/datenschutz".to_owned(),
        ..FooterConfig::default()
    })
}

pub(crate) fn templates() -> TeraTemplates {
    TeraTemplates::new(&TemplatesConfig::default(), COMPANY).unwrap()
}

pub(crate) fn vorlage(name: &str) -> Vorlage {
    let mut all = templates().list().unwrap().into_iter();
    all.find(|vorlage| vorlage.name == name).unwrap()
}

/// The sample data as the use cases hand them over: with `null` for whatever is not given.
pub(crate) fn sample(vorlage: &Vorlage) -> Map<String, Value> {
    complete(&vorlage.variablen, &vorlage.beispieldaten, |_| true)
}

/// The same without all that may be left out.
pub(crate) fn least(vorlage: &Vorlage) -> Map<String, Value> {
    complete(&vorlage.variablen, &vorlage.beispieldaten, |variable| {
        variable.pflicht
    })
}

fn complete(
    variablen: &[Variable],
    daten: &Map<String, Value>,
    keep: fn(&Variable) -> bool,
) -> Map<String, Value> {
    let value = |variable: &Variable| match (&variable.typ, daten.get(&variable.name)) {
        (_, None) => Value::Null,
        _ if !keep(variable) => Value::Null,
        (Typ::Liste(felder), Some(list)) => {
            let entries = list.as_array().unwrap().iter();
            let objects = entries.map(|entry| complete(felder, entry.as_object().unwrap(), keep));
            objects.collect()
        }
        (_, Some(value)) => value.clone(),
    };
    let named = variablen
        .iter()
        .map(|variable| (variable.name.clone(), value(variable)));
    named.collect()
}

pub(crate) fn filled(name: &str, daten: &Map<String, Value>) -> FilledTemplate {
    templates().fill(name, daten).unwrap()
}

/// A mail from the sample data, as it is stored.
pub(crate) fn stored(name: &str) -> Inhalt {
    let filled = filled(name, &sample(&vorlage(name)));
    Inhalt {
        html: filled.html,
        text: filled.text,
        legal_footer: true,
    }
}
