//! `POST /api/emails`.

use crate::support::{FOOTER, UNDO, bound_by_no_rule, emails, request, store_with};
use chrono::DateTime;
use comm_app::OutreachError;
use comm_app::outreach::{Bodies, CreateEmail, ShownEmail};
use comm_domain::outreach::{EmailEventKind, EmailId, EmailStatus, Empfaenger};
use comm_ports::Signal;
use comm_ports::Signal::{Outbox, Queue};
use comm_ports::error::StoreError;
use comm_ports::testing::MockOutreachStore;
use comm_ports::testing::build::instant;

/// Reserves id 1 before it inserts.
fn store() -> MockOutreachStore {
    let mut store = MockOutreachStore::new();
    let mut order = mockall::Sequence::new();
    store
        .expect_next_email_id()
        .times(1)
        .in_sequence(&mut order)
        .returning(|| Ok(EmailId(1)));
    store
        .expect_insert_email()
        .times(1)
        .in_sequence(&mut order)
        .withf(|change| {
            change
                .events()
                .iter()
                .map(|event| &event.kind)
                .eq([&EmailEventKind::Created])
        })
        .returning(|change| Ok(change.into_after()));
    store
}

/// The same in a transaction, since what is queued is bound by contact rules.
fn store_for_queued() -> MockOutreachStore {
    let mut tx = bound_by_no_rule();
    tx.expect_insert_email()
        .times(1)
        .returning(|change| Ok(change.into_after()));
    tx.expect_commit().times(1).returning(|| Ok(()));
    let mut store = store_with(vec![tx]);
    store.expect_next_email_id().returning(|| Ok(EmailId(1)));
    store
}

async fn created(request: CreateEmail, raised: &[Signal]) -> ShownEmail {
    emails(store(), raised).create(request).await.unwrap()
}

/// What is refused never reaches the store, and raises nothing.
async fn refused(request: CreateEmail) -> String {
    let emails = emails(MockOutreachStore::new(), &[]);
    emails.create(request).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_draft_is_stored_with_its_event_and_shown_with_its_footer() {
    let ShownEmail { email, parts, .. } = created(request(), &[Outbox]).await;
    assert_eq!((email.id, email.status), (EmailId(1), EmailStatus::Entwurf));
    assert_eq!((email.created_at, email.due_in), (instant(), None));
    assert_eq!(email.empfaenger, Empfaenger::Therapeut(7));
    assert_eq!(email.an.name(), "Dr. Ada Beispiel");
    assert_eq!((email.prioritaet, email.senden_ab), (5, None));
    assert_eq!(email.inhalt.text, "Guten Tag", "the footer is not stored");
    assert_eq!(parts.html, format!("<p>Guten Tag</p>{FOOTER}"));
    assert_eq!(parts.text, format!("Guten Tag{FOOTER}"));
}

#[tokio::test]
async fn a_queued_email_is_due_after_the_undo_period_and_wakes_the_worker() {
    let queued = CreateEmail {
        status: Some("In_Warteschlange".to_owned()),
        senden_ab: DateTime::from_timestamp(1_800_000_000, 0),
        ..request()
    };
    let emails = emails(store_for_queued(), &[Outbox, Queue]);
    let email = emails.create(queued).await.unwrap().email;
    assert_eq!(email.status, EmailStatus::InWarteschlange);
    assert_eq!(
        (email.due_in, email.in_warteschlange_am),
        (Some(UNDO), Some(instant()))
    );
    assert_eq!(email.senden_ab, DateTime::from_timestamp(1_800_000_000, 0));
}

#[tokio::test]
async fn the_message_id_is_new_and_of_the_senders_domain() {
    let from_elsewhere = || CreateEmail {
        absender_email: Some("info@praxis.example".to_owned()),
        ..request()
    };
    let first = created(from_elsewhere(), &[Outbox]).await.email;
    let second = created(from_elsewhere(), &[Outbox]).await.email;
    assert!(
        first.message_id.ends_with("@praxis.example"),
        "{}",
        first.message_id
    );
    assert_ne!(first.message_id, second.message_id);
    let by_default = created(request(), &[Outbox]).await.email;
    assert!(by_default.message_id.ends_with("@example.org"));
}

#[tokio::test]
async fn a_domain_that_cannot_stand_in_every_mail_is_replaced_in_the_message_id() {
    // Four labels of 50 characters: valid as an address, too long for a line of a header.
    let long = format!("x@{}.org", vec!["a".repeat(50); 4].join("."));
    for address in ["info@müller.example", long.as_str()] {
        let request = CreateEmail {
            absender_email: Some(address.to_owned()),
            ..request()
        };
        let email = created(request, &[Outbox]).await.email;
        assert_eq!(email.absender.address.as_str(), address);
        let id = &email.message_id;
        assert!(id.ends_with("@example.org"), "{id}");
    }
}

#[tokio::test]
async fn the_sender_is_the_configured_one_as_far_as_none_is_named() {
    for (address, name, expected) in [
        (None, None, ("vermittlung@example.org", "Vermittlung")),
        (
            Some("x@example.net"),
            None,
            ("x@example.net", "Vermittlung"),
        ),
        (None, Some("Anna"), ("vermittlung@example.org", "Anna")),
    ] {
        let request = CreateEmail {
            absender_email: address.map(str::to_owned),
            absender_name: name.map(str::to_owned),
            ..request()
        };
        let sender = created(request, &[Outbox]).await.email.absender.clone();
        assert_eq!((sender.address.as_str(), sender.name()), expected);
    }
}

#[tokio::test]
async fn bodies_are_rendered_from_markdown_before_html_before_text() {
    let bodies = |markdown: Option<&str>, html: Option<&str>, text: Option<&str>| Bodies {
        markdown: markdown.map(str::to_owned),
        html: html.map(str::to_owned),
        text: text.map(str::to_owned),
    };
    for (bodies, expected) in [
        (
            bodies(Some("m"), Some("<b>h</b>"), Some("t")),
            ("<h1>m</h1>", "m"),
        ),
        (
            bodies(Some(" "), Some("<b>h</b>"), Some("t")),
            ("<b>h</b>", "t"),
        ),
        (bodies(None, Some("<b>h</b>"), None), ("<b>h</b>", "h")),
        (bodies(None, Some(""), Some("t")), ("<p>t</p>", "t")),
    ] {
        let email = created(
            CreateEmail {
                bodies,
                ..request()
            },
            &[Outbox],
        )
        .await
        .email;
        assert_eq!(
            (email.inhalt.html.as_str(), email.inhalt.text.as_str()),
            expected
        );
    }
}

#[tokio::test]
async fn the_legal_footer_is_a_flag_that_can_be_switched_off() {
    let bare = CreateEmail {
        add_legal_footer: Some(false),
        ..request()
    };
    let shown = created(bare, &[Outbox]).await;
    assert!(!shown.email.inhalt.legal_footer);
    assert_eq!(shown.parts.text, "Guten Tag");
}

#[tokio::test]
async fn the_sentences_that_clients_know_stand_word_for_word() {
    let nobody = CreateEmail {
        therapist_id: Some(0),
        ..request()
    };
    assert_eq!(
        refused(nobody).await,
        "Either therapist_id or patient_id is required"
    );
    let two = CreateEmail {
        patient_id: Some(8),
        ..request()
    };
    assert_eq!(
        refused(two).await,
        "Cannot specify both therapist_id and patient_id"
    );
    let bare = CreateEmail {
        bodies: Bodies::default(),
        ..request()
    };
    let sentence = "Either inhalt_html, inhalt_text, or inhalt_markdown is required";
    assert_eq!(refused(bare).await, sentence);
    let emptied = Bodies {
        html: Some(FOOTER.to_owned()),
        ..Bodies::default()
    };
    let nothing_left = CreateEmail {
        bodies: emptied,
        ..request()
    };
    assert_eq!(refused(nothing_left).await, sentence);
    for status in ["Gesendet", "Wird_gesendet", "Fehlgeschlagen", "Quatsch", ""] {
        let request = CreateEmail {
            status: Some(status.to_owned()),
            ..request()
        };
        let sentence = "Invalid status. Only 'Entwurf' or 'In_Warteschlange' allowed";
        assert_eq!(refused(request).await, sentence);
    }
}

/// Takes something away from a request, or makes it wrong.
type Spoil = fn(&mut CreateEmail);

const SPOILT: [(&str, Spoil); 15] = [
    ("betreff", |r| r.betreff = None),
    ("betreff", |r| r.betreff = Some("x".repeat(256))),
    ("empfaenger_email", |r| r.empfaenger_email = None),
    ("empfaenger_email", |r| {
        r.empfaenger_email = Some("a@b.de, c@d.de".to_owned());
    }),
    ("empfaenger_name", |r| r.empfaenger_name = None),
    ("empfaenger_name", |r| {
        r.empfaenger_name = Some("a\r\nBcc: x".to_owned());
    }),
    ("absender_email", |r| {
        r.absender_email = Some("nobody".to_owned());
    }),
    ("absender_name", |r| r.absender_name = Some(String::new())),
    ("therapist_id", |r| r.therapist_id = Some(-1)),
    ("patient_id", |r| r.patient_id = Some(-1)),
    ("therapeutenanfrage_id", |r| {
        r.therapeutenanfrage_id = Some(-3)
    }),
    ("prioritaet", |r| r.prioritaet = Some(-1)),
    ("prioritaet", |r| r.prioritaet = Some(10)),
    ("prioritaet", |r| r.prioritaet = Some(i64::MAX)),
    ("inhalt_text is too large", |r| {
        r.bodies.text = Some("x".repeat(512 * 1024 + 1));
    }),
];

#[tokio::test]
async fn what_is_missing_or_wrong_is_named() {
    for (words, spoil) in SPOILT {
        let mut request = request();
        spoil(&mut request);
        let sentence = refused(request).await;
        assert!(sentence.starts_with(words), "{words}: {sentence}");
    }
}

#[tokio::test]
async fn priorities_and_ids_at_their_bounds_are_taken() {
    for (prioritaet, bundle, expected) in [(0, Some(0), None), (9, Some(1), Some(1))] {
        let request = CreateEmail {
            prioritaet: Some(prioritaet),
            therapeutenanfrage_id: bundle,
            therapist_id: None,
            patient_id: Some(8),
            ..request()
        };
        let email = created(request, &[Outbox]).await.email;
        assert_eq!(i64::from(email.prioritaet), prioritaet);
        assert_eq!(email.therapeutenanfrage_id, expected);
        assert_eq!(email.empfaenger, Empfaenger::Patient(8));
    }
}

#[tokio::test]
async fn a_store_that_is_away_raises_nothing_and_may_be_asked_again() {
    let mut store = MockOutreachStore::new();
    store
        .expect_next_email_id()
        .returning(|| Err(StoreError::Unavailable("away".into())));
    let error = emails(store, &[]).create(request()).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn work_that_panics_is_an_error_and_not_a_hanging_request() {
    // The mock panics where a call is not expected.
    let error = emails(MockOutreachStore::new(), &[])
        .create(request())
        .await;
    assert!(matches!(error, Err(OutreachError::Interrupted)));
}
