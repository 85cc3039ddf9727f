//! Mail bodies: markdown, sanitising, text from HTML, the legal footer, inlined styles; and the service's own
//! templates, which are trusted, while whatever comes from a client is not. Beside them, the folder of files that
//! can be attached.
//!
//! Every pass over a client's body works on a flat stream of tags and texts (`tokens`), so that no nesting can overflow the stack.

mod attachments;
mod balance;
mod document;
mod escape;
mod footer;
mod lines;
mod markdown;
mod plain;
mod sanitise;
mod templates;
mod text;
mod tokens;

use comm_domain::outreach::{Inhalt, Source};
use comm_ports::content::{Composed, ContentRenderer};

pub use crate::attachments::{Attachments, AttachmentsConfig};
use crate::document::Frame;
use crate::footer::Footer;
pub use crate::footer::FooterConfig;
pub use crate::templates::{TemplatesConfig, TeraTemplates};

/// Renders and composes mail bodies (contract, 'Email': the bullets on markdown, sanitising and the footer).
#[derive(Debug)]
pub struct Content {
    footer: Footer,
}

impl Content {
    /// A renderer that shows this company data below the mails whose flag says so.
    #[must_use]
    pub fn new(footer: &FooterConfig) -> Self {
        Self {
            footer: Footer::new(footer),
        }
    }

    fn html(&self, given: &str) -> String {
        self.footer.cut_html(sanitise::html(given))
    }

    fn text(&self, given: &str) -> String {
        self.footer.cut_text(&plain::normalised(given)).to_owned()
    }

    fn parts(&self, html: &str, text: Option<&str>) -> (String, String) {
        let html = self.html(html);
        let given = text.map(|text| self.text(text)).unwrap_or_default();
        match (html.is_empty(), given.is_empty()) {
            (_, true) => {
                let text = text::from_html(&html);
                (html, text)
            }
            // Nothing of the HTML is left: an empty part would hide the text in every mail program.
            (true, false) => (self.html(&plain::to_html(&given)), given),
            (false, false) => (html, given),
        }
    }
}

impl ContentRenderer for Content {
    fn render(&self, source: &Source) -> Inhalt {
        let (html, text) = match source {
            Source::Markdown(markdown) => {
                self.parts(&markdown::to_html(&self.text(markdown)), None)
            }
            Source::Html { html, text } => self.parts(html, text.as_deref()),
            Source::Text(text) => {
                let text = self.text(text);
                (self.html(&plain::to_html(&text)), text)
            }
        };
        Inhalt {
            html,
            text,
            legal_footer: true,
        }
    }

    fn revise(&self, source: &Source, stored: &Inhalt) -> Inhalt {
        let Source::Html { html, text } = source else {
            return self.render(source);
        };
        let frame = Frame::of(&stored.html);
        let inside = frame.and_then(|frame| Some((frame.contents(html)?, frame)));
        let Some((contents, frame)) = inside else {
            return self.render(source);
        };
        let (html, text) = self.parts(contents, text.as_deref());
        Inhalt {
            html: frame.around(&html),
            text,
            legal_footer: true,
        }
    }

    fn compose(&self, inhalt: &Inhalt) -> Composed {
        if !inhalt.legal_footer {
            return Composed {
                html: inhalt.html.clone(),
                text: inhalt.text.clone(),
            };
        }
        Composed {
            html: self.footer.below_html(&inhalt.html),
            text: self.footer.below_text(&inhalt.text),
        }
    }

    fn build(&self, inhalt: &Inhalt) -> Composed {
        let shown = self.compose(inhalt);
        Composed {
            html: document::for_mail(shown.html),
            text: shown.text,
        }
    }
}
