//! Well-nested, shallow HTML out of any HTML, before it is sanitised. Not a guard of its own: Ammonia is.
//!
//! It is there for the sake of time: the parser under Ammonia searches its stack of open elements for every
//! tag, copies unclosed formatting into every paragraph, and the writer under it searches a text again for
//! every `&`; each of these takes hostile input of 512 KiB to minutes or gigabytes.

use std::collections::HashMap;

use crate::sanitise::{allowed_tag, is_void};
use crate::tokens::{Tag, Token, Tokens};

/// Deepest nesting that is kept; a mail of tables in tables has about 80. Deeper tags are left out, their
/// text is not.
const DEPTH_MAX: usize = 100;
/// Bytes after which a text is cut in two, see [`Balanced::text`].
const TEXT_NODE_MAX: usize = 2048;

/// The same text with allowed tags only, each closed where it must be.
pub(crate) fn balanced(html: &str) -> String {
    let mut balanced = Balanced {
        out: String::with_capacity(html.len()),
        ..Balanced::default()
    };
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => balanced.text(text),
            Token::Start(tag) => balanced.start(&tag),
            Token::End(name) => balanced.end(&name),
        }
    }
    balanced.close_to(0);
    balanced.out
}

#[derive(Default)]
struct Balanced {
    out: String,
    open: Vec<&'static str>,
    /// Start tags left out because of their depth, whose end tags are still to come.
    left_out: HashMap<&'static str, usize>,
    /// The last thing written is `<pre>`.
    after_pre: bool,
}

impl Balanced {
    /// Writes a text, with an empty comment now and then: it parts the text into nodes, each of which the
    /// writer under Ammonia can search in no time, and is stripped from the result.
    fn text(&mut self, text: &str) {
        let text = match self.after_pre {
            // The parser drops one line feed here. We drop all, so that a second pass changes nothing.
            true => text.trim_start_matches(['\r', '\n']),
            false => text,
        };
        if text.is_empty() {
            return;
        }
        self.after_pre = false;
        if !text.trim_ascii().is_empty() {
            self.leave_table_frame();
        }
        let mut node = 0;
        for c in text.chars() {
            // No entity is cut in two: it has no white space, no second `&`, and is ASCII.
            if node >= TEXT_NODE_MAX && (c == '&' || c.is_ascii_whitespace() || !c.is_ascii()) {
                self.out.push_str("<!---->");
                node = 0;
            }
            node += c.len_utf8();
            match c {
                '<' => self.out.push_str("&lt;"),
                '\0' => {}
                c => self.out.push(c),
            }
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let Some(name) = allowed_tag(&tag.name) else {
            return;
        };
        if is_table_part(name) {
            if !self.prepare_table_part(name) {
                return;
            }
        } else {
            self.close_implied(name);
            self.leave_table_frame();
        }
        if is_void(name) {
            self.write(name, &tag.attributes);
        } else if self.open.len() < DEPTH_MAX {
            self.write(name, &tag.attributes);
            self.open.push(name);
            self.after_pre = name == "pre";
        } else {
            *self.left_out.entry(name).or_default() += 1;
        }
    }

    fn end(&mut self, name: &str) {
        let Some(name) = allowed_tag(name) else {
            return;
        };
        if let Some(left_out) = self.left_out.get_mut(name).filter(|left| **left > 0) {
            *left_out -= 1;
            return;
        }
        let walls: &[&str] = if name == "table" {
            &[]
        } else if is_table_part(name) {
            &["table"]
        } else {
            CELL_WALLS
        };
        if let Some(at) = self.innermost(&[name], walls) {
            self.close_to(at);
        }
    }

    /// Closes what a start tag closes without an end tag of its own.
    fn close_implied(&mut self, name: &str) {
        let (closes, walls): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ul", "ol", "td", "th", "caption", "table"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl", "td", "th", "caption", "table"]),
            "a" => (&["a"], CELL_WALLS),
            _ => (&[], &[]),
        };
        if let Some(at) = self.innermost(closes, walls) {
            self.close_to(at);
        }
        if is_block(name)
            && let Some(at) = self.innermost(&["p"], CELL_WALLS)
        {
            self.close_to(at);
        }
        let top = self.open.last().copied().unwrap_or_default();
        if is_heading(name) && is_heading(top) {
            self.close_to(self.open.len() - 1);
        }
    }

    /// Closes and opens rows as needed; false outside of a table, where its parts mean nothing.
    fn prepare_table_part(&mut self, name: &str) -> bool {
        let parents: &[&str] = match name {
            "td" | "th" => &["tr", "tbody", "thead", "tfoot", "table"],
            "tr" => &["tbody", "thead", "tfoot", "table"],
            _ => &["table"],
        };
        let Some(at) = self.innermost(parents, &[]) else {
            return false;
        };
        self.close_to(at + 1);
        if matches!(name, "td" | "th") && self.open.last() != Some(&"tr") {
            self.push("tr");
        }
        true
    }

    /// Content between the cells of a table goes into a cell of its own; the parser would move it in front
    /// of the table, at a cost that grows with all that stands there.
    fn leave_table_frame(&mut self) {
        match self.open.last().copied() {
            Some("table" | "tbody" | "thead" | "tfoot") => {
                self.push("tr");
                self.push("td");
            }
            Some("tr") => self.push("td"),
            _ => {}
        }
    }

    fn innermost(&self, names: &[&str], walls: &[&str]) -> Option<usize> {
        let at = self
            .open
            .iter()
            .rposition(|open| names.contains(open) || walls.contains(open))?;
        self.open
            .get(at)
            .is_some_and(|open| names.contains(open))
            .then_some(at)
    }

    fn push(&mut self, name: &'static str) {
        self.write(name, &[]);
        self.open.push(name);
    }

    fn write(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.after_pre = false;
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            if key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            {
                self.out.push(' ');
                self.out.push_str(key);
                self.out.push_str("=\"");
                self.out.push_str(&value.replace('"', "&quot;"));
                self.out.push('"');
            }
        }
        self.out.push('>');
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth
            && let Some(name) = self.open.pop()
        {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
            self.after_pre = false;
        }
    }
}

/// Elements that an end tag from within does not reach past.
const CELL_WALLS: &[&str] = &["td", "th", "caption", "table"];

fn is_table_part(name: &str) -> bool {
    matches!(
        name,
        "caption" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th"
    )
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Elements that end a paragraph.
pub(crate) fn is_block(name: &str) -> bool {
    is_heading(name)
        || matches!(
            name,
            "address"
                | "article"
                | "aside"
                | "blockquote"
                | "center"
                | "dd"
                | "details"
                | "div"
                | "dl"
                | "dt"
                | "figcaption"
                | "figure"
                | "footer"
                | "header"
                | "hr"
                | "li"
                | "main"
                | "nav"
                | "ol"
                | "p"
                | "pre"
                | "section"
                | "summary"
                | "table"
                | "ul"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_closed_where_they_must_be() {
        for (given, expected) in [
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("<p><b>a<div>b</div>", "<p><b>a</b></p><div>b</div>"),
            (
                "<ul><li>a<li>b<ul><li>c</ul></ul>",
                "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
            ),
            ("<b><i>a</b>b</i>c", "<b><i>a</i></b>bc"),
            ("<a>x<a>y", "<a>x</a><a>y</a>"),
            ("</p>a</b><br></br>", "a<br>"),
            ("<x>a</x><svg>b</svg>", "ab"),
            ("<h1>a<h2>b", "<h1>a</h1><h2>b</h2>"),
        ] {
            assert_eq!(balanced(given), expected);
        }
    }

    #[test]
    fn tables_get_the_rows_and_cells_they_lack() {
        for (given, expected) in [
            ("<td>a</td>", "a"),
            (
                "<table><td>a<td>b",
                "<table><tr><td>a</td><td>b</td></tr></table>",
            ),
            (
                "<table>a<tr>b",
                "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>",
            ),
            (
                "<table><tr><td>a</div></p>b",
                "<table><tr><td>ab</td></tr></table>",
            ),
            (
                "<p>a<table> <tr></table>",
                "<p>a</p><table> <tr></tr></table>",
            ),
        ] {
            assert_eq!(balanced(given), expected);
        }
    }

    #[test]
    fn the_text_of_deep_markup_stays() {
        let deep = format!("{}x{}y", "<div>".repeat(10_000), "</div>".repeat(10_000));
        let html = balanced(&deep);
        assert_eq!(html.matches("<div>").count(), DEPTH_MAX);
        assert!(html.contains('x') && html.ends_with("</div>y"));
    }

    #[test]
    fn long_texts_are_parted_but_no_entity_is() {
        let html = balanced(&"&amp;".repeat(2_000));
        assert_eq!(html.replace("<!---->", ""), "&amp;".repeat(2_000));
        assert_eq!(html.matches(";<!---->&").count(), 4);
    }
}
