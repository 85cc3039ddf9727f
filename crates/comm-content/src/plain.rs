//! Plain text: its stored form, and the HTML part that is made from it.

use linkify::{LinkFinder, LinkKind};

use crate::escape::escaped;

/// Line feeds only, and no white space at the end: the form in which a text part is stored.
pub(crate) fn normalised(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .trim_end()
        .to_owned()
}

/// Paragraphs at blank lines, a break at every other line end, bare URLs as links.
pub(crate) fn to_html(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines
        .split(|line| line.trim().is_empty())
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| {
            let lines: Vec<String> = paragraph.iter().map(|line| linked(line)).collect();
            format!("<p>{}</p>\n", lines.join("<br>\n"))
        })
        .collect()
}

/// Text as HTML, every bare `http` or `https` URL a link. Addresses stay text: mail programs link them
/// themselves, and a mistaken `mailto:` would be ours.
pub(crate) fn linked(text: &str) -> String {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    finder
        .spans(text)
        .map(|span| {
            let html = escaped(span.as_str());
            if span.kind().is_some() && is_web(span.as_str()) {
                format!("<a href=\"{html}\">{html}</a>")
            } else {
                html
            }
        })
        .collect()
}

fn is_web(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, _)| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_breaks_and_links() {
        assert_eq!(
            to_html("Hallo <Welt>,\nzweite Zeile\n\n\nSiehe https://example.com/?a=1&b=2."),
            "<p>Hallo &lt;Welt&gt;,<br>\nzweite Zeile</p>\n<p>Siehe \
             <a href=\"https://example.com/?a=1&amp;b=2\">https://example.com/?a=1&amp;b=2</a>.</p>\n"
        );
    }

    #[test]
    fn only_web_addresses_become_links() {
        for text in [
            "a@example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "www.example.com",
        ] {
            assert_eq!(linked(text), text);
        }
    }

    #[test]
    fn line_ends_of_every_system_are_the_same() {
        assert_eq!(normalised("a\r\nb\rc\n \n"), "a\nb\nc");
    }
}
