//! What HTML of clients may contain: the allow-lists, and Ammonia, which enforces them.
//!
//! Its defaults strip `class` and `style`, so that a mail would arrive without its looks. The lists here
//! keep what mails are made of and nothing that loads, runs or leaves its place.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, Url, UrlRelative};

use crate::balance::balanced;

/// Sanitised HTML: a fragment, even of a whole document. Sanitising it again changes nothing.
pub(crate) fn html(untrusted: &str) -> String {
    let clean = SANITISER.clean(&balanced(untrusted)).to_string();
    clean.trim().to_owned()
}

/// The name of an element that is kept. Of every other element the contents stay, save scripts and styles.
pub(crate) fn allowed_tag(name: &str) -> Option<&'static str> {
    TAG_SET.get(name).copied()
}

/// Whether the element has no contents and no end tag.
pub(crate) fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "wbr")
}

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

const ATTRIBUTES: &[&str] = &[
    "align", "bgcolor", "class", "dir", "height", "lang", "role", "style", "title", "valign",
    "width",
];

const TAG_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href"]),
    ("font", &["color", "face", "size"]),
    ("hr", &["color", "noshade", "size"]),
    ("img", &["alt", "border", "src"]),
    ("li", &["value"]),
    ("ol", &["start", "type"]),
    (
        "table",
        &["border", "cellpadding", "cellspacing", "summary"],
    ),
    ("td", &["colspan", "nowrap", "rowspan"]),
    ("th", &["colspan", "nowrap", "rowspan", "scope"]),
    ("ul", &["type"]),
];

const STYLES: &[&str] = &[
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "color",
    "direction",
    "display",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
];

static TAG_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| set(TAGS));

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let attributes: HashMap<_, _> = TAG_ATTRIBUTES
        .iter()
        .map(|(tag, names)| (*tag, set(names)))
        .collect();
    let mut builder = Builder::empty();
    builder
        .tags(TAG_SET.clone())
        .clean_content_tags(set(&["script", "style", "title"]))
        .generic_attributes(set(ATTRIBUTES))
        .tag_attributes(attributes)
        .url_schemes(set(&["http", "https", "mailto", "tel", "cid"]))
        // A mail has no address of its own, to which a relative one could belong.
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .strip_comments(true)
        .attribute_filter(filter_attribute)
        .filter_style_properties(set(STYLES));
    builder
});

fn set(names: &[&'static str]) -> HashSet<&'static str> {
    names.iter().copied().collect()
}

fn filter_attribute<'v>(_tag: &str, name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    match name {
        "href" => has_scheme(value, &["http", "https", "mailto", "tel"]).then(|| value.into()),
        "src" => has_scheme(value, &["http", "https", "cid"]).then(|| value.into()),
        "style" => safe_style(value).map(Cow::from),
        _ => Some(value.into()),
    }
}

fn has_scheme(url: &str, schemes: &[&str]) -> bool {
    Url::parse(url).is_ok_and(|url| schemes.contains(&url.scheme()))
}

/// The declarations that can only change looks. Ammonia keeps `url(..)` and every function of an allowed
/// property, so the values are checked here; it checks the properties again.
fn safe_style(style: &str) -> Option<String> {
    let kept: Vec<String> = style
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .map(|(property, value)| (property.trim().to_ascii_lowercase(), value.trim()))
        .filter(|(property, value)| STYLES.contains(&property.as_str()) && is_safe_value(value))
        .map(|(property, value)| format!("{property}:{value}"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(";"))
}

/// Words, numbers, colours and balanced quotes; no escapes, no comments, no function but colours.
fn is_safe_value(value: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || " \t\n\r#%.,!'\"()/+-_".contains(c);
    let quotes_close = |quote| value.matches(quote).count() % 2 == 0;
    let mut functions: Vec<&str> = value.split('(').collect();
    let after_last = functions.pop();
    !value.is_empty()
        && after_last.is_some()
        && value.chars().all(plain)
        && quotes_close('"')
        && quotes_close('\'')
        && value.matches('(').count() == value.matches(')').count()
        && functions.iter().all(|before| ends_with_colour(before))
}

fn ends_with_colour(before: &str) -> bool {
    let name = before
        .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .next()
        .unwrap_or_default();
    ["rgb", "rgba", "hsl", "hsla"]
        .iter()
        .any(|colour| name.eq_ignore_ascii_case(colour))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_or_loads_is_removed() {
        for (given, expected) in [
            ("<script>alert(1)</script>a", "a"),
            ("<p onclick=\"x()\" ONLOAD=y>a</p>", "<p>a</p>"),
            ("<a href=\"javascript:x()\">a</a>", "<a>a</a>"),
            ("<a href=\" java\nscript:x()\">a</a>", "<a>a</a>"),
            ("<a href=\"&#106;avascript:x()\">a</a>", "<a>a</a>"),
            ("<a href=\"data:text/html,x\">a</a>", "<a>a</a>"),
            ("<a href=\"cid:x\">a</a>", "<a>a</a>"),
            ("<a href=\"/x\" target=_blank>a</a>", "<a>a</a>"),
            (
                "<img src=\"data:image/png;base64,AA\" alt=a>",
                "<img alt=\"a\">",
            ),
            ("<img src=x onerror=y>", "<img>"),
            ("<iframe src=\"https://x.de\">a</iframe>b", "b"),
            (
                "<form action=x><input value=a><button>b</button></form>",
                "b",
            ),
            ("<svg onload=x><script>y</script></svg>", ""),
            ("<!-- a -->b<!--[if mso]>c<![endif]-->", "b"),
            ("<style>p{color:red}</style><p>a", "<p>a</p>"),
            ("<scr<script>ipt>alert(1)</script>", "ipt&gt;alert(1)"),
        ] {
            assert_eq!(html(given), expected, "{given}");
        }
    }

    #[test]
    fn what_mails_are_made_of_stays() {
        for html_given in [
            "<table width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" align=\"center\"><tbody><tr><td \
             class=\"a\" bgcolor=\"#ffffff\">x</td></tr></tbody></table>",
            "<img src=\"https://example.com/a.png\" alt=\"Logo\" width=\"10\" height=\"10\">",
            "<img src=\"cid:logo\">",
            "<a href=\"mailto:a@example.com\">a</a> <a href=\"tel:+4930123\">b</a>",
            "<center><font color=\"red\" face=\"Arial\">a</font></center><hr><br>",
            "<ul><li>a</li></ul><ol start=\"3\"><li>b</li></ol>",
        ] {
            assert_eq!(html(html_given), html_given);
        }
    }

    #[test]
    fn a_whole_document_becomes_a_fragment() {
        assert_eq!(
            html(
                "<!DOCTYPE html><html><head><title>t</title><style>a{}</style></head><body class=x><p>a</p></body></html>"
            ),
            "<p>a</p>"
        );
    }

    #[test]
    fn harmless_declarations_stay() {
        assert_eq!(
            html(
                "<p style=\"COLOR: rgb(1, 2, 3); font: 12px/1.5 'Open Sans', sans-serif; margin:0 auto!important\">a</p>"
            ),
            "<p style=\"color:rgb(1, 2, 3);font:12px / 1.5 &quot;Open Sans&quot; , sans-serif;margin:0 auto ! important\">a</p>"
        );
    }

    #[test]
    fn declarations_that_load_run_or_move_go() {
        for style in [
            "background-color: url(javascript:x)",
            "background-color:URL('https://x.de')",
            "background:red",
            "background-image:url(https://x.de)",
            "width: expression(alert(1))",
            "position:fixed",
            "top:0",
            "color:\\75rl(x)",
            "color:u/**/rl(x)",
            "behavior:url(x)",
            "-moz-binding:url(x)",
            "font-family:'a",
            "color:rgb(url(x))",
            "width:calc(1px)",
            "color:rgb(1",
        ] {
            assert_eq!(
                html(&format!("<p style=\"{style}\">a</p>")),
                "<p>a</p>",
                "{style}"
            );
        }
    }
}
