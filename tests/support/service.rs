//! The built binary as a process of its own.

use crate::client::Client;
use comm_devkit::free_port;
use comm_devkit::process::{Guarded, Signal, command};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A running service.
pub struct Service {
    process: Guarded,
    /// Speaks to its API.
    pub client: Client,
    folder: TempDir,
}

impl Service {
    /// Starts `communication-service serve` and waits until it answers `/health`; with `--no-api`, only
    /// until it logs.
    pub async fn start(environment: Vec<(String, String)>, flags: &[&str]) -> Self {
        for _ in 0..5 {
            if let Some(service) = Self::try_start(&environment, flags).await {
                return service;
            }
        }
        panic!("the service did not start");
    }

    /// `None` if it ended at once: another program may have taken the port.
    async fn try_start(environment: &[(String, String)], flags: &[&str]) -> Option<Self> {
        let port = free_port().expect("a free port");
        let folder = tempfile::tempdir().expect("a folder");
        let log = File::create(folder.path().join("log")).expect("a log file");
        let mut command = command(binary(), Signal::Kill);
        command
            .arg("serve")
            .args(flags)
            .env_clear()
            .env("COMM__LOG__FILTER", "debug,librdkafka=off,rdkafka=off")
            .envs(environment.iter().cloned())
            .env("SERVICE_PORT", port.to_string())
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(log);
        let process = Guarded::spawn(command, Signal::Kill, ()).expect("the built binary");
        let service = Self {
            process,
            client: Client::new(port),
            folder,
        };
        service.serves(flags).await.then_some(service)
    }

    async fn serves(&self, flags: &[&str]) -> bool {
        let has_no_api = flags.contains(&"--no-api");
        loop {
            let serves = match has_no_api {
                true => !self.log().is_empty(),
                false => self.client.is_healthy().await,
            };
            if serves {
                return true;
            }
            if self.process.exit_status().is_some() {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends it without a warning, as a crash would.
    pub async fn kill(self) {
        self.process.end(Signal::Kill, Duration::from_secs(5)).await;
    }

    /// Ends it as an operator would; says how, and how long it took.
    pub async fn stop(self) -> (Option<ExitStatus>, Duration) {
        let begun = std::time::Instant::now();
        let status = self
            .process
            .end(Signal::Term, Duration::from_secs(20))
            .await;
        (status, begun.elapsed())
    }

    /// The same, without waiting until it is gone.
    pub fn end_now(&self) {
        self.process.signal(Signal::Kill);
    }

    /// Freezes it, as a machine that stands still would.
    pub fn freeze(&self) {
        self.process.signal(Signal::Stop);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.process.signal(Signal::Cont);
    }

    /// Asks it to end, as an operator would, and does not wait.
    pub fn ask_to_stop(&self) {
        self.process.signal(Signal::Term);
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&self) -> Option<ExitStatus> {
        self.process.ended().await
    }

    /// The most memory that it has had at a time, in megabytes of resident pages.
    pub fn peak_megabytes(&self) -> f64 {
        let status = format!("/proc/{}/status", self.process.pid());
        let status = std::fs::read_to_string(status).expect("the process's status");
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kilobytes.expect("VmHWM in kB") / 1024.0
    }

    /// Everything that it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// Runs the binary with a command that ends by itself.
pub async fn run_to_end(
    environment: Vec<(String, String)>,
    arguments: &[&str],
) -> io::Result<Output> {
    let folder = tempfile::tempdir()?;
    tokio::process::Command::new(binary())
        .args(arguments)
        .env_clear()
        .envs(environment)
        .current_dir(folder.path())
        .kill_on_drop(true)
        .output()
        .await
}

/// The binary of the same build: `make test` and `make bench` build it.
fn binary() -> PathBuf {
    let this = std::env::current_exe().expect("the path of this program");
    let beside = this
        .ancestors()
        .map(|folder| folder.join("communication-service"));
    beside
        .skip(1)
        .find(|binary| binary.is_file())
        .expect("not built: cargo build -p comm-server")
}
