//! Emails from templates, and trying templates out.

use crate::support::{FOOTER, emails, request, vorlagen};
use comm_app::OutreachError;
use comm_app::outreach::{Bodies, CreateEmail, Preview, ShownEmail, VorlageError};
use comm_domain::outreach::EmailId;
use comm_ports::Signal::Outbox;
use comm_ports::testing::MockOutreachStore;
use serde_json::{Map, Value, json};

/// A request for a follow-up with these data, without subject and body.
fn from_template(daten: Value) -> CreateEmail {
    CreateEmail {
        betreff: None,
        bodies: Bodies::default(),
        vorlage: Some("follow_up".to_owned()),
        vorlage_daten: object(daten),
        ..request()
    }
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

async fn created(request: CreateEmail) -> ShownEmail {
    let mut store = MockOutreachStore::new();
    store.expect_next_email_id().returning(|| Ok(EmailId(1)));
    store
        .expect_insert_email()
        .times(1)
        .returning(|change| Ok(change.into_after()));
    emails(store, &[Outbox]).create(request).await.unwrap()
}

/// What is refused never reaches the store.
async fn refused(request: CreateEmail) -> OutreachError {
    let emails = emails(MockOutreachStore::new(), &[]);
    emails.create(request).await.unwrap_err()
}

#[tokio::test]
async fn the_template_writes_subject_and_bodies_and_is_remembered() {
    let ShownEmail { email, parts, .. } = created(from_template(json!({"anrede": "Hallo"}))).await;
    assert_eq!(email.betreff, "Erinnerung Hallo");
    assert_eq!(email.vorlage.as_deref(), Some("follow_up"));
    assert_eq!(email.inhalt.text, "Hallo", "the footer is not stored");
    assert!(
        email.inhalt.html.starts_with("<frame>Hallo"),
        "it is not sanitised"
    );
    assert_eq!(parts.text, format!("Hallo{FOOTER}"));
    let bare = CreateEmail {
        add_legal_footer: Some(false),
        ..from_template(json!({"anrede": "Hallo"}))
    };
    assert_eq!(created(bare).await.parts.text, "Hallo");
}

#[tokio::test]
async fn a_subject_of_the_client_wins_over_that_of_the_template() {
    for (given, expected) in [("Eigener", "Eigener"), ("", "Erinnerung Hallo")] {
        let request = CreateEmail {
            betreff: Some(given.to_owned()),
            ..from_template(json!({"anrede": "Hallo"}))
        };
        assert_eq!(created(request).await.email.betreff, expected);
    }
}

#[tokio::test]
async fn a_subject_obeys_the_same_rules_whoever_wrote_it() {
    let of_client = |betreff: String| CreateEmail {
        betreff: Some(betreff),
        ..from_template(json!({"anrede": "Hallo"}))
    };
    for request in [
        of_client("x".repeat(256)),
        of_client("a\r\nBcc: x".to_owned()),
        of_client(" ".to_owned()),
        from_template(json!({"anrede": "x".repeat(250)})),
        from_template(json!({"anrede": "a\nb"})),
    ] {
        let sentence = refused(request).await.to_string();
        assert!(sentence.starts_with("betreff "), "{sentence}");
    }
}

#[tokio::test]
async fn a_template_beside_a_body_is_refused_and_a_blank_body_is_none() {
    let bodies = |markdown: &str| Bodies {
        markdown: Some(markdown.to_owned()),
        ..Bodies::default()
    };
    let both = CreateEmail {
        bodies: bodies("Guten Tag"),
        ..from_template(json!({"anrede": "Hallo"}))
    };
    assert_eq!(
        refused(both).await.to_string(),
        "vorlage cannot be combined with inhalt_markdown, inhalt_html or inhalt_text"
    );
    let blank = CreateEmail {
        bodies: bodies(" \n"),
        ..from_template(json!({"anrede": "Hallo"}))
    };
    assert_eq!(created(blank).await.email.inhalt.text, "Hallo");
}

#[tokio::test]
async fn data_without_a_template_are_refused_and_empty_data_are_none() {
    let without = |daten: Value| CreateEmail {
        vorlage_daten: object(daten),
        vorlage: Some(String::new()),
        ..request()
    };
    let sentence = refused(without(json!({"anrede": "Hallo"})))
        .await
        .to_string();
    assert!(sentence.starts_with("vorlage_daten "), "{sentence}");
    assert_eq!(created(without(json!({}))).await.email.vorlage, None);
}

#[tokio::test]
async fn an_unknown_template_is_answered_with_those_that_there_are() {
    for name in [
        "basis",
        "Follow_Up",
        "../follow_up",
        "follow_up ",
        "{{ 7 }}",
    ] {
        let request = CreateEmail {
            vorlage: Some(name.to_owned()),
            ..from_template(json!({"anrede": "Hallo"}))
        };
        assert_eq!(
            refused(request).await.to_string(),
            "vorlage must be one of: follow_up, kaputt"
        );
    }
}

#[tokio::test]
async fn data_that_do_not_fit_are_named() {
    for (daten, words) in [
        (json!(null), "vorlage_daten.anrede is required"),
        (json!({}), "vorlage_daten.anrede is required"),
        (json!({"anrede": 5}), "vorlage_daten.anrede must be"),
        (
            json!({"anrede": "Hallo", "anrde": "x"}),
            "vorlage_daten.anrde is not known",
        ),
    ] {
        let sentence = refused(from_template(daten)).await.to_string();
        assert!(sentence.starts_with(words), "{sentence}");
    }
}

#[tokio::test]
async fn a_broken_template_is_not_the_clients_fault() {
    let request = CreateEmail {
        vorlage: Some("kaputt".to_owned()),
        ..from_template(json!({"anrede": "Hallo"}))
    };
    let error = refused(request).await;
    assert!(matches!(
        error,
        OutreachError::Vorlage(VorlageError::Template(_))
    ));
}

#[tokio::test]
async fn all_values_together_must_keep_to_the_limits_of_a_body() {
    // 300 times as long in the HTML part.
    let request = CreateEmail {
        betreff: Some("Anfrage".to_owned()),
        ..from_template(json!({"anrede": "x".repeat(2000)}))
    };
    let sentence = refused(request).await.to_string();
    assert!(
        sentence.starts_with("inhalt_html is too large"),
        "{sentence}"
    );
}

#[test]
fn a_template_is_tried_out_with_the_given_or_the_sample_data() {
    let preview = |daten: Value| Preview {
        daten: object(daten),
        add_legal_footer: None,
    };
    let sample = vorlagen()
        .preview("follow_up", preview(json!(null)))
        .unwrap();
    assert_eq!(sample.betreff, "Erinnerung Guten Tag");
    assert_eq!(Value::from(sample.daten), json!({"anrede": "Guten Tag"}));
    assert_eq!(sample.parts.text, format!("Guten Tag{FOOTER}"));
    let given = preview(json!({"anrede": "Hallo"}));
    let shown = vorlagen().preview("follow_up", given).unwrap();
    assert_eq!(shown.betreff, "Erinnerung Hallo");
    let bare = Preview {
        add_legal_footer: Some(false),
        ..Preview::default()
    };
    let shown = vorlagen().preview("follow_up", bare).unwrap();
    assert_eq!(shown.parts.text, "Guten Tag");
}

#[test]
fn a_template_that_cannot_be_tried_out_is_an_error() {
    let outcome = |name: &str, daten: Value| {
        let request = Preview {
            daten: object(daten),
            add_legal_footer: None,
        };
        let error = vorlagen().preview(name, request).unwrap_err();
        error.to_string()
    };
    assert_eq!(outcome("basis", json!({})), "Template not found");
    let required = "vorlage_daten.anrede is required";
    assert_eq!(outcome("follow_up", json!({})), required);
    let long = outcome("follow_up", json!({"anrede": "x".repeat(300)}));
    assert!(long.starts_with("betreff must have"), "{long}");
    assert!(outcome("kaputt", json!(null)).contains("kaputt"));
}

#[test]
fn the_templates_are_listed() {
    let names = vorlagen()
        .list()
        .unwrap()
        .into_iter()
        .map(|vorlage| vorlage.name);
    assert_eq!(names.collect::<Vec<_>>(), ["follow_up", "kaputt"]);
}
