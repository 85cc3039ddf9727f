//! Leases: renewing our own, and giving up those whose holder is gone.

use super::flight::Flight;
use super::{AfterCrash, Dispatch};
use comm_ports::Signal;
use comm_ports::error::StoreError;
use tracing::{error, warn};

/// Most leases that are given up in one transaction.
const REAP_BATCH: usize = 50;

impl Dispatch {
    pub(super) async fn renew(&self, flight: &Flight) {
        if let Err(error) = self.extend_leases(flight).await {
            warn!(error = %error, "The leases of the mails under way could not be renewed");
        }
    }

    /// Gives up leases that have run out: whoever held them is gone. Our own are renewed first, so that
    /// a database that was away for a while does not make us doubt what we are still doing.
    pub(super) async fn reap(&self, flight: &Flight) {
        let reaped = match self.extend_leases(flight).await {
            Ok(()) => self.give_up_expired().await,
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
        self.adapters.store.renew(&sperren, lease).await
    }

    async fn give_up_expired(&self) -> Result<(), StoreError> {
        let mut tx = self.adapters.store.begin().await?;
        let expired = tx.lock_expired(REAP_BATCH).await?;
        if expired.is_empty() {
            return Ok(());
        }
        let now = self.adapters.clock.now();
        for email in expired {
            let id = email.id.0;
            let given_up = match self.settings.after_crash {
                AfterCrash::Doubt => email.abandon(now),
                AfterCrash::Resend => email.abandon_and_resend(now, &self.settings.backoff),
            };
            match given_up {
                Ok(change) => {
                    let status = tx.save_email(change).await?.status;
                    warn!(email_id = id, %status, "The instance that was sending an email is gone");
                }
                Err(error) => error!(email_id = id, error = %error, "A lease cannot be given up"),
            }
        }
        tx.commit().await?;
        self.adapters.signals.raise(Signal::Outbox);
        if self.settings.after_crash == AfterCrash::Resend {
            self.adapters.signals.raise(Signal::Queue);
        }
        Ok(())
    }
}
