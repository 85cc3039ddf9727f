//! What a request may change, and until when.

use crate::support::{UNDO, at, draft, email, mailbox, put, to};
use comm_domain::outreach::{EmailError, EmailPatch, EmailStatus, Inhalt, Patch};

#[test]
fn one_request_can_recall_and_edit_or_edit_and_queue() {
    let patch = |status| EmailPatch {
        betreff: Some("Neu".to_owned()),
        ..to(status)
    };
    let recalled = put(
        email(EmailStatus::InWarteschlange, None),
        patch(EmailStatus::Entwurf),
    )
    .unwrap();
    assert_eq!(recalled.after().betreff, "Neu");
    let queued = put(draft(), patch(EmailStatus::InWarteschlange)).unwrap();
    assert_eq!(queued.after().betreff, "Neu");
    assert_eq!(queued.after().due_in, Some(UNDO));
}

#[test]
fn what_a_draft_lets_change_is_frozen_afterwards_unless_it_stays_the_same() {
    for (field, patch) in changes() {
        assert!(put(draft(), patch.clone()).is_ok(), "{field}");
        for status in [
            EmailStatus::InWarteschlange,
            EmailStatus::Gesendet,
            EmailStatus::Fehlgeschlagen,
            EmailStatus::WirdGesendet,
        ] {
            assert_eq!(
                put(email(status, None), patch.clone()),
                Err(EmailError::Frozen { field, status })
            );
        }
    }
    let same = EmailPatch {
        betreff: Some("Anfrage".to_owned()),
        prioritaet: Some(5),
        inhalt: Some(draft().inhalt.clone()),
        therapist_id: Patch::Set(7),
        patient_id: Patch::Set(0),
        ..EmailPatch::default()
    };
    assert!(put(email(EmailStatus::Gesendet, None), same).is_ok());
}

/// One change of each field that only a draft lets change.
fn changes() -> [(&'static str, EmailPatch); 6] {
    [
        (
            "betreff",
            EmailPatch {
                betreff: Some("Neu".to_owned()),
                ..EmailPatch::default()
            },
        ),
        (
            "empfaenger_email",
            EmailPatch {
                empfaenger_email: Some(mailbox("neu").address),
                ..EmailPatch::default()
            },
        ),
        (
            "absender_name",
            EmailPatch {
                absender_name: Some("Neu".to_owned()),
                ..EmailPatch::default()
            },
        ),
        (
            "senden_ab",
            EmailPatch {
                senden_ab: Patch::Set(at(99)),
                ..EmailPatch::default()
            },
        ),
        (
            "prioritaet",
            EmailPatch {
                prioritaet: Some(1),
                ..EmailPatch::default()
            },
        ),
        (
            "inhalt_html",
            EmailPatch {
                inhalt: Some(Inhalt {
                    html: "x".to_owned(),
                    ..draft().inhalt.clone()
                }),
                ..EmailPatch::default()
            },
        ),
    ]
}

#[test]
fn whom_it_is_for_never_changes() {
    for patch in [
        EmailPatch {
            therapist_id: Patch::Set(8),
            ..EmailPatch::default()
        },
        EmailPatch {
            therapist_id: Patch::Clear,
            ..EmailPatch::default()
        },
        EmailPatch {
            patient_id: Patch::Set(1),
            ..EmailPatch::default()
        },
        EmailPatch {
            therapeutenanfrage_id: Patch::Set(1),
            ..EmailPatch::default()
        },
    ] {
        assert!(put(draft(), patch).unwrap_err().is_conflict());
    }
}
