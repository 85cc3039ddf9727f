use crate::support::{call, day, emails, later, now, plan, put, time};
use chrono::TimeDelta;
use comm_domain::outreach::telefonanruf::{PATIENT_ZEIT, Wiederholung, Wiederholungsregeln};
use comm_domain::outreach::{
    Empfaenger, ErgebnisArt, Grund, NewTelefonanruf, Telefonanruf, TelefonanrufId,
    TelefonanrufPatch, TelefonanrufRecord,
    TelefonanrufStatus::{self, Abgeschlossen, Fehlgeschlagen},
};

const THREE: Wiederholungsregeln = Wiederholungsregeln { max_versuche: 3 };

fn with(call: Telefonanruf, change: impl FnOnce(&mut TelefonanrufRecord)) -> Telefonanruf {
    let mut record = (*call).clone();
    change(&mut record);
    Telefonanruf::restore(record)
}

fn next(call: &Telefonanruf) -> Wiederholung {
    call.wiederholung(THREE, day(2), &[]).unwrap().unwrap()
}

fn planned(retry: Wiederholung) -> Telefonanruf {
    let slot = retry.fruehestens.and_time(time(11, 0));
    let change = retry.anruf.plan(TelefonanrufId(2), slot, now());
    change.unwrap().into_after()
}

#[test]
fn which_calls_have_a_next_attempt() {
    use ErgebnisArt::{Abgelehnt, Angenommen, RueckrufVereinbart, TeilweiseAngenommen};
    for &status in TelefonanrufStatus::ALL {
        for art in ErgebnisArt::ALL.iter().copied().map(Some).chain([None]) {
            let expected = match (status, art) {
                (Abgeschlossen | Fehlgeschlagen, Some(RueckrufVereinbart)) => true,
                (Fehlgeschlagen, Some(Angenommen | TeilweiseAngenommen | Abgelehnt)) => false,
                (Fehlgeschlagen, _) => true,
                (Abgeschlossen, Some(ErgebnisArt::NichtErreicht)) => true,
                _ => false,
            };
            let call = call(status, art);
            let result = call.wiederholung(THREE, day(2), &[]).unwrap();
            assert_eq!(result.is_some(), expected, "{status} {art:?}");
        }
    }
}

#[test]
fn a_deleted_call_is_neither_tried_again_nor_edited() {
    use ErgebnisArt::{NichtErreicht, RueckrufVereinbart};
    for art in [NichtErreicht, RueckrufVereinbart] {
        let hidden = with(call(Abgeschlossen, Some(art)), |record| {
            record.geloescht_am = Some(now().at);
        });
        assert_eq!(hidden.wiederholung(THREE, day(2), &[]), Ok(None));
        let error = put(hidden, TelefonanrufPatch::default()).unwrap_err();
        assert_eq!(error.to_string(), "Phone call not found");
        assert!(!error.is_conflict());
    }
}

#[test]
fn a_retry_carries_on_what_the_failed_call_was_about() {
    let failed = with(call(Fehlgeschlagen, None), |record| {
        record.email_ids = emails([4, 6]);
        record.therapeutenanfrage_id = Some(11);
        record.bearbeiter = Some("Ada".to_owned());
        record.notizen = Some("Besetzt.".to_owned());
        record.termin = plan({
            let mut longer = NewTelefonanruf::to(record.empfaenger);
            longer.dauer = comm_domain::outreach::telefonanruf::Dauer::parse(25).unwrap();
            longer
        })
        .termin;
    });
    let retry = planned(next(&failed));
    assert_eq!(retry.empfaenger, failed.empfaenger);
    assert_eq!(retry.email_ids, failed.email_ids);
    assert_eq!(retry.therapeutenanfrage_id, Some(11));
    assert_eq!(retry.bearbeiter.as_deref(), Some("Ada"));
    assert_eq!(retry.termin.dauer().minuten(), 25);
    assert_eq!((retry.versuch, retry.vorgaenger_id), (2, Some(failed.id)));
    assert_eq!(retry.notizen, None);
    assert_eq!(retry.ergebnis, Default::default());
}

#[test]
fn a_retry_is_due_the_day_after_the_attempt_or_when_the_staff_said() {
    assert_eq!(next(&call(Fehlgeschlagen, None)).fruehestens, day(4));
    let dated = with(call(Fehlgeschlagen, None), |record| {
        record.ergebnis.wiederholen_nach = Some(day(20));
        record.ergebnis.wiederholen_zeit = Some(time(8, 15));
    });
    let retry = next(&dated);
    assert_eq!(
        (retry.fruehestens, retry.zeit),
        (day(20), Some(time(8, 15)))
    );
}

#[test]
fn a_day_that_has_passed_is_made_up_for_today_without_its_agreed_time() {
    let stale = with(call(Fehlgeschlagen, None), |record| {
        record.ergebnis.wiederholen_nach = Some(day(1));
        record.ergebnis.wiederholen_zeit = Some(time(8, 15));
    });
    let retry = next(&stale);
    assert_eq!((retry.fruehestens, retry.zeit), (day(2), None));
}

/// The daily job may ask for days, without putting the retry off each time.
#[test]
fn the_day_after_the_attempt_does_not_depend_on_the_day_of_the_job() {
    let due = |call: &Telefonanruf, heute| {
        let retry = call.wiederholung(THREE, day(heute), &[]);
        retry.unwrap().unwrap().fruehestens
    };
    let failed = call(Fehlgeschlagen, None);
    for (heute, expected) in [(2, 4), (3, 4), (4, 4), (5, 5), (9, 9)] {
        assert_eq!(due(&failed, heute), day(expected), "{heute}");
    }
    let earlier = with(failed, |record| record.tatsaechlich.datum = Some(day(1)));
    assert_eq!(due(&earlier, 1), day(2));
    assert_eq!(due(&earlier, 3), day(3));
    let unreached = call(Abgeschlossen, Some(ErgebnisArt::NichtErreicht));
    assert_eq!(due(&unreached, 3), day(4));
}

#[test]
fn an_agreed_time_of_today_still_stands() {
    let today = with(call(Fehlgeschlagen, None), |record| {
        record.ergebnis.wiederholen_nach = Some(day(2));
        record.ergebnis.wiederholen_zeit = Some(time(16, 0));
    });
    let retry = next(&today);
    assert_eq!((retry.fruehestens, retry.zeit), (day(2), Some(time(16, 0))));
}

#[test]
fn a_patient_is_tried_again_at_ten_unless_a_time_was_agreed() {
    let failed = with(call(Fehlgeschlagen, None), |record| {
        record.empfaenger = Empfaenger::Patient(3);
    });
    assert_eq!(next(&failed).zeit, Some(PATIENT_ZEIT));
    let agreed = with(failed, |record| {
        record.ergebnis.wiederholen_zeit = Some(time(17, 0));
    });
    assert_eq!(next(&agreed).zeit, Some(time(17, 0)));
    assert_eq!(PATIENT_ZEIT, time(10, 0));
    assert_eq!(next(&call(Fehlgeschlagen, None)).zeit, None);
}

#[test]
fn the_third_attempt_is_the_last() {
    assert_eq!(Wiederholungsregeln::default(), THREE);
    for (versuch, goes_on) in [(1, true), (2, true), (3, false), (9, false)] {
        let failed = with(call(Fehlgeschlagen, None), |record| {
            record.versuch = versuch
        });
        match failed.wiederholung(THREE, day(2), &[]) {
            Ok(Some(retry)) => {
                assert!(goes_on);
                assert_eq!(planned(retry).versuch, versuch + 1);
            }
            other => {
                assert!(!goes_on);
                assert_eq!(other, Err(Grund::VersucheErschoepft));
            }
        }
    }
}

#[test]
fn an_agreed_callback_keeps_its_number_and_knows_no_limit() {
    for versuch in [1, 3, 9] {
        let agreed = with(
            call(Abgeschlossen, Some(ErgebnisArt::RueckrufVereinbart)),
            |record| {
                record.versuch = versuch;
                record.ergebnis.wiederholen_nach = Some(day(5));
                record.ergebnis.wiederholen_zeit = Some(time(16, 40));
            },
        );
        let callback = next(&agreed);
        assert_eq!(callback.fruehestens, day(5));
        assert_eq!(callback.zeit, Some(time(16, 40)));
        assert_eq!(planned(callback).versuch, versuch);
    }
}

#[test]
fn a_retry_leaves_out_what_was_answered_and_is_not_made_for_nothing() {
    let failed = with(call(Fehlgeschlagen, None), |record| {
        record.email_ids = emails([4, 6]);
    });
    let retry = failed.wiederholung(THREE, day(2), &emails([4]));
    assert_eq!(planned(retry.unwrap().unwrap()).email_ids, emails([6]));
    let nothing = failed.wiederholung(THREE, day(2), &emails([6, 4]));
    assert_eq!(nothing, Err(Grund::BereitsBeantwortet));
    let unrelated = call(Fehlgeschlagen, None).wiederholung(THREE, day(2), &emails([4]));
    assert!(unrelated.unwrap().is_some());
}

#[test]
fn an_agreed_callback_is_made_also_when_its_emails_were_answered() {
    let agreed = with(
        call(Fehlgeschlagen, Some(ErgebnisArt::RueckrufVereinbart)),
        |record| {
            record.email_ids = emails([4]);
            record.ergebnis.wiederholen_nach = Some(day(5));
        },
    );
    let callback = agreed.wiederholung(THREE, day(2), &emails([4]));
    assert!(planned(callback.unwrap().unwrap()).email_ids.is_empty());
}

#[test]
fn the_end_of_the_calendar_does_not_panic() {
    let last = chrono::NaiveDate::MAX;
    let tried = with(call(Fehlgeschlagen, None), |record| {
        record.tatsaechlich.datum = Some(last);
    });
    assert_eq!(next(&tried).fruehestens, last);
    let retry = call(Fehlgeschlagen, None).wiederholung(THREE, last, &[]);
    assert_eq!(retry.unwrap().unwrap().fruehestens, last);
    assert_eq!(later(TimeDelta::zero()).heute(), day(2));
}
