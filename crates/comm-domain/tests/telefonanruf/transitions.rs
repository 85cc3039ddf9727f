use crate::support::{call, day, ended, kinds, message, now, put, time, to};
use comm_domain::Deletion;
use comm_domain::outreach::telefonanruf::{Gefuehrt, Hinweis};
use comm_domain::outreach::{
    ErgebnisArt, Patch, TelefonanrufError, TelefonanrufEventKind as Kind, TelefonanrufId,
    TelefonanrufPatch,
    TelefonanrufStatus::{self, Abgebrochen, Abgeschlossen, Fehlgeschlagen, Geplant},
};

/// The contract's table, row by row: what each way reports.
fn event_of(from: TelefonanrufStatus, to: TelefonanrufStatus) -> Option<Kind> {
    match (from, to) {
        (Geplant, Abgeschlossen) => Some(Kind::Completed),
        (Geplant, Fehlgeschlagen) => Some(Kind::Failed),
        (Geplant, Abgebrochen) => Some(Kind::Cancelled),
        (Abgebrochen, Geplant) => Some(Kind::Scheduled),
        _ => None,
    }
}

#[test]
fn the_four_ways_are_open_and_every_other_is_a_conflict_that_names_both_states() {
    for &from in TelefonanrufStatus::ALL {
        for &target in TelefonanrufStatus::ALL {
            let before = call(from, None);
            let result = put(before.clone(), to(target));
            match event_of(from, target) {
                Some(kind) => {
                    let change = result.unwrap();
                    assert_eq!(kinds(&change), [kind]);
                    assert_eq!(change.events()[0].sequence, before.sequence + 1);
                    assert_eq!(change.after().status, target);
                    assert_eq!(change.after().updated_at, now().at);
                }
                None if from == target => {
                    let change = result.unwrap();
                    assert_eq!(change.after(), &before);
                    assert!(change.events().is_empty());
                }
                None => {
                    let error = result.unwrap_err();
                    assert!(error.is_conflict());
                    assert_eq!(error, TelefonanrufError::Transition { from, to: target });
                    assert_eq!(
                        error.to_string(),
                        format!("status cannot be changed from '{from}' to '{target}'")
                    );
                }
            }
        }
    }
}

#[test]
fn a_completed_call_was_made_today_at_the_planned_time_unless_said_otherwise() {
    let done = put(call(Geplant, None), to(Abgeschlossen))
        .unwrap()
        .into_after();
    assert_eq!(done.gesprochen_am(), Some(day(2).and_time(time(10, 0))));
    let patch = TelefonanrufPatch {
        tatsaechliches_datum: Patch::Set(day(1)),
        tatsaechliche_zeit: Patch::Set(time(7, 7)),
        ..to(Abgeschlossen)
    };
    let done = put(call(Geplant, None), patch).unwrap().into_after();
    assert_eq!(done.gesprochen_am(), Some(day(1).and_time(time(7, 7))));
    assert!(done.hinweise(now()).is_empty());
}

#[test]
fn failing_and_cancelling_make_up_no_actual_time() {
    for target in [Fehlgeschlagen, Abgebrochen] {
        let over = put(call(Geplant, None), to(target)).unwrap().into_after();
        assert_eq!(over.tatsaechlich.datum, None);
        assert_eq!(over.gesprochen_am(), None);
    }
}

#[test]
fn an_actual_time_in_the_future_is_stored_and_told() {
    let patch = |datum, zeit| TelefonanrufPatch {
        tatsaechliches_datum: Patch::Set(datum),
        tatsaechliche_zeit: Patch::Set(zeit),
        ..to(Abgeschlossen)
    };
    let told = |patch| {
        put(call(Geplant, None), patch)
            .unwrap()
            .after()
            .hinweise(now())
    };
    let tomorrow = told(patch(day(3), time(8, 0)));
    assert_eq!(tomorrow, [Hinweis::TatsaechlichesDatumInZukunft]);
    let tonight = told(patch(day(2), time(9, 31)));
    assert_eq!(tonight, [Hinweis::TatsaechlicheZeitInZukunft]);
    assert!(told(patch(day(2), time(9, 30))).is_empty());
    assert!(told(patch(day(1), time(23, 0))).is_empty());
}

#[test]
fn an_agreed_callback_needs_its_day_at_the_transition_and_when_it_is_noted_later() {
    let sentence = "wiederholen_nach is required when ergebnis_art is 'rueckruf_vereinbart'";
    let rueckruf = ErgebnisArt::RueckrufVereinbart;
    for target in [Abgeschlossen, Fehlgeschlagen] {
        let result = put(call(Geplant, None), ended(target, rueckruf));
        assert_eq!(message(result), sentence);
        let result = put(call(target, None), ended(target, rueckruf));
        assert_eq!(message(result), sentence);
        let dated = TelefonanrufPatch {
            wiederholen_nach: Patch::Set(day(5)),
            ..ended(target, rueckruf)
        };
        assert!(put(call(Geplant, None), dated).is_ok());
    }
    let noted_in_advance = ended(Geplant, rueckruf);
    assert!(put(call(Geplant, None), noted_in_advance).is_ok());
}

#[test]
fn only_the_transition_ends_a_call_and_not_a_later_correction() {
    for &from in TelefonanrufStatus::ALL {
        for &target in TelefonanrufStatus::ALL {
            for &art in ErgebnisArt::ALL {
                let patch = TelefonanrufPatch {
                    wiederholen_nach: Patch::Set(day(5)),
                    ..ended(target, art)
                };
                if let Ok(change) = put(call(from, None), patch) {
                    let ends = from == Geplant && matches!(target, Abgeschlossen | Fehlgeschlagen);
                    assert_eq!(change.ends_the_call(), ends, "{from} {target} {art}");
                }
            }
        }
    }
    let new = crate::support::to_therapist();
    let recorded = new.record(TelefonanrufId(1), Gefuehrt::default(), now());
    assert!(recorded.unwrap().ends_the_call());
}

#[test]
fn a_callback_may_be_noted_once_the_call_is_over() {
    let rueckruf = ErgebnisArt::RueckrufVereinbart;
    for &status in TelefonanrufStatus::ALL {
        let over = matches!(status, Abgeschlossen | Fehlgeschlagen);
        for art in ErgebnisArt::ALL.iter().copied().map(Some).chain([None]) {
            let call = call(status, art);
            let new = over && art != Some(rueckruf);
            assert_eq!(call.notes_rueckruf(&ended(status, rueckruf)), new);
            assert!(!call.notes_rueckruf(&to(status)));
            assert!(!call.notes_rueckruf(&ended(status, ErgebnisArt::NichtErreicht)));
        }
    }
}

#[test]
fn an_old_callback_without_a_day_can_still_be_given_notes() {
    let old = call(Abgeschlossen, Some(ErgebnisArt::RueckrufVereinbart));
    let patch = TelefonanrufPatch {
        notizen: Patch::Set("nachgetragen".to_owned()),
        ..TelefonanrufPatch::default()
    };
    let after = put(old, patch).unwrap().into_after();
    assert_eq!(after.notizen.as_deref(), Some("nachgetragen"));
}

#[test]
fn planning_again_needs_a_slot_that_is_still_to_come() {
    let mut record = (*call(Abgebrochen, None)).clone();
    record.termin = crate::support::plan(crate::support::to_therapist()).termin;
    let cancelled = comm_domain::outreach::Telefonanruf::restore(record);
    let next_week = crate::support::later(chrono::TimeDelta::days(7));
    let stale = cancelled.clone().apply(to(Geplant), next_week);
    assert_eq!(message(stale), "geplantes_datum must not lie in the past");
    let moved = TelefonanrufPatch {
        geplantes_datum: Some(day(11)),
        ..to(Geplant)
    };
    let change = cancelled.apply(moved, next_week).unwrap();
    assert_eq!(kinds(&change), [Kind::Scheduled]);
    assert_eq!(change.after().termin.datum(), day(11));
}

#[test]
fn a_person_was_spoken_to_when_the_call_was_held_and_reached_somebody() {
    for &status in TelefonanrufStatus::ALL {
        for &art in ErgebnisArt::ALL {
            let spoken = status == Abgeschlossen && art != ErgebnisArt::NichtErreicht;
            let call = call(status, Some(art));
            assert_eq!(call.gesprochen_am().is_some(), spoken, "{status} {art}");
        }
    }
    assert!(call(Abgeschlossen, None).gesprochen_am().is_some());
}

#[test]
fn a_refusal_counts_from_the_actual_day_once_the_call_is_over() {
    let refused = Some(ErgebnisArt::Abgelehnt);
    assert_eq!(call(Abgeschlossen, refused).abgelehnt_am(), Some(day(3)));
    assert_eq!(call(Fehlgeschlagen, refused).abgelehnt_am(), Some(day(3)));
    assert_eq!(call(Geplant, refused).abgelehnt_am(), None);
    assert_eq!(call(Abgebrochen, refused).abgelehnt_am(), None);
    assert_eq!(call(Abgeschlossen, None).abgelehnt_am(), None);
    let patch = TelefonanrufPatch {
        tatsaechliches_datum: Patch::Set(day(1)),
        ..ended(Abgeschlossen, ErgebnisArt::Abgelehnt)
    };
    let earlier = put(call(Geplant, None), patch).unwrap();
    assert_eq!(earlier.after().abgelehnt_am(), Some(day(1)));
}

#[test]
fn a_refusal_outlives_its_call() {
    for &status in TelefonanrufStatus::ALL {
        for &art in ErgebnisArt::ALL {
            let refused = status == Fehlgeschlagen && art == ErgebnisArt::Abgelehnt;
            let hidden = match call(status, Some(art)).delete(now().at) {
                Deletion::Hide(change) => {
                    let counts = call(status, Some(art)).abgelehnt_am();
                    assert_eq!(change.after().abgelehnt_am(), counts);
                    true
                }
                Deletion::Remove(_) => false,
            };
            assert_eq!(hidden, refused || status == Abgeschlossen, "{status} {art}");
        }
    }
}

#[test]
fn a_deleted_call_is_hidden_when_it_was_held_and_removed_otherwise() {
    for &status in TelefonanrufStatus::ALL {
        let sequence = call(status, None).sequence;
        let change = match call(status, None).delete(now().at) {
            Deletion::Hide(change) if status == Abgeschlossen => change,
            Deletion::Remove(change) if status != Abgeschlossen => change,
            other => panic!("{status}: {other:?}"),
        };
        assert_eq!(change.after().geloescht_am, Some(now().at));
        assert_eq!(change.after().updated_at, now().at);
        if status == Geplant {
            assert_eq!(kinds(&change), [Kind::Cancelled]);
            assert_eq!(change.events()[0].sequence, sequence + 1);
            assert_eq!(change.after().status, Abgebrochen);
        } else {
            assert!(change.events().is_empty());
            assert_eq!(change.after().status, status);
        }
    }
}
