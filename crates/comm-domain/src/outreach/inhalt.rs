//! The two bodies of a mail, as they are stored: without the legal footer.

use crate::field::{self, FieldError};

/// Both bodies of an email. The legal footer is a flag: it is composed when the mail is shown or built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inhalt {
    /// The HTML part, sanitised.
    pub html: String,
    /// The plain text part.
    pub text: String,
    /// Whether the legal footer is shown below both.
    pub legal_footer: bool,
}

impl Inhalt {
    /// Whether nothing is left of what a client gave: an empty mail helps nobody.
    pub fn is_empty(&self) -> bool {
        self.html.is_empty() && self.text.is_empty()
    }
}

/// What a client gave as body, before it is rendered to both parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// CommonMark with tables and strikethrough.
    Markdown(String),
    /// Untrusted HTML, with the text part if the client gave one.
    Html {
        /// The HTML part as given.
        html: String,
        /// The text part; made from the HTML where it is missing.
        text: Option<String>,
    },
    /// Plain text alone; the HTML part is made from it.
    Text(String),
}

impl Source {
    /// Picks the body of a request: markdown wins, then HTML, then text; a blank one counts as absent.
    ///
    /// # Errors
    /// A body that is longer than 512 KiB or that contains a NUL. `Ok(None)` where there is no body.
    pub fn parse(
        markdown: Option<String>,
        html: Option<String>,
        text: Option<String>,
    ) -> Result<Option<Self>, FieldError> {
        let markdown = given("inhalt_markdown", markdown)?;
        let html = given("inhalt_html", html)?;
        let text = given("inhalt_text", text)?;
        Ok(match (markdown, html, text) {
            (Some(markdown), _, _) => Some(Self::Markdown(markdown)),
            (None, Some(html), text) => Some(Self::Html { html, text }),
            (None, None, Some(text)) => Some(Self::Text(text)),
            (None, None, None) => None,
        })
    }
}

fn given(name: &'static str, value: Option<String>) -> Result<Option<String>, FieldError> {
    value
        .filter(|value| !value.trim().is_empty())
        .map(|value| field::text(name, value))
        .transpose()
}
