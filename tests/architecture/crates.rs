//! Which crate may see which: arrows point inwards.

use crate::workspace::{assert_kept, cargo, members};
use serde_json::Value;

/// Every crate with the crates of this workspace that it may depend on, tests and builds aside.
const MAY_SEE: &[(&str, &[&str])] = &[
    ("comm-domain", &[]),
    ("comm-ports", &["comm-domain"]),
    ("comm-app", INSIDE),
    // These two drive the use cases ...
    ("comm-http", DRIVING),
    ("comm-kafka", DRIVING),
    // ... and these are driven, through ports alone.
    ("comm-clients", INSIDE),
    ("comm-content", INSIDE),
    ("comm-postgres", INSIDE),
    ("comm-smtp", INSIDE),
    ("comm-server", PRODUCT),
    // Servers for tests know nothing of the product, and the walks nothing of its code.
    ("comm-devkit", &[]),
    ("comm-tests", &["comm-devkit"]),
];

const INSIDE: &[&str] = &["comm-domain", "comm-ports"];
const DRIVING: &[&str] = &["comm-app", "comm-domain", "comm-ports"];
const PRODUCT: &[&str] = &[
    "comm-app",
    "comm-clients",
    "comm-content",
    "comm-domain",
    "comm-http",
    "comm-kafka",
    "comm-ports",
    "comm-postgres",
    "comm-smtp",
];

/// What a library of pure rules has no business with.
const NOT_IN_THE_DOMAIN: &[&str] = &[
    "actix-web",
    "async-trait",
    "diesel",
    "lettre",
    "rdkafka",
    "reqwest",
    "serde",
    "serde_json",
    "tokio",
    "tracing",
];

/// The only features; whatever else differs is a setting.
const FEATURES: &[(&str, &str)] = &[("comm-domain", "serde"), ("comm-ports", "testing")];

#[test]
fn crates_see_only_what_the_table_of_layers_allows() {
    let mut broken = Vec::new();
    for member in members() {
        let name = name(&member);
        let Some((_, allowed)) = MAY_SEE.iter().find(|(crate_name, _)| *crate_name == name) else {
            broken.push(format!("{name} has no place in the table"));
            continue;
        };
        let seen = dependencies(&member).filter(|seen| seen.starts_with("comm-"));
        let forbidden = seen.filter(|seen| !allowed.contains(&seen.as_str()));
        broken.extend(forbidden.map(|seen| format!("{name} -> {seen}")));
    }
    assert_kept("a crate sees what it must not see", broken);
}

/// What it is built from; tests may use more.
fn dependencies(member: &Value) -> impl Iterator<Item = String> {
    let all = member["dependencies"].as_array().unwrap().iter();
    let built = all.filter(|dependency| dependency["kind"] != "dev");
    built.map(name)
}

fn name(value: &Value) -> String {
    value["name"].as_str().unwrap().to_owned()
}

#[test]
fn the_domain_has_no_runtime_no_database_and_no_wire_format_in_its_tree() {
    let tree = cargo(&[
        "tree",
        "--package",
        "comm-domain",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    let names: Vec<&str> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(names.contains(&"chrono"), "{tree}");
    let found = names.iter().filter(|name| NOT_IN_THE_DOMAIN.contains(name));
    assert_kept("comm-domain needs", found.map(ToString::to_string));
}

#[test]
fn there_are_no_features_but_two() {
    let mut broken = Vec::new();
    for member in members() {
        let crate_name = name(&member);
        let features = member["features"].as_object().unwrap().keys();
        let known =
            |feature: &&String| !FEATURES.contains(&(crate_name.as_str(), feature.as_str()));
        broken.extend(
            features
                .filter(known)
                .map(|feature| format!("{crate_name}/{feature}")),
        );
    }
    assert_kept("a feature where a setting should be", broken);
}

#[test]
fn every_crate_says_what_it_is_for() {
    let silent = members()
        .into_iter()
        .filter(|member| member["description"].is_null());
    assert_kept("no description", silent.map(|member| name(&member)));
}
