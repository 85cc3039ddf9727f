//! The manifests: one place for versions, one for lints.

use crate::workspace::{Text, assert_kept, members, root};
use std::path::Path;

/// The lines of a section, without comments that stand alone.
fn section<'a>(manifest: &'a Text, header: &str) -> Vec<&'a str> {
    let lines = manifest.text.lines().map(str::trim);
    let below = lines.skip_while(|line| *line != header).skip(1);
    let own = below.take_while(|line| !line.starts_with('['));
    own.filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

fn manifests() -> Vec<Text> {
    let paths = members().into_iter().map(|member| {
        let path = member["manifest_path"].as_str().unwrap().to_owned();
        let below = Path::new(&path).strip_prefix(root()).unwrap();
        below.display().to_string()
    });
    paths.map(|path| Text::at(&path)).collect()
}

#[test]
fn every_foreign_dependency_says_what_it_is_for() {
    let manifest = Text::at("Cargo.toml");
    let lines = section(&manifest, "[workspace.dependencies]");
    assert!(lines.len() > 20);
    let silent = lines
        .into_iter()
        .filter(|line| !line.contains("path = ") && !line.contains("# "));
    assert_kept("no word on what it is for", silent.map(str::to_owned));
}

#[test]
fn every_dependency_takes_its_version_from_the_workspace() {
    let mut broken = Vec::new();
    for manifest in manifests() {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let lines = section(&manifest, &format!("[{kind}]"));
            let own = lines.into_iter().filter(|line| {
                !line.contains(".workspace = true") && !line.contains("workspace = true,")
            });
            broken.extend(own.map(|line| format!("{}: {line}", manifest.path)));
        }
        // A table of its own, `[dependencies.x]`, would pass unseen.
        let tables = manifest
            .text
            .lines()
            .filter(|line| line.contains("dependencies."));
        broken.extend(tables.map(|line| format!("{}: {line}", manifest.path)));
    }
    assert_kept("a version of its own", broken);
}

#[test]
fn every_crate_obeys_the_lints_of_the_workspace() {
    let lax = manifests()
        .into_iter()
        .filter(|manifest| section(manifest, "[lints]") != ["workspace = true"]);
    assert_kept(
        "no [lints] workspace = true",
        lax.map(|manifest| manifest.path),
    );
}
