//! A topic, a group, and a store in memory behind the use cases.

use crate::common;
use crate::support::{PATIENCE, config, unique};
use comm_app::{Adapters, EventRequests, assemble};
use comm_devkit::kafka::{self, Message, Topics};
use comm_domain::outreach::{EmailId, EmailStatus};
use comm_kafka::{EventConsumer, KafkaConfig, topic_of_dead_letters};
use comm_ports::error::StoreError;
use comm_ports::testing::{MockOutreachStore, MockOutreachTx, MockSignals};
use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What the store does when it is asked for the nth time to make this email due.
pub(crate) type Answer = Result<Option<EmailStatus>, StoreError>;

pub(crate) fn waiting(_: EmailId, _: usize) -> Answer {
    Ok(Some(EmailStatus::InWarteschlange))
}

pub(crate) fn away(_: EmailId, _: usize) -> Answer {
    Err(StoreError::Unavailable("away".into()))
}

/// The keys of remembered events; a transaction that fails gives its own back.
type Remembered = Arc<Mutex<BTreeSet<String>>>;

/// A store that tells the test which emails it was asked for.
fn store(
    remembered: Remembered,
    asked: UnboundedSender<i64>,
    answer: impl Fn(EmailId, usize) -> Answer + Clone + Send + Sync + 'static,
) -> MockOutreachStore {
    let mut store = MockOutreachStore::new();
    let mut times = 0;
    store.expect_begin().returning(move || {
        times += 1;
        let (asked, nth, answer) = (asked.clone(), times, answer.clone());
        let (keys, key) = (remembered.clone(), Arc::new(Mutex::new(String::new())));
        let own = key.clone();
        let mut tx = MockOutreachTx::new();
        tx.expect_remember().returning({
            let keys = keys.clone();
            move |event| {
                key.lock().unwrap().clone_from(&event.key);
                Ok(keys.lock().unwrap().insert(event.key.clone()))
            }
        });
        tx.expect_expedite().returning(move |id| {
            let answer = answer(id, nth);
            if answer.is_err() {
                keys.lock().unwrap().remove(own.lock().unwrap().as_str());
            }
            asked.send(id.0).unwrap();
            answer
        });
        tx.expect_insert_anrufwunsch().returning({
            let asked = nth;
            move |_, _, _| Ok(i64::try_from(asked).unwrap())
        });
        tx.expect_commit().returning(|| Ok(()));
        Ok(Box::new(tx))
    });
    store
}

fn requests(store: MockOutreachStore) -> EventRequests {
    let mut signals = MockSignals::new();
    signals.expect_raise().return_const(());
    let adapters = Adapters {
        store: Arc::new(store),
        signals: Arc::new(signals),
        ..common::adapters()
    };
    assemble(&adapters, common::settings()).event_requests
}

/// A topic and a group that reads it.
pub(crate) struct World {
    pub(crate) topics: Topics,
    pub(crate) topic: String,
    pub(crate) config: KafkaConfig,
    pub(crate) remembered: Remembered,
    producer: FutureProducer,
}

/// A consumer at work, and the emails that its store was asked for.
pub(crate) struct Running {
    asked: UnboundedReceiver<i64>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// The value of a request to send an email.
pub(crate) fn send_email(event_id: &str, id: i64) -> String {
    format!(
        r#"{{"eventId": "{event_id}", "eventType": "communication.send_email", "version": "1.0",
            "timestamp": "2026-01-31T09:15:00", "producer": "matching-service",
            "payload": {{"email_id": {id}}}}}"#
    )
}

impl World {
    /// With one partition, so that messages have one order.
    pub(crate) async fn new() -> Self {
        Self::with_partitions(1).await
    }

    pub(crate) async fn with_partitions(partitions: i32) -> Self {
        let topics = kafka::shared().await.unwrap();
        let topic = unique("requests");
        topics.create(&topic, partitions).await.unwrap();
        let mut producer = ClientConfig::new();
        producer.set("bootstrap.servers", topics.bootstrap());
        Self {
            config: config(topics.bootstrap()),
            producer: producer.create().unwrap(),
            remembered: Remembered::default(),
            topics,
            topic,
        }
    }

    /// Begins to consume; all consumers of a world share what is remembered.
    pub(crate) fn consume(
        &self,
        answer: impl Fn(EmailId, usize) -> Answer + Clone + Send + Sync + 'static,
    ) -> Running {
        let (asked, heard) = unbounded_channel();
        let requests = requests(store(self.remembered.clone(), asked, answer));
        let consumer = EventConsumer::new(&self.config, &self.topic, requests).unwrap();
        let stop = CancellationToken::new();
        let token = stop.clone();
        let task = tokio::spawn(async move { consumer.run(token).await });
        Running {
            asked: heard,
            stop,
            task,
        }
    }

    /// Writes a value.
    pub(crate) async fn say(&self, value: &str) {
        self.put(0, value.as_bytes(), &[]).await;
    }

    /// Writes a value with headers onto a partition.
    pub(crate) async fn put(&self, partition: i32, value: &[u8], headers: &[(&str, &[u8])]) {
        let headers = headers
            .iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| {
                let value = Some(*value);
                headers.insert(Header { key, value })
            });
        let record = FutureRecord::to(&self.topic)
            .partition(partition)
            .key("1")
            .headers(headers)
            .payload(value);
        self.producer.send(record, PATIENCE).await.unwrap();
    }

    /// Asks for an email by an event of its own.
    pub(crate) async fn ask_for(&self, id: i64) {
        self.ask_on(0, id).await;
    }

    pub(crate) async fn ask_on(&self, partition: i32, id: i64) {
        let value = send_email(&Uuid::new_v4().to_string(), id);
        self.put(partition, value.as_bytes(), &[]).await;
    }

    pub(crate) fn dead_letter_topic(&self) -> String {
        topic_of_dead_letters(&self.topic)
    }

    /// The dead letters, once there are so many.
    pub(crate) async fn dead_letters(&self, count: usize) -> Vec<Message> {
        let topic = self.dead_letter_topic();
        let letters = self.topics.wait_for(&topic, count, PATIENCE).await;
        letters.unwrap()
    }
}

impl Running {
    /// The next email that the store is asked for.
    pub(crate) async fn next(&mut self) -> i64 {
        timeout(PATIENCE, self.asked.recv()).await.unwrap().unwrap()
    }

    /// Stops it, and says what else the store was asked for.
    pub(crate) async fn stop(mut self) -> Vec<i64> {
        self.stop.cancel();
        timeout(PATIENCE, self.task).await.unwrap().unwrap();
        let mut rest = Vec::new();
        while let Ok(id) = self.asked.try_recv() {
            rest.push(id);
        }
        rest
    }
}
