//! `docs/CONTRACT-EMAIL.md`, `docs/CONTRACT-CALLS.md`, `docs/CONTRACT-RULES.md` and `docs/CONTRACT-EVENTS.md` say which tests keep which promise:
//! none is without, and none is made up.

use crate::workspace::{Text, assert_kept, rust_files};
use std::collections::BTreeSet;

/// Each table, and how many promises it has at least.
const TABLES: [(&str, usize); 4] = [
    ("docs/CONTRACT-EMAIL.md", 150),
    ("docs/CONTRACT-CALLS.md", 70),
    ("docs/CONTRACT-EVENTS.md", 30),
    ("docs/CONTRACT-RULES.md", 30),
];

/// The names of all tests, alone and with their file: `x`, and `api/once::x` for one in `tests/api/once.rs`.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in rust_files() {
        let (_, below) = file.path.split_once('/').unwrap();
        let place = below.trim_end_matches(".rs");
        let mut is_test = false;
        for line in file.text.lines().map(str::trim_start) {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            let function = line.strip_prefix("async ").unwrap_or(line);
            if let Some(rest) = function.strip_prefix("fn ") {
                if is_test && let Some(name) = rest.split('(').next() {
                    names.insert(name.to_owned());
                    names.insert(format!("{place}::{name}"));
                }
                is_test = false;
            }
        }
    }
    names
}

/// Each promise of a table with the names in its second cell.
fn promises(path: &str) -> Vec<(String, Vec<String>)> {
    let table = Text::at(path).text;
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
fn every_promise_names_tests_that_exist() {
    let tests = tests();
    assert!(tests.len() > 1000);
    for (path, fewest) in TABLES {
        let promises = promises(path);
        assert!(promises.len() > fewest, "{path}: {}", promises.len());
        let bare = promises.iter().filter(|(_, names)| names.is_empty());
        assert_kept(
            "a promise without a test",
            bare.map(|(promise, _)| format!("{path}: {promise}")),
        );
        let names = promises.iter().flat_map(|(_, names)| names);
        let made_up = names.filter(|name| !tests.contains(*name));
        assert_kept(
            "there is no such test",
            made_up.map(|name| format!("{path}: {name}")),
        );
    }
}
