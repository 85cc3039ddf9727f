//! Mistakes, each with its place.

use super::{day, errors, object, stated, window};
use chrono::Weekday;
use comm_domain::outreach::{Angabe, Erreichbarkeit};

fn other(text: &str) -> Angabe {
    Angabe::Other(text.to_owned())
}

#[test]
fn a_malformed_time_is_named_with_its_place() {
    let windows = Angabe::List(vec![
        "9:00-12:00".into(),
        object("14:00".into(), "25:00".into()),
    ]);
    let errors = errors(&stated(&[("monday", windows)]));
    assert_eq!(errors, [r#"monday[1].end: "25:00" is not a time of day"#]);
}

#[test]
fn every_mistake_is_reported_in_order() {
    let stated = stated(&[
        (
            "monday",
            Angabe::List(vec![
                object("x".into(), "24:01".into()),
                object(other("9"), Angabe::Null),
                Angabe::Object(vec![("from".to_owned(), "9:00".into())]),
                Angabe::Null,
                other("1.5"),
                Angabe::List(vec![]),
            ]),
        ),
        ("funday", Angabe::List(vec!["9:00-10:00".into()])),
        ("", Angabe::Null),
        ("Di", other("7")),
        ("Mi", Angabe::Object(vec![])),
        ("Do", "9:00-10:00".into()),
    ]);
    let expected = [
        r#"monday[0].start: "x" is not a time of day"#,
        r#"monday[0].end: "24:01" is not a time of day"#,
        "monday[1].start: 9 is not a time of day",
        "monday[1].end: null is not a time of day",
        "monday[2].start: is missing",
        "monday[2].end: is missing",
        "monday[3]: null is not a window of time",
        "monday[4]: 1.5 is not a window of time",
        "monday[5]: a list is not a window of time",
        r#"funday: "funday" is not a day of the week"#,
        r#""": "" is not a day of the week"#,
        "Di: 7 is not a list of windows",
        "Mi: an object is not a list of windows",
        r#"Do: "9:00-10:00" is not a list of windows"#,
    ];
    assert_eq!(errors(&stated), expected);
    let all = Erreichbarkeit::parse(&stated).unwrap_err();
    assert_eq!(all.to_string(), expected.join("\n"));
}

#[test]
fn windows_as_text_are_read_with_the_same_care() {
    for (text, error) in [
        ("9", r#"mo[0]: "9" is not a window of time"#),
        ("09:00-", r#"mo[0]: "09:00-" is not a window of time"#),
        ("-12:00", r#"mo[0]: "-12:00" is not a window of time"#),
        ("", r#"mo[0]: "" is not a window of time"#),
        ("9-12:00", r#"mo[0]: "9" is not a time of day"#),
        (
            "09:00-10:00-11:00",
            r#"mo[0]: "10:00-11:00" is not a time of day"#,
        ),
        ("09:60-10:00", r#"mo[0]: "09:60" is not a time of day"#),
        ("+9:00-10:00", r#"mo[0]: "+9:00" is not a time of day"#),
        ("009:00-10:00", r#"mo[0]: "009:00" is not a time of day"#),
        ("9:0-10:00", r#"mo[0]: "9:0" is not a time of day"#),
        (
            "09:00:30-10:00",
            r#"mo[0]: "09:00:30" is not a time of day"#,
        ),
        ("09:00-10:00:0", r#"mo[0]: "10:00:0" is not a time of day"#),
        (
            "09:00-10:00:00:00",
            r#"mo[0]: "10:00:00:00" is not a time of day"#,
        ),
        ("09:00:-10:00", r#"mo[0]: "09:00:" is not a time of day"#),
        ("９:00-10:00", r#"mo[0]: "９:00" is not a time of day"#),
        (
            "12:00-9:00",
            "mo[0]: 12:00 to 09:00 does not end after it starts",
        ),
        (
            "9:00-9:00",
            "mo[0]: 09:00 to 09:00 does not end after it starts",
        ),
        (
            "24:00-24:00",
            "mo[0]: 24:00 to 24:00 does not end after it starts",
        ),
    ] {
        assert_eq!(errors(&day("mo", &[text])), [error]);
    }
    let both = errors(&day("mo", &["25:00-26:00"]));
    assert_eq!(both.len(), 2, "{both:?}");
}

#[test]
fn a_value_that_is_no_object_is_refused_as_a_whole() {
    assert_eq!(errors(&other("5")), ["5 is not an object of days"]);
    assert_eq!(
        errors(&Angabe::List(vec![])),
        ["a list is not an object of days"]
    );
    assert_eq!(
        errors(&"abends".into()),
        [r#""abends" is not an object of days"#]
    );
}

#[test]
fn lenient_parsing_keeps_the_good_windows_beside_the_errors() {
    let stated = day("mo", &["9:00-10:00", "10:00-9:00", "14:00-15:00"]);
    let (hours, errors) = Erreichbarkeit::parse_lenient(&stated);
    let good = [window("09:00", "10:00"), window("14:00", "15:00")];
    assert_eq!(hours.windows(Weekday::Mon), good);
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].place, "mo[1]");
}

#[test]
fn hours_that_nobody_can_read_are_stated_all_the_same() {
    for unreadable in [
        "abends".into(),
        day("mo", &["abends"]),
        day("mo", &["12:00-9:00"]),
        day("montags", &["9:00-10:00"]),
    ] {
        let (hours, errors) = Erreichbarkeit::parse_lenient(&unreadable);
        assert!(hours.is_stated(), "{unreadable:?}");
        assert_eq!((hours.days().count(), errors.len()), (0, 1));
        assert_ne!(hours, Erreichbarkeit::default());
    }
    let (hours, _) = Erreichbarkeit::parse_lenient(&Angabe::Null);
    assert!(!hours.is_stated());
    let partly = day("mo", &["abends", "9:00-10:00"]);
    let (hours, _) = Erreichbarkeit::parse_lenient(&partly);
    assert_eq!(
        Ok(hours),
        Erreichbarkeit::parse(&day("mo", &["9:00-10:00"]))
    );
}

#[test]
fn what_is_shown_of_foreign_text_is_short_and_in_one_line() {
    let long = format!("{}\n", "x".repeat(100_000));
    let shown = &errors(&day("mo", &[&long]))[0];
    assert!(shown.len() < 100, "{shown}");
    let name = &errors(&day("Mon\ntag", &[]))[0];
    assert_eq!(name, r#""Mon\ntag": "Mon\ntag" is not a day of the week"#);
    assert_eq!(
        errors(&other(&"9".repeat(99)))[0].len(),
        40 + " is not an object of days".len()
    );
}

#[test]
fn a_key_stands_in_a_place_as_it_was_written_up_to_20_characters() {
    let (short, long) = ("x".repeat(20), "x".repeat(21));
    let plain = format!("{short}: {short:?} is not a day of the week");
    assert_eq!(errors(&day(&short, &[])), [plain]);
    let quoted = format!("{long:?}: {long:?} is not a day of the week");
    assert_eq!(errors(&day(&long, &[])), [quoted]);
    let cut = format!("\"{}\"...", "x".repeat(40));
    let cut = format!("{cut}: {cut} is not a day of the week");
    assert_eq!(errors(&day(&"x".repeat(41), &[])), [cut]);
}

#[test]
fn a_hundred_thousand_windows_are_read() {
    let windows: Vec<String> = (0..100_000)
        .map(|index| {
            let minute = index * 7 % 1439;
            format!("{}:{:02}-24:00", minute / 60, minute % 60)
        })
        .collect();
    let windows: Vec<&str> = windows.iter().map(String::as_str).collect();
    let hours = Erreichbarkeit::parse(&day("sa", &windows)).unwrap();
    assert_eq!(hours.windows(Weekday::Sat), [window("00:00", "24:00")]);
    let wrong = vec!["9"; 100_000];
    assert_eq!(errors(&day("sa", &wrong)).len(), 100_000);
}
