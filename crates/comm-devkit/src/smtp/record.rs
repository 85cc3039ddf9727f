//! What a server remembers, and how others wait for it.

use super::options::Record;
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::sync::watch;

/// One mail whose final dot was read and that was not refused.
#[derive(Debug, Clone)]
pub struct ReceivedMail {
    /// The address of MAIL; empty for `<>`.
    pub from: String,
    /// The addresses of RCPT that were accepted.
    pub recipients: Vec<String>,
    /// The message as it was before dots were doubled.
    pub raw: Vec<u8>,
    /// When the final dot was read.
    pub received: Instant,
}

/// How many connections there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Connections {
    /// Since the start.
    pub accepted: usize,
    /// Now.
    pub open: usize,
    /// At most at the same time.
    pub peak: usize,
}

/// What was waited for did not happen in time.
#[derive(Debug, Error)]
#[error("{wanted} did not happen within {timeout:?}")]
pub struct WaitError {
    wanted: &'static str,
    timeout: Duration,
}

#[derive(Default)]
struct State {
    mails: VecDeque<ReceivedMail>,
    count: u64,
    hanging: usize,
    connections: Connections,
    commands: Vec<Vec<String>>,
}

/// The memory of one server. Whoever waits is woken by the change itself, never by a timer.
pub(super) struct Memory {
    record: Record,
    state: watch::Sender<State>,
}

impl Memory {
    pub(super) fn new(record: Record) -> Self {
        let state = watch::Sender::new(State::default());
        Self { record, state }
    }

    /// Whether mails have to be handed over to [`Memory::keep`] with their content.
    pub(super) fn wants_content(&self) -> bool {
        self.record != Record::Counts
    }

    pub(super) fn count_only(&self) {
        self.state.send_modify(|state| state.count += 1);
    }

    pub(super) fn keep(&self, mail: ReceivedMail) {
        self.state.send_modify(|state| {
            state.count += 1;
            state.mails.push_back(mail);
            if let Record::LastMails(limit) = self.record {
                let surplus = state.mails.len().saturating_sub(limit);
                state.mails.drain(..surplus);
            }
        });
    }

    /// The connection's number, from 1.
    pub(super) fn opened(&self) -> usize {
        let mut number = 0;
        self.state.send_modify(|state| {
            let connections = &mut state.connections;
            connections.accepted += 1;
            connections.open += 1;
            connections.peak = connections.peak.max(connections.open);
            number = connections.accepted;
            if self.record == Record::Everything {
                state.commands.push(Vec::new());
            }
        });
        number
    }

    pub(super) fn closed(&self) {
        self.state.send_modify(|state| state.connections.open -= 1);
    }

    pub(super) fn command(&self, connection: usize, line: &[u8]) {
        if self.record != Record::Everything {
            return;
        }
        let line = String::from_utf8_lossy(line).trim_end().to_owned();
        self.state.send_modify(|state| {
            if let Some(log) = state.commands.get_mut(connection - 1) {
                log.push(line);
            }
        });
    }

    pub(super) fn hangs(&self) {
        self.state.send_modify(|state| state.hanging += 1);
    }

    pub(super) fn mails(&self) -> Vec<ReceivedMail> {
        self.state.borrow().mails.iter().cloned().collect()
    }

    pub(super) fn count(&self) -> u64 {
        self.state.borrow().count
    }

    pub(super) fn connections(&self) -> Connections {
        self.state.borrow().connections
    }

    pub(super) fn commands(&self, connection: usize) -> Vec<String> {
        let state = self.state.borrow();
        let log = connection
            .checked_sub(1)
            .and_then(|index| state.commands.get(index));
        log.cloned().unwrap_or_default()
    }

    pub(super) fn clear(&self) {
        self.state.send_modify(|state| state.mails.clear());
    }

    pub(super) async fn until_mails(&self, count: u64, timeout: Duration) -> Result<(), WaitError> {
        self.until("that many mails", timeout, |state| state.count >= count)
            .await
    }

    pub(super) async fn until_hanging(&self, count: usize) {
        self.state_where(|state| state.hanging >= count).await;
    }

    pub(super) async fn until_open(
        &self,
        count: usize,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        self.until("that many open connections", timeout, |state| {
            state.connections.open == count
        })
        .await
    }

    async fn until(
        &self,
        wanted: &'static str,
        timeout: Duration,
        holds: impl FnMut(&State) -> bool,
    ) -> Result<(), WaitError> {
        tokio::time::timeout(timeout, self.state_where(holds))
            .await
            .map_err(|_| WaitError { wanted, timeout })
    }

    async fn state_where(&self, holds: impl FnMut(&State) -> bool) {
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = self.state.subscribe().wait_for(holds).await;
    }
}
