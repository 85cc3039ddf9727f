//! The text part that is made from sanitised HTML: no decoration, link targets in brackets behind the link.
//!
//! A walk of our own instead of html2text: that one cannot show a link once whose text is its target, and
//! lists in lists take it seconds and then fail for want of width. Lines are not wrapped, so no URL breaks.

use crate::balance::is_block;
use crate::escape::unescaped;
use crate::lines::Lines;
use crate::tokens::{Tag, Token, Tokens};

/// The text of sanitised HTML, as a person would type it.
pub(crate) fn from_html(html: &str) -> String {
    let mut walk = Walk::default();
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => walk.text(&unescaped(text)),
            Token::Start(tag) => walk.start(&tag),
            Token::End(name) => walk.end(&name),
        }
    }
    walk.lines.finish()
}

#[derive(Default)]
struct Walk {
    lines: Lines,
    /// How many `<pre>` are open.
    pre: usize,
    /// The open lists, each with its next number if it has numbers.
    lists: Vec<Option<u64>>,
    tables: Vec<Table>,
    link: Option<Link>,
}

#[derive(Default)]
struct Table {
    /// Its columns mean something, so an empty cell is shown.
    has_headings: bool,
    cells: usize,
    row_start: usize,
}

struct Link {
    target: String,
    start: usize,
}

impl Walk {
    fn text(&mut self, text: &str) {
        if self.pre > 0 {
            self.lines.preformatted(text);
        } else {
            self.lines.text(text);
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_ref();
        self.part(name);
        match name {
            "br" => self.lines.line_break(),
            "hr" => self.lines.word("---"),
            "img" => self.lines.text(&attribute(tag, "alt")),
            "a" => {
                self.link = Some(Link {
                    target: shown_target(&attribute(tag, "href")),
                    start: self.lines.len(),
                });
            }
            "pre" => self.pre += 1,
            "ul" => self.lists.push(None),
            "ol" => self
                .lists
                .push(Some(attribute(tag, "start").parse().unwrap_or(1))),
            "li" => self.open_item(),
            "blockquote" => self.lines.indent("> ", "> "),
            "dd" => self.lines.indent("  ", "  "),
            "table" => self.tables.push(Table::default()),
            "tr" => self.open_row(),
            "td" | "th" => self.open_cell(name),
            _ => self.lines.open_mark(marks(name).0),
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "a" => self.close_link(),
            "pre" => self.pre = self.pre.saturating_sub(1),
            "ul" | "ol" => {
                self.lists.pop();
            }
            "li" | "blockquote" | "dd" => self.lines.outdent(),
            "table" => {
                self.tables.pop();
                self.lines.forget_cell();
            }
            "del" | "s" | "strike" | "q" => {
                let (opening, closing) = marks(name);
                self.lines.close_mark(opening, closing);
            }
            _ => {}
        }
        self.part(name);
    }

    /// Parts a block from what stands before and behind it; within lists and columns without
    /// blank lines.
    fn part(&mut self, name: &str) {
        if !is_block(name) && !matches!(name, "tr" | "caption") {
            return;
        }
        let is_wide = matches!(
            name,
            "p" | "h1"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "ul"
                | "ol"
                | "dl"
                | "blockquote"
                | "pre"
                | "table"
                | "hr"
                | "figure"
        );
        let in_columns = self.tables.last().is_some_and(|table| table.has_headings);
        let is_dense = in_columns || !self.lists.is_empty();
        self.lines.block(if is_wide && !is_dense { 2 } else { 1 });
    }

    fn open_item(&mut self) {
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.lines.indent(&format!("{number}. "), "   ");
                *number = number.saturating_add(1);
            }
            _ => self.lines.indent("- ", "  "),
        }
    }

    fn open_row(&mut self) {
        self.lines.forget_cell();
        if let Some(table) = self.tables.last_mut() {
            table.cells = 0;
            table.row_start = self.lines.len();
        }
    }

    fn open_cell(&mut self, name: &str) {
        let Some(table) = self.tables.last_mut() else {
            return;
        };
        table.has_headings |= name == "th";
        table.cells += 1;
        match (table.cells, table.has_headings) {
            (1, _) => {}
            (_, true) => self.lines.column(table.row_start),
            (_, false) => self.lines.cell(),
        }
    }

    fn close_link(&mut self) {
        let Some(link) = self.link.take().filter(|link| !link.target.is_empty()) else {
            return;
        };
        let written = self.lines.since(link.start).trim();
        if written.is_empty() {
            self.lines.word(&link.target);
        } else if !without_slash(written).ends_with(without_slash(&link.target)) {
            self.lines.append(&format!("({})", link.target));
        }
    }
}

/// What is written around an element because its meaning would be lost without: struck-out words count as
/// said otherwise.
fn marks(name: &str) -> (&'static str, &'static str) {
    match name {
        "del" | "s" | "strike" => ("~~", "~~"),
        "q" => ("„", "“"),
        _ => ("", ""),
    }
}

/// A link's target as a person would type it: addresses and numbers without their scheme.
fn shown_target(href: &str) -> String {
    let mail = href.strip_prefix("mailto:");
    let mail = mail.map(|mail| mail.split('?').next().unwrap_or(mail));
    mail.or_else(|| href.strip_prefix("tel:"))
        .unwrap_or(href)
        .to_owned()
}

fn without_slash(url: &str) -> &str {
    url.strip_suffix('/').unwrap_or(url)
}

fn attribute(tag: &Tag<'_>, name: &str) -> String {
    let value = tag.attributes.iter().find(|(key, _)| *key == name);
    value.map_or_else(String::new, |(_, value)| unescaped(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_as_if_typed() {
        for (html, expected) in [
            (
                "<h1>A</h1><p>b <b>c</b>\nd</p><p>e<br>f<br><br>g</p>",
                "A\n\nb c d\n\ne\nf\n\ng",
            ),
            ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
            ("<p>a</p><hr><p>b</p>", "a\n\n---\n\nb"),
            ("a&nbsp;&amp;&lt;b&gt;", "a &<b>"),
            (
                "<blockquote><p>a</p><p>b</p></blockquote>c",
                "> a\n\n> b\n\nc",
            ),
            ("<pre>a\n\n\n  b\n</pre>c", "a\n\n\n  b\n\nc"),
            ("<del>a b</del> c <s></s>d<q>e</q>", "~~a b~~ c d„e“"),
            ("<img alt=\"Logo\" src=\"cid:x\"> a<img>", "Logo a"),
        ] {
            assert_eq!(from_html(html), expected, "{html}");
        }
    }

    #[test]
    fn lists_have_marks_and_numbers() {
        for (html, expected) in [
            (
                "<p>x</p><ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ul><p>y</p>",
                "x\n\n- a\n  - b\n- c\n\ny",
            ),
            (
                "<ol start=\"9\"><li>a<br>b</li><li>c</li></ol>",
                "9. a\n   b\n10. c",
            ),
            ("<dl><dt>a</dt><dd>b</dd></dl>", "a\n  b"),
        ] {
            assert_eq!(from_html(html), expected, "{html}");
        }
    }

    #[test]
    fn links_keep_their_targets() {
        for (html, expected) in [
            (
                "<a href=\"https://a.de\">Seite</a>.",
                "Seite (https://a.de).",
            ),
            ("<a href=\"https://a.de/\">https://a.de</a>", "https://a.de"),
            ("<a href=\"mailto:a@b.de?subject=x\">a@b.de</a>", "a@b.de"),
            ("<a href=\"tel:+4930\">Anruf</a>", "Anruf (+4930)"),
            (
                "<a href=\"https://a.de\"><div>a</div></a><p>b</p>",
                "a (https://a.de)\n\nb",
            ),
            (
                "<a href=\"https://a.de/?a=1&amp;b=2\"><img></a>",
                "https://a.de/?a=1&b=2",
            ),
            ("<a>a</a>", "a"),
        ] {
            assert_eq!(from_html(html), expected, "{html}");
        }
    }

    #[test]
    fn tables_become_lines() {
        for (html, expected) in [
            (
                "<table><tr><th>A</th><th>B</th><th>C</th></tr><tr><td><p>1</p></td><td></td><td>3</td></tr>\
                 <tr><td></td><td>2</td></tr></table>",
                "A | B | C\n1 | | 3\n| 2",
            ),
            (
                "<table><tr><td>&nbsp;</td><td>a</td><td> </td><td>b</td></tr><tr><td><p>c</p></td>\
                 <td>d</td></tr></table>e",
                "a | b\n\nc\n\nd\n\ne",
            ),
        ] {
            assert_eq!(from_html(html), expected, "{html}");
        }
    }
}
