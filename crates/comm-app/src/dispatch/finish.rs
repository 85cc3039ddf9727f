//! The end of the work: nothing new is claimed, and what is under way gets its outcome stored.

use super::flight::Flight;
use super::{Dispatch, SHORTEST_PAUSE, ticker};
use crate::backoff::Backoff;
use comm_ports::error::StoreError;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

/// What remains for storing outcomes after everything under way was told to end.
const LAST_WORDS: Duration = Duration::from_millis(1500);

impl Dispatch {
    /// Finishes what is under way within the grace that began at `stopped`, then calls off the rest.
    pub(super) async fn finish(&self, mut flight: Flight, stopped: Instant) {
        let grace = stopped + self.settings.grace();
        self.land_until(grace, &mut flight).await;
        self.adapters.mail.interrupt();
        let end = Instant::now() + LAST_WORDS;
        self.land_until(end, &mut flight).await;
        let put_back = timeout_at(end, self.put_back_lost(&mut flight)).await;
        if let Err(error) =
            put_back.unwrap_or_else(|late| Err(StoreError::Unavailable(late.into())))
        {
            error!(error = %error, "What was claimed without an answer could not be put back; its leases will run out");
        }
        if flight.held() > 0 {
            error!(
                mails = flight.held(),
                "Outcomes could not be stored; their leases will run out"
            );
        }
    }

    /// Stores outcomes as they come in, until nothing is held any more or the time is up: a mail that
    /// does not end must not cost the others their outcomes. Short leases would run out meanwhile.
    async fn land_until(&self, end: Instant, flight: &mut Flight) {
        let mut backoff = Backoff::new(SHORTEST_PAUSE, Duration::from_millis(500));
        let mut renewal = ticker(self.settings.renew_every());
        while flight.held() > 0 {
            let landing = async {
                if flight.landed_attempts().is_empty() {
                    tokio::select! {
                        () = flight.landed() => {}
                        _ = renewal.tick() => return self.renew(flight).await,
                    }
                }
                if self.store_outcomes(flight).await {
                    backoff.succeeded();
                } else {
                    sleep(backoff.failed()).await;
                }
            };
            if timeout_at(end, landing).await.is_err() {
                return;
            }
        }
    }

    /// Says whether all that have come in are stored.
    async fn store_outcomes(&self, flight: &mut Flight) -> bool {
        flight.collect();
        match self
            .settle_and_claim(flight, 0, &CancellationToken::new())
            .await
        {
            Ok(_) => true,
            Err(error) => {
                warn!(error = %error, "An outcome cannot be stored yet");
                false
            }
        }
    }
}
