//! The mails that this instance holds: being sent, or landed and waiting for their outcome to be stored.

use comm_domain::outreach::{Email, EmailId, Fehler, Fehlergrund, Outcome};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::task::JoinSet;
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

#[derive(Default)]
pub(super) struct Flight {
    sending: JoinSet<Attempt>,
    landed: Vec<Attempt>,
    held: HashSet<(EmailId, Uuid)>,
}

impl Flight {
    /// Sends in a task of its own. If that panics, nobody knows what became of the mail.
    pub(super) fn launch(
        &mut self,
        email: Arc<Email>,
        sperre: Uuid,
        send: impl Future<Output = Outcome> + Send + 'static,
    ) {
        self.held.insert((email.id, sperre));
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
        let sperren: HashSet<Uuid> = self.held.iter().map(|(_, sperre)| *sperre).collect();
        sperren.into_iter().collect()
    }
}
