//! A clerk changes a mail that a template wrote: its frame stays, and what they write is sanitised.

use crate::support::{content, stored, templates};
use comm_domain::outreach::{Inhalt, Source};
use comm_ports::{ContentRenderer, MailTemplates};
use std::time::{Duration, Instant};

fn html(html: String) -> Source {
    Source::Html { html, text: None }
}

/// The answered document with this in place of the first paragraph's end.
fn edited(name: &str, insert: &str) -> Inhalt {
    let stored = stored(name);
    let shown = content().compose(&stored).html;
    let changed = shown.replacen("</p>", &format!("{insert}</p>"), 1);
    assert_ne!(changed, shown);
    content().revise(&html(changed), &stored)
}

#[test]
fn the_frame_stays_and_the_text_follows() {
    for vorlage in templates().list().unwrap() {
        let before = stored(&vorlage.name);
        let after = edited(&vorlage.name, " <em>Neu.</em>");
        let head = |inhalt: &Inhalt| inhalt.html.split_once("<body>").unwrap().0.to_owned();
        assert_eq!(head(&after), head(&before));
        assert!(after.html.contains(" <em>Neu.</em></p>"), "{}", after.html);
        assert!(after.text.contains(" Neu.\n"), "{}", after.text);
        assert!(
            !after.html.contains("class=\"legal-footer\""),
            "the footer is not stored"
        );
        assert!(!after.text.contains("Amtsgericht"), "{}", after.text);
        let sent = content().build(&after).html;
        assert_eq!(sent.matches("class=\"legal-footer\"").count(), 1);
        assert!(sent.contains("class=\"karte\"") && sent.contains("border-radius"));
    }
}

#[test]
fn editing_it_changes_nothing_else() {
    for vorlage in templates().list().unwrap() {
        let marked = edited(&vorlage.name, "NEU").html.replace("NEU", "");
        let squeezed = |html: &str| html.split_whitespace().collect::<String>();
        assert_eq!(squeezed(&marked), squeezed(&stored(&vorlage.name).html));
    }
}

#[test]
fn what_is_written_into_it_is_sanitised() {
    let after = edited(
        "follow_up",
        "<script>alert(1)</script><style>p{}</style><p onclick=x>a</p></body><body onload=y><img src=x onerror=z>",
    );
    let body = after.html.split_once("<body>").unwrap().1;
    for bad in [
        "script", "alert", "<style", "onclick", "onload", "onerror", "<body",
    ] {
        assert!(!body.contains(bad), "{bad}: {body}");
    }
}

#[test]
fn another_head_is_not_trusted() {
    let stored = stored("follow_up");
    let shown = content().compose(&stored).html;
    for changed in [
        shown.replacen("<style>", "<style>p{color:red}", 1),
        shown.replacen("<body>", "<body onload=\"x()\">", 1),
        shown.replacen("<head>", "<head><script>x()</script>", 1),
    ] {
        let after = content().revise(&html(changed), &stored);
        assert!(!after.html.contains("<body"), "{}", after.html);
        assert!(!after.html.contains("x()"), "{}", after.html);
        assert!(after.html.contains("Sehr geehrte Frau Dr. Beispiel"));
    }
}

#[test]
fn a_body_of_the_clients_own_takes_its_place() {
    let stored = stored("follow_up");
    for (source, expected) in [
        (html("<p>neu</p>".to_owned()), "<p>neu</p>"),
        (Source::Text("neu".to_owned()), "<p>neu</p>"),
        (Source::Markdown("# neu".to_owned()), "<h1>neu</h1>"),
    ] {
        assert_eq!(content().revise(&source, &stored).html, expected);
    }
}

#[test]
fn a_document_of_which_nothing_is_left_is_empty() {
    let stored = stored("follow_up");
    let head = stored.html.split_once("<body>").unwrap().0;
    let emptied = html(format!("{head}<body><script>x</script></body></html>"));
    assert!(content().revise(&emptied, &stored).is_empty());
}

/// Generous for a busy machine; what is quadratic takes far longer.
const LIMIT: Duration = Duration::from_secs(6);

#[test]
fn the_worst_that_can_be_written_into_it_is_sent_in_moments() {
    for pattern in [
        "<b>x</b>",
        "<p class=\"karte\">",
        "<div class=\"a b c\">",
        "<span style=\"color:red;margin:0\">x</span>",
        "&amp;",
        "<table class=\"person\"><tr><th>",
        "<a href=\"https://a.de\">",
    ] {
        let before = Instant::now();
        let after = edited("follow_up", &pattern.repeat(64 * 1024 / pattern.len()));
        let sent = content().build(&after);
        assert!(sent.html.contains("class=\"legal-footer\""));
        assert!(
            before.elapsed() < LIMIT,
            "{pattern} took {:?}",
            before.elapsed()
        );
    }
}
