//! One Apache Kafka node, broker and controller in one, that dies with this process.

use super::jars::{Archive, Jars, last_words, run};
use super::{BrokerError, Topics};
use crate::place::{Folder, Place};
use crate::ports::free_port;
use crate::process::{Guarded, Signal};
use std::fs::{self, OpenOptions};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

const TEMPLATE: &str = include_str!("../../kafka/server.properties.template");
const CLUSTER: &str = "--cluster-id=Y29tbS1kZXZraXQtMDAwMQ";
const START_PATIENCE: Duration = Duration::from_secs(90);
const STOP_PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug)]
struct Ports {
    broker: u16,
    controller: u16,
}

/// A private broker; dropping it shuts it down.
#[derive(Debug)]
pub struct ApacheKafka {
    jars: Jars,
    folder: Arc<Folder>,
    ports: Ports,
    server: Mutex<Option<Arc<Guarded>>>,
}

impl ApacheKafka {
    /// Formats the data folder unless that was done, starts the broker, and waits until it answers.
    ///
    /// # Errors
    /// When Java or the jars are missing, the folder is in use, or the broker gives up.
    pub async fn start(place: &Place) -> Result<Self, BrokerError> {
        Self::start_with(Jars::find()?, place, Archive::Use).await
    }

    /// Its topics, and its address.
    pub fn topics(&self) -> Topics {
        Topics::new(self.bootstrap())
    }

    /// The broker's address, `host:port`; it stays the same when the broker is started again.
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.ports.broker)
    }

    /// Where the data and the broker's log are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process id of the broker while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.server().as_ref().map(|server| server.pid())
    }

    /// Shuts down in order.
    pub async fn stop(&self) {
        self.end(Signal::Term).await;
    }

    /// Kills it; the next start waits some seconds until its session has run out.
    pub async fn kill(&self) {
        self.end(Signal::Kill).await;
    }

    /// Starts the stopped or killed broker again on the same ports.
    ///
    /// # Errors
    /// When the broker gives up, or somebody took a port.
    pub async fn start_again(&self) -> Result<(), BrokerError> {
        self.launch(Archive::Use).await
    }

    /// A port can be lost between looking and binding; then others are tried.
    async fn start_with(jars: Jars, place: &Place, archive: Archive) -> Result<Self, BrokerError> {
        let mut kafka = Self {
            jars,
            folder: Arc::new(Folder::claim(place, "kafka")?),
            ports: Ports::free()?,
            server: Mutex::new(None),
        };
        for _ in 0..2 {
            if kafka.launch(archive).await.is_ok() {
                return Ok(kafka);
            }
            kafka.ports = Ports::free()?;
        }
        kafka.launch(archive).await.map(|()| kafka)
    }

    async fn launch(&self, archive: Archive) -> Result<(), BrokerError> {
        fs::write(self.file("server.properties"), self.properties())?;
        if !self.file("data/meta.properties").exists() {
            self.format().await?;
        }
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())?;
        let mut kafka = self.jars.java("kafka.Kafka", archive);
        kafka
            .arg(self.file("server.properties"))
            .current_dir(self.folder.path())
            .stdout(log.try_clone()?)
            .stderr(log);
        let server = Guarded::spawn(kafka, Signal::Term, Arc::clone(&self.folder))?;
        self.until_ready(&server).await?;
        *self.server() = Some(Arc::new(server));
        Ok(())
    }

    async fn format(&self) -> Result<(), BrokerError> {
        let mut format = self.jars.java("kafka.tools.StorageTool", Archive::Use);
        format
            .args(["format", CLUSTER, "-c"])
            .arg(self.file("server.properties"))
            .current_dir(self.folder.path());
        run(format, "Kafka's formatter", &self.file("format.log")).await
    }

    async fn until_ready(&self, server: &Guarded) -> Result<(), BrokerError> {
        let deadline = Instant::now() + START_PATIENCE;
        while server.exit_status().is_none() && Instant::now() < deadline {
            if self.listens().await && self.topics().answers(Duration::from_secs(1)).await {
                return Ok(());
            }
            sleep(POLL).await;
        }
        let words = last_words(&self.log());
        Err(BrokerError::GaveUp {
            what: "Apache Kafka",
            words,
        })
    }

    /// Asking for a connection is cheaper than a Kafka client, so that is tried first.
    async fn listens(&self) -> bool {
        let address = (Ipv4Addr::LOCALHOST, self.ports.broker);
        TcpStream::connect(address).await.is_ok()
    }

    async fn end(&self, signal: Signal) {
        let server = self.server().take();
        if let Some(server) = server {
            server.end(signal, STOP_PATIENCE).await;
        }
    }

    fn properties(&self) -> String {
        TEMPLATE
            .replace("@PORT@", &self.ports.broker.to_string())
            .replace("@CPORT@", &self.ports.controller.to_string())
            .replace("@DATA@", &self.file("data").display().to_string())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self) -> PathBuf {
        self.file("kafka.log")
    }

    fn server(&self) -> MutexGuard<'_, Option<Arc<Guarded>>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ports {
    fn free() -> Result<Self, BrokerError> {
        Ok(Self {
            broker: free_port()?,
            controller: free_port()?,
        })
    }
}

/// Runs a broker once so that the classes it loads can be archived when it ends.
pub(super) async fn write_archive(jars: &Jars) -> Result<(), BrokerError> {
    let kafka = ApacheKafka::start_with(jars.clone(), &Place::Temporary, Archive::Write).await?;
    kafka.stop().await;
    Ok(())
}
