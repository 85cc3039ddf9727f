//! What the workers' tests share: mocks of every adapter, and a mail server whose answers the test gives.

use crate::outreach::Regelwerk;
use crate::outreach::telefonanrufe::{AnrufSettings, OnOverlap};
use crate::{Adapters, Directories, ScheduleCall};
use async_trait::async_trait;
use chrono::NaiveTime;
use comm_domain::Zeitzone;
use comm_domain::outreach::telefonanruf::Wiederholungsregeln;
use comm_domain::outreach::{Bundesland, Erreichbarkeit, Fehler, Fehlergrund, Kalender, Outcome};
use comm_ports::content::Composed;
use comm_ports::testing::build::instant;
use comm_ports::testing::{
    FixedClock, MockAnrufberichte, MockAttachmentFolder, MockContentRenderer, MockDailyStore,
    MockDirectoryCopies, MockEventPublisher, MockKalenderfeeds, MockKontaktberichte,
    MockMailTemplates, MockNachverfolgungStore, MockOutboxStore, MockOutreachStore,
    MockQueueMonitor, MockTelefonanrufStore,
};
use comm_ports::{IsOurs, MailTransport, OutgoingMail, Signal, Signals};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, oneshot};

/// Adapters that refuse every call, but for a clock, signals, signs of life and a renderer.
pub(crate) fn adapters() -> Adapters {
    Adapters {
        store: Arc::new(MockOutreachStore::new()),
        berichte: Arc::new(MockAnrufberichte::new()),
        kontaktberichte: Arc::new(MockKontaktberichte::new()),
        kalenderfeeds: Arc::new(MockKalenderfeeds::new()),
        telefonanrufe: Arc::new(MockTelefonanrufStore::new()),
        nachverfolgungen: Arc::new(MockNachverfolgungStore::new()),
        daily: Arc::new(MockDailyStore::new()),
        monitor: Arc::new(monitor()),
        outbox: Arc::new(MockOutboxStore::new()),
        mail: Arc::new(Server::new(1)),
        publisher: Arc::new(MockEventPublisher::new()),
        content: Arc::new(renderer()),
        templates: Arc::new(MockMailTemplates::new()),
        attachments: Arc::new(MockAttachmentFolder::new()),
        clock: Arc::new(FixedClock(instant())),
        signals: Arc::new(Lamps::default()),
        patient_service: None,
        directories: Directories::none(Arc::new(MockDirectoryCopies::new())),
    }
}

/// The contract's defaults for calls.
pub(crate) fn anrufe() -> AnrufSettings {
    let zone = Zeitzone::parse("zone", "Europe/Berlin").unwrap();
    AnrufSettings {
        kalender: Kalender::germany(Bundesland::Berlin, zone.tz()),
        zone,
        office_hours: Erreichbarkeit::office_hours(),
        lead_time_minutes: 60,
        horizon_days: 14,
        seats: None,
        on_overlap: OnOverlap::Refuse,
        wiederholung: Wiederholungsregeln::default(),
        daily_at: Some(NaiveTime::MIN),
        schedule_call: ScheduleCall::Record,
        kontaktregeln: Regelwerk::default(),
    }
}

fn monitor() -> MockQueueMonitor {
    let mut monitor = MockQueueMonitor::new();
    monitor.expect_seen().returning(|_| Ok(()));
    monitor.expect_gone().returning(|_| Ok(()));
    monitor
}

/// Builds mails with a footer.
fn renderer() -> MockContentRenderer {
    let mut content = MockContentRenderer::new();
    content.expect_build().returning(|inhalt| Composed {
        html: format!("{}<footer>", inhalt.html),
        text: format!("{}-- footer", inhalt.text),
    });
    content
}

/// Signals of one instance, with a record of what was raised.
#[derive(Default)]
pub(crate) struct Lamps {
    queue: Notify,
    outbox: Notify,
    last_contact: Notify,
    pub(crate) raised: Mutex<Vec<Signal>>,
}

impl Lamps {
    fn lamp(&self, signal: Signal) -> &Notify {
        match signal {
            Signal::Queue => &self.queue,
            Signal::Outbox => &self.outbox,
            Signal::LastContact => &self.last_contact,
        }
    }
}

#[async_trait]
impl Signals for Lamps {
    fn raise(&self, signal: Signal) {
        self.raised.lock().unwrap().push(signal);
        self.lamp(signal).notify_one();
    }

    async fn wait(&self, signal: Signal) {
        self.lamp(signal).notified().await;
    }
}

/// A mail server: a mail is under way until the test answers.
pub(crate) struct Server {
    connections: usize,
    under_way: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
    /// Every mail that was handed over.
    pub(crate) mails: Mutex<Vec<OutgoingMail>>,
    /// Mails for which the server has said 354.
    pub(crate) past_354: Mutex<HashSet<i64>>,
    /// Mails that do not even end when they are told to.
    pub(crate) stuck: Mutex<HashSet<i64>>,
    /// Mails whose attempt panics.
    pub(crate) poisoned: Mutex<HashSet<i64>>,
    pub(crate) interrupted: Mutex<Option<tokio::time::Instant>>,
}

impl Server {
    pub(crate) fn new(connections: usize) -> Self {
        Self {
            connections,
            under_way: Mutex::default(),
            mails: Mutex::default(),
            past_354: Mutex::default(),
            stuck: Mutex::default(),
            poisoned: Mutex::default(),
            interrupted: Mutex::default(),
        }
    }

    /// Lets the attempt of this email end.
    pub(crate) fn answer(&self, id: i64, outcome: Outcome) {
        let waiting = self.under_way.lock().unwrap().remove(&message_id(id));
        waiting.unwrap().send(outcome).unwrap();
    }

    /// The emails that are under way, by id.
    pub(crate) fn under_way(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.under_way.lock().unwrap().keys().cloned().collect();
        ids.sort();
        ids
    }
}

/// As the builders of `comm_ports::testing` make them.
pub(crate) fn message_id(id: i64) -> String {
    format!("{id}@example.org")
}

fn is_in(set: &Mutex<HashSet<i64>>, message: &str) -> bool {
    let set = set.lock().unwrap();
    set.iter().any(|id| message_id(*id) == message)
}

#[async_trait]
impl MailTransport for Server {
    async fn send_while(&self, mail: OutgoingMail, is_ours: IsOurs) -> Outcome {
        assert!(!is_in(&self.poisoned, &mail.message_id), "poisoned");
        let (answer, answered) = oneshot::channel();
        let id = mail.message_id.clone();
        self.mails.lock().unwrap().push(mail);
        self.under_way.lock().unwrap().insert(id, answer);
        let outcome = answered.await.unwrap_or(Outcome::CalledOff);
        if is_ours() {
            outcome
        } else {
            Outcome::CalledOff
        }
    }

    fn connections(&self) -> usize {
        self.connections
    }

    fn interrupt(&self) {
        *self.interrupted.lock().unwrap() = Some(tokio::time::Instant::now());
        let mut under_way = self.under_way.lock().unwrap();
        let ids: Vec<_> = under_way.keys().cloned().collect();
        for id in ids {
            if is_in(&self.stuck, &id) {
                continue;
            }
            let outcome = if is_in(&self.past_354, &id) {
                Outcome::Failed(Fehler::in_doubt(Fehlergrund::AntwortFehlt))
            } else {
                Outcome::CalledOff
            };
            under_way.remove(&id).unwrap().send(outcome).unwrap();
        }
    }
}
