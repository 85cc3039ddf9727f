//! Markdown to HTML. The result is as untrusted as its source: raw HTML passes through.

use std::iter::Peekable;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream, html};

use crate::plain::linked;

/// CommonMark with tables and strikethrough; every line end breaks the line, bare URLs become links.
pub(crate) fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let bounded = Bounded {
        events: Parser::new_ext(markdown, options).peekable(),
        quotes: 0,
        column: 0,
    };
    let mut verbatim = Verbatim::default();
    let events = TextMergeStream::new(bounded).map(|event| {
        verbatim.see(&event);
        match event {
            Event::SoftBreak => Event::HardBreak,
            Event::Text(text) if verbatim.depth == 0 => with_links(text),
            other => other,
        }
    });
    let mut out = String::with_capacity(markdown.len() + markdown.len() / 2);
    html::push_html(&mut out, events);
    out
}

fn with_links(text: CowStr<'_>) -> Event<'_> {
    if text.contains("://") {
        Event::InlineHtml(linked(&text).into())
    } else {
        Event::Text(text)
    }
}

/// Deepest quotation that is marked as one: each level costs one byte here and 27 as HTML.
const QUOTES_MAX: usize = 50;
/// Columns behind which an empty cell is left out: the parser fills up every short row of a table, so that
/// 8 KiB would become 2 MiB.
const COLUMNS_MAX: usize = 50;

/// The events of a document, without those that make much of little.
struct Bounded<'a> {
    events: Peekable<Parser<'a>>,
    quotes: usize,
    column: usize,
}

impl<'a> Iterator for Bounded<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            let event = self.events.next()?;
            match &event {
                Event::Start(Tag::BlockQuote(_)) => {
                    self.quotes += 1;
                    if self.quotes > QUOTES_MAX {
                        continue;
                    }
                }
                Event::End(TagEnd::BlockQuote(_)) => {
                    self.quotes = self.quotes.saturating_sub(1);
                    if self.quotes >= QUOTES_MAX {
                        continue;
                    }
                }
                Event::Start(Tag::TableHead | Tag::TableRow) => self.column = 0,
                Event::Start(Tag::TableCell) => {
                    self.column += 1;
                    let is_end = |next: &Event<'_>| *next == Event::End(TagEnd::TableCell);
                    if self.column > COLUMNS_MAX && self.events.next_if(is_end).is_some() {
                        continue;
                    }
                }
                _ => {}
            }
            return Some(event);
        }
    }
}

/// How deep we are in elements whose text is not searched for URLs: links, images, code.
#[derive(Default)]
struct Verbatim {
    depth: usize,
}

impl Verbatim {
    fn see(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => self.enter(),
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => self.leave(),
            Event::InlineHtml(html) => self.see_raw(html),
            // A raw element that is never closed counts to the end of its paragraph at most.
            Event::End(TagEnd::Paragraph) => self.depth = 0,
            _ => {}
        }
    }

    fn see_raw(&mut self, html: &str) {
        let tag = html.trim_start_matches(['<', '/']);
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next();
        let is_verbatim = name.is_some_and(|name| {
            ["a", "code", "pre"]
                .iter()
                .any(|verbatim| name.eq_ignore_ascii_case(verbatim))
        });
        match (is_verbatim, html.starts_with("</")) {
            (true, true) => self.leave(),
            (true, false) => self.enter(),
            (false, _) => {}
        }
    }

    fn enter(&mut self) {
        self.depth += 1;
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_breaks_become_hard() {
        assert_eq!(to_html("a\nb"), "<p>a<br />\nb</p>\n");
    }

    #[test]
    fn urls_become_links_but_not_inside_code_links_and_images() {
        let link = "<a href=\"https://a.de/b_c_d\">https://a.de/b_c_d</a>";
        assert_eq!(
            to_html("Siehe https://a.de/b_c_d."),
            format!("<p>Siehe {link}.</p>\n")
        );
        for verbatim in [
            "`https://a.de`",
            "[https://a.de](https://b.de)",
            "<a href=\"https://b.de\">https://a.de</a>",
            "<CODE>https://a.de</CODE>",
            "![https://a.de](https://b.de/i.png)",
            "    https://a.de",
        ] {
            let html = to_html(verbatim);
            assert!(!html.contains("href=\"https://a.de"), "{html}");
        }
    }

    #[test]
    fn an_unclosed_raw_link_ends_with_its_paragraph() {
        assert!(to_html("<a>x\n\nhttps://a.de").contains("href=\"https://a.de\""));
    }

    #[test]
    fn little_does_not_become_much() {
        let quotes = to_html(&format!("{}a", ">".repeat(10_000)));
        assert_eq!(quotes.matches("<blockquote>").count(), QUOTES_MAX);
        assert_eq!(quotes.matches("</blockquote>").count(), QUOTES_MAX);
        let columns = 60;
        let table = ["|a".repeat(columns), "|-".repeat(columns), "|b".to_owned()].join("|\n");
        let html = to_html(&table);
        assert_eq!(html.matches("<th>").count(), columns);
        assert_eq!(html.matches("<td>").count(), COLUMNS_MAX);
    }
}
