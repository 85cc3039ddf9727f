//! One PostgreSQL server that dies with this process.

use super::install::{Install, home};
use super::{PostgresError, admin};
use crate::place::{Folder, Place};
use crate::ports::free_port;
use crate::process::{Guarded, Signal, command};
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const START_PATIENCE: Duration = Duration::from_secs(60);
const STOP_PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(10);

/// What tests need: many connections, little memory, few helpers, no log noise.
const SMALL: [&str; 6] = [
    "shared_buffers=32MB",
    "max_connections=200",
    "max_wal_size=256MB",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "log_checkpoints=off",
];

/// A crash of the machine is of no interest for data that is thrown away. `synchronous_commit`
/// stays on: without it [`Cluster::crash`] would lose commits that production keeps.
const CARELESS: [&str; 2] = ["fsync=off", "full_page_writes=off"];

/// How much the data matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// As in production: every commit reaches the disk.
    Durable,
    /// Fast, and lost when the machine crashes.
    Careless,
}

/// What kind of cluster to start.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// Where its data are.
    pub place: Place,
    /// How much they matter.
    pub durability: Durability,
}

impl ClusterOptions {
    /// For tests: temporary and fast.
    pub fn temporary() -> Self {
        Self {
            place: Place::Temporary,
            durability: Durability::Careless,
        }
    }

    /// For development: found again by the next start, and durable.
    pub fn kept(path: impl Into<PathBuf>) -> Self {
        Self {
            place: Place::Kept(path.into()),
            durability: Durability::Durable,
        }
    }
}

/// A private server; dropping it shuts it down.
#[derive(Debug)]
pub struct Cluster {
    install: Install,
    folder: Arc<Folder>,
    durability: Durability,
    port: u16,
    server: Mutex<Option<Arc<Guarded>>>,
}

impl Cluster {
    /// Makes the cluster unless its folder has one, and starts it.
    ///
    /// # Errors
    /// When PostgreSQL is missing, the folder is in use, or the server gives up.
    pub async fn start(options: ClusterOptions) -> Result<Self, PostgresError> {
        let install = Install::find()?;
        let folder = Arc::new(install.claim(&options.place)?);
        let mut cluster = Self {
            install,
            folder,
            durability: options.durability,
            port: 0,
            server: Mutex::new(None),
        };
        if !cluster.data().exists() {
            cluster.initialise().await?;
        }
        cluster.launch_on_a_free_port().await?;
        Ok(cluster)
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base())
    }

    /// The TCP port on 127.0.0.1; it stays the same when the server is started again.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where the data and the server's log are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process id of the server while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.current().map(|server| server.pid())
    }

    /// Makes sure that there is a database of this name.
    ///
    /// # Errors
    /// When the server is away.
    pub async fn ensure_database(&self, name: &str) -> Result<(), PostgresError> {
        let url = self.url("postgres");
        if admin::exists(&url, name).await? {
            return Ok(());
        }
        admin::create(&url, name).await
    }

    /// Cuts all connections to a database, as a fail-over would; says how many.
    ///
    /// # Errors
    /// When the server is away.
    pub async fn kill_connections(&self, database: &str) -> Result<usize, PostgresError> {
        admin::cut_connections(&self.url("postgres"), database).await
    }

    /// Shuts down in order: clients are cut, what is committed is on disk.
    pub async fn stop(&self) {
        self.end(Signal::Int).await;
    }

    /// Goes down at once, as after a crash of the server; the next start recovers.
    pub async fn crash(&self) {
        self.end(Signal::Quit).await;
    }

    /// Starts the stopped server again on the same port.
    ///
    /// # Errors
    /// When the server gives up, or somebody took the port.
    pub async fn start_again(&self) -> Result<(), PostgresError> {
        self.launch(self.port).await
    }

    /// Stops and starts again on the same port.
    ///
    /// # Errors
    /// When the server gives up, or somebody took the port.
    pub async fn restart(&self) -> Result<(), PostgresError> {
        self.stop().await;
        self.start_again().await
    }

    pub(super) fn base(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    fn data(&self) -> PathBuf {
        home(&self.folder).join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("postgres.log")
    }

    fn server(&self) -> MutexGuard<'_, Option<Arc<Guarded>>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> Option<Arc<Guarded>> {
        self.server().clone()
    }

    async fn end(&self, signal: Signal) {
        let server = self.server().take();
        if let Some(server) = server {
            server.end(signal, STOP_PATIENCE).await;
        }
    }

    /// A cluster appears under its final name only when it is whole.
    async fn initialise(&self) -> Result<(), PostgresError> {
        let unfinished = home(&self.folder).join("unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        let mut initdb = Command::new(self.install.program("initdb"));
        initdb
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8"])
            .args(["--locale=C.UTF-8", "--no-instructions", "-D"])
            .arg(&unfinished)
            .current_dir("/")
            .stdin(Stdio::null());
        if self.durability == Durability::Careless {
            initdb.arg("--no-sync");
        }
        self.install.lend_account(&mut initdb);
        let output = run(initdb).await?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(PostgresError::Start(words));
        }
        Ok(fs::rename(unfinished, self.data())?)
    }

    /// A port can be lost between looking and binding; then another one is tried.
    async fn launch_on_a_free_port(&mut self) -> Result<(), PostgresError> {
        for _ in 0..2 {
            self.port = free_port()?;
            if self.launch(self.port).await.is_ok() {
                return Ok(());
            }
        }
        self.port = free_port()?;
        self.launch(self.port).await
    }

    async fn launch(&self, port: u16) -> Result<(), PostgresError> {
        let pid_file = self.data().join("postmaster.pid");
        self.outlive_predecessor(&pid_file).await?;
        let farewell = match self.durability {
            Durability::Durable => Signal::Int,
            Durability::Careless => Signal::Quit,
        };
        let mut postgres = command(self.install.program("postgres"), farewell);
        postgres
            .arg("-D")
            .arg(self.data())
            .args(["-p", &port.to_string()]);
        for setting in self.settings() {
            postgres.args(["-c", setting]);
        }
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())?;
        postgres
            .current_dir("/")
            .stdout(log.try_clone()?)
            .stderr(log);
        self.install.lend_account(&mut postgres);
        let server = Guarded::spawn(postgres, farewell, Arc::clone(&self.folder))?;
        self.until_ready(&server, &pid_file).await?;
        *self.server() = Some(Arc::new(server));
        Ok(())
    }

    fn settings(&self) -> impl Iterator<Item = &'static str> {
        let careless: &[&str] = match self.durability {
            Durability::Durable => &[],
            Durability::Careless => &CARELESS,
        };
        SMALL.iter().chain(careless).copied()
    }

    /// A server whose parent was killed needs a moment to end; a new one would refuse to start.
    async fn outlive_predecessor(&self, pid_file: &Path) -> Result<(), PostgresError> {
        let deadline = Instant::now() + STOP_PATIENCE;
        while let Some(pid) = first_line(pid_file) {
            if !serves(&pid, &self.data()) {
                // The number may belong to a stranger by now, and PostgreSQL would not start.
                drop(fs::remove_file(pid_file));
                break;
            }
            if Instant::now() > deadline {
                let words = format!("the server of an earlier run (process {pid}) does not end");
                return Err(PostgresError::Start(words));
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Line 8 of `postmaster.pid` says 'ready'; line 1 says whether it is about this server.
    async fn until_ready(&self, server: &Guarded, pid_file: &Path) -> Result<(), PostgresError> {
        let pid = server.pid().to_string();
        let deadline = Instant::now() + START_PATIENCE;
        while server.exit_status().is_none() && Instant::now() < deadline {
            let state = fs::read_to_string(pid_file).unwrap_or_default();
            let mut lines = state.lines();
            let ours = lines.next() == Some(&pid);
            if ours && lines.nth(6).is_some_and(|line| line.trim() == "ready") {
                return Ok(());
            }
            sleep(POLL).await;
        }
        Err(PostgresError::Start(last_words(&self.log())))
    }
}

async fn run(mut command: Command) -> Result<Output, PostgresError> {
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    Ok(output.map_err(std::io::Error::other)??)
}

fn first_line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().next().map(str::to_owned)
}

/// A server works in its data folder, which tells it from a stranger with a recycled number.
fn serves(pid: &str, data: &Path) -> bool {
    let folder = fs::read_link(Path::new("/proc").join(pid).join("cwd"));
    folder.is_ok_and(|folder| folder == data)
}

fn last_words(log: &Path) -> String {
    let text = File::open(log).and_then(std::io::read_to_string);
    let text = text.unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines.len().saturating_sub(8);
    lines.get(tail..).unwrap_or_default().join("\n")
}
