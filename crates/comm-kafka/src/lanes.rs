//! Lanes: the messages of one partition on their way through one worker, in order. A partition that is taken
//! away loses its lane: its worker stops at once, and what it still says is not listened to.

use rdkafka::ClientContext;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::message::OwnedMessage;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{debug, info};

/// A partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) topic: String,
    pub(crate) partition: i32,
}

impl Place {
    /// As librdkafka takes it.
    pub(crate) fn list(&self) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.topic, self.partition);
        list
    }
}

/// One message in a lane.
pub(crate) struct Item {
    pub(crate) offset: i64,
    /// `None` if it is passed over: it only waits for its turn to be stored.
    pub(crate) message: Option<OwnedMessage>,
}

/// The way through one worker.
pub(crate) struct Lane {
    /// Tells this lane from an earlier one of the same partition.
    pub(crate) generation: u64,
    pub(crate) items: UnboundedSender<Item>,
    /// Messages that are not dealt with yet.
    pub(crate) waiting: usize,
    /// Whether the broker is asked for no more for the moment.
    pub(crate) paused: bool,
    /// Stops the worker, whatever it is at.
    _revoked: DropGuard,
}

impl Lane {
    pub(crate) fn new(
        generation: u64,
        items: UnboundedSender<Item>,
        revoked: CancellationToken,
    ) -> Self {
        Self {
            generation,
            items,
            waiting: 0,
            paused: false,
            _revoked: revoked.drop_guard(),
        }
    }
}

/// The lanes of the partitions that this consumer owns. It is also what librdkafka tells about rebalances,
/// in the task that polls, so nothing changes between two polls.
#[derive(Default, Clone)]
pub(crate) struct Lanes(Arc<Mutex<HashMap<Place, Lane>>>);

impl Lanes {
    pub(crate) fn lock(&self) -> MutexGuard<'_, HashMap<Place, Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for Lanes {}

impl ConsumerContext for Lanes {
    /// What is revoked stops before another member gets it; offsets that were stored are committed then.
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Revoke(partitions) => {
                let mut lanes = self.lock();
                for partition in partitions.elements() {
                    lanes.remove(&Place {
                        topic: partition.topic().to_owned(),
                        partition: partition.partition(),
                    });
                }
                info!(count = partitions.count(), "Partitions were taken away");
            }
            Rebalance::Assign(partitions) => {
                info!(count = partitions.count(), "Partitions were assigned");
            }
            Rebalance::Error(error) => debug!(error = %error, "A rebalance failed"),
        }
    }

    /// A pause outlives the assignment in which it was made.
    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(partitions) = rebalance
            && let Err(error) = consumer.resume(partitions)
        {
            debug!(error = %error, "Partitions could not be resumed");
        }
    }
}
