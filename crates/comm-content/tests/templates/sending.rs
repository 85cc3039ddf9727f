//! How mails look when they are sent: styles at the elements, the footer once, nothing loaded.

use crate::support::{content, stored, templates};
use comm_domain::outreach::{Inhalt, Source};
use comm_ports::{ContentRenderer, MailTemplates};

macro_rules! assert_mail {
    ($mail:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($mail) })
    };
}

#[test]
fn styles_stand_at_the_elements() {
    assert_mail!(content().build(&stored("follow_up")).html);
}

#[test]
fn every_element_with_a_class_has_its_styles_and_rules_for_screens_stay() {
    for vorlage in templates().list().unwrap() {
        let html = content().build(&stored(&vorlage.name)).html;
        let body = html.split_once("<body").unwrap().1;
        let styled = body.split('<').filter(|tag| tag.contains("class="));
        for tag in styled {
            assert!(tag.contains("style=\""), "{tag}");
        }
        assert!(html.contains("@media (max-width: 480px)"));
        assert!(html.contains("@media (prefers-color-scheme: dark)"));
        assert_eq!(html.matches("<style").count(), 1);
        assert!(!html.contains(".karte { width"), "inlined rules are gone");
        assert_eq!(html.matches("class=\"legal-footer\"").count(), 1);
        for loaded in ["<img", "<link", "url(", "@import", "<script"] {
            assert!(!html.contains(loaded), "{loaded}");
        }
    }
}

#[test]
fn what_is_shown_has_no_inlined_styles() {
    for vorlage in templates().list().unwrap() {
        let html = content().compose(&stored(&vorlage.name)).html;
        let (body, footer) = html
            .split_once("<body>")
            .unwrap()
            .1
            .split_once("legal-footer")
            .unwrap();
        assert!(!body.contains("style="), "{body}");
        assert!(footer.contains("style="), "{footer}");
        assert!(html.ends_with("</div>\n</body>\n</html>"), "{html}");
    }
}

#[test]
fn the_text_part_is_sent_as_it_is_shown() {
    let stored = stored("batch_request");
    assert_eq!(
        content().build(&stored).text,
        content().compose(&stored).text
    );
}

#[test]
fn a_clients_body_is_sent_as_it_is_shown_inside_of_a_document() {
    let source = Source::Markdown("# Guten Tag\n\n| a |\n|---|\n| & |".to_owned());
    let stored = content().render(&source);
    let (shown, sent) = (
        content().compose(&stored).html,
        content().build(&stored).html,
    );
    assert!(
        sent.starts_with("<!doctype html>\n<html lang=\"de\">"),
        "{sent}"
    );
    assert_eq!(sent.matches(&shown).count(), 1);
    assert_eq!(sent.matches("legal-footer").count(), 1);
}

#[test]
fn an_attribute_that_looks_like_a_document_makes_none() {
    let html = "<p title=\"<!doctype html><body>\">a</p><!doctype html><body>b";
    let source = Source::Html {
        html: html.to_owned(),
        text: None,
    };
    let stored = content().render(&source);
    let sent = content().build(&stored).html;
    assert!(sent.contains(&stored.html), "{sent}");
}

#[test]
fn where_there_is_no_html_none_is_made() {
    let empty = Inhalt {
        html: String::new(),
        text: "Hallo".to_owned(),
        legal_footer: false,
    };
    assert_eq!(content().build(&empty).html, "");
}
