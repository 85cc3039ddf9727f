//! Storing how attempts ended.

use super::Dispatch;
use super::flight::{Attempt, Flight};
use comm_domain::Change;
use comm_domain::outreach::{Email, EmailId, LetzterKontakt, Outcome};
use comm_ports::Signal;
use comm_ports::error::StoreError;
use comm_ports::outreach::{Claim, OutreachTx, Verdict};
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;
use tracing::{error, info, warn};
use uuid::Uuid;

/// Attempts of different emails.
type Round<'a> = BTreeMap<EmailId, &'a Attempt>;

impl Dispatch {
    /// What is to be stored if the emails are still as they were claimed; at most one outcome of each.
    pub(super) fn verdicts(&self, landed: &[Attempt]) -> Vec<Verdict> {
        let mut ids = HashSet::new();
        landed
            .iter()
            .filter(|attempt| ids.insert(attempt.email.id))
            .filter_map(|attempt| {
                let change = self.judge((*attempt.email).clone(), attempt)?;
                Some(Verdict {
                    sperre: attempt.sperre,
                    seen: attempt.email.updated_at,
                    contact: self.adapters.contact(&change),
                    change,
                })
            })
            .collect()
    }

    /// Stores each outcome by itself. One that the store refuses for good is given up, loudly: its lease runs
    /// out, and others must not wait for it.
    ///
    /// # Errors
    /// The store is away.
    pub(super) async fn settle_one_by_one(&self, flight: &mut Flight) -> Result<(), StoreError> {
        for verdict in self.verdicts(flight.landed_attempts()) {
            let claim = Claim {
                sperre: Uuid::new_v4(),
                lease: self.settings.lease(),
                limit: 0,
            };
            let verdict = [verdict];
            let turn = self.adapters.store.turn(&verdict, claim).await;
            let [Verdict { sperre, change, .. }] = &verdict;
            let held = (change.after().id, *sperre);
            match turn {
                Ok(turn) => self.settled(flight, &verdict, &turn.saved),
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => {
                    let status = change.after().status;
                    error!(email_id = held.0.0, %status, %error, "An outcome cannot be stored and is given up");
                    self.forget(flight, |attempt| (attempt.email.id, attempt.sperre) == held);
                }
            }
        }
        Ok(())
    }

    /// After the commit: tells those who wait for what was stored.
    pub(super) fn settled(&self, flight: &mut Flight, verdicts: &[Verdict], saved: &[EmailId]) {
        let saved: HashSet<_> = saved.iter().copied().collect();
        let stored = verdicts
            .iter()
            .filter(|verdict| saved.contains(&verdict.change.after().id));
        let mut sperren = HashSet::new();
        for verdict in stored {
            let email = verdict.change.after();
            sperren.insert((email.id, verdict.sperre));
            self.report(email, verdict.contact);
        }
        self.forget(flight, |attempt| {
            sperren.contains(&(attempt.email.id, attempt.sperre))
        });
    }

    /// Stores outcomes of emails that were changed, or given up as in doubt, while they were under way, and
    /// what the Patient Service has to be told of them. An outcome that the domain refuses, or whose lease
    /// was given away, is logged and passed over.
    pub(super) async fn settle_changed(&self, flight: &mut Flight) -> Result<(), StoreError> {
        let mut tx = self.adapters.store.begin().await?;
        let (mut emails, mut contacts) = (Vec::new(), Vec::new());
        for round in rounds(flight.landed_attempts()) {
            for change in self.changes(tx.as_mut(), &round).await? {
                let contact = self.adapters.contact(&change);
                emails.push((tx.save_email(change).await?, contact));
                contacts.extend(contact);
            }
        }
        // After all emails: one lock order.
        self.adapters
            .owe(tx.as_mut(), contacts, Duration::ZERO)
            .await?;
        tx.commit().await?;
        for (email, contact) in emails {
            self.report(&email, contact);
        }
        self.forget(flight, |_| true);
        Ok(())
    }

    async fn changes(
        &self,
        tx: &mut dyn OutreachTx,
        round: &Round<'_>,
    ) -> Result<Vec<Change<Email>>, StoreError> {
        let held: Vec<_> = round
            .iter()
            .map(|(id, attempt)| (*id, attempt.sperre))
            .collect();
        let emails = tx.lock_held(&held).await?;
        if emails.len() < held.len() {
            warn!(
                lost = held.len() - emails.len(),
                "Outcomes came after their leases had been given away"
            );
        }
        let judged = emails.into_iter().filter_map(|email| {
            let attempt = round.get(&email.id)?;
            self.judge(email, attempt)
        });
        Ok(judged.collect())
    }

    fn forget(&self, flight: &mut Flight, is_over: impl Fn(&Attempt) -> bool) {
        let over = flight.clear_landed(is_over);
        if over.contains(&Outcome::CalledOff) {
            // Another instance may send it at once.
            self.adapters.signals.raise(Signal::Queue);
        }
    }

    fn report(&self, email: &Email, contact: Option<LetzterKontakt>) {
        info!(email_id = email.id.0, status = %email.status, "An attempt to send an email has ended");
        self.adapters.signals.raise(Signal::Outbox);
        if contact.is_some() {
            self.adapters.signals.raise(Signal::LastContact);
        }
    }

    fn judge(&self, email: Email, attempt: &Attempt) -> Option<Change<Email>> {
        let id = email.id.0;
        let now = self.adapters.clock.now();
        let judged = email.settle(attempt.outcome.clone(), now, &self.settings.backoff);
        judged
            .inspect_err(|error| {
                warn!(email_id = id, %error, "An outcome came too late to be stored");
            })
            .ok()
    }
}

/// Splits attempts into rounds without two of the same email. An email that was given away and claimed
/// again may have two; the store tells them apart by their tokens, but its answer names only the email.
fn rounds(landed: &[Attempt]) -> Vec<Round<'_>> {
    let mut rounds: Vec<Round<'_>> = Vec::new();
    for attempt in landed {
        let id = attempt.email.id;
        match rounds.iter_mut().find(|round| !round.contains_key(&id)) {
            Some(round) => drop(round.insert(id, attempt)),
            None => rounds.push(Round::from([(id, attempt)])),
        }
    }
    rounds
}
