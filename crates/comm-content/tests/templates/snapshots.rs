//! What each template says, with all that it can be given and with nothing but what it must be given.

use crate::support::{content, filled, least, sample, templates, vorlage};
use comm_domain::outreach::Inhalt;
use comm_ports::templates::FilledTemplate;
use comm_ports::{ContentRenderer, MailTemplates};

macro_rules! assert_mail {
    ($name:expr, $mail:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($name, $mail) })
    };
}

/// Subject, HTML and text as they are shown. The styles are the same in each, so they are left out.
fn shown(mail: FilledTemplate) -> String {
    let parts = content().compose(&Inhalt {
        html: mail.html,
        text: mail.text,
        legal_footer: true,
    });
    let (before, style) = parts.html.split_once("<style>").unwrap();
    let (_, after) = style.split_once("</style>").unwrap();
    [&mail.betreff, before, after, &parts.text].join("\n=====\n")
}

#[test]
fn every_template_with_its_sample_data() {
    for vorlage in templates().list().unwrap() {
        let mail = filled(&vorlage.name, &sample(&vorlage));
        assert_mail!(vorlage.name.clone(), shown(mail));
    }
}

#[test]
fn every_template_with_the_least_that_it_needs() {
    for vorlage in templates().list().unwrap() {
        let mail = filled(&vorlage.name, &least(&vorlage));
        let text = [mail.betreff, mail.text].join("\n=====\n");
        assert_mail!(format!("{}_least", vorlage.name), text);
    }
}

#[test]
fn one_person_is_written_to_in_the_singular() {
    for name in ["batch_request", "confirmation"] {
        let mut daten = sample(&vorlage(name));
        daten["patienten"].as_array_mut().unwrap().truncate(1);
        let mail = filled(name, &daten);
        let text = [mail.betreff, mail.text].join("\n=====\n");
        assert_mail!(format!("{name}_one"), text);
    }
}

#[test]
fn both_parts_say_the_same_words() {
    for vorlage in templates().list().unwrap() {
        let mail = filled(&vorlage.name, &sample(&vorlage));
        let source = comm_domain::outreach::Source::Html {
            html: mail.html,
            text: None,
        };
        let words = |text: &str| {
            let letters = text.chars().filter(|c| c.is_alphanumeric());
            letters.collect::<String>()
        };
        // Only the HTML part has the company's name above the letter, and colons are columns there.
        let html = words(&content().render(&source).text);
        let html = html.strip_prefix("BeispielPartnerGmbH").unwrap();
        assert_eq!(html, words(&mail.text), "{}", vorlage.name);
    }
}
