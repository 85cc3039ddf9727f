//! Which new bodies a `PUT` really asks for.

use super::Bodies;
use comm_domain::FieldError;
use comm_domain::outreach::{Email, EmailError, Inhalt, Source};
use comm_ports::ContentRenderer;

/// The bodies after a `PUT`; `None` leaves them as they are.
///
/// What equals the answer, footer included, counts as left out. Where only one part changes, the other
/// follows it if it had been made from it, and stays if a person had written it. A template writes both; there a part
/// stays that is sent back and says something else than the other.
///
/// # Errors
/// A part that is too large, or one of which nothing is left beside one that stays.
pub(super) fn changed(
    bodies: Bodies,
    email: &Email,
    content: &dyn ContentRenderer,
) -> Result<Option<Inhalt>, FieldError> {
    let stored = &email.inhalt;
    let shown = content.compose(stored);
    let (html, html_is_sent_back) = unless_answered(bodies.html, [&shown.html, &stored.html]);
    let (text, text_is_sent_back) = unless_answered(bodies.text, [&shown.text, &stored.text]);
    let Some(source) = Source::parse(bodies.markdown, html, text)? else {
        return Ok(None);
    };
    let rendered = Inhalt {
        legal_footer: stored.legal_footer,
        ..content.revise(&source, stored)
    };
    let derived = |from: Source| content.render(&from);
    let stays = |is_sent_back: bool, follows: &dyn Fn() -> bool| match email.vorlage {
        Some(_) => is_sent_back && !agree(stored, derived),
        None => !follows(),
    };
    let text_follows = || from_html(stored, derived) == stored.text;
    let html_follows = || derived(Source::Text(stored.text.clone())).html == stored.html;
    Ok(Some(match source {
        Source::Html { text: None, .. } if stays(text_is_sent_back, &text_follows) => Inhalt {
            html: not_blank("inhalt_html", rendered.html)?,
            ..stored.clone()
        },
        Source::Text(_) if stays(html_is_sent_back, &html_follows) => Inhalt {
            text: not_blank("inhalt_text", rendered.text)?,
            ..stored.clone()
        },
        _ => rendered,
    }))
}

/// The part unless it is as it was answered, or stored, and whether it is so.
fn unless_answered(given: Option<String>, answered: [&String; 2]) -> (Option<String>, bool) {
    match given {
        Some(given) if answered.contains(&&given) => (None, true),
        given => (given, false),
    }
}

/// An empty part would hide the one that stays in every mail program that prefers it.
fn not_blank(field: &'static str, part: String) -> Result<String, FieldError> {
    match part.is_empty() {
        true => Err(FieldError::invalid(field, "must have something to show")),
        false => Ok(part),
    }
}

fn from_html(stored: &Inhalt, derived: impl Fn(Source) -> Inhalt) -> String {
    let html = stored.html.clone();
    derived(Source::Html { html, text: None }).text
}

/// Whether both parts say the same words, but for one line that the HTML may have above them: whose letter it is.
fn agree(stored: &Inhalt, derived: impl Fn(Source) -> Inhalt) -> bool {
    let letters = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    let (html, text) = (from_html(stored, derived), letters(&stored.text));
    let below = html.split_once('\n').map(|(_, below)| letters(below));
    letters(&html) == text || below == Some(text)
}

/// What is nothing but a script or our own footer is no body.
pub(super) fn not_empty(inhalt: &Inhalt) -> Result<(), EmailError> {
    match inhalt.is_empty() {
        true => Err(EmailError::InhaltMissing),
        false => Ok(()),
    }
}
