use crate::support::{day, emails, kinds, message, now, time, to_therapist};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use comm_domain::outreach::telefonanruf::{
    Dauer, Ergebnis, Gefuehrt, Hinweis, Tatsaechlich, Termin,
};
use comm_domain::outreach::{
    EmailId, Empfaenger, ErgebnisArt, NewTelefonanruf, TelefonanrufError, TelefonanrufEventKind,
    TelefonanrufId, TelefonanrufStatus,
};

const ID: TelefonanrufId = TelefonanrufId(1);

fn plan_at(
    beginn: NaiveDateTime,
) -> Result<comm_domain::Change<comm_domain::outreach::Telefonanruf>, TelefonanrufError> {
    to_therapist().plan(ID, beginn, now())
}

#[test]
fn a_planned_call_is_reported_as_the_first_event() {
    let change = plan_at(day(3).and_time(time(10, 0))).unwrap();
    assert_eq!(kinds(&change), [TelefonanrufEventKind::Scheduled]);
    assert_eq!(change.events()[0].sequence, 1);
    let call = change.into_after();
    assert_eq!(call.status, TelefonanrufStatus::Geplant);
    assert_eq!((call.versuch, call.vorgaenger_id), (1, None));
    assert_eq!(call.created_at, now().at);
    assert!(call.holds_slot());
}

#[test]
fn a_call_takes_5_minutes_for_a_therapist_and_10_for_a_patient() {
    assert_eq!(to_therapist().dauer.minuten(), 5);
    let patient = NewTelefonanruf::to(Empfaenger::Patient(3));
    assert_eq!(patient.dauer.minuten(), 10);
}

#[test]
fn a_duration_is_a_multiple_of_5_from_5_to_120() {
    for good in (5..=120).step_by(5) {
        assert_eq!(i64::from(Dauer::parse(good).unwrap().minuten()), good);
    }
    for bad in [i64::MIN, -5, 0, 3, 4, 6, 119, 121, 125, 10_000, i64::MAX] {
        let error = Dauer::parse(bad).unwrap_err().to_string();
        assert_eq!(error, "dauer_minuten must be a multiple of 5 from 5 to 120");
    }
}

#[test]
fn a_slot_in_the_past_is_refused_and_the_field_named() {
    let yesterday = plan_at(day(1).and_time(time(23, 0)));
    assert_eq!(
        message(yesterday),
        "geplantes_datum must not lie in the past"
    );
    let this_morning = plan_at(day(2).and_time(time(9, 29)));
    let error = this_morning.unwrap_err();
    assert_eq!(error.to_string(), "geplante_zeit must not lie in the past");
    assert!(!error.is_conflict());
}

#[test]
fn a_call_can_be_booked_for_the_present_minute() {
    assert!(plan_at(day(2).and_time(time(9, 30))).is_ok());
}

#[test]
fn a_slot_begins_at_a_whole_minute() {
    for odd in ["10:00:30", "10:00:00.5"] {
        let odd: NaiveTime = odd.parse().unwrap();
        assert_eq!(
            message(plan_at(day(3).and_time(odd))),
            "geplante_zeit must be a time of day in whole minutes"
        );
    }
}

#[test]
fn a_slot_is_half_open_and_ends_without_overflow_at_the_end_of_time() {
    let late = Termin::new(day(3), time(23, 58), Dauer::THERAPEUT).unwrap();
    assert_eq!(late.ende(), day(4).and_time(time(0, 3)));
    assert_eq!(late.ende() - late.beginn(), TimeDelta::minutes(5));
    let last = Termin::new(chrono::NaiveDate::MAX, time(23, 58), Dauer::PATIENT).unwrap();
    assert_eq!(last.ende(), NaiveDateTime::MAX);
}

#[test]
fn only_planned_and_made_calls_can_be_created() {
    for status in TelefonanrufStatus::ALL {
        let allowed = matches!(
            status,
            TelefonanrufStatus::Geplant | TelefonanrufStatus::Abgeschlossen
        );
        let result = NewTelefonanruf::check_status(*status);
        assert_eq!(result.is_ok(), allowed, "{status}");
    }
    let refused = NewTelefonanruf::check_status(TelefonanrufStatus::Abgebrochen);
    assert_eq!(
        message(refused),
        "Invalid status. Only 'geplant' or 'abgeschlossen' allowed"
    );
}

#[test]
fn a_recorded_call_was_made_now_unless_said_otherwise() {
    let change = to_therapist()
        .record(ID, Gefuehrt::default(), now())
        .unwrap();
    assert_eq!(kinds(&change), [TelefonanrufEventKind::Completed]);
    let call = change.into_after();
    assert_eq!(call.status, TelefonanrufStatus::Abgeschlossen);
    assert_eq!(
        (call.termin.datum(), call.termin.zeit()),
        (day(2), time(9, 30))
    );
    assert_eq!(call.gesprochen_am(), Some(day(2).and_time(time(9, 30))));
    assert!(!call.holds_slot());
}

#[test]
fn planned_and_actual_time_of_a_recorded_call_stand_in_for_each_other() {
    let planned = Gefuehrt {
        geplantes_datum: Some(day(1)),
        geplante_zeit: Some(time(8, 0)),
        ..Gefuehrt::default()
    };
    let call = to_therapist()
        .record(ID, planned, now())
        .unwrap()
        .into_after();
    assert_eq!(call.gesprochen_am(), Some(day(1).and_time(time(8, 0))));
    let actual = Gefuehrt {
        tatsaechlich: Tatsaechlich {
            datum: Some(day(9)),
            zeit: Some(time(7, 45)),
        },
        ..Gefuehrt::default()
    };
    let call = to_therapist()
        .record(ID, actual, now())
        .unwrap()
        .into_after();
    assert_eq!(call.termin.beginn(), day(9).and_time(time(7, 45)));
    assert_eq!(
        call.hinweise(now()),
        [Hinweis::TatsaechlichesDatumInZukunft]
    );
}

#[test]
fn a_recorded_callback_needs_its_day() {
    let ergebnis = Ergebnis {
        art: Some(ErgebnisArt::RueckrufVereinbart),
        ..Ergebnis::default()
    };
    let new = to_therapist().with_ergebnis(ergebnis).unwrap();
    assert_eq!(
        message(new.record(ID, Gefuehrt::default(), now())),
        "wiederholen_nach is required when ergebnis_art is 'rueckruf_vereinbart'"
    );
}

#[test]
fn texts_of_a_new_call_are_checked() {
    assert!(to_therapist().with_bearbeiter(" ").is_err());
    assert!(to_therapist().with_notizen("nul \0").is_err());
    let ergebnis = Ergebnis {
        wiederholen_zeit: "10:00:01".parse().ok(),
        ..Ergebnis::default()
    };
    assert!(to_therapist().with_ergebnis(ergebnis).is_err());
    let long = Ergebnis {
        text: Some("x".repeat(600_000)),
        ..Ergebnis::default()
    };
    assert!(to_therapist().with_ergebnis(long).is_err());
}

#[test]
fn what_came_out_of_a_recorded_call_is_stored_with_it() {
    let ergebnis = Ergebnis {
        text: Some("Zusage".to_owned()),
        art: Some(ErgebnisArt::Angenommen),
        ..Ergebnis::default()
    };
    let new = to_therapist().with_ergebnis(ergebnis.clone()).unwrap();
    let change = new.record(ID, Gefuehrt::default(), now()).unwrap();
    assert_eq!(change.after().ergebnis, ergebnis);
    assert_eq!(change.after().updated_at, now().at);
}

#[test]
fn the_email_id_of_a_call_is_the_oldest_of_its_emails() {
    let new = to_therapist().with_email_ids(emails([9, 4, 9, 6]));
    let call = crate::support::plan(new.with_bearbeiter("Ada").unwrap());
    assert_eq!(call.email_ids, emails([4, 6, 9]));
    assert_eq!(call.email_id(), Some(EmailId(4)));
    assert_eq!(call.bearbeiter.as_deref(), Some("Ada"));
    assert_eq!(crate::support::planned().email_id(), None);
}

#[test]
fn an_outcome_that_does_not_exist_names_its_field() {
    let error = ErgebnisArt::parse_as("ergebnis_art", "vielleicht").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("ergebnis_art must be one of 'angenommen', ")
    );
    let error = ErgebnisArt::parse("vielleicht").unwrap_err();
    assert!(error.to_string().starts_with("antwort_art must be one of "));
}
