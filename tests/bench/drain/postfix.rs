//! Postfix's own load generator and sink.

use super::{BYTES, CONNECTIONS, MAILS};
use comm_devkit::free_port;
use comm_devkit::process::{Guarded, Signal, command};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;

/// A running `smtp-sink`, which takes every mail and keeps none.
pub(super) struct Sink {
    pub(super) port: u16,
    _process: Guarded,
}

impl Sink {
    pub(super) async fn start() -> Self {
        let port = free_port().unwrap();
        let mut sink = command("smtp-sink", Signal::Kill);
        sink.stdout(Stdio::null());
        if rustix::process::geteuid().is_root() {
            sink.args(["-u", "nobody"]);
        }
        sink.arg(format!("127.0.0.1:{port}")).arg("1024");
        let process = Guarded::spawn(sink, Signal::Kill, ()).unwrap();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(process.exit_status().is_none(), "smtp-sink has ended");
            sleep(Duration::from_millis(10)).await;
        }
        Self {
            port,
            _process: process,
        }
    }
}

/// Mails per second of `smtp-source` over connections that are kept.
pub(super) async fn source(sink: &Sink) -> f64 {
    let begun = Instant::now();
    let status = Command::new("smtp-source")
        .args(["-d", "-s", &CONNECTIONS.to_string()])
        .args(["-l", &BYTES.to_string(), "-m", &MAILS.to_string()])
        .args(["-f", "noreply@example.org", "-t", "praxis@example.org"])
        .arg(format!("127.0.0.1:{}", sink.port))
        .status()
        .await
        .unwrap();
    assert!(status.success());
    f64::from(MAILS) / begun.elapsed().as_secs_f64()
}
