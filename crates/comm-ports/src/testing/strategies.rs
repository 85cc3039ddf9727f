//! Strategies for property tests: telephone hours and calls as people make them, good and bad.

use chrono::{Days, NaiveDate, Weekday};
use comm_domain::outreach::{
    Angabe, Bundesland, Dauer, Erreichbarkeit, Gemeinde, Termin, Uhrzeit, Zeitfenster,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::ops::Range;

const DAYS: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// Names of Monday to Sunday: every one of a row means the same day.
const NAMES: [[&str; 6]; 7] = [
    ["monday", "Montag", "mo", "MONDAY", " montag ", "Mo"],
    ["tuesday", "Dienstag", "di", "tu", "Di", "TUESDAY"],
    ["wednesday", "Mittwoch", "mi", "we", "Mi", "Wednesday"],
    ["thursday", "Donnerstag", "do", "th", "Do", "DONNERSTAG"],
    ["friday", "Freitag", "fr", "FR", "Fr", "Friday"],
    ["saturday", "Samstag", "sa", "SA", "Sa", "Saturday"],
    ["sunday", "Sonntag", "so", "su", "So", "SUNDAY"],
];

/// A window at any minute; every second one on the 5-minute grid, some to 24:00.
pub fn zeitfenster() -> impl Strategy<Value = Zeitfenster> {
    let minutes = prop_oneof![0_u16..1440, (0_u16..288).prop_map(|cell| cell * 5)];
    let lengths = prop_oneof![1_u16..600, (1_u16..60).prop_map(|cells| cells * 5)];
    (minutes, lengths).prop_filter_map("not empty", |(start, length)| {
        let end = Uhrzeit::from_minutes((start + length).min(1440))?;
        Zeitfenster::new(Uhrzeit::from_minutes(start)?, end)
    })
}

/// A window with the day of the week on which it lies.
pub fn wochenfenster() -> impl Strategy<Value = (Weekday, Zeitfenster)> {
    (select(&DAYS[..]), zeitfenster())
}

/// Telephone hours with up to 12 windows; now and then none.
pub fn erreichbarkeit() -> impl Strategy<Value = Erreichbarkeit> {
    vec(wochenfenster(), 0..12).prop_map(Erreichbarkeit::from_windows)
}

/// Telephone hours as somebody may have written them, names and spellings mixed, with what they mean.
pub fn geschrieben() -> impl Strategy<Value = (Angabe, Erreichbarkeit)> {
    let days: Vec<(Weekday, [&str; 6])> = DAYS.into_iter().zip(NAMES).collect();
    let day = select(days).prop_flat_map(|(day, names)| (Just(day), select(names.to_vec())));
    vec((day, zeitfenster(), 0_usize..3), 0..12).prop_map(|entries| {
        let windows = entries.iter().map(|((day, _), window, _)| (*day, *window));
        let hours = Erreichbarkeit::from_windows(windows);
        let days = entries.iter().map(|((_, name), window, spelling)| {
            let windows = Angabe::List(vec![spelt(*window, *spelling)]);
            ((*name).to_owned(), windows)
        });
        (Angabe::Object(days.collect()), hours)
    })
}

fn spelt(window: Zeitfenster, spelling: usize) -> Angabe {
    let (start, end) = (window.start().to_string(), window.end().to_string());
    match spelling {
        0 => Angabe::Object(vec![
            ("start".to_owned(), Angabe::Text(start)),
            ("end".to_owned(), Angabe::Text(end)),
        ]),
        1 => Angabe::Text(format!("{start}-{end}")),
        // Without a leading zero, with white space.
        _ => Angabe::Text(
            format!(" {} - {end} ", start.trim_start_matches('0')).replace(" :", " 0:"),
        ),
    }
}

/// Any value, most of them no telephone hours at all.
pub fn angabe() -> impl Strategy<Value = Angabe> {
    let text = prop_oneof![
        any::<String>(),
        "[0-9]{0,2}:[0-9]{0,2}",
        "[0-9]{1,2}:[0-9]{2} ?- ?[0-9]{1,2}:[0-9]{2}",
    ];
    let leaf = prop_oneof![
        Just(Angabe::Null),
        any::<f64>().prop_map(|number| Angabe::Other(number.to_string())),
        text.prop_map(Angabe::Text),
    ];
    let key = prop_oneof![
        any::<String>(),
        select(NAMES.as_flattened()).prop_map(str::to_owned),
        select(&["start", "end"][..]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        let object = vec((key.clone(), inner.clone()), 0..6).prop_map(Angabe::Object);
        prop_oneof![vec(inner, 0..6).prop_map(Angabe::List), object]
    })
}

/// A call that starts within so many days after a date: at any minute, 5 to 120 minutes long.
pub fn termin(first: NaiveDate, days: Range<u64>) -> impl Strategy<Value = Termin> {
    let minutes = prop_oneof![0_u16..1440, (0_u16..288).prop_map(|cell| cell * 5)];
    let lengths = prop_oneof![1_i64..=24, 1_i64..=2].prop_map(|cells| cells * 5);
    (days, minutes, lengths).prop_filter_map("no such call", move |(day, start, length)| {
        let time = Uhrzeit::from_minutes(start)?.naive_time()?;
        let dauer = Dauer::parse(length).ok()?;
        Termin::new(first + Days::new(day), time, dauer).ok()
    })
}

/// A state and a kind of municipality.
pub fn ort() -> impl Strategy<Value = (Bundesland, Gemeinde)> {
    (select(Bundesland::ALL), select(Gemeinde::ALL))
}
