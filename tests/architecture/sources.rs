//! The sources: their size, their opening words, and what stands only in one place.

use crate::workspace::{Text, assert_kept, rust_files};

const LONGEST: usize = 400;

/// Files that break a rule.
fn breaking(rule: impl Fn(&Text) -> bool) -> impl Iterator<Item = String> {
    let files = rust_files().into_iter();
    files.filter(move |file| rule(file)).map(|file| file.path)
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let long =
        breaking(|file| !file.path.ends_with("/schema.rs") && file.text.lines().count() > LONGEST);
    assert_kept("too long", long);
}

#[test]
fn every_file_of_the_product_says_first_what_lives_in_it() {
    let silent = breaking(|file| file.is_product() && !file.text.starts_with("//! "));
    assert_kept("no opening words", silent);
}

#[test]
fn nothing_is_left_to_do_and_no_lint_is_silenced_without_a_reason() {
    // Not spelt out, or this file would break its own rule.
    let marks = [
        concat!("to", "do!"),
        concat!("#[", "allow("),
        concat!("#![", "allow("),
    ];
    let marked = breaking(|file| marks.iter().any(|mark| file.text.contains(mark)));
    assert_kept("a mark that must not stay", marked);
}

#[test]
fn the_two_halves_never_mention_each_other() {
    let mixed = breaking(|file| {
        let mentions = |half| file.text.to_lowercase().contains(half);
        (file.is_below("outreach") && mentions("inbox"))
            || (file.is_below("inbox") && mentions("outreach"))
    });
    assert_kept("outreach and inbox know of each other", mixed);
}

#[test]
fn sql_stands_only_in_comm_postgres() {
    let words = [
        "SELECT ",
        "INSERT INTO ",
        "DELETE FROM ",
        "UPDATE communication_service",
    ];
    let elsewhere = breaking(|file| {
        let here = file.is_below("comm-postgres");
        file.is_product() && !here && words.iter().any(|word| file.text.contains(word))
    });
    assert_kept("SQL outside of comm-postgres", elsewhere);
}

/// A statement that is prepared fails once its answer has other columns (migrations/README.md, 'Expand').
#[test]
fn no_statement_answers_whatever_columns_its_table_has() {
    const ALL_COLUMNS: [&str; 3] = [
        "RETURNING *",
        "RETURNING emails.*",
        "\"SELECT * FROM communication_service",
    ];
    let open =
        breaking(|file| file.is_product() && ALL_COLUMNS.iter().any(|all| file.text.contains(all)));
    assert_kept("statements that answer all columns", open);
}

#[test]
fn only_problem_rs_knows_status_codes() {
    let elsewhere = breaking(|file| {
        let here = file.path == "crates/comm-http/src/problem.rs";
        file.is_product() && !here && file.text.contains("StatusCode")
    });
    assert_kept(
        "status codes outside of comm-http/src/problem.rs",
        elsewhere,
    );
}

#[test]
fn only_the_settings_and_the_clock_ask_the_system() {
    let elsewhere = breaking(|file| {
        let asks = ["std::env::", "Utc::now", "SystemTime::now"];
        let here = [
            "crates/comm-server/src/clock.rs",
            "crates/comm-server/src/settings/sources.rs",
        ];
        file.is_product()
            && !here.contains(&file.path.as_str())
            && asks.iter().any(|ask| file.text.contains(ask))
    });
    assert_kept("the system is asked elsewhere", elsewhere);
}

#[test]
fn the_ledger_knows_nothing_of_the_service_and_of_the_tests() {
    let knowing = breaking(|file| {
        let here = file.path.starts_with("tests/ledger/");
        here && ["comm_", "tokio_postgres", "rdkafka"]
            .iter()
            .any(|word| file.text.contains(word))
    });
    assert_kept("the ledger judges by what is seen from outside", knowing);
}
