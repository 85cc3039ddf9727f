//! The worst that 512 KiB can hold is rendered in moments: no stack overflow, nothing quadratic.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::time::{Duration, Instant};

use comm_content::{Content, FooterConfig};
use comm_domain::outreach::Source;
use comm_ports::ContentRenderer;

/// The limit of a body in a release build. A debug build is ten times slower, so it gets an eighth.
const SIZE: usize = if cfg!(debug_assertions) { 64 } else { 512 } * 1024;
/// Generous for a busy machine: the slowest takes half a second, what is quadratic ten and more.
const LIMIT: Duration = Duration::from_secs(6);

fn content() -> Content {
    Content::new(&FooterConfig {
        name: "Beispiel GmbH".to_owned(),
        ..FooterConfig::default()
    })
}

/// On a thread with the small stack that an async runtime's worker may have.
fn render(name: String, source: Source) {
    let worker = std::thread::Builder::new().stack_size(1024 * 1024);
    let thread = worker.spawn(move || {
        let start = Instant::now();
        let content = content();
        content.compose(&content.render(&source));
        (name, start.elapsed())
    });
    let (name, elapsed) = thread.unwrap().join().unwrap();
    assert!(elapsed < LIMIT, "{name} took {elapsed:?}");
}

fn as_html_and_markdown(name: &str, body: &str) {
    render(format!("html {name}"), html(body));
    render(
        format!("markdown {name}"),
        Source::Markdown(body.to_owned()),
    );
}

fn html(body: &str) -> Source {
    Source::Html {
        html: body.to_owned(),
        text: None,
    }
}

fn filled(pattern: &str) -> String {
    pattern.repeat(SIZE / pattern.len())
}

fn halves(first: &str, second: &str) -> String {
    first.repeat(SIZE / 2 / first.len()) + &second.repeat(SIZE / 2 / second.len())
}

fn numbered(before: &str, after: &str) -> String {
    (0..)
        .map(|n| format!("{before}{n}{after}"))
        .scan(0, |size, part| {
            *size += part.len();
            (*size <= SIZE).then_some(part)
        })
        .collect()
}

#[test]
fn repeated_characters() {
    for pattern in [
        "<",
        ">",
        "*",
        "_",
        "`",
        "[",
        "![",
        "&",
        "&amp;",
        "a&",
        "§",
        "\u{a0}",
        "a@",
        "http://",
        "https://a.de ",
        "~",
        "\\",
        "\n",
        "\r",
        "</",
        "<!",
        "<!--",
        "<?",
        "\u{200d}",
    ] {
        as_html_and_markdown(&format!("{pattern:?}"), &filled(pattern));
    }
}

#[test]
fn repeated_characters_of_plain_text() {
    for pattern in ["<", "&", "\n", "https://a.de ", "a\n\n", "http://"] {
        render(format!("text {pattern:?}"), Source::Text(filled(pattern)));
    }
}

#[test]
fn nested_and_unclosed_markup() {
    for pattern in [
        "<div>",
        "<p>",
        "<b>",
        "<a>",
        "<a href=https://a.de>",
        "<table>",
        "<table><tr><td>",
        "<ul><li>",
        "<li>",
        "<blockquote>",
        "<h1>",
        "<span>",
        "<pre>",
        "<svg>",
        "<template>",
        "<select><option>",
        "<script>",
        "<textarea>",
        "<title>",
        "<a b='",
        "<b ",
        "<q>a",
        "<ol><li>a",
        "<dl><dd>a",
        "<font size=1>x<p>",
    ] {
        render(format!("html {pattern:?}"), html(&filled(pattern)));
    }
    render("closed div".to_owned(), html(&halves("<div>", "</div>")));
}

#[test]
fn what_takes_the_parser_alone_minutes() {
    for (name, body) in [
        ("formatting", numbered("<p><b a=", ">x")),
        (
            "reopened formatting",
            numbered("<b a=", ">x") + &filled("<p></p>x"),
        ),
        ("foster parenting", halves("<br>", "<table><b></b>")),
        (
            "content between cells",
            halves("<br>", "<tr><b></b>").replacen("<tr>", "<table>", 1),
        ),
        ("attributes", format!("<a {}>", numbered("a", " "))),
        ("a long attribute", format!("<p title=\"{}\">", filled("&"))),
        (
            "a long style",
            format!("<p style=\"{}\">x", filled("color:red;")),
        ),
        (
            "open brackets in a style",
            format!("<p style=\"color:{}\">x", filled("(")),
        ),
        ("stray end tags", halves("<div>", "</b>")),
    ] {
        render(name.to_owned(), html(&body));
    }
}

#[test]
fn markdown_structures() {
    let columns = SIZE / 8;
    let table =
        "|a".repeat(columns) + "|\n" + &"|-".repeat(columns) + "|\n" + &"|a\n".repeat(columns);
    let reference = format!(
        "[a]: {}\n\n{}",
        "x".repeat(SIZE / 2),
        "[a] ".repeat(SIZE / 8)
    );
    let nested: String = (0..500)
        .map(|depth| " ".repeat(2 * depth) + "- a\n")
        .collect();
    for (name, body) in [
        ("table", table),
        ("reference", reference),
        ("nested list", nested),
        ("quoted lines", halves(">", "\n>a")),
        ("links", filled("[a](b")),
        ("closed brackets", halves("[", "]")),
        ("emphasis", filled("_a*")),
        ("list", filled("- a\n")),
        ("quotes 10,000 deep", ">".repeat(10_000)),
        ("raw tags", filled("a<b>")),
        ("fences", filled("```\n")),
    ] {
        render(name.to_owned(), Source::Markdown(body));
    }
}

#[test]
fn footers_upon_footers() {
    let content = content();
    let body = Source::Text("Hallo".to_owned());
    let composed = content.compose(&content.render(&body));
    let text = composed.text.strip_prefix("Hallo").unwrap();
    let html_footer = composed.html.strip_prefix("<p>Hallo</p>").unwrap();
    render("text footers".to_owned(), Source::Text(filled(text)));
    render("html footers".to_owned(), html(&filled(html_footer)));
}
