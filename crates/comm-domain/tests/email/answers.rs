//! What was answered to an email, and whether it is followed up.

use crate::support::{at, draft, email, kinds, put};
use comm_domain::outreach::{EmailEventKind, EmailPatch, EmailStatus, Patch};

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
