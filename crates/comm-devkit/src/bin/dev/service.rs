//! The product as a child process.

use comm_devkit::env_var;
use comm_devkit::process::{Guarded, Signal, command};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const USUAL_PORT: u16 = 8004;
const POLL: Duration = Duration::from_millis(100);
const PROBE_PATIENCE: Duration = Duration::from_secs(2);

/// What the person can put right.
#[derive(Debug, Error)]
pub(crate) enum ServiceError {
    #[error("{} is not there; build it with: cargo build -p comm-server", .0.display())]
    NotBuilt(PathBuf),
    #[error("SERVICE_PORT is '{0}', which is no port")]
    NoPort(String),
    #[error(
        "port {0} is taken, perhaps by another run; end that one, or choose a port: \
         SERVICE_PORT=8005 make run"
    )]
    PortTaken(u16),
}

/// How to start the product.
pub(crate) struct Service {
    pub(crate) program: PathBuf,
    pub(crate) port: u16,
    pub(crate) environment: Vec<(&'static str, String)>,
}

/// The program to run: the given one, or the one that was built beside this program.
pub(crate) fn program(given: Option<PathBuf>) -> io::Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("communication-service");
    let program = given.unwrap_or(beside);
    if program.is_file() {
        return Ok(program);
    }
    Err(io::Error::other(ServiceError::NotBuilt(program)))
}

/// The port that the service will listen on, which has to be free.
pub(crate) fn port() -> Result<u16, ServiceError> {
    let port = match env_var("SERVICE_PORT") {
        Some(text) => text.parse().map_err(|_| ServiceError::NoPort(text))?,
        None => USUAL_PORT,
    };
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(port),
        Err(_) => Err(ServiceError::PortTaken(port)),
    }
}

impl Service {
    /// Runs one of its subcommands; its log goes to the terminal.
    pub(crate) fn spawn(&self, subcommand: &[&str]) -> io::Result<Guarded> {
        let mut child = command(&self.program, Signal::Term);
        child
            .args(subcommand)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("SERVICE_PORT", self.port.to_string())
            // The catcher asks nobody for a password.
            .env_remove("SMTP_USERNAME")
            .env_remove("SMTP_PASSWORD");
        Guarded::spawn(child, Signal::Term, ())
    }

    /// Waits until it says that it is ready. `false`: it ended before.
    pub(crate) async fn ready(&self, server: &Guarded) -> bool {
        while server.exit_status().is_none() {
            if let Ok(Ok(true)) = timeout(PROBE_PATIENCE, self.probe()).await {
                return true;
            }
            sleep(POLL).await;
        }
        false
    }

    async fn probe(&self) -> io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        let request = "GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer.starts_with(b"HTTP/1.1 200"))
    }
}
