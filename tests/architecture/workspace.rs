//! Reading the workspace: its files, and what Cargo knows about it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().to_owned()
}

/// What Cargo prints, without asking the network.
pub(crate) fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(root())
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    String::from_utf8(output.stdout).unwrap()
}

/// The members of the workspace, as `cargo metadata` has them.
pub(crate) fn members() -> Vec<Value> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// One file, with its path below the workspace.
pub(crate) struct Text {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Text {
    /// The file at this path.
    pub(crate) fn at(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: fs::read_to_string(root().join(path)).unwrap(),
        }
    }

    /// Whether it lies in a folder of this name.
    pub(crate) fn is_below(&self, folder: &str) -> bool {
        let mut folders = self.path.split('/').rev().skip(1);
        folders.any(|name| name == folder)
    }

    /// Whether it is part of a library or binary, and no test.
    pub(crate) fn is_product(&self) -> bool {
        let is_test = self.path.ends_with("/tests.rs") || self.is_below("tests");
        self.is_below("src") && !self.is_below("comm-devkit") && !is_test
    }
}

/// Every Rust file of the crates and of the tests.
pub(crate) fn rust_files() -> Vec<Text> {
    let mut paths = Vec::new();
    for folder in ["crates", "tests"] {
        walk(&root().join(folder), &mut paths).unwrap();
    }
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "rs"));
    assert!(paths.len() > 50, "only {} files were found", paths.len());
    let below = |path: &PathBuf| path.strip_prefix(root()).unwrap().display().to_string();
    paths.iter().map(|path| Text::at(&below(path))).collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, paths)?;
        } else {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(())
}

/// Fails unless nothing breaks the rule; says all that does.
pub(crate) fn assert_kept(rule: &str, broken: impl IntoIterator<Item = String>) {
    let broken: Vec<String> = broken.into_iter().collect();
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}
