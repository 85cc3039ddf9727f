//! The one place of this crate that reads the environment.

use std::path::PathBuf;

/// The value of a variable; an empty one counts as not set.
#[expect(
    clippy::disallowed_methods,
    reason = "tools for development are set up by the environment; the product never links this crate"
)]
pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether a program can be found in `PATH`.
pub(crate) fn has_program(name: &str) -> bool {
    search_path().any(|folder| folder.join(name).is_file())
}

/// The folders of `PATH`.
pub(crate) fn search_path() -> impl Iterator<Item = PathBuf> {
    let path = var("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect::<Vec<_>>().into_iter()
}
