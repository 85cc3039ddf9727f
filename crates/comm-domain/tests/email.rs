//! Every transition of an email (contract, 'Email'), and properties that hold for all of them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which clippy.toml does not cover"
)]

use chrono::{DateTime, TimeDelta, Utc};
use comm_domain::outreach::{
    Deletion, Email, EmailError, EmailEventKind, EmailId, EmailPatch, EmailStatus, Empfaenger,
    Fehler, Fehlerart, Fehlergrund, Inhalt, NewEmail, Outcome, Patch,
};
use comm_domain::{Change, EmailAddress, Mailbox};
use proptest::prelude::*;

const UNDO: TimeDelta = TimeDelta::seconds(5);

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_769_850_900 + second, 0).unwrap()
}

fn mailbox(local: &str) -> Mailbox {
    let address = EmailAddress::parse("email", &format!("{local}@example.org")).unwrap();
    Mailbox::parse(address, "name", "Dr. Ada Beispiel").unwrap()
}

fn new_email() -> NewEmail {
    let inhalt = Inhalt {
        html: "<p>Guten Tag</p>".to_owned(),
        text: "Guten Tag".to_owned(),
        legal_footer: true,
    };
    NewEmail::draft(
        Empfaenger::Therapeut(7),
        mailbox("praxis"),
        mailbox("info"),
        "Anfrage",
        inhalt,
    )
    .unwrap()
}

fn draft() -> Email {
    new_email()
        .create(EmailId(1), "id@example.org".to_owned(), at(0), UNDO)
        .into_after()
}

/// An email in any state, as the store would give it back.
fn email(status: EmailStatus, fehlerart: Option<Fehlerart>) -> Email {
    let mut record = (*draft()).clone();
    record.status = status;
    record.fehlerart = fehlerart;
    record.versucht_am = Some(at(-60));
    if status == EmailStatus::Fehlgeschlagen {
        record.fehlermeldung = Some("Der Mailserver war nicht erreichbar.".to_owned());
        record.wiederholungsanzahl = 3;
    }
    Email::restore(record)
}

fn put(email: Email, patch: EmailPatch) -> Result<Change<Email>, EmailError> {
    email.apply(patch, at(10), UNDO)
}

fn to(status: EmailStatus) -> EmailPatch {
    EmailPatch {
        status: Some(status),
        ..EmailPatch::default()
    }
}

fn kinds(change: &Change<Email>) -> Vec<EmailEventKind> {
    change
        .events()
        .iter()
        .map(|event| event.kind.clone())
        .collect()
}

fn refusal(art: Fehlerart) -> Outcome {
    Outcome::Failed(Fehler {
        art,
        grund: Fehlergrund::Adresse,
        server: Some("550 5.1.1 unbekannt".to_owned()),
        enhanced_code: Some("5.1.1".to_owned()),
    })
}

#[test]
fn a_new_email_is_a_draft_or_queued_and_says_that_it_was_created() {
    let queued = new_email()
        .with_status(EmailStatus::InWarteschlange)
        .unwrap();
    let change = queued.create(EmailId(1), "id".to_owned(), at(0), UNDO);
    assert_eq!(kinds(&change), [EmailEventKind::Created]);
    let email = change.into_after();
    assert_eq!(email.in_warteschlange_am, Some(at(0)));
    assert_eq!(email.due_in, Some(UNDO));
    assert_eq!(draft().in_warteschlange_am, None);
    assert_eq!(draft().due_in, None);
    for status in [
        EmailStatus::WirdGesendet,
        EmailStatus::Gesendet,
        EmailStatus::Fehlgeschlagen,
    ] {
        assert_eq!(
            new_email().with_status(status),
            Err(EmailError::InitialStatus)
        );
    }
}

#[test]
fn exactly_the_ways_of_the_contract_exist() {
    use EmailStatus::{Entwurf, Fehlgeschlagen, Gesendet, InWarteschlange, WirdGesendet};
    let ways = [
        (Entwurf, InWarteschlange),
        (InWarteschlange, Entwurf),
        (Fehlgeschlagen, InWarteschlange),
        (Fehlgeschlagen, Entwurf),
        (Entwurf, Gesendet),
        (InWarteschlange, Gesendet),
        (Fehlgeschlagen, Gesendet),
    ];
    for from in [
        Entwurf,
        InWarteschlange,
        WirdGesendet,
        Gesendet,
        Fehlgeschlagen,
    ] {
        for target in [
            Entwurf,
            InWarteschlange,
            WirdGesendet,
            Gesendet,
            Fehlgeschlagen,
        ] {
            let result = put(email(from, None), to(target));
            if from == target || ways.contains(&(from, target)) {
                assert_eq!(result.unwrap().after().status, target, "{from} -> {target}");
            } else {
                assert_eq!(result, Err(EmailError::Transition { from, to: target }));
            }
        }
    }
}

#[test]
fn an_email_in_doubt_can_be_sent_again_or_marked_as_sent_but_not_become_a_draft() {
    let doubted = || email(EmailStatus::Fehlgeschlagen, Some(Fehlerart::AusgangUnklar));
    assert!(put(doubted(), to(EmailStatus::Entwurf)).is_err());
    let again = put(doubted(), to(EmailStatus::InWarteschlange)).unwrap();
    assert_eq!(again.after().wiederholungsanzahl, 0);
    assert_eq!(again.after().fehlerart, None);
    let sent = put(doubted(), to(EmailStatus::Gesendet)).unwrap();
    assert_eq!(
        sent.after().gesendet_am,
        Some(at(-60)),
        "the time of its attempt"
    );
    let by_hand = put(
        email(EmailStatus::Fehlgeschlagen, None),
        to(EmailStatus::Gesendet),
    )
    .unwrap();
    assert_eq!(by_hand.after().gesendet_am, Some(at(10)));
    assert_eq!(kinds(&by_hand), [EmailEventKind::Sent]);
}

#[test]
fn a_fresh_round_a_draft_and_a_sent_mail_have_no_error_even_if_it_is_sent_back() {
    for target in [
        EmailStatus::Entwurf,
        EmailStatus::InWarteschlange,
        EmailStatus::Gesendet,
    ] {
        let failed = email(EmailStatus::Fehlgeschlagen, Some(Fehlerart::Endgueltig));
        let patch = EmailPatch {
            fehlermeldung: Patch::Set(failed.fehlermeldung.clone().unwrap()),
            ..to(target)
        };
        let change = put(failed, patch).unwrap();
        let after = change.after();
        assert_eq!(
            (
                &after.fehlermeldung,
                after.fehlerart,
                after.naechster_versuch_am
            ),
            (&None, None, None)
        );
    }
}

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
    let changes: [(&str, EmailPatch); 6] = [
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
    ];
    for (field, patch) in changes {
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

#[test]
fn an_answer_is_recorded_at_any_time_and_reported_once() {
    for status in EmailStatus::ALL {
        let answered = EmailPatch {
            antwort_erhalten: Some(true),
            ..EmailPatch::default()
        };
        let change = put(email(*status, None), answered.clone()).unwrap();
        assert_eq!(
            kinds(&change),
            [EmailEventKind::ResponseReceived],
            "{status}"
        );
        assert_eq!(change.after().antwort.datum, Some(at(10)));
        assert!(kinds(&put(change.into_after(), answered).unwrap()).is_empty());
    }
}

#[test]
fn an_answer_whose_date_was_cleared_stays_without_one() {
    let patch = |datum| EmailPatch {
        antwort_erhalten: Some(true),
        antwortdatum: datum,
        ..EmailPatch::default()
    };
    let answered = put(draft(), patch(Patch::Keep)).unwrap().into_after();
    let cleared = put(answered, patch(Patch::Clear)).unwrap().into_after();
    assert_eq!(cleared.antwort.datum, None);
    let same = put(cleared.clone(), patch(Patch::Keep)).unwrap();
    assert_eq!(same.into_after(), cleared);
}

#[test]
fn the_follow_up_is_switched_off_by_false_alone() {
    for (given, stored) in [
        (Patch::Set(true), None),
        (Patch::Set(false), Some(false)),
        (Patch::Clear, None),
    ] {
        let patch = EmailPatch {
            nachverfolgung_erforderlich: given,
            ..EmailPatch::default()
        };
        assert_eq!(
            put(draft(), patch)
                .unwrap()
                .after()
                .nachverfolgung_erforderlich,
            stored
        );
    }
}

#[test]
fn an_attempt_ends_as_the_server_says() {
    let under_way = || email(EmailStatus::WirdGesendet, None);
    let sent = under_way().settle(Outcome::Accepted, at(1)).unwrap();
    assert_eq!(kinds(&sent), [EmailEventKind::Sent]);
    assert_eq!(sent.after().gesendet_am, Some(at(1)));

    let refused = under_way()
        .settle(refusal(Fehlerart::Endgueltig), at(1))
        .unwrap();
    assert_eq!(refused.after().status, EmailStatus::Fehlgeschlagen);
    assert_eq!(refused.after().wiederholungsanzahl, 1);
    assert!(
        refused
            .after()
            .fehlermeldung
            .as_deref()
            .unwrap()
            .ends_with("550 5.1.1 unbekannt")
    );
    assert_eq!(
        kinds(&refused),
        [EmailEventKind::Failed {
            enhanced_code: Some("5.1.1".to_owned())
        }]
    );

    let called_off = under_way().settle(Outcome::CalledOff, at(1)).unwrap();
    assert_eq!(called_off.after().status, EmailStatus::InWarteschlange);
    assert_eq!(called_off.after().due_in, Some(TimeDelta::zero()));
    assert!(kinds(&called_off).is_empty());
}

#[test]
fn a_lease_that_ran_out_leaves_doubt_and_its_holder_may_still_say_what_happened() {
    let doubted = email(EmailStatus::WirdGesendet, None)
        .abandon(at(1))
        .unwrap();
    assert!(doubted.after().in_doubt());
    let doubted = doubted.into_after();
    let again = doubted
        .clone()
        .settle(refusal(Fehlerart::AusgangUnklar), at(2))
        .unwrap();
    assert!(kinds(&again).is_empty() && again.after().wiederholungsanzahl == 1);
    let sent = doubted.clone().settle(Outcome::Accepted, at(2)).unwrap();
    assert_eq!(sent.after().status, EmailStatus::Gesendet);
    let back = doubted.settle(Outcome::CalledOff, at(2)).unwrap();
    assert_eq!(
        (back.after().status, back.after().wiederholungsanzahl),
        (EmailStatus::InWarteschlange, 0)
    );
    for status in [
        EmailStatus::Entwurf,
        EmailStatus::InWarteschlange,
        EmailStatus::Gesendet,
    ] {
        assert!(
            email(status, None)
                .settle(Outcome::Accepted, at(1))
                .is_err()
        );
    }
}

#[test]
fn what_may_have_left_is_hidden_and_everything_else_removed() {
    for (status, fehlerart, hidden) in [
        (EmailStatus::Entwurf, None, false),
        (EmailStatus::InWarteschlange, None, false),
        (
            EmailStatus::Fehlgeschlagen,
            Some(Fehlerart::Endgueltig),
            false,
        ),
        (
            EmailStatus::Fehlgeschlagen,
            Some(Fehlerart::AusgangUnklar),
            true,
        ),
        (EmailStatus::Gesendet, None, true),
    ] {
        let change = match email(status, fehlerart).delete(at(1)).unwrap() {
            Deletion::Hide(change) if hidden => change,
            Deletion::Remove(change) if !hidden => change,
            other => panic!("{status} {fehlerart:?}: {other:?}"),
        };
        assert_eq!(kinds(&change), [EmailEventKind::Deleted]);
    }
    assert_eq!(
        email(EmailStatus::WirdGesendet, None)
            .delete(at(1))
            .unwrap_err(),
        EmailError::UnderWay
    );
}

/// What can happen to an email, in any order.
#[derive(Debug, Clone)]
enum Act {
    Put(EmailStatus),
    Answer,
    Claim,
    Settle(Outcome),
    Abandon,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let status = prop::sample::select(EmailStatus::ALL);
    let outcome = prop::sample::select(vec![
        Outcome::Accepted,
        Outcome::CalledOff,
        refusal(Fehlerart::Voruebergehend),
        refusal(Fehlerart::Endgueltig),
        refusal(Fehlerart::AusgangUnklar),
    ]);
    let act = prop_oneof![
        status.prop_map(Act::Put),
        Just(Act::Answer),
        Just(Act::Claim),
        outcome.prop_map(Act::Settle),
        Just(Act::Abandon),
    ];
    prop::collection::vec(act, 0..40)
}

/// The store's claim.
fn claim(email: Email) -> Email {
    let mut record = (*email).clone();
    if record.status == EmailStatus::InWarteschlange {
        record.status = EmailStatus::WirdGesendet;
        record.versucht_am = Some(at(5));
    }
    Email::restore(record)
}

fn perform(email: Email, act: Act) -> Result<Change<Email>, EmailError> {
    match act {
        Act::Put(status) => put(email, to(status)),
        Act::Answer => put(
            email,
            EmailPatch {
                antwort_erhalten: Some(true),
                ..EmailPatch::default()
            },
        ),
        Act::Claim => put(claim(email), EmailPatch::default()),
        Act::Settle(outcome) => email.settle(outcome, at(20)),
        Act::Abandon => email.abandon(at(20)),
    }
}

proptest! {
    #[test]
    fn events_are_numbered_without_a_gap_and_match_the_state(acts in acts()) {
        let mut email = draft();
        for act in acts {
            let before = email.clone();
            let Ok(change) = perform(email.clone(), act) else { continue };
            let mut next = before.sequence;
            for event in change.events() {
                next += 1;
                prop_assert_eq!(event.sequence, next);
            }
            prop_assert_eq!(change.after().sequence, next);
            let became = |status| before.status != status && change.after().status == status;
            let failed = change.events().iter().any(|event| matches!(event.kind, EmailEventKind::Failed { .. }));
            let sent = change.events().iter().any(|event| event.kind == EmailEventKind::Sent);
            prop_assert_eq!(sent, became(EmailStatus::Gesendet));
            prop_assert!(!became(EmailStatus::Fehlgeschlagen) || failed);
            email = change.into_after();
            prop_assert!(email.status != EmailStatus::Gesendet || email.gesendet_am.is_some());
            prop_assert!(email.wiederholungsanzahl >= 0);
            prop_assert_eq!(&email.message_id, "id@example.org");
            if email.fehlerart.is_some() {
                prop_assert_eq!(email.status, EmailStatus::Fehlgeschlagen);
            }
        }
    }

    #[test]
    fn nothing_that_was_sent_or_is_in_doubt_is_ever_removed(acts in acts()) {
        let mut email = draft();
        for act in acts {
            if let Ok(change) = perform(email.clone(), act) {
                email = change.into_after();
            }
        }
        let left = email.status == EmailStatus::Gesendet || email.in_doubt();
        if let Ok(Deletion::Remove(_)) = email.delete(at(30)) {
            prop_assert!(!left);
        }
    }

    #[test]
    fn an_address_is_one_mailbox_on_one_line(text in "\\PC{0,40}|[a-z@.,;<>\" \r\n\t\u{0}]{0,30}") {
        if let Ok(address) = EmailAddress::parse("empfaenger_email", &text) {
            prop_assert!(!address.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
            prop_assert!(!address.domain().is_empty());
            prop_assert!(!address.domain().contains(['@', ',', ';', '<', '>']));
            prop_assert_eq!(&EmailAddress::parse("x", address.as_str()).unwrap(), &address);
        }
    }

    #[test]
    fn a_subject_is_one_line_of_1_to_255_characters(text in any::<String>()) {
        match comm_domain::field::line("betreff", text.as_str()) {
            Ok(line) => prop_assert!(!line.is_empty() && line.chars().count() <= 255 && !line.chars().any(char::is_control)),
            Err(error) => prop_assert!(error.to_string().starts_with("betreff ")),
        }
    }
}

#[test]
fn addresses_that_name_nobody_or_several_are_refused() {
    for text in [
        "",
        "praxis",
        "@example.org",
        "a@",
        "a@b@c",
        "a@example.org, b@example.org",
        "a@example.org;b@example.org",
        "Ada <a@example.org>",
        "<a@example.org>",
        "a b@example.org",
        "a@exa mple.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@-example.org",
        "a@[127.0.0.1]",
        "a..b@example.org",
        "a@example..org",
    ] {
        assert!(
            EmailAddress::parse("empfaenger_email", text).is_err(),
            "{text:?}"
        );
    }
    for text in [
        "a@example.org",
        "A.b+c@example.co.uk",
        "müller@praxis-müller.de",
        "o'neil@example.org",
        " a@b ",
    ] {
        assert!(
            EmailAddress::parse("empfaenger_email", text).is_ok(),
            "{text:?}"
        );
    }
}

#[test]
fn exactly_one_person_is_addressed_and_0_counts_as_absent() {
    assert_eq!(
        Empfaenger::parse(Some(7), None),
        Ok(Empfaenger::Therapeut(7))
    );
    assert_eq!(
        Empfaenger::parse(Some(0), Some(3)),
        Ok(Empfaenger::Patient(3))
    );
    assert_eq!(
        Empfaenger::parse(Some(0), None),
        Err(EmailError::EmpfaengerMissing)
    );
    assert_eq!(
        Empfaenger::parse(Some(1), Some(2)),
        Err(EmailError::EmpfaengerAmbiguous)
    );
    assert!(Empfaenger::parse(Some(-1), None).is_err());
}
