//! Consuming, with a mocked store behind the use cases.

use crate::support::{PATIENCE, config, event, publish_one, unique};
use chrono::TimeDelta;
use comm_app::dispatch::{AfterCrash, QueueSettings};
use comm_app::{Adapters, EmailSettings, Emails, assemble};
use comm_devkit::kafka::{self, Topics};
use comm_domain::outreach::{EmailId, EmailStatus, Versuchsplan};
use comm_kafka::{EventConsumer, KafkaConfig, KafkaPublisher};
use comm_ports::error::StoreError;
use comm_ports::testing::build::{instant, mailbox};
use comm_ports::testing::{
    FixedClock, MockContentRenderer, MockEventPublisher, MockMailTransport, MockOutboxStore,
    MockOutreachStore, MockOutreachTx, MockSignals,
};
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// What the store does when it is asked for the nth time to make this email due.
type Answer = fn(EmailId, usize) -> Result<Option<EmailStatus>, StoreError>;

fn waiting(_: EmailId, _: usize) -> Result<Option<EmailStatus>, StoreError> {
    Ok(Some(EmailStatus::InWarteschlange))
}

fn away(_: EmailId, _: usize) -> Result<Option<EmailStatus>, StoreError> {
    Err(StoreError::Unavailable("away".into()))
}

/// A store that tells the test which emails it was asked for.
fn store(asked: UnboundedSender<i64>, answer: Answer) -> MockOutreachStore {
    let mut store = MockOutreachStore::new();
    let mut times = 0;
    store.expect_begin().returning(move || {
        times += 1;
        let (asked, nth) = (asked.clone(), times);
        let mut tx = MockOutreachTx::new();
        tx.expect_expedite().returning(move |id| {
            asked.send(id.0).unwrap();
            answer(id, nth)
        });
        tx.expect_commit().returning(|| Ok(()));
        Ok(Box::new(tx))
    });
    store
}

fn emails(store: MockOutreachStore) -> Emails {
    let mut signals = MockSignals::new();
    signals.expect_raise().return_const(());
    let adapters = Adapters {
        store: Arc::new(store),
        outbox: Arc::new(MockOutboxStore::new()),
        mail: Arc::new(MockMailTransport::new()),
        publisher: Arc::new(MockEventPublisher::new()),
        content: Arc::new(MockContentRenderer::new()),
        clock: Arc::new(FixedClock(instant())),
        signals: Arc::new(signals),
    };
    let settings = EmailSettings {
        sender: mailbox("info", "Vermittlung"),
        undo: TimeDelta::seconds(5),
    };
    let queue = QueueSettings {
        undo_seconds: 5,
        check_interval_seconds: 60,
        batch_size: 10,
        lease_seconds: 45,
        shutdown_grace_seconds: 8,
        backoff: Versuchsplan::default(),
        after_crash: AfterCrash::Doubt,
        per_domain_per_minute: 0,
    };
    assemble(&adapters, settings, queue).emails
}

/// A topic of one partition, so that messages have one order, and a group that reads it.
struct World {
    topics: Topics,
    topic: String,
    config: KafkaConfig,
}

/// A consumer at work, and the emails that its store was asked for.
struct Running {
    asked: UnboundedReceiver<i64>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl World {
    async fn new() -> Self {
        let topics = kafka::shared().await.unwrap();
        let topic = unique("requests");
        topics.create(&topic, 1).await.unwrap();
        let config = config(topics.bootstrap());
        Self {
            topics,
            topic,
            config,
        }
    }

    fn consume(&self, answer: Answer) -> Running {
        let (asked, heard) = unbounded_channel();
        let emails = emails(store(asked, answer));
        let consumer = EventConsumer::new(&self.config, &self.topic, emails).unwrap();
        let stop = CancellationToken::new();
        let token = stop.clone();
        let task = tokio::spawn(async move { consumer.run(token).await });
        Running {
            asked: heard,
            stop,
            task,
        }
    }

    async fn say(&self, payload: &str) {
        let sent = self.topics.send(&self.topic, "1", payload.as_bytes());
        sent.await.unwrap();
    }

    async fn ask_for(&self, id: i64) {
        let payload = format!(
            r#"{{"eventId": "0", "eventType": "communication.send_email", "version": "1.0",
                "timestamp": "2026-01-31T09:15:00", "producer": "matching-service",
                "payload": {{"email_id": {id}}}}}"#
        );
        self.say(&payload).await;
    }
}

impl Running {
    /// The next email that the store is asked for.
    async fn next(&mut self) -> i64 {
        timeout(PATIENCE, self.asked.recv()).await.unwrap().unwrap()
    }

    /// Stops it, and says what else the store was asked for.
    async fn stop(mut self) -> Vec<i64> {
        self.stop.cancel();
        timeout(PATIENCE, self.task).await.unwrap().unwrap();
        let mut rest = Vec::new();
        self.asked.recv_many(&mut rest, 100).await;
        rest
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_makes_its_email_due_once() {
    let world = World::new().await;
    world.ask_for(5).await;
    world.ask_for(6).await;
    let mut running = world.consume(waiting);
    assert_eq!((running.next().await, running.next().await), (5, 6));
    assert_eq!(running.stop().await, [] as [i64; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_that_are_not_waiting_or_unknown_are_no_reason_to_stop() {
    let world = World::new().await;
    for id in 1..=3 {
        world.ask_for(id).await;
    }
    let mut running = world.consume(|id, _| match id.0 {
        1 => Ok(None),
        2 => Ok(Some(EmailStatus::Gesendet)),
        _ => Ok(Some(EmailStatus::InWarteschlange)),
    });
    for id in 1..=3 {
        assert_eq!(running.next().await, id);
    }
    assert_eq!(running.stop().await, [] as [i64; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_and_our_own_events_are_passed_over() {
    let world = World::new().await;
    for payload in ["", "Anna Muster", "{\"eventType\": ", "\u{0}", "[1]"] {
        world.say(payload).await;
    }
    world
        .say(r#"{"eventType": "communication.send_email", "payload": {"email_id": "4"}}"#)
        .await;
    world
        .say(r#"{"eventType": "match.created", "payload": {"email_id": 4}}"#)
        .await;
    let publisher = KafkaPublisher::new(&world.config).unwrap();
    let mut own = event(&world.topic, 4, 1);
    own.payload = br#"{"eventType": "email.sent", "payload": {"email_id": 4}}"#.to_vec();
    publish_one(&publisher, &own).await.unwrap();
    world.ask_for(9).await;
    let mut running = world.consume(waiting);
    assert_eq!(running.next().await, 9);
    assert_eq!(running.stop().await, [] as [i64; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_tried_again_while_the_database_is_away_and_holds_its_place() {
    let world = World::new().await;
    world.ask_for(5).await;
    world.ask_for(6).await;
    let mut running = world.consume(|id, nth| {
        if nth <= 2 {
            away(id, nth)
        } else {
            waiting(id, nth)
        }
    });
    let mut asked = Vec::new();
    for _ in 0..4 {
        asked.push(running.next().await);
    }
    assert_eq!(asked, [5, 5, 5, 6]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_fails_for_good_is_passed_over() {
    let world = World::new().await;
    world.ask_for(5).await;
    world.ask_for(6).await;
    let mut running = world.consume(|id, nth| {
        if id.0 == 5 {
            return Err(StoreError::Corrupt("a row".to_owned()));
        }
        waiting(id, nth)
    });
    assert_eq!((running.next().await, running.next().await), (5, 6));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_consumer_of_the_group_goes_on_where_the_last_one_ended() {
    let world = World::new().await;
    world.ask_for(5).await;
    let mut first = world.consume(waiting);
    assert_eq!(first.next().await, 5);
    world.ask_for(6).await;
    assert_eq!(first.next().await, 6, "so the work for 5 is over");
    first.stop().await;
    world.ask_for(7).await;
    let mut second = world.consume(waiting);
    let again = second.next().await;
    // 6 may have been cut off between its work and its offset; 5 may not come again.
    let next = if again == 6 {
        second.next().await
    } else {
        again
    };
    assert_eq!(next, 7);
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_work_was_not_done_comes_again() {
    let world = World::new().await;
    world.ask_for(5).await;
    let mut first = world.consume(away);
    assert_eq!(first.next().await, 5);
    first.stop().await;
    let mut second = world.consume(waiting);
    assert_eq!(second.next().await, 5);
    second.stop().await;
}
