//! The spellings in the field.

use super::{day, object, stated, time, window};
use chrono::{NaiveDate, NaiveTime, Weekday};
use comm_domain::outreach::{Angabe, Erreichbarkeit, Uhrzeit};

fn parsed(stated: &Angabe) -> Erreichbarkeit {
    Erreichbarkeit::parse(stated).unwrap()
}

#[test]
fn the_three_spellings_mean_the_same_also_mixed_in_one_day() {
    let objects = Angabe::List(vec![
        object("09:00".into(), "12:00".into()),
        object("14:00".into(), "16:30".into()),
    ]);
    let expected = parsed(&stated(&[("monday", objects)]));
    assert_eq!(
        expected.windows(Weekday::Mon),
        [window("09:00", "12:00"), window("14:00", "16:30")]
    );
    assert_eq!(
        parsed(&day("montag", &["09:00-12:00", "14:00-16:30"])),
        expected
    );
    assert_eq!(parsed(&day("Mo", &["9:00-12:00", "14:00-16:30"])), expected);
    let mixed = Angabe::List(vec![
        "14:00-16:30".into(),
        object("9:00".into(), "12:00".into()),
    ]);
    assert_eq!(parsed(&stated(&[(" MONTAG ", mixed)])), expected);
}

#[test]
fn one_day_under_several_names_is_one_day() {
    let list = |window: &str| Angabe::List(vec![window.into()]);
    let days = [("mo", list("9:00-10:00")), ("Monday", list("09:30-11:00"))];
    let hours = parsed(&stated(&days));
    assert_eq!(hours.windows(Weekday::Mon), [window("09:00", "11:00")]);
}

#[test]
fn every_name_of_every_day_is_known() {
    let names = [
        (Weekday::Mon, "monday montag mo"),
        (Weekday::Tue, "tuesday dienstag tu di"),
        (Weekday::Wed, "wednesday mittwoch we mi"),
        (Weekday::Thu, "thursday donnerstag th do"),
        (Weekday::Fri, "friday freitag fr"),
        (Weekday::Sat, "saturday samstag sonnabend sa"),
        (Weekday::Sun, "sunday sonntag su so"),
    ];
    for (weekday, names) in names {
        for name in names.split(' ') {
            for name in [name.to_owned(), name.to_uppercase(), format!(" {name}\t")] {
                let hours = parsed(&day(&name, &["8:15-9:45"]));
                assert_eq!(hours.windows(weekday), [window("08:15", "09:45")], "{name}");
            }
        }
    }
}

#[test]
fn whitespace_is_forgiven_and_24_00_ends_a_day() {
    let hours = parsed(&day("so", &[" 22:00 - 24:00 ", "0:00\t-\n1:05"]));
    assert_eq!(
        hours.windows(Weekday::Sun),
        [window("00:00", "01:05"), window("22:00", "24:00")]
    );
}

#[test]
fn times_may_have_seconds_that_say_nothing() {
    let windows = Angabe::List(vec![
        "09:00:00-12:00:00".into(),
        object("14:00:00".into(), "24:00:00".into()),
    ]);
    let hours = parsed(&stated(&[("mo", windows)]));
    assert_eq!(
        hours.windows(Weekday::Mon),
        [window("09:00", "12:00"), window("14:00", "24:00")]
    );
}

#[test]
fn windows_are_sorted_and_merged_where_they_touch_or_overlap() {
    let hours = parsed(&day(
        "fr",
        &["14:00-15:00", "9:00-10:00", "10:00-11:00", "10:30-10:45"],
    ));
    assert_eq!(
        hours.windows(Weekday::Fri),
        [window("09:00", "11:00"), window("14:00", "15:00")]
    );
}

#[test]
fn nothing_null_and_days_without_windows_state_nothing() {
    for nothing in [
        Angabe::Null,
        stated(&[]),
        stated(&[("monday", Angabe::Null)]),
        day("monday", &[]),
    ] {
        assert!(!parsed(&nothing).is_stated(), "{nothing:?}");
    }
    assert!(parsed(&day("monday", &["9:00-9:01"])).is_stated());
}

#[test]
fn further_keys_of_a_window_are_none_of_our_business() {
    let noted = Angabe::Object(vec![
        (" end ".to_owned(), "10:00".into()),
        ("note".to_owned(), Angabe::Null),
        ("start".to_owned(), "9:00".into()),
    ]);
    let hours = parsed(&stated(&[("mo", Angabe::List(vec![noted]))]));
    assert_eq!(hours.windows(Weekday::Mon), [window("09:00", "10:00")]);
}

#[test]
fn a_date_has_the_windows_of_its_day_of_the_week() {
    let hours = parsed(&day("montag", &["9:00-12:00"]));
    let monday = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let tuesday = monday.succ_opt().unwrap();
    assert_eq!(hours.available_slots(monday), [window("09:00", "12:00")]);
    assert!(hours.available_slots(tuesday).is_empty());
    let at = |hour, minute, second| NaiveTime::from_hms_opt(hour, minute, second).unwrap();
    assert!(hours.is_available_at(monday, at(9, 0, 0)));
    assert!(hours.is_available_at(monday, at(11, 59, 59)));
    assert!(!hours.is_available_at(monday, at(12, 0, 0)));
    assert!(!hours.is_available_at(monday, at(8, 59, 59)));
    assert!(!hours.is_available_at(tuesday, at(9, 0, 0)));
}

#[test]
fn the_canonical_spelling_is_english_with_objects() {
    let hours = parsed(&stated(&[
        ("di", Angabe::List(vec!["8:00-9:00".into()])),
        (
            "Mo",
            Angabe::List(vec!["14:00-16:30".into(), "9:00-24:00".into()]),
        ),
    ]));
    let json = r#"{"monday": [{"start": "09:00", "end": "24:00"}], "tuesday": [{"start": "08:00", "end": "09:00"}]}"#;
    assert_eq!(hours.to_string(), json);
    assert_eq!(parsed(&hours.to_angabe()), hours);
    assert_eq!(Erreichbarkeit::default().to_string(), "{}");
}

#[test]
fn office_hours_are_those_of_the_contract() {
    let office = Erreichbarkeit::office_hours();
    let days = ["mo", "di", "mi", "do", "fr"];
    let days = days.map(|name| {
        let windows = ["9:00-12:00", "14:00-16:00"].map(Angabe::from);
        (name, Angabe::List(windows.to_vec()))
    });
    assert_eq!(office, parsed(&stated(&days)));
}

#[test]
fn a_time_of_day_knows_its_limits() {
    assert_eq!(Uhrzeit::from_minutes(1440), Some(Uhrzeit::TAGESENDE));
    assert_eq!(Uhrzeit::from_minutes(1441), None);
    assert_eq!(Uhrzeit::TAGESENDE.naive_time(), None);
    assert_eq!(Uhrzeit::MITTERNACHT.naive_time(), Some(NaiveTime::MIN));
    assert_eq!(
        time("23:59").naive_time(),
        NaiveTime::from_hms_opt(23, 59, 0)
    );
    let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_999_999_999).unwrap();
    assert_eq!(Uhrzeit::from(leap), time("23:59"));
}
