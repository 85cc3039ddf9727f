//! A private PostgreSQL: a cluster of its own on a port of its own, and a fresh database per test.

mod admin;
mod cluster;
mod database;
mod install;
mod proxy;
mod tripwire;
mod wire;

pub use cluster::{Cluster, ClusterOptions, Durability};
pub use database::{SHARED, TestDatabase, test_database};
pub use proxy::Proxy;
pub use tripwire::{Side, Tripwire};

use crate::place::FolderError;
use std::error::Error;
use std::io;
use thiserror::Error;

/// The one line that installs what is missing.
pub const INSTALL_LINE: &str = "sudo apt-get install -y postgresql";

/// Why there is no database.
#[derive(Debug, Error)]
pub enum PostgresError {
    /// Neither in `PATH` nor in a versioned system folder.
    #[error("PostgreSQL is not installed; install it with: {INSTALL_LINE}")]
    NotInstalled,
    /// PostgreSQL refuses to run as root.
    #[error("there is no user 'postgres' or 'nobody' to run PostgreSQL as")]
    NoAccount,
    /// Its user can enter none of the folders for temporary files.
    #[error("PostgreSQL's user can reach no folder for its data")]
    NoFolder,
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A program could not be run.
    #[error("a program of PostgreSQL could not be run")]
    Io(#[from] io::Error),
    /// It ran and gave up; these are its last words.
    #[error("PostgreSQL did not start:\n{0}")]
    Start(String),
    /// A statement failed.
    #[error("PostgreSQL refused a statement")]
    Sql(#[from] tokio_postgres::Error),
    /// The caller's migration of the template failed.
    #[error("the template database could not be migrated: {0}")]
    Migrate(Box<dyn Error + Send + Sync>),
}
