//! Clients that queue mails, whatever happens to the service.

use crate::journal::Journal;
use comm_tests::{Client, email};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};

/// How many clients there are.
const CLIENTS: usize = 6;
/// A client that was turned away takes breath before it comes again.
const BREATH: Duration = Duration::from_millis(50);

/// The doors that are open now, and the number of the next mail.
#[derive(Clone, Default)]
pub(crate) struct Traffic {
    doors: Arc<Mutex<Vec<Client>>>,
    next: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
    journal: Arc<Journal>,
}

impl Traffic {
    /// Clients that write down what they were answered.
    pub(crate) fn new(journal: &Arc<Journal>) -> Self {
        Self {
            journal: Arc::clone(journal),
            ..Self::default()
        }
    }

    /// From now on clients come to these doors.
    pub(crate) fn lead_to(&self, doors: Vec<Client>) {
        *self.doors.lock().unwrap_or_else(PoisonError::into_inner) = doors;
    }

    /// Queues until this many mails were accepted.
    pub(crate) async fn queue(&self, count: usize) {
        let mut clients = JoinSet::new();
        for nth in 0..CLIENTS {
            let client = self.clone();
            let share = (nth..count).step_by(CLIENTS).count();
            clients.spawn(async move { client.insist(share).await });
        }
        clients.join_all().await;
    }

    /// The same, while the scene goes on.
    pub(crate) fn start(&self, count: usize) -> JoinHandle<()> {
        let traffic = self.clone();
        self.under_way.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            traffic.queue(count).await;
            traffic.under_way.fetch_sub(1, Ordering::Relaxed);
        })
    }

    /// Whether everything that was started has been queued.
    pub(crate) fn is_done(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 0
    }

    /// A mail that nobody has asked for yet: its sender, and the body of its request.
    pub(crate) fn next_mail(&self) -> (String, Value) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let sender = format!("m{number}@example.org");
        let body = email(json!({"status": "In_Warteschlange", "absender_email": sender}));
        (sender, body)
    }

    async fn insist(&self, count: usize) {
        let mut accepted = 0;
        while accepted < count {
            match self.try_one().await {
                true => accepted += 1,
                false => tokio::time::sleep(BREATH).await,
            }
        }
    }

    /// Whether it was accepted. What was not may be stored all the same: the answer got lost.
    async fn try_one(&self) -> bool {
        let (sender, body) = self.next_mail();
        let Some(door) = self.door(&sender) else {
            return false;
        };
        let sent = door.send(Method::POST, "/api/emails", |request| request.json(&body));
        let accepted = sent.await.ok().filter(|answer| answer.status == 201);
        let Some(answer) = accepted else {
            self.journal.note("unanswered", &sender);
            return false;
        };
        let id = &answer.body["id"];
        self.journal
            .write(json!({"is": "accepted", "sender": sender, "id": id}));
        true
    }

    fn door(&self, sender: &str) -> Option<Client> {
        let doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        let number: usize = number_of(sender)?;
        doors.get(number % doors.len().max(1)).cloned()
    }
}

/// The number of the mail that has this sender.
pub(crate) fn number_of(sender: &str) -> Option<usize> {
    sender.strip_prefix('m')?.split('@').next()?.parse().ok()
}
