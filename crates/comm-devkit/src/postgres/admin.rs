//! The few administrative statements, each on a connection of its own.

use super::PostgresError;
use tokio_postgres::{Client, NoTls};

/// Connects; the connection ends with the client.
pub(super) async fn connect(url: &str) -> Result<Client, PostgresError> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "an administrative connection ended");
        }
    });
    Ok(client)
}

pub(super) async fn create(url: &str, name: &str) -> Result<(), PostgresError> {
    run(url, &format!("CREATE DATABASE {}", quoted(name))).await
}

pub(super) async fn copy(url: &str, name: &str, template: &str) -> Result<(), PostgresError> {
    let (name, template) = (quoted(name), quoted(template));
    run(url, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await
}

pub(super) async fn exists(url: &str, name: &str) -> Result<bool, PostgresError> {
    let sql = "SELECT 1 FROM pg_database WHERE datname = $1";
    Ok(connect(url)
        .await?
        .query_opt(sql, &[&name])
        .await?
        .is_some())
}

pub(super) async fn remove(url: &str, name: &str) -> Result<(), PostgresError> {
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name));
    run(url, &sql).await
}

/// Nobody may connect any more, or a copy of this database would fail.
pub(super) async fn seal(url: &str, name: &str) -> Result<(), PostgresError> {
    let sql = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", quoted(name));
    run(url, &sql).await?;
    cut_connections(url, name).await.map(drop)
}

/// Cuts all connections to a database except this one; says how many.
pub(super) async fn cut_connections(url: &str, name: &str) -> Result<usize, PostgresError> {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = $1 AND pid <> pg_backend_pid()";
    Ok(connect(url).await?.query(sql, &[&name]).await?.len())
}

async fn run(url: &str, sql: &str) -> Result<(), PostgresError> {
    Ok(connect(url).await?.batch_execute(sql).await?)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
