//! The migrations, embedded, applied by one instance at a time.

use crate::config::DatabaseConfig;
use crate::connect::{Limits, Silence, establish};
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sql_query;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use thiserror::Error;
use tokio::task::spawn_blocking;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");
/// Any number that nobody else uses for an advisory lock; "COMMIGR" in ASCII.
const LOCK: i64 = 0x43_4f_4d_4d_49_47_52;

/// Why migrating failed.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// The database cannot be reached.
    #[error("the database cannot be reached")]
    Connect(#[from] diesel::ConnectionError),
    /// A statement before the migrations failed.
    #[error("the migrations cannot be prepared")]
    Prepare(#[from] diesel::result::Error),
    /// A migration failed; it was rolled back, and those before it stay.
    #[error("a migration failed: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
}

/// Applies what is pending and answers the names of what was applied. Another instance that does the
/// same waits for it.
///
/// # Errors
/// See [`MigrateError`].
pub async fn migrate(config: &DatabaseConfig) -> Result<Vec<String>, MigrateError> {
    with_harness(config, |harness| {
        harness
            .run_pending_migrations(MIGRATIONS)
            .map(|applied| applied.iter().map(ToString::to_string).collect())
    })
    .await
}

/// Takes back every migration and answers their names: for tests of `down.sql`.
///
/// # Errors
/// See [`MigrateError`].
pub async fn revert_all(config: &DatabaseConfig) -> Result<Vec<String>, MigrateError> {
    with_harness(config, |harness| {
        harness
            .revert_all_migrations(MIGRATIONS)
            .map(|reverted| reverted.iter().map(ToString::to_string).collect())
    })
    .await
}

type Harness = AsyncConnectionWrapper<AsyncPgConnection>;
type MigrationResult = diesel::migration::Result<Vec<String>>;

async fn with_harness(
    config: &DatabaseConfig,
    work: impl FnOnce(&mut Harness) -> MigrationResult + Send + 'static,
) -> Result<Vec<String>, MigrateError> {
    // Waiting for another instance, and the migrations themselves, may take their time.
    let setup = "SET statement_timeout = 0; SET lock_timeout = 0";
    let schema = "CREATE SCHEMA IF NOT EXISTS communication_service; \
         SET search_path = communication_service";
    let limits = Limits {
        within: config.connect_timeout(),
        patience: None,
        silence: Silence::default(),
    };
    let mut conn = establish(config.direct_url(), setup, &limits).await?;
    sql_query(format!("SELECT pg_advisory_lock({LOCK})"))
        .execute(&mut conn)
        .await?;
    conn.batch_execute(schema).await?;
    // The lock ends with the connection, which is not pooled.
    let worked = spawn_blocking(move || work(&mut Harness::from(conn))).await;
    worked
        .map_err(|panic| MigrateError::Migration(panic.into()))?
        .map_err(MigrateError::Migration)
}

/// The newest migration in this binary, as its version stands in the database.
pub(crate) fn newest_version() -> Option<String> {
    let migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS).ok()?;
    migrations
        .iter()
        .map(|migration| migration.name().version().to_string())
        .max()
}
