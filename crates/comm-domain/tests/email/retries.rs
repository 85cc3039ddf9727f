//! What is tried again by itself, how often, and what a person may do meanwhile.

use crate::support::{at, email, kinds, plan, put, refusal, to};
use chrono::TimeDelta;
use comm_domain::outreach::{
    Deletion, Email, EmailEventKind, EmailStatus, Fehler, Fehlerart, Fehlergrund, Outcome,
    UnusablePausen, Versuchsplan,
};
use proptest::prelude::*;

fn claimed(email: Email) -> Email {
    let mut record = (*email).clone();
    assert_eq!(record.status, EmailStatus::InWarteschlange);
    record.status = EmailStatus::WirdGesendet;
    record.due_in = None;
    Email::restore(record)
}

fn under_way() -> Email {
    email(EmailStatus::WirdGesendet, None)
}

fn set_up() -> Outcome {
    Outcome::Failed(Fehler {
        art: Fehlerart::Voruebergehend,
        grund: Fehlergrund::Zugang,
        server: Some("535 5.7.8 no".to_owned()),
        enhanced_code: None,
        anhang: None,
    })
}

/// One failed attempt after the other, as long as the email goes back to the queue; answers the pauses.
fn fail_until_the_end(outcome: &Outcome, plan: &Versuchsplan) -> (Vec<i64>, Email) {
    let (mut email, mut pauses) = (under_way(), Vec::new());
    loop {
        let change = email.settle(outcome.clone(), at(1), plan).unwrap();
        if change.after().status != EmailStatus::InWarteschlange {
            let failed = EmailEventKind::Failed {
                enhanced_code: Some("5.1.1".to_owned()),
            };
            assert_eq!(kinds(&change), [failed]);
            return (pauses, change.into_after());
        }
        assert!(kinds(&change).is_empty(), "a retry is no event");
        email = change.into_after();
        pauses.push(email.due_in.unwrap().num_minutes());
        email = claimed(email);
    }
}

#[test]
fn a_passing_failure_is_tried_again_after_longer_and_longer_pauses_and_then_fails() {
    let (pauses, failed) = fail_until_the_end(&refusal(Fehlerart::Voruebergehend), &plan());
    assert_eq!(pauses, [1, 5, 15, 60, 240]);
    assert_eq!(failed.status, EmailStatus::Fehlgeschlagen);
    assert_eq!(failed.fehlerart, Some(Fehlerart::Voruebergehend));
    assert_eq!(failed.wiederholungsanzahl, 6);
    assert_eq!(failed.naechster_versuch_am, None);
}

#[test]
fn what_waits_for_its_next_attempt_says_why_and_when() {
    let change = under_way()
        .settle(refusal(Fehlerart::Voruebergehend), at(1), &plan())
        .unwrap();
    let email = change.after();
    assert_eq!(email.status, EmailStatus::InWarteschlange);
    assert_eq!(email.fehlerart, Some(Fehlerart::Voruebergehend));
    assert_eq!(email.wiederholungsanzahl, 1);
    assert_eq!(email.due_in, Some(TimeDelta::minutes(1)));
    assert_eq!(email.naechster_versuch_am, Some(at(61)));
    assert_eq!(email.updated_at, at(1));
    let words = email.fehlermeldung.as_deref().unwrap();
    assert!(words.contains("automatisch erneut versucht"), "{words}");
    assert!(words.ends_with("550 5.1.1 unbekannt"), "{words}");
}

#[test]
fn a_set_up_at_fault_is_tried_every_minute_for_ever_and_counts_no_attempt() {
    let mut email = under_way();
    for _ in 0..100 {
        let change = email.settle(set_up(), at(1), &plan()).unwrap();
        assert!(kinds(&change).is_empty());
        assert_eq!(change.after().due_in, Some(TimeDelta::minutes(1)));
        assert_eq!(change.after().wiederholungsanzahl, 0);
        assert_eq!(change.after().fehlerart, Some(Fehlerart::Voruebergehend));
        email = claimed(change.into_after());
    }
}

#[test]
fn what_is_final_or_unclear_is_never_tried_again() {
    for art in [Fehlerart::Endgueltig, Fehlerart::AusgangUnklar] {
        let (pauses, failed) = fail_until_the_end(&refusal(art), &plan());
        assert!(pauses.is_empty());
        assert_eq!(
            (failed.fehlerart, failed.wiederholungsanzahl),
            (Some(art), 1)
        );
    }
}

#[test]
fn without_pauses_nothing_is_tried_again() {
    let none = Versuchsplan::of_minutes(&[]).unwrap();
    let (pauses, failed) = fail_until_the_end(&refusal(Fehlerart::Voruebergehend), &none);
    assert!(pauses.is_empty());
    assert_eq!(failed.wiederholungsanzahl, 1);
}

#[test]
fn an_attempt_that_succeeds_or_fails_for_good_ends_the_round() {
    let waiting = || {
        let outcome = refusal(Fehlerart::Voruebergehend);
        let change = under_way().settle(outcome, at(1), &plan()).unwrap();
        claimed(change.into_after())
    };
    let sent = waiting().settle(Outcome::Accepted, at(2), &plan()).unwrap();
    let after = sent.after();
    assert_eq!((after.fehlerart, &after.fehlermeldung), (None, &None));
    assert_eq!(after.naechster_versuch_am, None);
    let refused = waiting()
        .settle(refusal(Fehlerart::Endgueltig), at(2), &plan())
        .unwrap();
    assert_eq!(refused.after().fehlerart, Some(Fehlerart::Endgueltig));
    assert_eq!(refused.after().naechster_versuch_am, None);
}

#[test]
fn a_retry_that_is_called_off_still_shows_the_last_error_and_is_due_as_it_was() {
    let change = under_way()
        .settle(refusal(Fehlerart::Voruebergehend), at(1), &plan())
        .unwrap();
    let words = change.after().fehlermeldung.clone();
    let back = claimed(change.into_after())
        .settle(Outcome::CalledOff, at(2), &plan())
        .unwrap();
    assert_eq!(back.after().due_in, None);
    assert_eq!(back.after().wiederholungsanzahl, 1);
    assert_eq!(back.after().fehlermeldung, words);
}

#[test]
fn a_doubt_that_turns_out_to_be_a_passing_failure_goes_back_to_the_queue_unless_deleted() {
    let doubted = email(EmailStatus::WirdGesendet, None)
        .abandon(at(1))
        .unwrap()
        .into_after();
    let passing = || refusal(Fehlerart::Voruebergehend);
    let back = doubted.clone().settle(passing(), at(2), &plan()).unwrap();
    assert_eq!(back.after().status, EmailStatus::InWarteschlange);
    assert_eq!(back.after().wiederholungsanzahl, 1, "counted once");
    assert_eq!(back.after().due_in, Some(TimeDelta::minutes(1)));

    let Deletion::Hide(hidden) = doubted.delete(at(2)).unwrap() else {
        unreachable!("what may have arrived is never removed");
    };
    let kept = hidden
        .into_after()
        .settle(passing(), at(3), &plan())
        .unwrap();
    assert!(kept.after().in_doubt());
}

#[test]
fn a_person_may_recall_a_waiting_retry_or_begin_a_fresh_round_of_a_failed_mail() {
    let waiting = under_way()
        .settle(refusal(Fehlerart::Voruebergehend), at(1), &plan())
        .unwrap()
        .into_after();
    let draft = put(waiting.clone(), to(EmailStatus::Entwurf)).unwrap();
    let after = draft.after();
    assert_eq!((after.fehlerart, &after.fehlermeldung), (None, &None));
    assert_eq!(after.naechster_versuch_am, None);
    let again = put(draft.into_after(), to(EmailStatus::InWarteschlange)).unwrap();
    assert_eq!(again.after().wiederholungsanzahl, 0);

    let same = put(waiting, to(EmailStatus::InWarteschlange)).unwrap();
    assert_eq!(
        same.after().due_in,
        Some(TimeDelta::minutes(1)),
        "no change"
    );
    assert_eq!(same.after().wiederholungsanzahl, 1);

    let (_, failed) = fail_until_the_end(&refusal(Fehlerart::Voruebergehend), &plan());
    let fresh = put(failed, to(EmailStatus::InWarteschlange)).unwrap();
    assert_eq!(fresh.after().wiederholungsanzahl, 0);
    assert_eq!(fresh.after().fehlerart, None);
}

#[test]
fn a_mail_that_is_resent_after_a_crash_has_as_many_attempts_and_ends_in_doubt() {
    let (mut email, mut pauses) = (under_way(), Vec::new());
    loop {
        let change = email.abandon_and_resend(at(1), &plan()).unwrap();
        if change.after().in_doubt() {
            assert_eq!(kinds(&change).len(), 1);
            break;
        }
        assert!(kinds(&change).is_empty());
        let words = change.after().fehlermeldung.as_deref().unwrap();
        assert!(words.contains("doppelt"), "{words}");
        pauses.push(change.after().due_in.unwrap().num_minutes());
        email = claimed(change.into_after());
    }
    assert_eq!(pauses, [1, 5, 15, 60, 240]);
}

#[test]
fn a_plan_has_at_most_twenty_pauses_of_reasonable_length() {
    for good in [
        &[][..],
        &[0.01],
        &[10_080.0],
        &[0.05, 1.5],
        [1.0; 20].as_slice(),
    ] {
        assert!(Versuchsplan::of_minutes(good).is_ok(), "{good:?}");
    }
    for bad in [
        &[0.0][..],
        &[0.009],
        &[-1.0],
        &[10_081.0],
        &[f64::NAN],
        &[f64::INFINITY],
        &[1.0; 21],
    ] {
        assert_eq!(Versuchsplan::of_minutes(bad), Err(UnusablePausen));
    }
    assert_eq!(
        Versuchsplan::of_minutes(&[1.0, 5.0, 15.0, 60.0, 240.0]),
        Ok(plan())
    );
}

proptest! {
    #[test]
    fn a_plan_is_followed_pause_by_pause(minutes in prop::collection::vec(0.01_f64..10_080.0, 0..20)) {
        let plan = Versuchsplan::of_minutes(&minutes).unwrap();
        for (failed, minutes) in (1..).zip(&minutes) {
            let pause = plan.pause_after(failed).unwrap();
            prop_assert!((pause.as_seconds_f64() - minutes * 60.0).abs() < 0.001);
        }
        let more = i32::try_from(minutes.len()).unwrap() + 1;
        prop_assert_eq!(plan.pause_after(more), None);
        prop_assert_eq!(plan.pause_after(0), None);
    }
}
