//! The mails that this instance holds: being sent, or landed and waiting for their outcome to be stored.

use comm_domain::outreach::{Email, EmailId, Fehler, Fehlergrund, Outcome};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

/// One attempt that has ended.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    /// As it was claimed.
    pub(super) email: Arc<Email>,
    /// The token of the claim.
    pub(super) sperre: Uuid,
    pub(super) outcome: Outcome,
}

/// Until when this process holds a mail, as far as it knows. The clock goes on while the process is frozen.
pub(super) struct Hold(Mutex<Instant>);

impl Hold {
    pub(super) fn until(end: Instant) -> Self {
        Self(Mutex::new(end))
    }

    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= *self.end()
    }

    fn extend(&self, end: Instant) {
        *self.end() = end;
    }

    fn end(&self) -> MutexGuard<'_, Instant> {
        // Nothing can panic under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
pub(super) struct Flight {
    sending: JoinSet<Attempt>,
    landed: Vec<Attempt>,
    held: HashMap<(EmailId, Uuid), Arc<Hold>>,
    /// Tokens of turns of which no answer came, and when.
    lost: Vec<(Uuid, Instant)>,
}

impl Flight {
    /// Sends in a task of its own. If that panics, nobody knows what became of the mail.
    pub(super) fn launch(
        &mut self,
        email: Arc<Email>,
        sperre: Uuid,
        hold: Arc<Hold>,
        send: impl Future<Output = Outcome> + Send + 'static,
    ) {
        self.held.insert((email.id, sperre), hold);
        self.sending.spawn(async move {
            let outcome = tokio::spawn(send)
                .await
                .unwrap_or_else(|_| Outcome::Failed(Fehler::in_doubt(Fehlergrund::Abgebrochen)));
            Attempt {
                email,
                sperre,
                outcome,
            }
        });
    }

    /// Waits until one more attempt has ended; for ever if none is under way.
    pub(super) async fn landed(&mut self) {
        match self.sending.join_next().await {
            Some(Ok(attempt)) => self.landed.push(attempt),
            // The tasks neither panic nor are aborted.
            Some(Err(_)) => {}
            None => std::future::pending().await,
        }
    }

    /// Takes in every attempt that has ended by now, without waiting.
    pub(super) fn collect(&mut self) {
        while let Some(ended) = self.sending.try_join_next() {
            self.landed.extend(ended);
        }
    }

    pub(super) fn landed_attempts(&self) -> &[Attempt] {
        &self.landed
    }

    /// These outcomes are stored, or will never be: their connections are free again. Answers them.
    pub(super) fn clear_landed(&mut self, is_over: impl Fn(&Attempt) -> bool) -> Vec<Outcome> {
        let over = self.landed.extract_if(.., |attempt| is_over(attempt));
        let forget = |attempt: Attempt| {
            self.held.remove(&(attempt.email.id, attempt.sperre));
            attempt.outcome
        };
        over.map(forget).collect()
    }

    /// How many connections are taken; a landed mail frees its own with the transaction that stores it.
    pub(super) fn sending(&self) -> usize {
        self.sending.len()
    }

    /// How many mails are being sent or wait for their outcome to be stored.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// The tokens of everything that is held.
    pub(super) fn sperren(&self) -> Vec<Uuid> {
        let sperren: HashSet<Uuid> = self.held.keys().map(|(_, sperre)| *sperre).collect();
        sperren.into_iter().collect()
    }

    /// These are held until then.
    pub(super) fn extend(&self, renewed: &[(EmailId, Uuid)], end: Instant) {
        for hold in renewed.iter().filter_map(|held| self.held.get(held)) {
            hold.extend(end);
        }
    }

    /// Nobody knows whether mails were claimed with this token; none of them is sent.
    pub(super) fn lose(&mut self, sperre: Uuid) {
        self.lost.push((sperre, Instant::now()));
    }

    /// The tokens that were lost in this time; older ones are forgotten.
    pub(super) fn lost_within(&mut self, time: Duration) -> Vec<Uuid> {
        self.lost.retain(|(_, at)| at.elapsed() < time);
        self.lost.iter().map(|(sperre, _)| *sperre).collect()
    }
}
