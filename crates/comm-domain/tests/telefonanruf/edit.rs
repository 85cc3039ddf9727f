use crate::support::{call, day, emails, kinds, message, now, planned, put, time, to};
use comm_domain::outreach::telefonanruf::Termin;
use comm_domain::outreach::{
    Patch, Telefonanruf, TelefonanrufError, TelefonanrufEventKind as Kind, TelefonanrufPatch,
    TelefonanrufStatus::{self, Abgebrochen, Abgeschlossen, Fehlgeschlagen, Geplant},
};

fn moved_to(datum: u32, hour: u32) -> TelefonanrufPatch {
    TelefonanrufPatch {
        geplantes_datum: Some(day(datum)),
        geplante_zeit: Some(time(hour, 0)),
        ..TelefonanrufPatch::default()
    }
}

fn lasting(minutes: i64) -> TelefonanrufPatch {
    TelefonanrufPatch {
        dauer_minuten: Some(minutes),
        ..TelefonanrufPatch::default()
    }
}

/// Everything that a client may send back as it was answered.
fn as_answered(call: &Telefonanruf) -> TelefonanrufPatch {
    fn set<T>(value: Option<T>) -> Patch<T> {
        value.map_or(Patch::Keep, Patch::Set)
    }
    TelefonanrufPatch {
        geplantes_datum: Some(call.termin.datum()),
        geplante_zeit: Some(call.termin.zeit()),
        dauer_minuten: Some(call.termin.dauer().minuten().into()),
        status: Some(call.status),
        tatsaechliches_datum: set(call.tatsaechlich.datum),
        tatsaechliche_zeit: set(call.tatsaechlich.zeit),
        ergebnis: set(call.ergebnis.text.clone()),
        ergebnis_art: set(call.ergebnis.art),
        wiederholen_nach: set(call.ergebnis.wiederholen_nach),
        wiederholen_zeit: set(call.ergebnis.wiederholen_zeit),
        notizen: set(call.notizen.clone()),
        bearbeiter: set(call.bearbeiter.clone()),
        therapist_id: set(call.empfaenger.therapist_id()),
        patient_id: Patch::Set(0),
        therapeutenanfrage_id: set(call.therapeutenanfrage_id),
        vorgaenger_id: set(call.vorgaenger_id.map(|id| id.0)),
        email_ids: Some(call.email_ids.clone()),
    }
}

#[test]
fn moving_a_planned_call_is_reported_with_its_new_slot() {
    let change = put(planned(), moved_to(4, 11)).unwrap();
    assert_eq!(kinds(&change), [Kind::Scheduled]);
    assert_eq!(change.events()[0].sequence, 2);
    assert_eq!(change.after().termin.beginn(), day(4).and_time(time(11, 0)));
}

#[test]
fn a_new_duration_alone_is_no_move() {
    let change = put(planned(), lasting(30)).unwrap();
    assert!(change.events().is_empty());
    assert_eq!(change.after().termin.dauer().minuten(), 30);
    assert_eq!(
        message(put(planned(), lasting(7))),
        "dauer_minuten must be a multiple of 5 from 5 to 120"
    );
}

#[test]
fn a_call_cannot_be_moved_into_the_past() {
    assert_eq!(
        message(put(planned(), moved_to(1, 11))),
        "geplantes_datum must not lie in the past"
    );
}

#[test]
fn a_planned_call_whose_time_has_passed_can_still_be_edited() {
    let next_week = crate::support::later(chrono::TimeDelta::days(7));
    let patch = TelefonanrufPatch {
        notizen: Patch::Set("noch offen".to_owned()),
        ..lasting(10)
    };
    assert!(planned().apply(patch, next_week).is_ok());
}

#[test]
fn the_slot_of_a_call_that_holds_none_is_frozen() {
    for status in [Abgeschlossen, Fehlgeschlagen, Abgebrochen] {
        for (field, patch) in [
            ("geplantes_datum", moved_to(4, 10)),
            ("geplante_zeit", moved_to(3, 11)),
            ("dauer_minuten", lasting(30)),
        ] {
            let error = put(call(status, None), patch).unwrap_err();
            assert_eq!(error, TelefonanrufError::Frozen { field, status });
            assert!(error.is_conflict());
        }
    }
}

#[test]
fn a_call_that_is_moved_and_ended_at_once_is_reported_only_as_ended() {
    let patch = TelefonanrufPatch {
        status: Some(Fehlgeschlagen),
        ..moved_to(1, 8)
    };
    let change = put(planned(), patch).unwrap();
    assert_eq!(kinds(&change), [Kind::Failed]);
    assert_eq!(change.after().termin.datum(), day(1));
}

#[test]
fn an_answer_sent_back_as_it_was_changes_nothing() {
    for &status in TelefonanrufStatus::ALL {
        let before = call(status, None);
        let change = put(before.clone(), as_answered(&before)).unwrap();
        assert_eq!(change.after(), &before);
        assert!(change.events().is_empty());
    }
}

#[test]
fn whom_a_call_is_for_and_its_place_in_the_chain_never_change() {
    let changed = |set: fn(&mut TelefonanrufPatch)| {
        let mut patch = TelefonanrufPatch::default();
        set(&mut patch);
        message(put(planned(), patch))
    };
    for (sentence, field) in [
        (changed(|p| p.therapist_id = Patch::Set(8)), "therapist_id"),
        (changed(|p| p.therapist_id = Patch::Clear), "therapist_id"),
        (changed(|p| p.patient_id = Patch::Set(8)), "patient_id"),
        (
            changed(|p| p.therapeutenanfrage_id = Patch::Set(8)),
            "therapeutenanfrage_id",
        ),
        (
            changed(|p| p.vorgaenger_id = Patch::Set(8)),
            "vorgaenger_id",
        ),
    ] {
        let expected = format!("{field} cannot be changed while status is 'geplant'");
        assert_eq!(sentence, expected);
    }
}

#[test]
fn the_emails_of_a_call_may_be_sent_back_in_any_order_but_not_changed() {
    for &status in TelefonanrufStatus::ALL {
        let mut record = (*call(status, None)).clone();
        record.email_ids = emails([4, 6]);
        let before = Telefonanruf::restore(record);
        let sent = |ids| {
            let patch = TelefonanrufPatch {
                email_ids: Some(ids),
                ..TelefonanrufPatch::default()
            };
            put(before.clone(), patch)
        };
        for same in [emails([4, 6]), emails([6, 4, 6])] {
            assert_eq!(sent(same).unwrap().after(), &before);
        }
        for other in [emails([]), emails([4]), emails([4, 6, 9])] {
            let field = "email_ids";
            let expected = TelefonanrufError::Frozen { field, status };
            assert_eq!(sent(other).unwrap_err(), expected);
            assert!(expected.is_conflict());
        }
    }
}

#[test]
fn outcome_notes_and_member_of_staff_change_at_any_time() {
    for &status in TelefonanrufStatus::ALL {
        let patch = TelefonanrufPatch {
            ergebnis: Patch::Set("Zusage".to_owned()),
            notizen: Patch::Set("freundlich".to_owned()),
            bearbeiter: Patch::Set("Ada".to_owned()),
            wiederholen_nach: Patch::Set(day(9)),
            wiederholen_zeit: Patch::Set(time(8, 15)),
            ..TelefonanrufPatch::default()
        };
        let after = put(call(status, None), patch).unwrap().into_after();
        assert_eq!(after.ergebnis.text.as_deref(), Some("Zusage"));
        assert_eq!(after.ergebnis.wiederholen_nach, Some(day(9)));
        assert_eq!(after.ergebnis.wiederholen_zeit, Some(time(8, 15)));
        assert_eq!(after.notizen.as_deref(), Some("freundlich"));
        assert_eq!(after.bearbeiter.as_deref(), Some("Ada"));
        assert_eq!(after.updated_at, now().at);
        let cleared = TelefonanrufPatch {
            notizen: Patch::Clear,
            bearbeiter: Patch::Clear,
            ..TelefonanrufPatch::default()
        };
        let after = put(after, cleared).unwrap().into_after();
        assert_eq!(
            (after.notizen.clone(), after.bearbeiter.clone()),
            (None, None)
        );
    }
}

#[test]
fn a_held_call_keeps_an_actual_day_and_time_when_they_are_cleared() {
    let patch = TelefonanrufPatch {
        tatsaechliches_datum: Patch::Clear,
        tatsaechliche_zeit: Patch::Clear,
        ..TelefonanrufPatch::default()
    };
    let after = put(call(Abgeschlossen, None), patch).unwrap().into_after();
    assert_eq!(after.gesprochen_am(), Some(day(2).and_time(time(10, 0))));
}

#[test]
fn texts_and_times_of_a_patch_are_checked() {
    let bad = [
        TelefonanrufPatch {
            bearbeiter: Patch::Set("zwei\nZeilen".to_owned()),
            ..TelefonanrufPatch::default()
        },
        TelefonanrufPatch {
            notizen: Patch::Set("\0".to_owned()),
            ..TelefonanrufPatch::default()
        },
        TelefonanrufPatch {
            ergebnis: Patch::Set("\0".to_owned()),
            ..TelefonanrufPatch::default()
        },
        TelefonanrufPatch {
            tatsaechliche_zeit: Patch::Set("10:00:01".parse().unwrap()),
            ..TelefonanrufPatch::default()
        },
        TelefonanrufPatch {
            wiederholen_zeit: Patch::Set("10:00:01".parse().unwrap()),
            ..TelefonanrufPatch::default()
        },
    ];
    for patch in bad {
        let error = put(planned(), patch).unwrap_err();
        assert!(matches!(error, TelefonanrufError::Field(_)), "{error}");
    }
}

#[test]
fn the_store_is_told_which_slot_has_to_be_free() {
    let wanted = |call: &Telefonanruf, patch| call.wanted_slot(&patch).unwrap();
    let start = |slot: Option<Termin>| slot.map(Termin::beginn);
    assert_eq!(wanted(&planned(), TelefonanrufPatch::default()), None);
    assert_eq!(wanted(&planned(), as_answered(&planned())), None);
    let slot = start(wanted(&planned(), moved_to(4, 11)));
    assert_eq!(slot, Some(day(4).and_time(time(11, 0))));
    let longer = wanted(&planned(), lasting(30)).unwrap();
    assert_eq!(longer.dauer().minuten(), 30);
    assert_eq!(wanted(&planned(), to(Abgebrochen)), None);
    let again = start(wanted(&call(Abgebrochen, None), to(Geplant)));
    assert_eq!(again, Some(day(3).and_time(time(10, 0))));
    assert!(planned().wanted_slot(&lasting(0)).is_err());
    assert!(call(Abgeschlossen, None).wanted_slot(&to(Geplant)).is_err());
}
