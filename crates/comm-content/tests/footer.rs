//! The legal footer: once in both parts, never stored, cut off the end of whatever comes back.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use comm_content::{Content, FooterConfig};
use comm_domain::outreach::{Inhalt, Source};
use comm_ports::ContentRenderer;
use comm_ports::content::Composed;

fn config() -> FooterConfig {
    FooterConfig {
        name: "Müller & Söhne <GmbH>".to_owned(),
        street: "Beispielstraße 1".to_owned(),
        plz: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: "Deutschland".to_owned(),
        email: "info@example.com".to_owned(),
        ceo: "Erika Musterfrau".to_owned(),
        hrb: "HRB 12345, Amtsgericht Charlottenburg".to_owned(),
        privacy: "Wir verarbeiten Ihre Daten nach der DSGVO.".to_owned(),
    }
}

fn content() -> Content {
    Content::new(&config())
}

fn given(composed: &Composed) -> Source {
    Source::Html {
        html: composed.html.clone(),
        text: Some(composed.text.clone()),
    }
}

fn hallo() -> (Inhalt, Composed) {
    let stored = content().render(&Source::Text("Hallo".to_owned()));
    let composed = content().compose(&stored);
    (stored, composed)
}

fn footers() -> (String, String) {
    let (stored, composed) = hallo();
    let html = composed.html.strip_prefix(&stored.html).unwrap();
    let text = composed.text.strip_prefix(&stored.text).unwrap();
    (html.to_owned(), text.to_owned())
}

#[test]
fn every_value_is_shown_once_in_both_parts_and_escaped() {
    let (_, composed) = hallo();
    for value in [
        "Beispielstraße 1",
        "10115 Berlin",
        "Deutschland",
        "E-Mail: info@example.com",
        "Geschäftsführung: Erika Musterfrau",
        "Handelsregister: HRB 12345, Amtsgericht Charlottenburg",
        "Wir verarbeiten Ihre Daten nach der DSGVO.",
    ] {
        assert_eq!(composed.html.matches(value).count(), 1, "{value}");
        assert_eq!(composed.text.matches(value).count(), 1, "{value}");
    }
    assert!(
        composed
            .html
            .contains("Müller &amp; Söhne &lt;GmbH&gt;<br>")
    );
    assert!(composed.text.contains("\n\n-- \nMüller & Söhne <GmbH>\n"));
}

#[test]
fn without_the_flag_or_without_data_there_is_no_footer() {
    let (mut stored, _) = hallo();
    let empty = Content::new(&FooterConfig::default()).compose(&stored);
    stored.legal_footer = false;
    for composed in [content().compose(&stored), empty] {
        assert_eq!(
            (composed.html, composed.text),
            (stored.html.clone(), stored.text.clone())
        );
    }
}

#[test]
fn empty_fields_leave_no_line_behind() {
    let config = FooterConfig {
        city: "Berlin".to_owned(),
        country: " ".to_owned(),
        ..FooterConfig::default()
    };
    let stored = content().render(&Source::Text("Hallo".to_owned()));
    let composed = Content::new(&config).compose(&stored);
    assert_eq!(composed.text, "Hallo\n\n-- \nBerlin");
    assert!(
        composed
            .html
            .contains("<p style=\"margin:0 0 8px 0\">Berlin</p></div>")
    );
}

#[test]
fn what_was_shown_is_stored_without_the_footer() {
    let (stored, composed) = hallo();
    assert_eq!(content().render(&given(&composed)), stored);
    for source in [
        Source::Text(composed.text.clone()),
        Source::Markdown(composed.text.replace('\n', "\r\n")),
        Source::Html {
            html: composed.html.clone(),
            text: None,
        },
    ] {
        assert_eq!(content().render(&source), stored);
    }
}

#[test]
fn several_footers_are_cut_off() {
    let (stored, composed) = hallo();
    let (html, text) = footers();
    let thrice = Composed {
        html: [composed.html.as_str(), &html, &html].concat(),
        text: [composed.text.as_str(), &text, &text].concat(),
    };
    assert_eq!(content().render(&given(&thrice)), stored);
}

#[test]
fn a_footer_that_an_editor_has_changed_outwardly_is_cut_off() {
    let (stored, composed) = hallo();
    let (html, _) = footers();
    let edited = format!(
        "<html><body><p>Hallo</p>\n<br>{}<p>&nbsp;</p></body></html>",
        html.replace("><", ">\n  <")
            .replace("<div class", "<DIV id=x class")
    );
    let edited = content().render(&Source::Html {
        html: edited,
        text: None,
    });
    assert!(!edited.html.contains("Musterfrau"), "{}", edited.html);
    let wrapped = format!("<div>{}</div>", composed.html);
    let wrapped = content().render(&Source::Html {
        html: wrapped,
        text: None,
    });
    assert_eq!(wrapped.html, "<div><p>Hallo</p></div>");
    let text = composed
        .text
        .replace("-- \n", "--\n")
        .replace("\n\n", "\n\n\n");
    assert_eq!(content().render(&Source::Text(text)), stored);
}

#[test]
fn nothing_is_cut_from_the_middle() {
    let (_, composed) = hallo();
    let answered = Composed {
        html: format!("{}<p>PS</p>", composed.html),
        text: format!("{}\nPS", composed.text),
    };
    let stored = content().render(&given(&answered));
    assert_eq!((stored.html, stored.text), (answered.html, answered.text));
}

#[test]
fn what_a_person_wrote_into_the_footer_is_kept() {
    let (_, composed) = hallo();
    let html = composed.html.replace("DSGVO.", "DSGVO. Bis morgen!");
    let stored = content().render(&Source::Html { html, text: None });
    assert!(stored.html.contains("Bis morgen!") && stored.text.contains("Bis morgen!"));
}

#[test]
fn a_mail_that_is_a_footer_alone_is_empty() {
    let (html, text) = footers();
    let stored = content().render(&given(&Composed { html, text }));
    assert_eq!((stored.html.as_str(), stored.text.as_str()), ("", ""));
    assert!(content().compose(&stored).text.starts_with("-- \nMüller"));
}

#[test]
fn in_a_whole_document_it_stands_inside_the_body() {
    let template = Inhalt {
        html: "<html><body><p>a</p></BODY>\n</html>\n".to_owned(),
        text: "a".to_owned(),
        legal_footer: true,
    };
    let html = content().compose(&template).html;
    assert!(html.ends_with("</div></BODY>\n</html>\n"), "{html}");
    let stored = content().render(&Source::Html { html, text: None });
    assert_eq!(stored.html, "<p>a</p>");
}

#[test]
fn configuration_is_strict_about_names() {
    assert!(serde_json::from_str::<FooterConfig>(r#"{"name": "a"}"#).is_ok());
    assert!(serde_json::from_str::<FooterConfig>(r#"{"firma": "a"}"#).is_err());
}
