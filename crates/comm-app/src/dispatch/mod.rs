//! The queue worker: claims what is due, sends it outside any transaction, stores what came of it.
//!
//! An attempt that died with its process is found by its lease and becomes `ausgang_unklar`; nothing is
//! ever sent twice by itself.

mod flight;
mod settings;

pub use settings::QueueSettings;

use crate::Adapters;
use crate::backoff::Backoff;
use comm_domain::outreach::Email;
use comm_ports::error::StoreError;
use comm_ports::outreach::OutreachTx;
use comm_ports::{OutgoingMail, Signal};
use flight::{Attempt, Flight};
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use uuid::Uuid;

/// Most leases that are given up in one transaction.
const REAP_BATCH: usize = 50;
/// A due row that another transaction holds must not make the worker spin.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
/// What remains for storing outcomes after everything under way was told to end.
const LAST_WORDS: Duration = Duration::from_millis(1500);

/// The worker. One an instance; instances share the queue.
pub struct Dispatch {
    adapters: Adapters,
    settings: QueueSettings,
}

impl Dispatch {
    pub(crate) fn new(adapters: Adapters, settings: QueueSettings) -> Self {
        Self { adapters, settings }
    }

    /// Works until it is told to stop, then finishes what is under way: after the grace period what has
    /// not reached 354 goes back to the queue, and what has is stored as `ausgang_unklar`.
    pub async fn run(&self, stop: CancellationToken) {
        let mut flight = Flight::default();
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
        let mut renewal = ticker(self.settings.renew_every());
        let mut reaping = ticker(self.settings.reap_every());
        while !stop.is_cancelled() {
            match self.step(&mut flight).await {
                Ok(pause) => {
                    backoff.succeeded();
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = flight.landed() => {}
                        () = self.adapters.signals.wait(Signal::Queue) => {}
                        () = sleep(pause) => {}
                        _ = renewal.tick() => self.renew(&flight).await,
                        _ = reaping.tick() => self.reap(&flight).await,
                    }
                }
                Err(error) => {
                    warn!(error = %error, "The queue cannot be read or written; trying again");
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = sleep(backoff.failed()) => {}
                    }
                }
            }
        }
        self.finish(flight).await;
    }

    /// One turn: stores the outcomes that have come in, claims as many mails as connections are free,
    /// sends them on their way, and says how long there is nothing to do unless something happens.
    ///
    /// # Errors
    /// Storage; the outcomes are kept and stored at the next turn.
    async fn step(&self, flight: &mut Flight) -> Result<Duration, StoreError> {
        flight.collect();
        let room = self.connections().saturating_sub(flight.sending());
        let limit = room.min(self.settings.batch_size);
        if limit > 0 || !flight.landed_attempts().is_empty() {
            let claimed = self.settle_and_claim(flight, limit).await?;
            if claimed == limit && claimed < room {
                return Ok(Duration::ZERO);
            }
        }
        let longest = self.settings.poll_every();
        if flight.sending() >= self.connections() {
            return Ok(longest);
        }
        let due = self.adapters.store.next_due().await?;
        Ok(due.map_or(longest, |due| due.clamp(SHORTEST_PAUSE, longest)))
    }

    /// Stores outcomes and claims at most `limit` mails in one transaction; says how many it claimed.
    async fn settle_and_claim(
        &self,
        flight: &mut Flight,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let mut tx = self.adapters.store.begin().await?;
        let settled = self.settle(tx.as_mut(), flight.landed_attempts()).await?;
        let sperre = Uuid::new_v4();
        let claimed = if limit == 0 {
            Vec::new()
        } else {
            tx.claim_due(sperre, self.settings.lease(), limit).await?
        };
        tx.commit().await?;
        flight.clear_landed();
        if settled {
            self.adapters.signals.raise(Signal::Outbox);
        }
        let count = claimed.len();
        for email in claimed {
            self.launch(flight, sperre, email);
        }
        Ok(count)
    }

    /// Stores outcomes. One that the domain refuses is logged and passed over: it must not hold up others.
    async fn settle(
        &self,
        tx: &mut dyn OutreachTx,
        landed: &[Attempt],
    ) -> Result<bool, StoreError> {
        if landed.is_empty() {
            return Ok(false);
        }
        let held: Vec<_> = landed
            .iter()
            .map(|attempt| (attempt.id, attempt.sperre))
            .collect();
        let now = self.adapters.clock.now();
        let emails = tx.lock_held(&held).await?;
        if emails.len() < landed.len() {
            warn!(
                lost = landed.len() - emails.len(),
                "Outcomes came after their leases had been given away"
            );
        }
        for email in emails {
            let id = email.id;
            let Some(attempt) = landed.iter().find(|attempt| attempt.id == id) else {
                continue;
            };
            match email.settle(attempt.outcome.clone(), now) {
                Ok(change) => {
                    let email = tx.save_email(change).await?;
                    info!(email_id = id.0, status = %email.status, "An attempt to send an email has ended");
                }
                Err(error) => {
                    warn!(email_id = id.0, error = %error, "An outcome came too late to be stored");
                }
            }
        }
        Ok(true)
    }

    fn launch(&self, flight: &mut Flight, sperre: Uuid, email: Email) {
        let mail = self.compose(&email);
        let transport = self.adapters.mail.clone();
        flight.launch(email.id, sperre, async move { transport.send(&mail).await });
    }

    fn compose(&self, email: &Email) -> OutgoingMail {
        let parts = self.adapters.content.compose(&email.inhalt);
        OutgoingMail {
            message_id: email.message_id.clone(),
            date: self.adapters.clock.now(),
            from: email.absender.clone(),
            to: email.an.clone(),
            subject: email.betreff.clone(),
            html: parts.html,
            text: parts.text,
        }
    }

    /// Gives up leases that have run out: whoever held them is gone. Our own are renewed first, so that
    /// a database that was away for a while does not make us doubt what we are still doing.
    async fn reap(&self, flight: &Flight) {
        self.renew(flight).await;
        if let Err(error) = self.give_up_expired().await {
            warn!(error = %error, "Leases that ran out could not be looked for");
        }
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
            match email.abandon(now) {
                Ok(change) => {
                    tx.save_email(change).await?;
                    warn!(
                        email_id = id,
                        "The instance that was sending an email is gone; its outcome is unclear"
                    );
                }
                Err(error) => error!(email_id = id, error = %error, "A lease cannot be given up"),
            }
        }
        tx.commit().await?;
        self.adapters.signals.raise(Signal::Outbox);
        Ok(())
    }

    async fn renew(&self, flight: &Flight) {
        let sperren = flight.sperren();
        if sperren.is_empty() {
            return;
        }
        let lease = self.settings.lease();
        if let Err(error) = self.adapters.store.renew(&sperren, lease).await {
            warn!(error = %error, "The leases of the mails under way could not be renewed");
        }
    }

    /// Finishes what is under way, storing outcomes as they come in.
    async fn finish(&self, mut flight: Flight) {
        let grace = Instant::now() + self.settings.grace();
        while flight.sending() > 0 && timeout_at(grace, flight.landed()).await.is_ok() {
            self.store_outcomes(&mut flight).await;
        }
        self.adapters.mail.interrupt();
        let end = Instant::now() + LAST_WORDS;
        while flight.sending() > 0 && timeout_at(end, flight.landed()).await.is_ok() {}
        while flight.held() > 0 {
            if timeout_at(end, self.store_outcomes(&mut flight)).await != Ok(false) {
                break;
            }
            sleep(SHORTEST_PAUSE).await;
        }
        if flight.held() > 0 {
            error!(
                mails = flight.held(),
                "Outcomes could not be stored; their leases will run out"
            );
        }
    }

    /// Says whether all that have come in are stored.
    async fn store_outcomes(&self, flight: &mut Flight) -> bool {
        flight.collect();
        match self.settle_and_claim(flight, 0).await {
            Ok(_) => true,
            Err(error) => {
                warn!(error = %error, "An outcome cannot be stored yet");
                false
            }
        }
    }

    fn connections(&self) -> usize {
        self.adapters.mail.connections()
    }
}

fn ticker(every: Duration) -> Interval {
    let mut ticker = interval_at(Instant::now() + every, every);
    ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticker
}
