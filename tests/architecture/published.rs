//! `comm-domain` is meant for strangers: its README must work for somebody who has nothing but the README.

use crate::workspace::{Text, assert_kept, cargo, root};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The first block of this language.
fn block(readme: &str, language: &str) -> String {
    let start = format!("```{language}\n");
    let below = readme.split_once(&start).unwrap().1;
    below.split_once("\n```").unwrap().0.to_owned()
}

/// The manifest as the README has it, with the crate from this workspace instead of from a registry.
fn manifest(readme: &str) -> String {
    let path = root().join("crates/comm-domain");
    let version = r#"version = "0.1""#;
    let dependencies = block(readme, "toml");
    assert!(dependencies.contains(version), "{dependencies}");
    let dependencies = dependencies.replace(version, &format!("path = {path:?}"));
    let package = "[package]\nname = \"stranger\"\nversion = \"0.0.0\"\nedition = \"2024\"";
    format!("{package}\n\n{dependencies}\n\n[workspace]\n")
}

#[test]
fn the_program_in_the_readme_runs_as_printed_outside_of_the_workspace() {
    let readme = Text::at("crates/comm-domain/README.md").text;
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("Cargo.toml"), manifest(&readme)).unwrap();
    fs::write(folder.path().join("src/main.rs"), block(&readme, "rust")).unwrap();
    // The same versions as here, so that nothing is asked of the network.
    fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stranger");
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    assert_eq!(output.stdout, b"2026-11-23 09:10:00\n", "{words}");
}

/// There is no public address yet that the manifest could name; nothing else may be amiss.
#[test]
fn packaging_warns_of_the_missing_address_alone() {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--package", "comm-domain", "--list"])
        .args(["--allow-dirty", "--offline"])
        .env("CARGO_TERM_COLOR", "never")
        .current_dir(root())
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    let expected = "warning: manifest has no documentation, homepage or repository";
    let warnings = words.lines().filter(|line| line.starts_with("warning"));
    let others = warnings.filter(|line| *line != expected);
    assert_kept("warnings of cargo package", others.map(str::to_owned));
}

#[test]
fn the_package_holds_the_sources_the_examples_and_the_licences_alone() {
    let list = cargo(&[
        "package",
        "--package",
        "comm-domain",
        "--list",
        "--allow-dirty",
    ]);
    for needed in [
        "README.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "examples/find_slot.rs",
    ] {
        assert!(
            list.lines().any(|line| line == needed),
            "{needed} is missing:\n{list}"
        );
    }
    let known = [
        "Cargo.toml",
        "Cargo.toml.orig",
        "Cargo.lock",
        ".cargo_vcs_info.json",
        "README.md",
    ];
    let stray = list.lines().filter(|line| {
        let inside = ["src/", "examples/", "LICENSE-"]
            .iter()
            .any(|start| line.starts_with(start));
        !inside && !known.contains(line)
    });
    assert_kept("not for strangers", stray.map(str::to_owned));
}
