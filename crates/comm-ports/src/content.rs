//! Turning what a client wrote into the two parts of a mail.

use comm_domain::outreach::{Inhalt, Source};

/// Both parts as they are shown or sent, footer included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Composed {
    /// The HTML part.
    pub html: String,
    /// The plain text part.
    pub text: String,
}

/// Renders, sanitises and composes mail bodies. Pure computation: it cannot fail and does no I/O.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait ContentRenderer: Send + Sync {
    /// Renders a client's body to both parts: markdown to HTML and text, HTML sanitised, a missing part
    /// made from the other. A legal footer at the end of a given body is cut off, so that it is never
    /// stored; it will be shown unless the caller clears `legal_footer`.
    fn render(&self, source: &Source) -> Inhalt;

    /// The same for a body that takes the place of `stored`. The document of a template keeps its frame and
    /// its styles, if what was given is that document with other contents.
    fn revise(&self, source: &Source, stored: &Inhalt) -> Inhalt;

    /// The parts as they are shown: with the legal footer once, where the flag is set.
    fn compose(&self, inhalt: &Inhalt) -> Composed;

    /// The parts as they are sent: as they are shown, and the HTML a whole document with its styles
    /// inlined, since mail programs ignore much of what stands in its head.
    fn build(&self, inhalt: &Inhalt) -> Composed;
}
