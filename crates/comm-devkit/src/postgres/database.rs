//! A fresh database per test, copied from a template that is migrated once per process.

use super::{Cluster, ClusterOptions, PostgresError, admin};
use crate::env;
use std::error::Error;
use std::sync::{LazyLock, mpsc};
use std::thread;
use tokio::sync::OnceCell;
use tokio_postgres::Client;
use uuid::Uuid;

/// The address of a cluster that a whole `make test` shares (`postgres://user@host:port`).
pub const SHARED: &str = "COMM_TEST_POSTGRES";

static CLUSTER: OnceCell<Server> = OnceCell::const_new();
static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static TIDY: LazyLock<mpsc::Sender<(String, String)>> = LazyLock::new(tidy_up);

/// Makes a database for one test.
///
/// `migrate` gets the URL of the empty template and brings it up to date. It runs once per
/// process, so all tests of a process pass the same one. The cluster is shared, too: a test that
/// stops the server starts a [`Cluster`] of its own.
///
/// # Errors
/// When there is no PostgreSQL, or the migration fails.
pub async fn test_database<M, F, E>(migrate: M) -> Result<TestDatabase, PostgresError>
where
    M: FnOnce(String) -> F,
    F: Future<Output = Result<(), E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let base = CLUSTER.get_or_try_init(Server::start).await?.base();
    let template = TEMPLATE
        .get_or_try_init(|| template(&base, migrate))
        .await?;
    let name = unique("test");
    admin::copy(&admin_url(&base), &name, template).await?;
    Ok(TestDatabase { base, name })
}

/// A database that one test has for itself; it is dropped with its handle.
#[derive(Debug)]
pub struct TestDatabase {
    base: String,
    name: String,
}

impl TestDatabase {
    /// Where to connect to.
    pub fn url(&self) -> String {
        format!("{}/{}", self.base, self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A plain connection, for what the code under test does not offer.
    ///
    /// # Errors
    /// When the server is away.
    pub async fn connect(&self) -> Result<Client, PostgresError> {
        admin::connect(&self.url()).await
    }

    /// Cuts all connections to it, as a fail-over would; says how many.
    ///
    /// # Errors
    /// When the server is away.
    pub async fn kill_connections(&self) -> Result<usize, PostgresError> {
        admin::cut_connections(&admin_url(&self.base), &self.name).await
    }
}

/// Hundreds of databases would fill the disk, so a thread tidies up while other tests go on.
impl Drop for TestDatabase {
    fn drop(&mut self) {
        let dropped = (admin_url(&self.base), std::mem::take(&mut self.name));
        if TIDY.send(dropped).is_err() {
            tracing::debug!("a database of a test stays until its cluster goes");
        }
    }
}

fn tidy_up() -> mpsc::Sender<(String, String)> {
    let (sender, dropped) = mpsc::channel::<(String, String)>();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else { return };
        for (url, name) in dropped {
            if let Err(error) = runtime.block_on(admin::remove(&url, &name)) {
                tracing::debug!(%error, "a database of a test stays until its cluster goes");
            }
        }
    });
    sender
}

async fn template<M, F, E>(base: &str, migrate: M) -> Result<String, PostgresError>
where
    M: FnOnce(String) -> F,
    F: Future<Output = Result<(), E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let name = unique("template");
    admin::create(&admin_url(base), &name).await?;
    let migrated = migrate(format!("{base}/{name}")).await;
    migrated.map_err(|error| PostgresError::Migrate(error.into()))?;
    admin::seal(&admin_url(base), &name).await?;
    Ok(name)
}

fn admin_url(base: &str) -> String {
    format!("{base}/postgres")
}

fn unique(kind: &str) -> String {
    format!("{kind}_{}", Uuid::new_v4().simple())
}

/// The cluster of this process, or one that was started for several processes.
#[derive(Debug)]
enum Server {
    Own(Cluster),
    Given(String),
}

impl Server {
    async fn start() -> Result<Self, PostgresError> {
        if let Some(base) = env::var(SHARED) {
            return Ok(Self::Given(base.trim_end_matches('/').to_owned()));
        }
        Cluster::start(ClusterOptions::temporary())
            .await
            .map(Self::Own)
    }

    fn base(&self) -> String {
        match self {
            Self::Own(cluster) => cluster.base(),
            Self::Given(base) => base.clone(),
        }
    }
}
