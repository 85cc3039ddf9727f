//! Which new bodies a `PUT` really asks for.

use super::Bodies;
use comm_domain::FieldError;
use comm_domain::outreach::{Email, EmailError, Inhalt, Source};
use comm_ports::ContentRenderer;

/// The bodies after a `PUT`; `None` leaves them as they are.
///
/// What equals the answer, footer included, counts as left out. Where only one part changes, the other
/// follows it if it had been made from it or if a template had made both, and stays if a person had
/// written it.
pub(super) fn changed(
    bodies: Bodies,
    email: &Email,
    content: &dyn ContentRenderer,
) -> Result<Option<Inhalt>, FieldError> {
    let stored = &email.inhalt;
    let shown = content.compose(stored);
    let new = |given: Option<String>, answered: &[&str]| {
        given.filter(|given| !answered.contains(&given.as_str()))
    };
    let html = new(bodies.html, &[&shown.html, &stored.html]);
    let text = new(bodies.text, &[&shown.text, &stored.text]);
    let Some(source) = Source::parse(bodies.markdown, html, text)? else {
        return Ok(None);
    };
    let rendered = Inhalt {
        legal_footer: stored.legal_footer,
        ..content.revise(&source, stored)
    };
    if email.vorlage.is_some() {
        return Ok(Some(rendered));
    }
    let derived = |from: Source| content.render(&from);
    Ok(Some(match source {
        Source::Html { text: None, .. } if !follows_html(stored, derived) => Inhalt {
            text: stored.text.clone(),
            ..rendered
        },
        Source::Text(_) if derived(Source::Text(stored.text.clone())).html != stored.html => {
            Inhalt {
                html: stored.html.clone(),
                ..rendered
            }
        }
        _ => rendered,
    }))
}

fn follows_html(stored: &Inhalt, derived: impl Fn(Source) -> Inhalt) -> bool {
    let from_html = Source::Html {
        html: stored.html.clone(),
        text: None,
    };
    derived(from_html).text == stored.text
}

/// What is nothing but a script or our own footer is no body.
pub(super) fn not_empty(inhalt: &Inhalt) -> Result<(), EmailError> {
    match inhalt.is_empty() {
        true => Err(EmailError::InhaltMissing),
        false => Ok(()),
    }
}
