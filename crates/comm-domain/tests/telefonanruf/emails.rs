use crate::support::{call, emails, kinds, now, plan, planned, to_therapist};
use comm_domain::outreach::{
    EmailId, Erledigt, Telefonanruf, TelefonanrufError, TelefonanrufEventKind as Kind,
    TelefonanrufStatus,
};

fn about<const N: usize>(ids: [i64; N]) -> Telefonanruf {
    plan(to_therapist().with_email_ids(emails(ids)))
}

fn in_state(status: TelefonanrufStatus) -> Telefonanruf {
    let mut record = (*call(status, None)).clone();
    record.email_ids = emails([6, 4]);
    Telefonanruf::restore(record)
}

#[test]
fn an_email_joins_a_planned_call_once_and_silently() {
    let joined = planned().join(EmailId(5), now().at).unwrap();
    assert!(joined.events().is_empty());
    assert_eq!(joined.after().updated_at, now().at);
    let joined = joined.into_after().join(EmailId(4), now().at).unwrap();
    let joined = joined.into_after().join(EmailId(5), now().at).unwrap();
    assert_eq!(joined.after().email_ids, emails([4, 5]));
}

#[test]
fn an_email_joins_no_call_that_is_not_planned() {
    for &status in TelefonanrufStatus::ALL {
        let result = in_state(status).join(EmailId(5), now().at);
        if status == TelefonanrufStatus::Geplant {
            assert!(result.is_ok());
        } else {
            let field = "email_ids";
            let expected = TelefonanrufError::Frozen { field, status };
            assert_eq!(result.unwrap_err(), expected);
        }
    }
}

#[test]
fn an_answer_takes_its_email_off_and_the_last_one_cancels_the_call() {
    let first = about([4, 6]).settled(EmailId(4), Erledigt::Abgeschaltet, now().at);
    assert!(first.events().is_empty());
    assert_eq!(first.after().email_ids, emails([6]));
    assert_eq!(first.after().updated_at, now().at);
    assert!(first.after().holds_slot());
    let last = first
        .into_after()
        .settled(EmailId(6), Erledigt::Beantwortet, now().at);
    assert_eq!(kinds(&last), [Kind::Cancelled]);
    assert_eq!(last.events()[0].sequence, 2);
    assert_eq!(last.after().status, TelefonanrufStatus::Abgebrochen);
    let notizen = last.after().notizen.clone().unwrap();
    assert!(notizen.starts_with("Abgebrochen, weil keine der E-Mails mehr offen ist"));
    assert!(notizen.contains("E-Mail 6"));
}

#[test]
fn the_reason_is_added_below_the_notes_of_the_staff() {
    let new = to_therapist().with_email_ids(emails([4]));
    let call = plan(new.with_notizen("Nur vormittags.").unwrap());
    let after = call
        .settled(EmailId(4), Erledigt::Abgeschaltet, now().at)
        .into_after();
    assert!(
        after
            .notizen
            .as_deref()
            .unwrap()
            .starts_with("Nur vormittags.\nAbgebrochen, weil")
    );
}

#[test]
fn notes_that_leave_no_room_for_the_reason_do_not_stop_the_answer() {
    let full = "x".repeat(512 * 1024);
    let new = to_therapist().with_email_ids(emails([4]));
    let call = plan(new.with_notizen(&full).unwrap());
    let after = call
        .settled(EmailId(4), Erledigt::Abgeschaltet, now().at)
        .into_after();
    assert_eq!(after.status, TelefonanrufStatus::Abgebrochen);
    assert_eq!(after.notizen.as_deref(), Some(full.as_str()));
}

#[test]
fn an_answer_to_another_email_leaves_the_call_alone() {
    for call in [planned(), about([4])] {
        let change = call
            .clone()
            .settled(EmailId(9), Erledigt::Beantwortet, now().at);
        assert_eq!(change.after(), &call);
        assert!(change.events().is_empty());
    }
}

#[test]
fn an_answer_to_a_call_that_is_over_changes_nothing() {
    for status in [
        TelefonanrufStatus::Abgeschlossen,
        TelefonanrufStatus::Fehlgeschlagen,
    ] {
        let call = in_state(status);
        let change = call
            .clone()
            .settled(EmailId(4), Erledigt::Abgeschaltet, now().at);
        assert_eq!(change.after(), &call);
    }
}

#[test]
fn a_cancelled_call_that_is_planned_again_no_longer_follows_up_what_was_answered() {
    let cancelled = in_state(TelefonanrufStatus::Abgebrochen);
    let after = cancelled
        .settled(EmailId(4), Erledigt::Abgeschaltet, now().at)
        .into_after();
    let change = after.settled(EmailId(6), Erledigt::Beantwortet, now().at);
    assert!(change.events().is_empty());
    assert!(change.after().email_ids.is_empty());
    assert_eq!(change.after().status, TelefonanrufStatus::Abgebrochen);
}

#[test]
fn the_store_may_give_the_emails_back_in_any_order() {
    let mut record = (*planned()).clone();
    record.email_ids = emails([9, 4, 6, 4]);
    let call = Telefonanruf::restore(record);
    assert_eq!(call.email_ids, emails([4, 6, 9]));
    let after = call
        .settled(EmailId(4), Erledigt::Abgeschaltet, now().at)
        .into_after();
    assert_eq!(after.email_ids, emails([6, 9]));
}
