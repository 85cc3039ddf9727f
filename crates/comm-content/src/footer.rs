//! The legal footer: company data below both parts of a mail. It is composed, never stored.

use serde::Deserialize;

use crate::escape::unescaped;
use crate::plain::linked;
use crate::sanitise;
use crate::tokens::{Token, Tokens};

/// The company data that German law wants in a business letter, from the configuration (contract, 'Email').
/// An empty field is left out; if all are empty, there is no footer. Line breaks count as blanks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FooterConfig {
    /// The company's name with its legal form.
    pub name: String,
    /// Street and house number.
    pub street: String,
    /// Postcode.
    pub plz: String,
    /// City.
    pub city: String,
    /// Country.
    pub country: String,
    /// The address for enquiries.
    pub email: String,
    /// The managing directors, separated by commas.
    pub ceo: String,
    /// Register number and court, for example `HRB 12345, Amtsgericht Charlottenburg`.
    pub hrb: String,
    /// A sentence on privacy.
    pub privacy: String,
}

/// The class of the HTML footer's outermost element; a stored footer is found by it.
const CLASS: &str = "legal-footer";

/// The footer in both forms.
#[derive(Debug)]
pub(crate) struct Footer {
    html: String,
    text: String,
    /// The visible characters of `html`.
    words: String,
}

impl Footer {
    pub(crate) fn new(config: &FooterConfig) -> Self {
        let blocks = blocks(config);
        // Sanitised once here, so that sanitising a mail that ends with it finds nothing to change.
        let html = sanitise::html(&html(&blocks));
        Self {
            words: words(&html),
            html,
            text: text(&blocks),
        }
    }

    /// The HTML part with the footer at its end; inside the body, where it is a whole document.
    pub(crate) fn below_html(&self, body: &str) -> String {
        if self.html.is_empty() {
            return body.to_owned();
        }
        let end = document_end(body);
        let (contents, closing) = body.split_at_checked(end).unwrap_or((body, ""));
        [contents, "\n", &self.html, closing]
            .concat()
            .trim_start()
            .to_owned()
    }

    /// The text part with the footer at its end.
    pub(crate) fn below_text(&self, body: &str) -> String {
        match (self.text.is_empty(), body.is_empty()) {
            (true, _) => body.to_owned(),
            (false, true) => self.text.clone(),
            (false, false) => [body, "\n\n", &self.text].concat(),
        }
    }

    /// Cuts every footer off the end of sanitised HTML.
    pub(crate) fn cut_html(&self, mut html: String) -> String {
        while let Some((start, end)) = self.find_in_html(&html) {
            let tail = html.split_off(end);
            html.truncate(start);
            html.truncate(html.trim_end().len());
            html.push_str(tail.trim_end());
        }
        html
    }

    /// Cuts every footer off the end of a text.
    pub(crate) fn cut_text<'t>(&self, text: &'t str) -> &'t str {
        let mut text = text.trim_end();
        while let Some(before) = self.cut_text_once(text) {
            text = before;
        }
        text
    }

    /// Lines are compared without their outer white space and blank lines do not count: mail programs cut the blank of
    /// the delimiter `-- `.
    fn cut_text_once<'t>(&self, text: &'t str) -> Option<&'t str> {
        if self.text.is_empty() {
            return None;
        }
        let mut rest = text;
        for line in self.text.lines().rev().filter(|line| !line.is_empty()) {
            rest = rest.trim_end();
            let (before, last) = rest.split_at_checked(rest.rfind('\n').map_or(0, |at| at + 1))?;
            if last.trim() != line.trim() {
                return None;
            }
            rest = before;
        }
        Some(rest.trim_end())
    }

    /// Where the last element of the footer's class stands, if it says what the footer says and nothing
    /// that can be seen follows. What else a person wrote into it is theirs, and is kept.
    fn find_in_html(&self, html: &str) -> Option<(usize, usize)> {
        if self.html.is_empty() {
            return None;
        }
        let start = html.get(..html.rfind(CLASS)?)?.rfind('<')?;
        let tail = html.get(start..)?;
        let length = element_length(tail)?;
        let same = words(tail.get(..length)?) == self.words;
        (same && is_blank(tail.get(length..)?)).then_some((start, start + length))
    }
}

/// Length in bytes of the footer element that `html` begins with.
fn element_length(html: &str) -> Option<usize> {
    let mut tokens = Tokens::new(html);
    let Some(Token::Start(first)) = tokens.next() else {
        return None;
    };
    let class = first.attributes.iter().find(|(key, _)| *key == "class")?.1;
    if first.name != "div" || !class.split_ascii_whitespace().any(|name| name == CLASS) {
        return None;
    }
    let mut depth = 1usize;
    while let Some(token) = tokens.next() {
        match token {
            Token::Start(tag) if tag.name == "div" => depth += 1,
            Token::End(name) if name == "div" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(tokens.position());
        }
    }
    None
}

fn is_blank(html: &str) -> bool {
    Tokens::new(html).all(|token| match token {
        Token::Text(text) => unescaped(text).trim().is_empty(),
        Token::Start(tag) => !matches!(tag.name.as_ref(), "img" | "hr"),
        Token::End(_) => true,
    })
}

/// All that can be read, without white space, which editors change.
fn words(html: &str) -> String {
    Tokens::new(html)
        .filter_map(|token| match token {
            Token::Text(text) => Some(unescaped(text)),
            Token::Start(_) | Token::End(_) => None,
        })
        .flat_map(|text| text.chars().collect::<Vec<_>>())
        .filter(|c| !c.is_whitespace())
        .collect()
}

/// Where the footer goes: before the end tags of a whole document, else at the end.
fn document_end(body: &str) -> usize {
    let mut end = body.trim_end();
    for closing in ["</html>", "</body>"] {
        let at = end.len().saturating_sub(closing.len());
        if let Some((before, last)) = end.split_at_checked(at)
            && last.eq_ignore_ascii_case(closing)
        {
            end = before.trim_end();
        }
    }
    end.len()
}

/// The lines of the footer in blocks: who we are, what the law wants, privacy.
fn blocks(config: &FooterConfig) -> Vec<Vec<String>> {
    let place = format!("{} {}", config.plz, config.city);
    let blocks = [
        vec![
            line("", &config.name),
            line("", &config.street),
            line("", &place),
            line("", &config.country),
            line("E-Mail: ", &config.email),
        ],
        vec![
            line("Geschäftsführung: ", &config.ceo),
            line("Handelsregister: ", &config.hrb),
        ],
        vec![line("", &config.privacy)],
    ];
    blocks
        .into_iter()
        .map(|lines| lines.into_iter().flatten().collect::<Vec<_>>())
        .filter(|lines| !lines.is_empty())
        .collect()
}

fn line(label: &str, value: &str) -> Option<String> {
    let value: Vec<&str> = value.split_whitespace().collect();
    (!value.is_empty()).then(|| format!("{label}{}", value.join(" ")))
}

fn html(blocks: &[Vec<String>]) -> String {
    if blocks.is_empty() {
        return String::new();
    }
    let paragraphs: String = blocks
        .iter()
        .map(|lines| lines.iter().map(|line| linked(line)).collect::<Vec<_>>())
        .map(|lines| format!("<p style=\"margin:0 0 8px 0\">{}</p>", lines.join("<br>")))
        .collect();
    format!(
        "<div class=\"{CLASS}\" style=\"margin-top:24px;padding-top:12px;border-top:1px solid #cccccc;\
         color:#595959;font-family:Arial,sans-serif;font-size:12px;line-height:1.5\">{paragraphs}</div>"
    )
}

/// The text form begins with the signature delimiter of RFC 3676: mail programs grey what is below it and
/// leave it out of replies, so that footers do not pile up in a conversation.
fn text(blocks: &[Vec<String>]) -> String {
    if blocks.is_empty() {
        return String::new();
    }
    let blocks: Vec<String> = blocks.iter().map(|lines| lines.join("\n")).collect();
    format!("-- \n{}", blocks.join("\n\n"))
}
