//! librdkafka's in-process broker: needs nothing installed, and forgets everything at exit.

use super::{BrokerError, Topics};
use rdkafka::mocking::MockCluster;
use std::io;
use std::sync::mpsc;
use std::thread;

/// A broker in memory; it ends with its handle. Never for a claim about loss, order or speed.
#[derive(Debug)]
pub struct MockKafka {
    topics: Topics,
    _lifeline: mpsc::Sender<()>,
}

impl MockKafka {
    /// Starts it with one topic.
    ///
    /// # Errors
    /// When librdkafka refuses.
    pub fn start(topic: &str, partitions: i32) -> Result<Self, BrokerError> {
        let topic = topic.to_owned();
        let (lifeline, end) = mpsc::channel();
        let (report, started) = mpsc::sync_channel(1);
        // The cluster cannot move between threads, so one thread holds it until the handle goes.
        thread::Builder::new()
            .name("mock-kafka".to_owned())
            .spawn(move || hold(&topic, partitions, &report, &end))?;
        let bootstrap = started.recv().map_err(io::Error::other)??;
        Ok(Self {
            topics: Topics::new(bootstrap),
            _lifeline: lifeline,
        })
    }

    /// Its topics, and its address.
    pub fn topics(&self) -> Topics {
        self.topics.clone()
    }
}

fn hold(
    topic: &str,
    partitions: i32,
    report: &mpsc::SyncSender<Result<String, BrokerError>>,
    end: &mpsc::Receiver<()>,
) {
    let started = MockCluster::new(1).and_then(|cluster| {
        cluster.create_topic(topic, partitions, 1)?;
        Ok(cluster)
    });
    let (answer, cluster) = match started {
        Ok(cluster) => (Ok(cluster.bootstrap_servers()), Some(cluster)),
        Err(error) => (Err(error.into()), None),
    };
    if report.send(answer).is_ok() {
        // Nothing is ever sent: the wait ends when the handle goes.
        let _ = end.recv();
    }
    drop(cluster);
}
