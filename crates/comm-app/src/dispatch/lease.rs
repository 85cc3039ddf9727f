//! Leases: renewing our own, and giving up those whose holder is gone.

use super::flight::Flight;
use super::{AfterCrash, Dispatch};
use comm_domain::outreach::{Email, EmailId, Outcome};
use comm_ports::Signal;
use comm_ports::error::StoreError;
use comm_ports::outreach::OutreachTx;
use std::time::Duration;
use tokio::time::Instant;
use tracing::{error, warn};
use uuid::Uuid;

/// Longer than any statement may take: `database.statement_timeout_ms` is at most ten minutes.
const LONGEST_STATEMENT: Duration = Duration::from_secs(11 * 60);

impl Dispatch {
    pub(super) async fn renew(&self, flight: &Flight) {
        if let Err(error) = self.extend_leases(flight).await {
            warn!(error = %error, "The leases of the mails under way could not be renewed");
        }
    }

    /// Gives up leases that have run out: whoever held them is gone. Our own are renewed first, so that
    /// a database that was away for a while does not make us doubt what we are still doing.
    pub(super) async fn reap(&self, flight: &mut Flight) {
        let reaped = match self.extend_leases(flight).await {
            Ok(()) => self.give_up(flight).await,
            Err(error) => Err(error),
        };
        if let Err(error) = reaped {
            warn!(error = %error, "Leases that ran out could not be looked for");
        }
    }

    async fn extend_leases(&self, flight: &Flight) -> Result<(), StoreError> {
        let sperren = flight.sperren();
        if sperren.is_empty() {
            return Ok(());
        }
        let lease = self.settings.lease();
        let end = Instant::now() + lease;
        let renewed = self.adapters.store.renew(&sperren, lease).await?;
        flight.extend(&renewed, end);
        Ok(())
    }

    async fn give_up(&self, flight: &mut Flight) -> Result<(), StoreError> {
        if let Err(error) = self.put_back_lost(flight).await {
            warn!(error = %error, "What was claimed without an answer could not be put back yet");
        }
        let mut passed_over = Vec::new();
        while let Some(refused) = self.give_up_one(&passed_over).await? {
            passed_over.extend(refused);
        }
        Ok(())
    }

    /// Puts back what was claimed without an answer, also if another instance has called it in doubt meanwhile. A turn
    /// that still runs may claim later: until that cannot be any more, its token is asked for again.
    pub(super) async fn put_back_lost(&self, flight: &mut Flight) -> Result<(), StoreError> {
        let lost = flight.lost();
        if lost.is_empty() {
            return Ok(());
        }
        let asked = Instant::now();
        if self.adapters.store.release(&lost).await? > 0 {
            self.adapters.signals.raise(Signal::Queue);
        }
        self.clear_doubts(&lost).await?;
        if let Some(ended) = asked.checked_sub(LONGEST_STATEMENT) {
            flight.forget_lost(ended);
        }
        Ok(())
    }

    /// None of what was claimed with these tokens was ever begun.
    async fn clear_doubts(&self, lost: &[Uuid]) -> Result<(), StoreError> {
        let mut tx = self.adapters.store.begin().await?;
        let doubted = tx.lock_doubted(lost).await?;
        let ids: Vec<i64> = doubted.iter().map(|email| email.id.0).collect();
        for email in doubted {
            let now = self.adapters.clock.now();
            let settled = email.settle(Outcome::CalledOff, now, &self.settings.backoff);
            let change = settled.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            tx.save_email(change).await?;
        }
        tx.commit().await?;
        for id in &ids {
            warn!(
                email_id = id,
                "An email in doubt had never been begun: it is queued again"
            );
        }
        if !ids.is_empty() {
            self.adapters.signals.raise(Signal::Queue);
        }
        Ok(())
    }

    /// Gives one expired lease up. Answers nothing if there is none, and otherwise the email that is to be
    /// passed over from now on, if it could not be given up.
    async fn give_up_one(
        &self,
        passed_over: &[EmailId],
    ) -> Result<Option<Option<EmailId>>, StoreError> {
        let mut tx = self.adapters.store.begin().await?;
        let Some(email) = tx.lock_expired(passed_over).await? else {
            // What cannot be read was put off.
            tx.commit().await?;
            return Ok(None);
        };
        let id = email.id;
        match self.abandon(tx, email).await {
            Ok(()) => Ok(Some(None)),
            Err(error) if error.is_transient() => Err(error),
            Err(error) => {
                error!(email_id = id.0, %error, "A lease that ran out cannot be given up");
                Ok(Some(Some(id)))
            }
        }
    }

    async fn abandon(&self, mut tx: Box<dyn OutreachTx>, email: Email) -> Result<(), StoreError> {
        let (id, now) = (email.id.0, self.adapters.clock.now());
        let given_up = match self.settings.after_crash {
            AfterCrash::Doubt => email.abandon(now),
            AfterCrash::Resend => email.abandon_and_resend(now, &self.settings.backoff),
        };
        let change = given_up.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let status = tx.save_email(change).await?.status;
        tx.commit().await?;
        warn!(email_id = id, %status, "The instance that was sending an email is gone");
        self.adapters.signals.raise(Signal::Outbox);
        if self.settings.after_crash == AfterCrash::Resend {
            self.adapters.signals.raise(Signal::Queue);
        }
        Ok(())
    }
}
