//! Telephone hours: what is understood, what is refused and where (contract, 'Telephone hours').
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which clippy.toml does not cover"
)]

mod json;
mod mistakes;
mod properties;
mod spellings;
mod zeitfenster;

use comm_domain::outreach::{Angabe, Erreichbarkeit, Uhrzeit, Zeitfenster};

fn time(text: &str) -> Uhrzeit {
    Uhrzeit::parse(text).unwrap()
}

fn window(start: &str, end: &str) -> Zeitfenster {
    Zeitfenster::new(time(start), time(end)).unwrap()
}

/// `{"start": .., "end": ..}`
fn object(start: Angabe, end: Angabe) -> Angabe {
    Angabe::Object(vec![("start".to_owned(), start), ("end".to_owned(), end)])
}

fn stated(days: &[(&str, Angabe)]) -> Angabe {
    let days = days
        .iter()
        .map(|(name, day)| ((*name).to_owned(), day.clone()));
    Angabe::Object(days.collect())
}

/// One day with windows as texts.
fn day(name: &str, windows: &[&str]) -> Angabe {
    let windows = windows.iter().map(|window| Angabe::from(*window)).collect();
    stated(&[(name, Angabe::List(windows))])
}

fn errors(stated: &Angabe) -> Vec<String> {
    let errors = Erreichbarkeit::parse(stated).unwrap_err().0;
    errors.iter().map(ToString::to_string).collect()
}
