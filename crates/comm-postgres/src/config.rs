//! Settings of the database (section `database`).

use crate::connect::patience;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;

/// How to reach PostgreSQL.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgresql://user:password@host:port/database`.
    pub url: SecretString,
    /// The same database without a transaction-mode pooler between, for LISTEN, session locks and
    /// migrations; empty: the same as `url`.
    pub direct_url: SecretString,
    /// Most connections in the pool.
    pub pool_size: usize,
    /// Seconds that a new connection may take.
    pub connect_timeout_secs: u64,
    /// Seconds that a request waits for a free connection.
    pub acquire_timeout_secs: u64,
    /// Milliseconds that one statement may take.
    pub statement_timeout_ms: u64,
    /// Milliseconds that a transaction may stand idle before PostgreSQL ends it.
    pub idle_in_transaction_timeout_ms: u64,
    /// Whether `serve` applies pending migrations itself; else it refuses to start on them.
    pub migrate_on_start: bool,
}

impl DatabaseConfig {
    /// The defaults of `config/default.toml`, for this database.
    pub fn for_url(url: &str) -> Self {
        Self {
            url: url.into(),
            direct_url: "".into(),
            pool_size: 16,
            connect_timeout_secs: 5,
            acquire_timeout_secs: 5,
            statement_timeout_ms: 10_000,
            idle_in_transaction_timeout_ms: 30_000,
            migrate_on_start: false,
        }
    }

    /// Whether no database is named at all.
    pub fn has_no_url(&self) -> bool {
        self.url.expose_secret().is_empty()
    }

    /// The key of a URL that cannot be read; the URL itself may hold a password.
    pub fn unreadable_url(&self) -> Option<&'static str> {
        let unreadable = |url: &str| url.parse::<tokio_postgres::Config>().is_err();
        if unreadable(self.url.expose_secret()) {
            return Some("database.url");
        }
        unreadable(self.direct_url()).then_some("database.direct_url")
    }

    pub(crate) fn direct_url(&self) -> &str {
        match self.direct_url.expose_secret() {
            "" => self.url.expose_secret(),
            direct => direct,
        }
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_secs)
    }

    /// How long a connection of the pool may leave a statement unanswered.
    pub(crate) fn patience(&self) -> Duration {
        patience(Duration::from_millis(self.statement_timeout_ms))
    }

    pub(crate) fn acquire_timeout(&self) -> Duration {
        Duration::from_secs(self.acquire_timeout_secs)
    }
}
