//! Whole documents: what a template writes is one, what a client gives never stays one.

use std::sync::LazyLock;

use css_inline::CSSInliner;

/// How a document begins. No fragment does: Ammonia knows no doctype.
const DOCTYPE: &str = "<!doctype html>";

/// All of a template's document that does not belong to the mail's contents.
pub(crate) struct Frame<'a> {
    /// Up to the start of the body, styles included.
    head: &'a str,
}

impl<'a> Frame<'a> {
    /// The frame of a stored body; `None` for a fragment, which is all that sanitising leaves.
    pub(crate) fn of(html: &'a str) -> Option<Self> {
        let start = html.get(..DOCTYPE.len())?;
        if !start.eq_ignore_ascii_case(DOCTYPE) {
            return None;
        }
        let body = html.find("<body")?;
        let end = html.get(body..)?.find('>')?;
        let head = html.get(..=body + end)?;
        Some(Self { head })
    }

    /// What stands inside of this very frame.
    pub(crate) fn contents<'h>(&self, html: &'h str) -> Option<&'h str> {
        html.trim_start().strip_prefix(self.head)
    }

    /// Contents inside of the frame; an empty mail needs none.
    pub(crate) fn around(&self, contents: &str) -> String {
        match contents.is_empty() {
            true => String::new(),
            false => [self.head, "\n", contents, "\n</body>\n</html>\n"].concat(),
        }
    }
}

/// Around a fragment in a mail: its language for screen readers, and a typeface that is not the mail
/// program's Times. What is in the fragment is the client's matter.
const SHELL: (&str, &str) = (
    "<!doctype html>\n<html lang=\"de\"><head><meta charset=\"utf-8\">\
     <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>\n\
     <body style=\"font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5\">\n",
    "\n</body></html>\n",
);

/// Nothing is loaded from anywhere. Rules for narrow and for dark screens cannot be inlined, and stay.
static INLINER: LazyLock<CSSInliner<'static>> = LazyLock::new(|| {
    CSSInliner::options()
        .load_remote_stylesheets(false)
        .keep_at_rules(true)
        .build()
});

/// A mail's HTML part: a document with the styles at the elements. A document whose styles cannot be
/// inlined is sent with them in its head.
pub(crate) fn for_mail(html: String) -> String {
    if html.is_empty() {
        return html;
    }
    match Frame::of(&html) {
        Some(_) => INLINER.inline(&html).unwrap_or(html),
        None => [SHELL.0, &html, SHELL.1].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_document_has_a_frame() {
        assert!(Frame::of("<!DOCTYPE html><html><body class=\"a\">b</body></html>").is_some());
        for fragment in [
            "",
            "<p>a</p>",
            "<p title=\"<body>\">a</p>",
            "<html><body>a",
            "<!doctype html><p>a",
        ] {
            assert!(Frame::of(fragment).is_none(), "{fragment}");
        }
    }

    #[test]
    fn contents_are_what_stands_inside_of_the_same_frame() {
        let frame = Frame::of("<!doctype html><body>\na</body>").unwrap();
        assert_eq!(
            frame.contents("\n<!doctype html><body>b</body>"),
            Some("b</body>")
        );
        assert_eq!(frame.contents("<!doctype html><body class=x>b"), None);
        assert_eq!(
            frame.around("b"),
            "<!doctype html><body>\nb\n</body>\n</html>\n"
        );
        assert_eq!(frame.around(""), "");
    }
}
