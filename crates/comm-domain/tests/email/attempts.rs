//! How an attempt to send ends, also when nobody said so in time.

use crate::support::{at, email, kinds, plan, refusal};
use comm_domain::outreach::{Deletion, EmailEventKind, EmailStatus, Fehlerart, Outcome};

#[test]
fn an_attempt_ends_as_the_server_says() {
    let under_way = || email(EmailStatus::WirdGesendet, None);
    let sent = under_way()
        .settle(Outcome::Accepted, at(1), &plan())
        .unwrap();
    assert_eq!(kinds(&sent), [EmailEventKind::Sent]);
    assert_eq!(sent.after().gesendet_am, Some(at(1)));

    let refused = under_way()
        .settle(refusal(Fehlerart::Endgueltig), at(1), &plan())
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

    let called_off = under_way()
        .settle(Outcome::CalledOff, at(1), &plan())
        .unwrap();
    assert_eq!(called_off.after().status, EmailStatus::InWarteschlange);
    assert_eq!(called_off.after().due_in, None, "it keeps its place");
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
        .settle(refusal(Fehlerart::AusgangUnklar), at(2), &plan())
        .unwrap();
    assert!(kinds(&again).is_empty() && again.after().wiederholungsanzahl == 1);
    let sent = doubted
        .clone()
        .settle(Outcome::Accepted, at(2), &plan())
        .unwrap();
    assert_eq!(sent.after().status, EmailStatus::Gesendet);
    let back = doubted.settle(Outcome::CalledOff, at(2), &plan()).unwrap();
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
                .settle(Outcome::Accepted, at(1), &plan())
                .is_err()
        );
    }
}

#[test]
fn a_mail_in_doubt_that_was_deleted_is_not_sent_after_all() {
    let doubted = email(EmailStatus::Fehlgeschlagen, Some(Fehlerart::AusgangUnklar));
    let Deletion::Hide(hidden) = doubted.delete(at(1)).unwrap() else {
        unreachable!("what may have arrived is never removed");
    };
    let settled = hidden
        .into_after()
        .settle(Outcome::CalledOff, at(2), &plan())
        .unwrap();
    assert_eq!(settled.after().status, EmailStatus::Fehlgeschlagen);
    assert!(kinds(&settled).is_empty());
}
