//! What holds for an email whatever happens to it, in any order.

use crate::support::{at, draft, plan, put, refusal, to};
use comm_domain::Change;
use comm_domain::outreach::{
    Deletion, Email, EmailError, EmailEventKind, EmailPatch, EmailStatus, Fehlerart, Outcome,
};
use proptest::prelude::*;

/// What can happen to an email, in any order.
#[derive(Debug, Clone)]
enum Act {
    Put(EmailStatus),
    Answer,
    Claim,
    Settle(Outcome),
    Abandon,
    AbandonAndResend,
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
        Just(Act::AbandonAndResend),
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
        Act::Settle(outcome) => email.settle(outcome, at(20), &plan()),
        Act::Abandon => email.abandon(at(20)),
        Act::AbandonAndResend => email.abandon_and_resend(at(20), &plan()),
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
            let waits = matches!(email.status, EmailStatus::InWarteschlange | EmailStatus::WirdGesendet);
            if waits {
                prop_assert!(matches!(email.fehlerart, None | Some(Fehlerart::Voruebergehend)));
                prop_assert_eq!(email.fehlerart, email.naechster_versuch_am.and(email.fehlerart));
            } else {
                prop_assert_eq!(email.naechster_versuch_am, None);
                prop_assert!(email.fehlerart.is_none() || email.status == EmailStatus::Fehlgeschlagen);
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
}
