//! Storing how attempts ended.

use super::Dispatch;
use super::flight::Attempt;
use comm_domain::Change;
use comm_domain::outreach::{Email, EmailId, LetzterKontakt};
use comm_ports::Signal;
use comm_ports::error::StoreError;
use comm_ports::outreach::{OutreachTx, Verdict};
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;
use tracing::{info, warn};

/// Attempts of different emails.
type Round<'a> = BTreeMap<EmailId, &'a Attempt>;

impl Dispatch {
    /// Stores outcomes, and what the Patient Service has to be told of them; says what is to be raised
    /// after the commit. An outcome that the domain refuses is logged and passed over: it must not hold
    /// up others.
    pub(super) async fn settle(
        &self,
        tx: &mut dyn OutreachTx,
        landed: &[Attempt],
    ) -> Result<Vec<Signal>, StoreError> {
        if landed.is_empty() {
            return Ok(Vec::new());
        }
        let mut contacts = Vec::new();
        for mut round in rounds(landed) {
            contacts.extend(self.settle_unchanged(tx, &mut round).await?);
            if !round.is_empty() {
                contacts.extend(self.settle_changed(tx, &round).await?);
            }
        }
        if contacts.is_empty() {
            return Ok(vec![Signal::Outbox]);
        }
        // After all emails: one lock order.
        self.adapters.owe(tx, contacts, Duration::ZERO).await?;
        Ok(vec![Signal::Outbox, Signal::LastContact])
    }

    /// Stores all outcomes of emails that are as they were claimed in one statement, without reading them
    /// again, and takes them out of the round.
    async fn settle_unchanged(
        &self,
        tx: &mut dyn OutreachTx,
        round: &mut Round<'_>,
    ) -> Result<Vec<LetzterKontakt>, StoreError> {
        let verdicts: Vec<Verdict> = round
            .values()
            .filter_map(|attempt| {
                let seen = attempt.email.updated_at;
                let change = self.judge((*attempt.email).clone(), attempt)?;
                let sperre = attempt.sperre;
                Some(Verdict {
                    sperre,
                    seen,
                    change,
                })
            })
            .collect();
        let mut contacts = Vec::new();
        let saved: HashSet<EmailId> = tx.save_claimed(&verdicts).await?.into_iter().collect();
        for verdict in &verdicts {
            let email = verdict.change.after();
            if saved.contains(&email.id) {
                round.remove(&email.id);
                contacts.extend(self.adapters.contact(&verdict.change));
                report(email);
            }
        }
        Ok(contacts)
    }

    /// Stores outcomes of emails that were changed, or given up as in doubt, while they were under way.
    async fn settle_changed(
        &self,
        tx: &mut dyn OutreachTx,
        round: &Round<'_>,
    ) -> Result<Vec<LetzterKontakt>, StoreError> {
        let mut contacts = Vec::new();
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
        for email in emails {
            let attempt = round.get(&email.id);
            if let Some(change) = attempt.and_then(|attempt| self.judge(email, attempt)) {
                contacts.extend(self.adapters.contact(&change));
                report(&tx.save_email(change).await?);
            }
        }
        Ok(contacts)
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

fn report(email: &Email) {
    info!(email_id = email.id.0, status = %email.status, "An attempt to send an email has ended");
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
