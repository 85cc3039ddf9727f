//! Storing how attempts ended.

use super::Dispatch;
use super::flight::Attempt;
use comm_domain::outreach::EmailId;
use comm_ports::error::StoreError;
use comm_ports::outreach::OutreachTx;
use std::collections::BTreeMap;
use tracing::{info, warn};

/// Attempts of different emails.
type Round<'a> = BTreeMap<EmailId, &'a Attempt>;

impl Dispatch {
    /// Stores outcomes; says whether there were any. One that the domain refuses is logged and passed
    /// over: it must not hold up others.
    pub(super) async fn settle(
        &self,
        tx: &mut dyn OutreachTx,
        landed: &[Attempt],
    ) -> Result<bool, StoreError> {
        for round in rounds(landed) {
            self.settle_round(tx, &round).await?;
        }
        Ok(!landed.is_empty())
    }

    async fn settle_round(
        &self,
        tx: &mut dyn OutreachTx,
        round: &Round<'_>,
    ) -> Result<(), StoreError> {
        let held: Vec<_> = round
            .values()
            .map(|attempt| (attempt.id, attempt.sperre))
            .collect();
        let now = self.adapters.clock.now();
        let emails = tx.lock_held(&held).await?;
        if emails.len() < held.len() {
            warn!(
                lost = held.len() - emails.len(),
                "Outcomes came after their leases had been given away"
            );
        }
        for email in emails {
            let id = email.id;
            let Some(attempt) = round.get(&id) else {
                continue;
            };
            match email.settle(attempt.outcome.clone(), now, &self.settings.backoff) {
                Ok(change) => {
                    let email = tx.save_email(change).await?;
                    info!(email_id = id.0, status = %email.status, "An attempt to send an email has ended");
                }
                Err(error) => {
                    warn!(email_id = id.0, error = %error, "An outcome came too late to be stored");
                }
            }
        }
        Ok(())
    }
}

/// Splits attempts into rounds without two of the same email. An email that was given away and claimed
/// again may have two; the store tells them apart by their tokens, but its answer names only the email.
fn rounds(landed: &[Attempt]) -> Vec<Round<'_>> {
    let mut rounds: Vec<Round<'_>> = Vec::new();
    for attempt in landed {
        match rounds
            .iter_mut()
            .find(|round| !round.contains_key(&attempt.id))
        {
            Some(round) => drop(round.insert(attempt.id, attempt)),
            None => rounds.push(Round::from([(attempt.id, attempt)])),
        }
    }
    rounds
}
