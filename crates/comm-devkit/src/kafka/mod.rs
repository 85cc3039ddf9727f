//! Kafka for tests and development: a real Apache Kafka without Docker, and librdkafka's mock.

mod apache;
mod flood;
mod jars;
mod mock;
mod reader;
mod topics;

pub use apache::ApacheKafka;
pub use jars::fetch_jars;
pub use mock::MockKafka;
pub use reader::{Message, Reader};
pub use topics::Topics;

use crate::env;
use crate::place::{FolderError, Place};
use rdkafka::error::KafkaError;
use std::io;
use thiserror::Error;
use tokio::sync::OnceCell;

/// The address of a broker that a whole `make test` shares (`host:port`).
pub const SHARED: &str = "COMM_TEST_KAFKA";

/// The one line that installs what is missing.
pub const INSTALL_LINE: &str = "sudo apt-get install -y openjdk-17-jre-headless maven";

/// Why there is no broker, or no answer from it.
#[derive(Debug, Error)]
pub enum BrokerError {
    /// No `java` or no `mvn` in `PATH`.
    #[error("{0} is not installed; install it with: {INSTALL_LINE}")]
    NotInstalled(&'static str),
    /// They are fetched once by an explicit command, never by a test.
    #[error("the jars of Apache Kafka are not there; fetch them with: make kafka-jars")]
    NoJars,
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A program could not be run, or a file not be written.
    #[error("Apache Kafka could not be run")]
    Io(#[from] io::Error),
    /// Maven, the formatter or the broker ran and gave up; these are its last words.
    #[error("{what} gave up:\n{words}")]
    GaveUp {
        /// Which program.
        what: &'static str,
        /// The end of its log.
        words: String,
    },
    /// The client library reports an error.
    #[error("Kafka refused a request")]
    Client(#[from] KafkaError),
    /// Not everything that was waited for arrived.
    #[error("{found} of {wanted} messages on {topic} after {seconds} s")]
    Missing {
        /// Where.
        topic: String,
        /// How many were waited for.
        wanted: usize,
        /// How many came.
        found: usize,
        /// For how long.
        seconds: u64,
    },
}

static BROKER: OnceCell<Shared> = OnceCell::const_new();

#[derive(Debug)]
enum Shared {
    Own(ApacheKafka),
    Given(Topics),
}

/// The Apache Kafka that all tests of this process share, or that a whole `make test` shares.
/// A test uses topics and groups of its own; a test that stops the broker starts its own, too.
///
/// # Errors
/// When Java or the jars are missing, or the broker gives up.
pub async fn shared() -> Result<Topics, BrokerError> {
    let broker = BROKER.get_or_try_init(|| async {
        match env::var(SHARED) {
            Some(bootstrap) => Ok(Shared::Given(Topics::new(bootstrap))),
            None => ApacheKafka::start(&Place::Temporary).await.map(Shared::Own),
        }
    });
    Ok(match broker.await? {
        Shared::Own(broker) => broker.topics(),
        Shared::Given(topics) => topics.clone(),
    })
}
