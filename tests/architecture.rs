//! Rules of the house (`docs/ARCHITECTURE.md`) that nobody has to remember: the workspace checks itself.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

#[path = "architecture/contract.rs"]
mod contract;
#[path = "architecture/crates.rs"]
mod crates;
#[path = "architecture/manifests.rs"]
mod manifests;
#[path = "architecture/published.rs"]
mod published;
#[path = "architecture/settings.rs"]
mod settings;
#[path = "architecture/sources.rs"]
mod sources;
#[path = "architecture/workspace.rs"]
mod workspace;
