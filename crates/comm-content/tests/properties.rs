//! What holds for every body: it is safe, it is stable, and its footer stands there once. The results are
//! read with html5ever, not with the code under test.

use std::cell::RefCell;

use comm_content::{Content, FooterConfig};
use comm_domain::outreach::{Inhalt, Source};
use comm_ports::ContentRenderer;
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use proptest::prelude::*;

const FRAGMENTS: &[&str] = &[
    "<p>",
    "</p>",
    "<div class=\"a\" style=\"color:red; position:fixed\">",
    "</div>",
    "<b>",
    "</b>",
    "<i x='y'>",
    "</i>",
    "<a href=\"https://example.com/?a=1&b=2\">",
    "<a href=\"javascript:alert(1)\">",
    "</a>",
    "<a href=' JaVa&#10;script:x'>",
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<th>",
    "<tbody>",
    "<caption>",
    "<ul>",
    "</ul>",
    "<ol start=3>",
    "<li>",
    "</li>",
    "<dl>",
    "<dd>",
    "<h1>",
    "</h1>",
    "<h2>",
    "<br>",
    "<hr>",
    "<pre>",
    "</pre>",
    "\n",
    "<img src=x onerror=alert(1)>",
    "<img src=\"cid:a\" alt=\"b\">",
    "<script>alert(1)</script>",
    "<script>",
    "</script>",
    "<style>a{}</style>",
    "<svg onload=x>",
    "</svg>",
    "<math>",
    "<mtext>",
    "<mglyph>",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
    "<textarea>",
    "</textarea>",
    "<noscript>",
    "</noscript>",
    "<template>",
    "<select>",
    "<option>",
    "<iframe srcdoc='<script>'>",
    "<form>",
    "<input onfocus=x>",
    "<!--",
    "-->",
    "--!>",
    "<!",
    "<?",
    "]]>",
    "<![CDATA[",
    "&lt;script&gt;",
    "&amp;lt;",
    "&#60;script&#62;",
    "&",
    "\"",
    "'",
    "`",
    ">",
    "<",
    "/",
    "onclick=x ",
    "<p onclick='x'",
    "<p style=\"width:expression(1);margin:0 auto\">",
    "<p style='font-family:\"a;b\";color:rgb(1,2,3)'>",
    "**",
    "*",
    "_",
    "~~",
    "# ",
    "> ",
    "- ",
    "1. ",
    "```\n",
    "    ",
    "[a](https://example.com)",
    "[a](javascript:x)",
    "![a](data:image/png;base64,A)",
    "| a | b |\n|---|---|\n| c | d |\n",
    "https://example.com/a_b",
    "http://",
    "a@example.com",
    "Grüße",
    "\u{a0}",
    "\0",
    "\r\n",
    " ",
    "\t",
    "--",
    "-- \n",
    "<q>",
    "<del>",
    "</del>",
    "<font color=red>",
    "<center>",
    "<blockquote>",
    "</blockquote>",
    "<div class=\"legal-footer\">",
    "-- \nBeispiel GmbH\n",
    "<span>",
    "</span>",
    "<details>",
    "<summary>",
    "<col>",
    "<nobr>",
    "<button>",
    "<frameset>",
];

fn body() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => proptest::sample::select(FRAGMENTS).prop_map(str::to_owned),
        3 => "[a-zA-Z ]{1,6}",
        1 => "\\PC{0,8}",
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        2 => body().prop_map(Source::Markdown),
        3 => (body(), proptest::option::of(body())).prop_map(|(html, text)| Source::Html { html, text }),
        1 => body().prop_map(Source::Text),
    ]
}

fn content() -> Content {
    Content::new(&FooterConfig {
        name: "Beispiel GmbH".to_owned(),
        email: "info@example.com".to_owned(),
        ..FooterConfig::default()
    })
}

/// As a template writes one.
const DOCUMENT: &str = "<!doctype html>\n<html lang=\"de\"><head><title>t</title><style>p { color: red } .k { margin: 0 } \
     @media (max-width: 480px) { p { color: blue !important } }</style></head>\n<body>\nINHALT\n</body>\n</html>\n";

#[derive(Default)]
struct Tags(RefCell<Vec<Tag>>);

impl TokenSink for Tags {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token {
            self.0.borrow_mut().push(tag);
        }
        TokenSinkResult::Continue
    }
}

fn tags(html: &str) -> Vec<Tag> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let _done = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.take()
}

/// The visible letters and digits, for comparing what two parts say.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn assert_safe(html: &str) {
    assert!(!html.to_ascii_lowercase().contains("<script"), "{html}");
    assert!(!html.contains("<!--"), "{html}");
    for tag in tags(html) {
        let name = &*tag.name;
        assert!(
            ![
                "script", "style", "svg", "math", "iframe", "form", "input", "template", "title"
            ]
            .contains(&name),
            "{html}"
        );
        for attribute in &tag.attrs {
            let (key, value) = (&*attribute.name.local, attribute.value.to_ascii_lowercase());
            assert!(
                !key.starts_with("on") && key != "id" && key != "srcdoc",
                "{html}"
            );
            if matches!(key, "href" | "src") {
                let scheme = value.split(':').next().unwrap_or_default();
                assert!(
                    ["http", "https", "mailto", "tel", "cid"].contains(&scheme),
                    "{html}"
                );
            }
            if key == "style" {
                assert!(
                    !["url", "expression", "position", "\\"]
                        .iter()
                        .any(|bad| value.contains(bad)),
                    "{html}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn html_parts_are_safe(source in source()) {
        let stored = content().render(&source);
        assert_safe(&stored.html);
        assert_safe(&content().compose(&stored).html);
    }

    #[test]
    fn what_is_shown_and_sent_back_is_stored_unchanged(source in source(), flag: bool) {
        let content = content();
        let rendered = |source: &Source| Inhalt { legal_footer: flag, ..content.render(source) };
        let stored = rendered(&source);
        let shown = content.compose(&stored);
        let returned = Source::Html { html: shown.html, text: Some(shown.text) };
        prop_assert_eq!(rendered(&returned), stored);
    }

    #[test]
    fn the_footer_stands_at_the_end_once(text in "[a-z <>&\n]{0,40}") {
        let content = content();
        let stored = content.render(&Source::Text(text));
        let shown = content.compose(&stored);
        prop_assert_eq!(shown.html.matches("legal-footer").count(), 1);
        prop_assert_eq!(shown.html.matches("Beispiel GmbH").count(), 1);
        prop_assert_eq!(shown.text.matches("-- \nBeispiel GmbH").count(), 1);
        prop_assert!(shown.html.ends_with("</p></div>"));
        prop_assert!(shown.text.ends_with("E-Mail: info@example.com"));
    }

    #[test]
    fn plain_text_is_never_markup(text in body()) {
        let Inhalt { html, .. } = content().render(&Source::Text(text));
        for tag in tags(&html) {
            prop_assert!(["p", "br", "a"].contains(&&*tag.name), "{html}");
        }
    }

    #[test]
    fn escaped_markup_stays_escaped(name in "[a-z]{1,8}") {
        let text = format!("&lt;{name}&gt;");
        for source in [
            Source::Markdown(text.clone()),
            Source::Html { html: text.clone(), text: None },
        ] {
            let stored = content().render(&source);
            prop_assert!(stored.html.contains(&text), "{}", stored.html);
            prop_assert_eq!(stored.text, format!("<{}>", name));
        }
    }

    #[test]
    fn what_is_sent_is_what_is_shown(source in source(), flag: bool) {
        let content = content();
        let stored = Inhalt { legal_footer: flag, ..content.render(&source) };
        let (shown, sent) = (content.compose(&stored), content.build(&stored));
        prop_assert_eq!(&sent.text, &shown.text);
        prop_assert!(sent.html.contains(&shown.html), "{}", sent.html);
        prop_assert_eq!(sent.html.is_empty(), shown.html.is_empty());
    }

    #[test]
    fn whatever_is_written_into_a_templates_document_it_stays_safe_and_can_be_sent(body in body(), flag: bool) {
        let content = content();
        let stored = Inhalt { html: DOCUMENT.replace("INHALT", "alt"), text: "alt".to_owned(), legal_footer: flag };
        let given = Source::Html { html: DOCUMENT.replace("INHALT", &body), text: None };
        let revised = Inhalt { legal_footer: flag, ..content.revise(&given, &stored) };
        let (head, _) = DOCUMENT.split_once("INHALT").expect("a place for the contents");
        prop_assert!(revised.html.is_empty() || revised.html.starts_with(head), "{}", revised.html);
        let again = content.compose(&revised);
        let returned = Source::Html { html: again.html.clone(), text: Some(again.text) };
        let returned = Inhalt { legal_footer: flag, ..content.revise(&returned, &revised) };
        prop_assert_eq!(&returned.html, &revised.html);
        for html in [again.html, content.build(&revised).html] {
            assert_safe(html.split_once("<body").map_or("", |(_, contents)| contents));
        }
    }

    #[test]
    fn no_words_are_lost(words in proptest::collection::vec("[a-z]{1,5}", 1..20), seeds in proptest::collection::vec(0usize..16, 20)) {
        let markup = ["<p>", "<b>", "</b>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>", "</p>", "<div>",
            "</div>", "<x>", "<h1>", "<pre>", "<form>"];
        let html: String = words
            .iter()
            .zip(&seeds)
            .map(|(word, seed)| [markup.get(*seed).expect("a seed is below 16"), word.as_str()].concat())
            .collect();
        let stored = content().render(&Source::Html { html, text: None });
        prop_assert_eq!(letters(&stored.text), words.concat());
    }
}
