//! HTML as a flat stream of tags and texts, in one linear pass. Nothing here decides what is allowed, and
//! nothing relies on this reading for safety: Ammonia parses again what is written from it.
//!
//! Why not the tokenizer of html5ever: it compares each attribute of a tag with all before, so that one
//! tag of 512 KiB takes seconds.

use std::borrow::Cow;

/// One piece of a document. Comments, doctypes and the contents of scripts and styles are left out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Text as written, entities included; it may contain a lone `<`.
    Text(&'a str),
    /// A start tag.
    Start(Tag<'a>),
    /// An end tag with its lower-case name.
    End(Cow<'a, str>),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// The name in lower case.
    pub(crate) name: Cow<'a, str>,
    /// Names and values as written, entities included.
    pub(crate) attributes: Vec<(&'a str, &'a str)>,
}

/// More attributes, or a longer value (bytes), than any mail program writes; what is beyond is left out.
const ATTRIBUTES_MAX: usize = 32;
const VALUE_MAX: usize = 8 * 1024;

/// The tokens of a document. [`Tokens::position`] tells how far it has been read.
pub(crate) struct Tokens<'a> {
    html: &'a str,
    position: usize,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(html: &'a str) -> Self {
        Self { html, position: 0 }
    }

    /// Bytes read so far: the end of the last token.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    fn rest(&self) -> &'a str {
        self.html.get(self.position..).unwrap_or_default()
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let taken = self.rest().get(..bytes).unwrap_or(self.rest());
        self.position += taken.len();
        taken
    }

    /// Skips to behind the next `end`, or to the end of the document, as browsers do.
    fn skip_past(&mut self, end: &str) {
        let rest = self.rest();
        self.take(rest.find(end).map_or(rest.len(), |at| at + end.len()));
    }

    fn text(&mut self) -> Option<Token<'a>> {
        let length = text_length(self.rest());
        (length > 0).then(|| Token::Text(self.take(length)))
    }

    /// Reads markup that stands at the position; `None` where it yields no token.
    fn markup(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        if let Some(comment) = rest.strip_prefix("<!--") {
            self.take("<!--".len());
            if !comment.starts_with('>') && !comment.starts_with("->") {
                self.skip_past("-->");
                return None;
            }
        }
        let is_end = rest.starts_with("</");
        let name_at = if is_end { 2 } else { 1 };
        if !rest
            .as_bytes()
            .get(name_at)
            .is_some_and(u8::is_ascii_alphabetic)
        {
            self.skip_past(">");
            return None;
        }
        let Some((tag, length)) = parse_tag(rest, name_at) else {
            // The document ends inside a tag: rather than to drop what might be words, we show it.
            return Some(Token::Text(self.take(rest.len())));
        };
        self.take(length);
        if is_end {
            return Some(Token::End(tag.name));
        }
        match tag.name.as_ref() {
            "textarea" | "xmp" => self.raw(&tag.name).map(Token::Text),
            "script" | "style" | "title" | "iframe" | "noembed" | "noframes" => {
                self.raw(&tag.name);
                None
            }
            _ => Some(Token::Start(tag)),
        }
    }

    /// The contents of an element in which tags are not read, up to its end tag.
    fn raw(&mut self, name: &str) -> Option<&'a str> {
        let rest = self.rest();
        let end = rest.match_indices("</").find(|(at, _)| {
            rest.get(at + 2..at + 2 + name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
        });
        let contents = self.take(end.map_or(rest.len(), |(at, _)| at));
        (!contents.is_empty()).then_some(contents)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while self.position < self.html.len() {
            if let Some(token) = self.text().or_else(|| self.markup()) {
                return Some(token);
            }
        }
        None
    }
}

/// Bytes up to the next `<` that begins markup; every other `<` is text.
fn text_length(rest: &str) -> usize {
    rest.match_indices('<')
        .find(|(at, _)| {
            rest.as_bytes()
                .get(at + 1)
                .is_some_and(|next| next.is_ascii_alphabetic() || b"/!?".contains(next))
        })
        .map_or(rest.len(), |(at, _)| at)
}

/// The tag at the beginning of `rest` and its length; `None` if it does not end.
fn parse_tag(rest: &str, name_at: usize) -> Option<(Tag<'_>, usize)> {
    let mut at =
        name_at + length_until(rest.get(name_at..)?, |b| is_space(b) || b"/>".contains(&b));
    let name = lower_case(rest.get(name_at..at)?);
    let mut attributes = Vec::new();
    loop {
        let tail = rest.get(at..)?;
        at += length_until(tail, |b| !is_space(b) && b != b'/');
        let tail = rest.get(at..)?;
        if tail.is_empty() {
            return None;
        }
        if tail.starts_with('>') {
            return Some((Tag { name, attributes }, at + 1));
        }
        let (key, value, length) = parse_attribute(tail)?;
        at += length;
        if attributes.len() < ATTRIBUTES_MAX && value.len() <= VALUE_MAX {
            attributes.push((key, value));
        }
    }
}

/// One attribute: name, value, length of both; `None` if its quote does not end.
fn parse_attribute(tail: &str) -> Option<(&str, &str, usize)> {
    // A leading `=` belongs to the name, else the name would be empty and the loop would stand still.
    let name = 1 + length_until(tail.get(1..)?, |b| is_space(b) || b"/>=".contains(&b));
    let key = tail.get(..name).unwrap_or_default();
    let equals = name + length_until(tail.get(name..)?, |b| !is_space(b));
    let Some(value) = tail.get(equals..)?.strip_prefix('=') else {
        return Some((key, "", name));
    };
    let start = equals + 1 + length_until(value, |b| !is_space(b));
    let value = tail.get(start..)?;
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            let length = quoted.find(quote)?;
            return Some((key, quoted.get(..length)?, start + length + 2));
        }
    }
    let length = length_until(value, |b| is_space(b) || b == b'>');
    Some((key, value.get(..length)?, start + length))
}

fn length_until(text: &str, stop: impl Fn(u8) -> bool) -> usize {
    text.bytes().position(stop).unwrap_or(text.len())
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> Vec<String> {
        Tokens::new(html)
            .map(|token| match token {
                Token::Text(text) => text.to_owned(),
                Token::Start(tag) => format!("<{} {:?}>", tag.name, tag.attributes),
                Token::End(name) => format!("</{name}>"),
            })
            .collect()
    }

    #[test]
    fn attributes_in_every_spelling() {
        assert_eq!(
            shown("<A b c=d e='f>' g = \"h\"/>x</A >"),
            [
                r#"<a [("b", ""), ("c", "d"), ("e", "f>"), ("g", "h")]>"#,
                "x",
                "</a>"
            ]
        );
    }

    #[test]
    fn what_browsers_do_not_show_is_left_out() {
        assert_eq!(
            shown("a<!-- b --><!--><?c><!d></ e><SCRIPT>f</p></script >g<title>h</title>"),
            ["a", "</script>", "g", "</title>"]
        );
    }

    #[test]
    fn what_might_be_words_is_text() {
        assert_eq!(shown("1 < 2 <3 <"), ["1 < 2 <3 <"]);
        assert_eq!(shown("a <b c=\"d"), ["a ", "<b c=\"d"]);
        assert_eq!(shown("<textarea><b></textarea>"), ["<b>", "</textarea>"]);
    }

    #[test]
    fn attributes_beyond_the_limit_are_left_out() {
        let many: String = (0..100).map(|n| format!(" a{n}=b")).collect();
        let long = format!("<a href=\"{}\" title=t>", "x".repeat(VALUE_MAX + 1));
        let count = |html: &str| match Tokens::new(html).next() {
            Some(Token::Start(tag)) => tag.attributes.len(),
            _ => 0,
        };
        assert_eq!(count(&format!("<a{many}>")), ATTRIBUTES_MAX);
        assert_eq!(count(&long), 1);
    }
}
