//! The rules of a wish for a call, and timestamps with and without an offset.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

use chrono::{NaiveDate, NaiveTime};
use comm_domain::outreach::{Anrufwunsch, Dauer, Empfaenger, RawAnrufwunsch};
use comm_domain::timestamp;
use proptest::prelude::*;

fn raw() -> RawAnrufwunsch {
    RawAnrufwunsch {
        patient_id: Some(8),
        ..RawAnrufwunsch::default()
    }
}

fn refusal(raw: RawAnrufwunsch) -> String {
    Anrufwunsch::parse(raw).unwrap_err().to_string()
}

#[test]
fn a_wish_with_everything_keeps_everything() {
    let wunsch = Anrufwunsch::parse(RawAnrufwunsch {
        therapist_id: Some(7),
        patient_id: Some(0),
        geplantes_datum: Some("2026-01-31".to_owned()),
        geplante_zeit: Some("9:05".to_owned()),
        dauer_minuten: Some(15),
        notizen: Some("bitte\nleise".to_owned()),
        therapeutenanfrage_id: Some(3),
    });
    let expected = Anrufwunsch {
        empfaenger: Empfaenger::Therapeut(7),
        geplantes_datum: NaiveDate::from_ymd_opt(2026, 1, 31),
        geplante_zeit: NaiveTime::from_hms_opt(9, 5, 0),
        dauer_minuten: Dauer::parse(15).ok(),
        notizen: Some("bitte\nleise".to_owned()),
        therapeutenanfrage_id: Some(3),
    };
    assert_eq!(wunsch.unwrap(), expected);
}

#[test]
fn a_person_is_enough() {
    let wunsch = Anrufwunsch::parse(raw()).unwrap();
    assert_eq!(wunsch.empfaenger, Empfaenger::Patient(8));
    assert_eq!((wunsch.geplante_zeit, wunsch.notizen), (None, None));
}

#[test]
fn times_are_taken_in_three_spellings_and_seconds_must_be_zero() {
    for (text, hour, minute) in [
        ("9:05", 9, 5),
        ("09:05", 9, 5),
        ("09:05:00", 9, 5),
        ("0:00", 0, 0),
        ("23:59:00", 23, 59),
    ] {
        let geplante_zeit = Some(text.to_owned());
        let wunsch = Anrufwunsch::parse(RawAnrufwunsch {
            geplante_zeit,
            ..raw()
        });
        let expected = NaiveTime::from_hms_opt(hour, minute, 0);
        assert_eq!(wunsch.unwrap().geplante_zeit, expected, "{text}");
    }
    for text in [
        "",
        "9",
        "9:5",
        "24:00",
        "09:60",
        "09:05:01",
        "09:05:00.5",
        "+9:05",
        "009:05",
        "9:05:00:00",
        "٩:٠٥",
        "9:05:",
    ] {
        let geplante_zeit = Some(text.to_owned());
        let words = refusal(RawAnrufwunsch {
            geplante_zeit,
            ..raw()
        });
        assert!(
            words.starts_with("geplante_zeit must be"),
            "{text}: {words}"
        );
    }
}

/// A wish with one thing wrong.
fn with(change: impl FnOnce(&mut RawAnrufwunsch)) -> RawAnrufwunsch {
    let mut wish = raw();
    change(&mut wish);
    wish
}

#[test]
fn a_wrong_field_is_named_without_its_value() {
    for text in [
        "31.01.2026",
        "2026-02-30",
        "2026-1-5",
        "2026- 1-05",
        "-001-01-05",
        "2026-01--5",
        "Muster",
    ] {
        let words = refusal(with(|wish| wish.geplantes_datum = Some(text.to_owned())));
        assert!(
            words.starts_with("geplantes_datum must be a date"),
            "{words}"
        );
        assert!(!words.contains(text), "{words}");
    }
    for minutes in [0, 7, 125, -5, i64::MAX] {
        let words = refusal(with(|wish| wish.dauer_minuten = Some(minutes)));
        assert!(words.starts_with("dauer_minuten must be"), "{words}");
    }
    let words = refusal(with(|wish| wish.notizen = Some("Anna\0Muster".to_owned())));
    assert!(
        words.contains("notizen") && !words.contains("Muster"),
        "{words}"
    );
    let words = refusal(with(|wish| wish.therapeutenanfrage_id = Some(-1)));
    assert!(words.contains("therapeutenanfrage_id"), "{words}");
}

#[test]
fn a_wish_is_for_one_person() {
    let words = refusal(with(|wish| wish.patient_id = Some(-1)));
    assert!(words.contains("patient_id"), "{words}");
    let words = refusal(with(|wish| wish.therapist_id = Some(1)));
    assert!(words.contains("therapist_id and patient_id"), "{words}");
    let words = refusal(RawAnrufwunsch::default());
    assert!(words.contains("therapist_id or patient_id"), "{words}");
}

#[test]
fn an_instant_is_the_same_with_and_without_an_offset() {
    let utc = timestamp::parse("2026-01-31T09:15:00.123456").unwrap();
    for text in [
        "2026-01-31T09:15:00.123456Z",
        "2026-01-31T10:15:00.123456789+01:00",
    ] {
        assert_eq!(timestamp::parse(text), Some(utc), "{text}");
    }
    assert_eq!(timestamp::parse("yesterday"), None);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_a_time_is_taken_as_it_stands(text in ".{0,12}", hour in 0_u32..24, minute in 0_u32..60) {
        let geplante_zeit = Some(text.clone());
        let _ = Anrufwunsch::parse(RawAnrufwunsch { geplante_zeit, geplantes_datum: Some(text), ..raw() });
        let geplante_zeit = Some(format!("{hour}:{minute:02}"));
        let wunsch = Anrufwunsch::parse(RawAnrufwunsch { geplante_zeit, ..raw() }).unwrap();
        prop_assert_eq!(wunsch.geplante_zeit, NaiveTime::from_hms_opt(hour, minute, 0));
    }
}
