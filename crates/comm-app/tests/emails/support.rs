//! A world of mocks, and a renderer that is simple enough to be read.

use crate::common;
use comm_app::outreach::{Bodies, CreateEmail};
use comm_app::{Adapters, Emails, PatientService, Services, Vorlagen, assemble};
use comm_domain::outreach::{Email, EmailId, Inhalt, Source};
use comm_ports::content::Composed;
use comm_ports::outreach::Kontaktdaten;
use comm_ports::templates::{FilledTemplate, TemplateError, Typ, Variable, Vorlage};
use comm_ports::testing::{MockOutreachStore, MockOutreachTx, MockSignals};
use comm_ports::{ContentRenderer, MailTemplates, Signal};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) use common::UNDO;
pub(crate) const FOOTER: &str = "Beispiel GmbH";

/// Markdown becomes a heading, text a paragraph, and HTML loses its tags.
pub(crate) struct Plain;

impl ContentRenderer for Plain {
    fn render(&self, source: &Source) -> Inhalt {
        let (html, text) = match source {
            Source::Markdown(words) => (format!("<h1>{words}</h1>"), words.clone()),
            Source::Html { html, text } => {
                let html = html.trim_end_matches(FOOTER).to_owned();
                let text = text.clone().unwrap_or_else(|| without_tags(&html));
                (html, text)
            }
            Source::Text(text) => (format!("<p>{text}</p>"), text.clone()),
        };
        Inhalt {
            html,
            text: text.trim_end_matches(FOOTER).to_owned(),
            legal_footer: true,
        }
    }

    fn revise(&self, source: &Source, stored: &Inhalt) -> Inhalt {
        let mut inhalt = self.render(source);
        let is_html = matches!(source, Source::Html { .. });
        if is_html && stored.html.starts_with("<frame>") {
            inhalt.html = format!("<frame>{}</frame>", inhalt.html);
        }
        inhalt
    }

    fn build(&self, inhalt: &Inhalt) -> Composed {
        self.compose(inhalt)
    }

    fn compose(&self, inhalt: &Inhalt) -> Composed {
        let footer = if inhalt.legal_footer { FOOTER } else { "" };
        Composed {
            html: format!("{}{footer}", inhalt.html),
            text: format!("{}{footer}", inhalt.text),
        }
    }
}

fn without_tags(html: &str) -> String {
    let mut inside = false;
    let keep = |c: &char| {
        let was_inside = inside;
        inside = (inside || *c == '<') && *c != '>';
        !was_inside && !inside
    };
    html.chars().filter(keep).collect()
}

/// `follow_up`, which repeats what it is given, and `kaputt`, which cannot be filled in.
struct TwoTemplates;

impl MailTemplates for TwoTemplates {
    fn list(&self) -> Result<Vec<Vorlage>, TemplateError> {
        let variable = |name: &str, pflicht| Variable {
            name: name.to_owned(),
            beschreibung: String::new(),
            pflicht,
            typ: Typ::Text,
        };
        let vorlage = |name: &str| Vorlage {
            name: name.to_owned(),
            beschreibung: String::new(),
            variablen: vec![variable("anrede", true), variable("hinweis", false)],
            beispieldaten: Map::from_iter([("anrede".to_owned(), json!("Guten Tag"))]),
        };
        Ok(vec![vorlage("follow_up"), vorlage("kaputt")])
    }

    fn fill(
        &self,
        name: &str,
        daten: &Map<String, Value>,
    ) -> Result<FilledTemplate, TemplateError> {
        assert_eq!(daten.len(), 2, "every variable has a value");
        let anrede = daten["anrede"].as_str().unwrap();
        match name {
            "follow_up" => Ok(FilledTemplate {
                betreff: format!("Erinnerung {anrede}"),
                html: format!("<frame>{}</frame>", anrede.repeat(300)),
                text: anrede.to_owned(),
            }),
            _ => Err(TemplateError {
                name: name.to_owned(),
                cause: "broken".into(),
            }),
        }
    }
}

/// The use cases over this store; exactly these signals must be raised, in this order.
pub(crate) fn emails(store: MockOutreachStore, raised: &[Signal]) -> Emails {
    emails_telling(store, raised, None)
}

/// The same, beside this Patient Service.
pub(crate) fn emails_telling(
    store: MockOutreachStore,
    raised: &[Signal],
    patient_service: Option<PatientService>,
) -> Emails {
    let mut signals = MockSignals::new();
    let mut order = mockall::Sequence::new();
    for signal in raised {
        signals
            .expect_raise()
            .with(mockall::predicate::eq(*signal))
            .times(1)
            .in_sequence(&mut order)
            .return_const(());
    }
    let adapters = adapters(store, signals, patient_service);
    assembled(&adapters).emails
}

fn adapters(
    store: MockOutreachStore,
    signals: MockSignals,
    patient_service: Option<PatientService>,
) -> Adapters {
    Adapters {
        store: Arc::new(store),
        content: Arc::new(Plain),
        templates: Arc::new(TwoTemplates),
        signals: Arc::new(signals),
        patient_service,
        ..common::adapters()
    }
}

/// The use cases about templates, which store nothing and raise nothing.
pub(crate) fn vorlagen() -> Vorlagen {
    let adapters = adapters(MockOutreachStore::new(), MockSignals::new(), None);
    assembled(&adapters).vorlagen
}

fn assembled(adapters: &Adapters) -> Services {
    assemble(adapters, common::settings())
}

/// A request with everything that is required.
pub(crate) fn request() -> CreateEmail {
    CreateEmail {
        therapist_id: Some(7),
        betreff: Some("Anfrage".to_owned()),
        bodies: Bodies {
            text: Some("Guten Tag".to_owned()),
            ..Bodies::default()
        },
        empfaenger_email: Some("praxis@example.org".to_owned()),
        empfaenger_name: Some("Dr. Ada Beispiel".to_owned()),
        ..CreateEmail::default()
    }
}

/// A store whose transactions are these, in this order.
pub(crate) fn store_with(transactions: Vec<MockOutreachTx>) -> MockOutreachStore {
    let mut store = MockOutreachStore::new();
    let count = transactions.len();
    let mut transactions = transactions.into_iter();
    store
        .expect_begin()
        .times(count)
        .returning(move || Ok(Box::new(transactions.next().unwrap())));
    store
}

/// A transaction that locks contact states, and knows of no contact and of no call.
pub(crate) fn bound_by_no_rule() -> MockOutreachTx {
    let mut tx = MockOutreachTx::new();
    tx.expect_lock_kontaktstand().returning(|_| Ok(()));
    tx.expect_kontaktdaten().returning(|ids, _| {
        let free = ids.iter().map(|id| (*id, Kontaktdaten::default()));
        Ok(free.collect())
    });
    tx.expect_anrufe_zu().returning(|_| Ok(Vec::new()));
    tx
}

/// A transaction that finds this email locked.
pub(crate) fn locks(email: Option<Email>) -> MockOutreachTx {
    let mut tx = bound_by_no_rule();
    tx.expect_lock_email()
        .with(mockall::predicate::eq(EmailId(1)))
        .times(1)
        .return_once(move |_| Ok(email));
    tx
}

/// It is also saved and committed.
pub(crate) fn saves(email: Email) -> MockOutreachTx {
    let mut tx = locks(Some(email));
    let mut order = mockall::Sequence::new();
    tx.expect_save_email()
        .times(1)
        .in_sequence(&mut order)
        .returning(|change| Ok(change.into_after()));
    tx.expect_commit()
        .times(1)
        .in_sequence(&mut order)
        .returning(|| Ok(()));
    tx
}
