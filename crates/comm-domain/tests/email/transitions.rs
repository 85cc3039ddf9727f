//! The ways from one status to another that a request may take.

use crate::support::{at, email, kinds, put, to};
use comm_domain::outreach::{
    EmailError, EmailEventKind, EmailPatch, EmailStatus, Fehlerart, Patch,
};

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
