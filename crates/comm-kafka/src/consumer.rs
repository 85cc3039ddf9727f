//! The consumer: takes messages, hands them to the lanes of their partitions, and stores offsets of what was
//! dealt with. It makes emails due, never sends one, and never stops for a message that it cannot read.

use crate::config::KafkaConfig;
use crate::dead_letters::DeadLetters;
use crate::lanes::{Item, Lane, Lanes, Place};
use crate::look::{Look, look};
use crate::worker::{Done, LaneEnd, Worker};
use comm_app::EventRequests;
use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

/// So many messages of a partition may wait; then the broker is asked for no more of it ...
const MOST_WAITING: usize = 100;
/// ... until no more than these wait.
const FEW_WAITING: usize = 20;
/// librdkafka reconnects with a back-off of its own; this only keeps us from spinning.
const AFTER_AN_ERROR: Duration = Duration::from_millis(250);
/// How long attempts under way may take when the work is to end.
const LAST_ATTEMPTS: Duration = Duration::from_secs(2);

/// Consumes requests of other services.
pub struct EventConsumer {
    consumer: StreamConsumer<Lanes>,
    lanes: Lanes,
    worker: Arc<Worker>,
}

impl EventConsumer {
    /// Subscribes; the broker may be away and the topic may not exist yet.
    ///
    /// # Errors
    /// A setting that librdkafka does not accept.
    pub fn new(
        config: &KafkaConfig,
        topic: &str,
        requests: EventRequests,
    ) -> Result<Self, KafkaError> {
        let lanes = Lanes::default();
        let consumer: StreamConsumer<Lanes> =
            config.consumer().create_with_context(lanes.clone())?;
        consumer.subscribe(&[topic])?;
        let dead_letters = DeadLetters::new(config);
        Ok(Self {
            consumer,
            lanes,
            worker: Arc::new(Worker {
                requests,
                dead_letters,
            }),
        })
    }

    /// Works until it is told to stop. It polls all the time, whatever the workers wait for, so that the
    /// group never takes it for dead.
    pub async fn run(&self, stop: CancellationToken) {
        let (done, mut finished) = unbounded_channel();
        let mut crew = Crew {
            worker: Arc::clone(&self.worker),
            tasks: JoinSet::new(),
            generations: 0,
            done,
            stop: stop.clone(),
        };
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(done) = finished.recv() => self.settle(&done),
                Some(ended) = crew.tasks.join_next() => {
                    if is_broken(ended) {
                        break;
                    }
                }
                received = self.consumer.recv() => match received {
                    Ok(message) => self.take(&message, &mut crew),
                    Err(error) => {
                        debug!(error = %error, "Kafka cannot be read; trying again");
                        sleep(AFTER_AN_ERROR).await;
                    }
                },
            }
        }
        self.end(crew, finished).await;
    }

    /// What is under way is finished if that is soon done, and its offset is stored.
    async fn end(&self, mut crew: Crew, mut finished: UnboundedReceiver<Done>) {
        crew.stop.cancel();
        let all = async { while crew.tasks.join_next().await.is_some() {} };
        if timeout(LAST_ATTEMPTS, all).await.is_err() {
            crew.tasks.shutdown().await;
        }
        while let Ok(done) = finished.try_recv() {
            self.settle(&done);
        }
        self.lanes.lock().clear();
    }

    /// What is none of our business is over at once, unless an earlier message of its partition is not:
    /// offsets are stored in order.
    fn take(&self, message: &BorrowedMessage<'_>, crew: &mut Crew) {
        let look = look(message);
        let place = Place {
            topic: message.topic().to_owned(),
            partition: message.partition(),
        };
        let mut lanes = self.lanes.lock();
        let is_idle = lanes.get(&place).is_none_or(|lane| lane.waiting == 0);
        if look == Look::Other && is_idle {
            self.store_offset(&place, message.offset());
            return;
        }
        let lane = lanes
            .entry(place.clone())
            .or_insert_with(|| crew.open(&place));
        let item = Item {
            offset: message.offset(),
            message: (look == Look::Concerns).then(|| message.detach()),
        };
        // A worker ends before its lane only if everything ends.
        if lane.items.send(item).is_ok() {
            lane.waiting += 1;
        }
        if lane.waiting >= MOST_WAITING && !lane.paused {
            lane.paused = self.consumer.pause(&place.list()).is_ok();
        }
    }

    /// Stores the offset, unless the partition has gone to another member meanwhile, or has gone and come
    /// back: then the message comes again, and does nothing.
    fn settle(&self, done: &Done) {
        let mut lanes = self.lanes.lock();
        let Some(lane) = lanes.get_mut(&done.place) else {
            return;
        };
        if lane.generation != done.generation {
            return;
        }
        self.store_offset(&done.place, done.offset);
        lane.waiting -= 1;
        if lane.paused && lane.waiting <= FEW_WAITING {
            lane.paused = self.consumer.resume(&done.place.list()).is_err();
        }
    }

    fn store_offset(&self, place: &Place, offset: i64) {
        let stored = self
            .consumer
            .store_offset(&place.topic, place.partition, offset);
        if let Err(error) = stored {
            debug!(error = %error, "An offset could not be stored");
        }
    }
}

/// The workers of the lanes.
struct Crew {
    worker: Arc<Worker>,
    tasks: JoinSet<()>,
    generations: u64,
    done: UnboundedSender<Done>,
    stop: CancellationToken,
}

impl Crew {
    /// Opens a lane and puts a worker to it.
    fn open(&mut self, place: &Place) -> Lane {
        self.generations += 1;
        let (items, to_do) = unbounded_channel();
        let revoked = CancellationToken::new();
        let lane = LaneEnd {
            place: place.clone(),
            generation: self.generations,
            items: to_do,
            done: self.done.clone(),
            revoked: revoked.clone(),
            stop: self.stop.clone(),
        };
        let worker = Arc::clone(&self.worker);
        self.tasks.spawn(async move { worker.run(lane).await });
        Lane::new(self.generations, items, revoked)
    }
}

/// A worker that fell over has lost its place: going on would pass over its messages.
fn is_broken(ended: Result<(), JoinError>) -> bool {
    match ended {
        Ok(()) => false,
        Err(error) => {
            error!(error = %error, "A worker of the consumer has failed");
            true
        }
    }
}
