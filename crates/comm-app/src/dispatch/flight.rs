//! The mails that this instance holds: being sent, or landed and waiting for their outcome to be stored.

use comm_domain::outreach::{Email, EmailId, Fehler, Fehlergrund, Outcome};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

/// An attempt that takes no longer is a quick one: others that began as late may be over in a moment, too.
const QUICK: Duration = Duration::from_millis(10);
/// How long whoever has landed waits for such others, up to a tick of the timer more: with each mail that shares its turn the turn costs little more.
const COMPANY: Duration = Duration::from_millis(1);

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

/// How long an attempt took.
#[derive(PartialEq, Eq)]
enum Pace {
    Quick,
    Slow,
}

fn is_quick(began: &Instant) -> bool {
    began.elapsed() < QUICK
}

#[derive(Default)]
pub(super) struct Flight {
    sending: JoinSet<Attempt>,
    /// When each of those began.
    began: HashMap<(EmailId, Uuid), Instant>,
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
        self.began.insert((email.id, sperre), Instant::now());
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

    /// Waits until an attempt has ended, and then a moment for those that may end with it; for ever if none is under
    /// way. Whoever gives up waiting loses nothing.
    pub(super) async fn landed(&mut self) {
        if self.landed.is_empty() && self.one_more().await == Pace::Slow {
            return;
        }
        let patience = Instant::now() + COMPANY;
        while self.began.values().any(is_quick) {
            if timeout_at(patience, self.one_more()).await.is_err() {
                break;
            }
        }
    }

    async fn one_more(&mut self) -> Pace {
        match self.sending.join_next().await {
            Some(Ok(attempt)) => self.take_in(attempt),
            // The tasks neither panic nor are aborted.
            Some(Err(_)) => Pace::Slow,
            None => std::future::pending().await,
        }
    }

    /// Takes in every attempt that has ended by now, without waiting.
    pub(super) fn collect(&mut self) {
        while let Some(ended) = self.sending.try_join_next() {
            if let Ok(attempt) = ended {
                self.take_in(attempt);
            }
        }
    }

    fn take_in(&mut self, attempt: Attempt) -> Pace {
        let began = self.began.remove(&(attempt.email.id, attempt.sperre));
        self.landed.push(attempt);
        match began.as_ref().is_some_and(is_quick) {
            true => Pace::Quick,
            false => Pace::Slow,
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

    /// The tokens that were lost.
    pub(super) fn lost(&self) -> Vec<Uuid> {
        self.lost.iter().map(|(sperre, _)| *sperre).collect()
    }

    /// Whatever was claimed with tokens that were lost before this has been put back.
    pub(super) fn forget_lost(&mut self, before: Instant) {
        self.lost.retain(|(_, at)| *at >= before);
    }
}
