//! New bodies in a `PUT`: what is unchanged, what follows, and what stays.

use crate::support::{FOOTER, emails, locks, saves, store_with};
use comm_app::OutreachError;
use comm_app::outreach::{Bodies, UpdateEmail};
use comm_domain::outreach::{Email, EmailId, EmailStatus};
use comm_ports::Signal::Outbox;
use comm_ports::testing::MockOutreachStore;
use comm_ports::testing::build;

/// A draft with these parts, footer below both.
fn draft(html: &str, text: &str) -> Email {
    let mut record = (*build::email(1, EmailStatus::Entwurf)).clone();
    html.clone_into(&mut record.inhalt.html);
    text.clone_into(&mut record.inhalt.text);
    Email::restore(record)
}

fn bodies(html: Option<&str>, text: Option<&str>) -> Bodies {
    Bodies {
        markdown: None,
        html: html.map(str::to_owned),
        text: text.map(str::to_owned),
    }
}

fn request(bodies: Bodies) -> UpdateEmail {
    UpdateEmail {
        bodies,
        ..UpdateEmail::default()
    }
}

/// A store that answers to each read the next of these emails, and the last one again and again.
fn seeing(mut store: MockOutreachStore, emails: Vec<Email>) -> MockOutreachStore {
    let mut emails = emails.into_iter().peekable();
    let mut last = None;
    store.expect_email().returning(move |_| {
        last = emails.next().or(last.take());
        Ok(last.clone())
    });
    store
}

/// The parts that are stored after the `PUT`.
async fn put(stored: Email, given: Bodies) -> (String, String) {
    let store = seeing(store_with(vec![saves(stored.clone())]), vec![stored]);
    let emails = emails(store, &[Outbox]);
    let shown = emails.update(EmailId(1), request(given)).await.unwrap();
    let inhalt = shown.email.inhalt.clone();
    assert!(inhalt.legal_footer, "the flag is never lost");
    (inhalt.html, inhalt.text)
}

fn parts(html: &str, text: &str) -> (String, String) {
    (html.to_owned(), text.to_owned())
}

#[tokio::test]
async fn bodies_as_answered_or_as_stored_or_blank_are_unchanged() {
    let with_footer = |part: &str| format!("{part}{FOOTER}");
    let stored = || draft("<p>alt</p>", "von Hand");
    let (html, text) = (with_footer("<p>alt</p>"), with_footer("von Hand"));
    for given in [
        bodies(None, None),
        bodies(Some(&html), Some(&text)),
        bodies(Some(&html), None),
        bodies(None, Some(&text)),
        bodies(Some("<p>alt</p>"), Some("von Hand")),
        bodies(Some(" "), Some("")),
    ] {
        assert_eq!(put(stored(), given).await, parts("<p>alt</p>", "von Hand"));
    }
}

#[tokio::test]
async fn a_footer_at_the_end_of_a_new_body_is_not_stored() {
    let given = bodies(Some(&format!("<p>neu</p>{FOOTER}")), None);
    assert_eq!(
        put(draft("<p>alt</p>", "alt"), given).await,
        parts("<p>neu</p>", "neu")
    );
}

#[tokio::test]
async fn markdown_renders_both_parts_anew() {
    let given = Bodies {
        markdown: Some("neu".to_owned()),
        ..bodies(Some("<p>alt</p>"), Some("von Hand"))
    };
    assert_eq!(
        put(draft("<p>alt</p>", "von Hand"), given).await,
        parts("<h1>neu</h1>", "neu")
    );
}

#[tokio::test]
async fn both_parts_given_are_both_taken() {
    let given = bodies(Some("<p>neu</p>"), Some("ganz neu"));
    assert_eq!(
        put(draft("<p>alt</p>", "alt"), given).await,
        parts("<p>neu</p>", "ganz neu")
    );
}

#[tokio::test]
async fn with_new_html_a_derived_text_follows_and_one_by_hand_stays() {
    let new = || bodies(Some("<p>neu</p>"), None);
    assert_eq!(
        put(draft("<p>alt</p>", "alt"), new()).await,
        parts("<p>neu</p>", "neu")
    );
    let by_hand = draft("<p>alt</p>", "von Hand");
    assert_eq!(put(by_hand, new()).await, parts("<p>neu</p>", "von Hand"));
    // A client that sends the whole object back with one part changed says the same.
    let whole = bodies(Some("<p>neu</p>"), Some(&format!("alt{FOOTER}")));
    assert_eq!(
        put(draft("<p>alt</p>", "alt"), whole).await,
        parts("<p>neu</p>", "neu")
    );
}

#[tokio::test]
async fn with_new_text_a_derived_html_follows_and_one_by_hand_stays() {
    let new = || bodies(None, Some("neu"));
    assert_eq!(
        put(draft("<p>alt</p>", "alt"), new()).await,
        parts("<p>neu</p>", "neu")
    );
    let by_hand = draft("<b>von Hand</b>", "alt");
    assert_eq!(put(by_hand, new()).await, parts("<b>von Hand</b>", "neu"));
    let whole = bodies(Some(&format!("<p>alt</p>{FOOTER}")), Some("neu"));
    assert_eq!(
        put(draft("<p>alt</p>", "alt"), whole).await,
        parts("<p>neu</p>", "neu")
    );
}

#[tokio::test]
async fn when_the_bodies_change_meanwhile_it_is_done_again_with_the_new_ones() {
    let (seen, meanwhile) = (draft("<p>alt</p>", "alt"), draft("<p>alt</p>", "von Hand"));
    let store = store_with(vec![
        locks(Some(meanwhile.clone())),
        saves(meanwhile.clone()),
    ]);
    let emails = emails(seeing(store, vec![seen, meanwhile]), &[Outbox]);
    let new = bodies(Some("<p>neu</p>"), None);
    let shown = emails.update(EmailId(1), request(new)).await.unwrap();
    assert_eq!(
        shown.email.inhalt.text, "von Hand",
        "what was written meanwhile stays"
    );
}

#[tokio::test]
async fn bodies_that_change_every_time_end_the_attempts() {
    let restless = || draft("<p>alt</p>", "immer anders");
    let transactions = (0..3).map(|_| locks(Some(restless()))).collect();
    let store = seeing(store_with(transactions), vec![draft("<p>alt</p>", "alt")]);
    let answer = emails(store, &[])
        .update(EmailId(1), UpdateEmail::default())
        .await;
    assert!(matches!(answer, Err(OutreachError::Contended)));
}

#[tokio::test]
async fn a_new_body_that_is_too_large_is_named_before_anything_is_locked() {
    let large = "x".repeat(512 * 1024 + 1);
    let store = seeing(MockOutreachStore::new(), vec![draft("<p>alt</p>", "alt")]);
    let given = request(bodies(None, Some(&large)));
    let answer = emails(store, &[]).update(EmailId(1), given).await;
    let sentence = answer.unwrap_err().to_string();
    assert!(
        sentence.starts_with("inhalt_text is too large"),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_new_body_of_which_nothing_is_left_is_refused_before_anything_is_locked() {
    let store = seeing(MockOutreachStore::new(), vec![draft("<p>alt</p>", "alt")]);
    let given = request(bodies(Some(FOOTER), Some(FOOTER)));
    let answer = emails(store, &[]).update(EmailId(1), given).await;
    let sentence = "Either inhalt_html, inhalt_text, or inhalt_markdown is required";
    assert_eq!(answer.unwrap_err().to_string(), sentence);
}

/// What a template wrote: neither part was made from the other.
fn from_template() -> Email {
    let mut record = (*draft("<frame>alt</frame>", "alt, aber anders")).clone();
    record.vorlage = Some("follow_up".to_owned());
    Email::restore(record)
}

#[tokio::test]
async fn a_part_of_a_template_that_is_left_out_follows_and_new_html_keeps_the_frame() {
    let html = bodies(Some("<p>neu</p>"), None);
    let framed = parts("<frame><p>neu</p></frame>", "neu");
    assert_eq!(put(from_template(), html).await, framed);
    let text = bodies(None, Some("neu"));
    let plain = parts("<p>neu</p>", "neu");
    assert_eq!(put(from_template(), text).await, plain);
    let both = bodies(Some("<p>neu</p>"), Some("von Hand"));
    assert_eq!(
        put(from_template(), both).await,
        parts("<frame><p>neu</p></frame>", "von Hand")
    );
}

#[tokio::test]
async fn a_part_of_a_template_that_is_sent_back_stays_if_it_says_something_else() {
    for text in [
        "alt, aber anders".to_owned(),
        format!("alt, aber anders{FOOTER}"),
    ] {
        let whole = bodies(Some("<p>neu</p>"), Some(&text));
        assert_eq!(
            put(from_template(), whole).await,
            parts("<frame><p>neu</p></frame>", "alt, aber anders")
        );
    }
    let whole = bodies(Some("<frame>alt</frame>"), Some("neu"));
    assert_eq!(
        put(from_template(), whole).await,
        parts("<frame>alt</frame>", "neu")
    );

    let agreeing = || {
        let mut record = (*from_template()).clone();
        record.inhalt.html = "<frame>Firma\nalt: aber anders</frame>".to_owned();
        Email::restore(record)
    };
    let framed = parts("<frame><p>neu</p></frame>", "neu");
    let whole = bodies(Some("<p>neu</p>"), Some("alt, aber anders"));
    assert_eq!(put(agreeing(), whole).await, framed);
    let whole = bodies(Some(&agreeing().inhalt.html), Some("neu"));
    let plain = parts("<p>neu</p>", "neu");
    assert_eq!(put(agreeing(), whole).await, plain);

    let shortened = || {
        let mut record = (*agreeing()).clone();
        record.inhalt.text = "anders".to_owned();
        Email::restore(record)
    };
    let whole = bodies(Some("<p>neu</p>"), Some("anders"));
    let kept = parts("<frame><p>neu</p></frame>", "anders");
    assert_eq!(put(shortened(), whole).await, kept);
}

#[tokio::test]
async fn a_new_part_of_which_nothing_is_left_beside_one_that_stays_is_refused() {
    for (given, field) in [
        (bodies(Some(FOOTER), None), "inhalt_html"),
        (bodies(None, Some(FOOTER)), "inhalt_text"),
    ] {
        let by_hand = draft("<b>von Hand</b>", "auch von Hand");
        let store = seeing(MockOutreachStore::new(), vec![by_hand]);
        let answer = emails(store, &[]).update(EmailId(1), request(given)).await;
        let sentence = answer.unwrap_err().to_string();
        assert_eq!(sentence, format!("{field} must have something to show"));
    }
}
