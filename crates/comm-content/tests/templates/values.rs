//! Values are data: escaped in HTML, verbatim in text, and never a template.

use crate::support::{filled, sample, templates, vorlage};
use comm_ports::MailTemplates;
use comm_ports::templates::{Typ, Variable};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// What a template engine, a browser or a mail program would read.
const MARKUP: &str = "<b onclick=\"x()\">{{ 7 * 7 }}{% include 'basis.html' %}{# # #}&amp;'</b>";
const ESCAPED: &str = "&lt;b onclick=&quot;x()&quot;&gt;{{ 7 * 7 }}{% include &#39;basis.html&#39; %}{# # #}&amp;amp;&#39;&lt;/b&gt;";

/// The data with this text in every place where one can stand.
fn with_texts(variablen: &[Variable], text: &str, data: &Map<String, Value>) -> Map<String, Value> {
    let value = |variable: &Variable| match &variable.typ {
        Typ::Zeile | Typ::Text => json!(text),
        Typ::Liste(felder) => {
            let entries = data[&variable.name].as_array().unwrap().iter();
            let objects = entries.map(|entry| with_texts(felder, text, entry.as_object().unwrap()));
            objects.collect()
        }
        _ => data.get(&variable.name).cloned().unwrap_or_default(),
    };
    let named = variablen
        .iter()
        .map(|variable| (variable.name.clone(), value(variable)));
    named.collect()
}

#[test]
fn markup_in_a_value_is_text() {
    for vorlage in templates().list().unwrap() {
        let daten = with_texts(&vorlage.variablen, MARKUP, &sample(&vorlage));
        let mail = filled(&vorlage.name, &daten);
        assert!(mail.html.contains(ESCAPED), "{}", mail.html);
        assert!(!mail.html.contains("<b "), "{}", mail.html);
        assert!(!mail.html.contains("49"), "{}", mail.html);
        assert!(mail.text.contains(MARKUP), "{}", mail.text);
        assert!(!mail.text.contains("&lt;"), "{}", mail.text);
    }
}

#[test]
fn the_company_is_data_too() {
    use comm_content::{TemplatesConfig, TeraTemplates};
    let templates = TeraTemplates::new(&TemplatesConfig::default(), MARKUP).unwrap();
    let mail = templates
        .fill("follow_up", &sample(&vorlage("follow_up")))
        .unwrap();
    assert_eq!(mail.html.matches(ESCAPED).count(), 2);
    assert!(mail.text.contains(MARKUP));
}

#[test]
fn lines_of_a_value_stay_lines() {
    let mut daten = sample(&vorlage("confirmation"));
    daten["hinweis"] = json!("eins\nzwei <drei>");
    let mail = filled("confirmation", &daten);
    assert!(mail.html.contains("eins<br>zwei &lt;drei&gt;"));
    assert!(mail.text.contains("eins\nzwei <drei>"));
}

#[test]
fn without_a_company_no_empty_line_is_left() {
    use comm_content::{TemplatesConfig, TeraTemplates};
    let templates = TeraTemplates::new(&TemplatesConfig::default(), " ").unwrap();
    let mut daten = sample(&vorlage("follow_up"));
    daten.insert("telefon".to_owned(), Value::Null);
    let mail = templates.fill("follow_up", &daten).unwrap();
    assert!(mail.text.ends_with("Mit freundlichen Grüßen\nJana Muster"));
    assert!(mail.html.contains("Grüßen<br>\nJana Muster</p>"));
    assert!(!mail.html.contains("class=\"kopf\""));
}

#[test]
fn what_is_no_template_cannot_be_filled_in() {
    let daten = sample(&vorlage("follow_up"));
    for name in ["basis", "", "..", "follow_up/", "email"] {
        assert!(templates().fill(name, &daten).is_err(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a value looks, the HTML has the tags of the template and no other.
    #[test]
    fn no_value_adds_a_tag(index in 0_usize..4, text in "(\\PC|[<>&\"'{}%#]|<b>|</table>|<script>|-->|\\{\\{|%\\}){0,40}") {
        let vorlage = &templates().list().unwrap()[index];
        let sample = sample(vorlage);
        let tags = |text: &str| {
            let mail = filled(&vorlage.name, &with_texts(&vorlage.variablen, text, &sample));
            (mail.html.matches('<').count(), mail.html.matches('>').count(), mail.text)
        };
        let text = format!("x{text}");
        let (opening, closing, shown) = tags(&text);
        let (expected_opening, expected_closing, _) = tags("x");
        prop_assert_eq!((opening, closing), (expected_opening, expected_closing));
        prop_assert!(shown.contains(&text));
    }
}
