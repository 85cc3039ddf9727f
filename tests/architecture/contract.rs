//! `docs/CONTRACT-EVENTS.md` says which tests keep which promise: none is without, and none is made up.

use crate::workspace::{Text, assert_kept, rust_files};
use std::collections::BTreeSet;

/// The names of all tests.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in rust_files() {
        let mut is_test = false;
        for line in file.text.lines().map(str::trim_start) {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            let function = line.strip_prefix("async ").unwrap_or(line);
            if let Some(rest) = function.strip_prefix("fn ") {
                if is_test {
                    names.extend(rest.split('(').next().map(str::to_owned));
                }
                is_test = false;
            }
        }
    }
    names
}

/// Each promise with the names in its second cell.
fn promises() -> Vec<(String, Vec<String>)> {
    let table = Text::at("docs/CONTRACT-EVENTS.md").text;
    let rows = table.lines().filter_map(|line| line.strip_prefix("| "));
    rows.map(|row| row.trim_end_matches(" |").rsplit_once(" | ").unwrap())
        .filter(|row| *row != ("promise", "tests"))
        .map(|(promise, names)| {
            let names = names.split('`').skip(1).step_by(2).map(str::to_owned);
            (promise.to_owned(), names.collect())
        })
        .collect()
}

#[test]
fn every_promise_about_events_names_tests_that_exist() {
    let (promises, tests) = (promises(), tests());
    assert!(promises.len() > 30 && tests.len() > 500);
    let bare = promises.iter().filter(|(_, names)| names.is_empty());
    assert_kept(
        "a promise without a test",
        bare.map(|(promise, _)| promise.clone()),
    );
    let names = promises.iter().flat_map(|(_, names)| names);
    let made_up = names.filter(|name| !tests.contains(*name));
    assert_kept("there is no such test", made_up.cloned());
}
