//! The feature `serde`.
#![cfg(feature = "serde")]

use super::window;
use chrono::{NaiveDate, NaiveTime};
use comm_domain::outreach::{
    Angabe, Bundesland, Dauer, Erreichbarkeit, Grund, Termin, Uhrzeit, Zeitfenster,
};
use comm_ports::testing::strategies;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn the_examples_of_the_contract_parse_to_the_same() {
    let objects =
        json!({"monday": [{"start": "09:00", "end": "12:00"}, {"start": "14:00", "end": "16:30"}]});
    let texts = json!({"montag": ["09:00-12:00", "14:00-16:30"]});
    let hours = Erreichbarkeit::parse_json(&objects).unwrap();
    assert_eq!(Erreichbarkeit::parse_json(&texts).unwrap(), hours);
    let wrong = json!({"monday": ["9:00-10:00", {"start": "14:00", "end": "25:00"}]});
    let errors = Erreichbarkeit::parse_json(&wrong).unwrap_err();
    assert_eq!(
        errors.to_string(),
        r#"monday[1].end: "25:00" is not a time of day"#
    );
    let (good, errors) = Erreichbarkeit::parse_json_lenient(&wrong);
    assert!(good.is_stated());
    assert_eq!(errors.len(), 1);
}

#[test]
fn numbers_and_truth_values_are_shown_as_they_are_written() {
    let wrong = json!({"mo": [5, true], "di": 1.5});
    let (_, errors) = Erreichbarkeit::parse_json_lenient(&wrong);
    let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 3);
    assert!(
        shown.contains(&"mo[0]: 5 is not a window of time".to_owned()),
        "{shown:?}"
    );
    assert!(
        shown.contains(&"mo[1]: true is not a window of time".to_owned()),
        "{shown:?}"
    );
    assert!(
        shown.contains(&"di: 1.5 is not a list of windows".to_owned()),
        "{shown:?}"
    );
}

#[test]
fn what_was_stated_is_written_as_it_stood_twice_named_days_included() {
    let text = r#"{"mo":["09:00-10:00",null,{"start":"1","x":[]}],"mo":7.5,"di":true,"":{}}"#;
    let stated: Angabe = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&stated).unwrap(), text);
    let no_number = Angabe::Other("a structure".to_owned());
    let written = serde_json::to_string(&no_number).unwrap();
    assert_eq!(written, r#""a structure""#);
    assert_eq!(Angabe::default(), Angabe::Null, "nothing was stated");
}

#[test]
fn hours_are_written_in_the_canonical_spelling_and_read_strictly() {
    let hours: Erreichbarkeit = serde_json::from_str(r#"{"Mo": ["9:00-12:00"]}"#).unwrap();
    let json = serde_json::to_value(&hours).unwrap();
    assert_eq!(
        json,
        json!({"monday": [{"start": "09:00", "end": "12:00"}]})
    );
    let error = serde_json::from_str::<Erreichbarkeit>(r#"{"Mo": ["9"]}"#).unwrap_err();
    assert_eq!(error.to_string(), r#"Mo[0]: "9" is not a window of time"#);
    let unstated: Erreichbarkeit = serde_json::from_str("null").unwrap();
    assert!(!unstated.is_stated());
}

#[test]
fn a_day_that_stands_twice_in_the_text_counts_twice() {
    let text = r#"{"mo": ["9:00-10:00"], "mo": ["14:00-15:00"]}"#;
    let hours: Erreichbarkeit = serde_json::from_str(text).unwrap();
    let both = [window("09:00", "10:00"), window("14:00", "15:00")];
    assert_eq!(hours.windows(chrono::Weekday::Mon), both);
    let wrong = r#"{"mo": ["9"], "mo": ["14:00-15:00"], "mo": 5}"#;
    let error = serde_json::from_str::<Erreichbarkeit>(wrong).unwrap_err();
    assert_eq!(
        error.to_string().lines().collect::<Vec<_>>(),
        [
            r#"mo[0]: "9" is not a window of time"#,
            "mo: 5 is not a list of windows"
        ]
    );
    let stated: Angabe = serde_json::from_str(wrong).unwrap();
    assert_eq!(Erreichbarkeit::parse_lenient(&stated).1.len(), 2);
}

#[test]
fn a_text_is_read_as_its_value_is() {
    for text in [
        r#"{"b": [null, true, 7, -7, 1.5, 1e300, "t"], "a": {"x": {"y": [1]}}, "c": {}}"#,
        r#"{"mo": [[[[1], {"a": 1}]], {"start": {"x": {"y": 1}}}]}"#,
        "[1]",
        "null",
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        let sorted = value.to_string();
        let read: Angabe = serde_json::from_str(&sorted).unwrap();
        assert_eq!(read, Angabe::from(&value), "{text}");
    }
    assert!(serde_json::from_str::<Angabe>(r#"{"mo": [[[[[1,]]]]]}"#).is_err());
}

#[test]
fn every_value_has_one_spelling_that_reads_back() {
    let time = Uhrzeit::parse("24:00").unwrap();
    let fenster = window("09:00", "24:00");
    let date = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let at = NaiveTime::from_hms_opt(9, 5, 0).unwrap();
    let termin = Termin::new(date, at, Dauer::PATIENT).unwrap();
    for (value, expected) in [
        (serde_json::to_value(time).unwrap(), json!("24:00")),
        (
            serde_json::to_value(fenster).unwrap(),
            json!({"start": "09:00", "end": "24:00"}),
        ),
        (
            serde_json::to_value(termin).unwrap(),
            json!({"datum": "2026-11-23", "zeit": "09:05", "dauer_minuten": 10}),
        ),
        (
            serde_json::to_value(Bundesland::Berlin).unwrap(),
            json!("BE"),
        ),
        (
            serde_json::to_value(Grund::KeinPlatz).unwrap(),
            json!("kein_platz"),
        ),
    ] {
        assert_eq!(value, expected);
    }
    assert_eq!(
        serde_json::from_value::<Uhrzeit>(json!("24:00")).unwrap(),
        time
    );
    assert_eq!(
        serde_json::from_value::<Uhrzeit>(json!("09:05:00")).unwrap(),
        Uhrzeit::from(at)
    );
    let read: Zeitfenster = serde_json::from_value(serde_json::to_value(fenster).unwrap()).unwrap();
    assert_eq!(read, fenster);
    let read: Termin = serde_json::from_value(serde_json::to_value(termin).unwrap()).unwrap();
    assert_eq!(read, termin);
    let read: Grund = serde_json::from_value(json!("belegt")).unwrap();
    assert_eq!(read, Grund::Belegt);
}

#[test]
fn values_that_break_a_rule_are_refused() {
    let says = |error: serde_json::Error| error.to_string();
    let time = serde_json::from_value::<Uhrzeit>(json!("9")).unwrap_err();
    assert_eq!(says(time), r#""9" is not a time of day"#);
    let seconds = serde_json::from_value::<Uhrzeit>(json!("09:00:30")).unwrap_err();
    assert_eq!(says(seconds), r#""09:00:30" is not a time of day"#);
    let backwards = json!({"start": "10:00", "end": "09:00"});
    let backwards = serde_json::from_value::<Zeitfenster>(backwards).unwrap_err();
    assert_eq!(says(backwards), "10:00 to 09:00 is empty");
    let termin = |datum: &str, zeit: &str, dauer: i64| {
        let json = json!({"datum": datum, "zeit": zeit, "dauer_minuten": dauer});
        serde_json::from_value::<Termin>(json)
            .unwrap_err()
            .to_string()
    };
    assert!(termin("2026-02-29", "09:00", 5).contains("out of range"));
    assert!(termin("2026-02-28", "24:00", 5).contains("24:00"));
    assert!(termin("2026-02-28", "09:00", 3).contains("multiple of 5"));
    assert!(serde_json::from_value::<Bundesland>(json!("XX")).is_err());
    assert!(serde_json::from_value::<Bundesland>(json!(5)).is_err());
}

#[test]
fn a_value_nested_without_end_is_refused_without_recursing() {
    let mut deep = Value::Null;
    for _ in 0..2_000 {
        deep = Value::Array(vec![deep]);
    }
    let days = serde_json::Map::from_iter([("montag".to_owned(), deep)]);
    assert!(Erreichbarkeit::parse_json(&Value::Object(days)).is_err());
}

fn as_json(stated: &Angabe) -> Value {
    match stated {
        Angabe::Null => Value::Null,
        Angabe::Text(text) => json!(text),
        Angabe::List(entries) => entries.iter().map(as_json).collect(),
        Angabe::Object(fields) => {
            let fields = fields.iter();
            fields
                .map(|(key, value)| (key.clone(), as_json(value)))
                .collect()
        }
        Angabe::Other(text) => serde_json::from_str(text).unwrap_or(json!(false)),
    }
}

proptest! {
    #[test]
    fn no_json_value_panics_the_parser(stated in strategies::angabe()) {
        let json = as_json(&stated);
        let (hours, errors) = Erreichbarkeit::parse_json_lenient(&json);
        prop_assert_eq!(Erreichbarkeit::parse_json(&json).is_ok(), errors.is_empty());
        let written = serde_json::to_value(&hours).unwrap();
        let read = Erreichbarkeit::parse_json(&written).unwrap();
        prop_assert!(read.days().eq(hours.days()));
    }

    #[test]
    fn printed_hours_are_json_and_read_back(hours in strategies::erreichbarkeit()) {
        let read: Erreichbarkeit = serde_json::from_str(&hours.to_string()).unwrap();
        prop_assert_eq!(&read, &hours);
        let value: Value = serde_json::from_str(&hours.to_string()).unwrap();
        prop_assert_eq!(serde_json::to_value(&hours).unwrap(), value);
    }
}
