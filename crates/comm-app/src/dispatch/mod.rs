//! The queue worker: claims what is due, sends it outside any transaction, stores what came of it.
//!
//! An attempt that died with its process is found by its lease and becomes `ausgang_unklar`; nothing is
//! ever sent twice by itself, unless `after_crash` says so. Storing outcomes is in `settle`, leases in
//! `lease`, the end in `finish`.

mod attachments;
mod finish;
mod flight;
mod lease;
mod settings;
mod settle;
#[cfg(test)]
mod tests;

pub use settings::{AfterCrash, QueueSettings};

use crate::Adapters;
use crate::backoff::Backoff;
use chrono::{DateTime, Utc};
use comm_domain::outreach::{Email, Outcome};
use comm_ports::error::StoreError;
use comm_ports::outreach::Claim;
use comm_ports::{IsOurs, Origin, OutgoingAttachment, OutgoingMail, Signal};
use flight::{Flight, Hold};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use uuid::Uuid;

/// A due row that another transaction holds must not make the worker spin.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);

/// How often the worker writes down that it works.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// The worker. One an instance; instances share the queue.
pub struct Dispatch {
    adapters: Adapters,
    settings: QueueSettings,
    /// Names this worker among those of other instances.
    instanz: Uuid,
}

impl Dispatch {
    pub(crate) fn new(adapters: Adapters, settings: QueueSettings) -> Self {
        Self {
            adapters,
            settings,
            instanz: Uuid::new_v4(),
        }
    }

    /// Works until it is told to stop, then finishes what is under way: after the grace period what has
    /// not reached 354 goes back to the queue, and what has is stored as `ausgang_unklar`.
    pub async fn run(&self, stop: CancellationToken) {
        let mut flight = Flight::default();
        let told_to_stop = async {
            stop.cancelled().await;
            Instant::now()
        };
        // The grace counts from the wish to stop, however long the turn under way still takes.
        let ((), stopped) = tokio::join!(self.work(&mut flight, &stop), told_to_stop);
        self.finish(flight, stopped).await;
        if let Err(error) = self.adapters.monitor.gone(self.instanz).await {
            debug!(error = %error, "The end of the worker could not be written down");
        }
    }

    async fn work(&self, flight: &mut Flight, stop: &CancellationToken) {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
        let mut renewal = ticker(self.settings.renew_every());
        let mut reaping = ticker(self.settings.reap_every());
        let mut living = ticker(SIGN_OF_LIFE);
        self.give_sign_of_life().await;
        while !stop.is_cancelled() {
            let turn = self.step(flight, stop).await;
            let works = turn.is_ok();
            let pause = match turn {
                Ok(pause) => {
                    backoff.succeeded();
                    pause
                }
                Err(error) => {
                    warn!(error = %error, "The queue cannot be read or written; trying again");
                    backoff.failed()
                }
            };
            let next_turn = Instant::now() + pause;
            // After a failure only time wakes it, but leases are looked after all the same.
            while !stop.is_cancelled() {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = flight.landed(), if works => break,
                    () = self.adapters.signals.wait(Signal::Queue), if works => break,
                    () = sleep_until(next_turn) => break,
                    _ = renewal.tick() => self.renew(flight).await,
                    _ = reaping.tick() => self.reap(flight).await,
                    _ = living.tick() => self.give_sign_of_life().await,
                }
            }
        }
    }

    /// From the loop that does the work, so that it ends when the work stands.
    async fn give_sign_of_life(&self) {
        if let Err(error) = self.adapters.monitor.seen(self.instanz).await {
            debug!(error = %error, "A sign of life could not be written down");
        }
    }

    /// One turn: stores the outcomes that have come in, claims as many mails as connections are free,
    /// sends them on their way, and says how long there is nothing to do unless something happens.
    ///
    /// # Errors
    /// Storage; outcomes that could not be stored are kept for the next turn.
    async fn step(
        &self,
        flight: &mut Flight,
        stop: &CancellationToken,
    ) -> Result<Duration, StoreError> {
        flight.collect();
        let room = self.connections().saturating_sub(flight.sending());
        let limit = room.min(self.settings.batch());
        if limit > 0 || !flight.landed_attempts().is_empty() {
            let claimed = self.settle_and_claim(flight, limit, stop).await;
            if claimed.as_ref().is_err_and(|error| !error.is_transient()) {
                // A row that cannot be claimed or stored must not keep outcomes from being stored.
                self.settle_one_by_one(flight).await?;
            }
            let claimed = claimed?;
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
    /// Nothing is claimed any more once the work is to stop.
    async fn settle_and_claim(
        &self,
        flight: &mut Flight,
        limit: usize,
        stop: &CancellationToken,
    ) -> Result<usize, StoreError> {
        let verdicts = self.verdicts(flight.landed_attempts());
        let sperre = Uuid::new_v4();
        let claim = Claim {
            sperre,
            lease: self.settings.lease(),
            limit: if stop.is_cancelled() { 0 } else { limit },
        };
        let hold = Instant::now() + claim.lease;
        let turn = self.adapters.store.turn(&verdicts, claim).await;
        let turn = turn.inspect_err(|_| flight.lose(sperre))?;
        self.settled(flight, &verdicts, &turn.saved);
        let count = turn.claimed.len();
        for email in turn.claimed {
            self.launch(flight, sperre, hold, email);
        }
        if !flight.landed_attempts().is_empty() {
            self.settle_changed(flight).await?;
        }
        Ok(count)
    }

    fn launch(&self, flight: &mut Flight, sperre: Uuid, end: Instant, email: Email) {
        let (adapters, email) = (self.adapters.clone(), Arc::new(email));
        let (sent, hold) = (Arc::clone(&email), Arc::new(Hold::until(end)));
        flight.launch(email, sperre, Arc::clone(&hold), async move {
            if hold.is_over() {
                // The answer to the claim took longer than the lease.
                return Outcome::CalledOff;
            }
            attempt(&adapters, &sent, Arc::new(move || !hold.is_over())).await
        });
    }

    fn connections(&self) -> usize {
        self.adapters.mail.connections()
    }
}

/// Attachments are read only now, so that there are never more in memory than connections.
async fn attempt(adapters: &Adapters, email: &Email, is_ours: IsOurs) -> Outcome {
    match attachments::load(adapters, email).await {
        Ok(attachments) => {
            let mail = compose(adapters, email, attachments);
            adapters.mail.send_while(mail, is_ours).await
        }
        Err(outcome) => outcome,
    }
}

fn compose(
    adapters: &Adapters,
    email: &Email,
    attachments: Vec<OutgoingAttachment>,
) -> OutgoingMail {
    let parts = adapters.content.build(&email.inhalt);
    OutgoingMail {
        message_id: email.message_id.clone(),
        date: date(email).unwrap_or_else(|| adapters.clock.now()),
        from: email.absender.clone(),
        to: email.an.clone(),
        subject: email.betreff.clone(),
        html: parts.html,
        text: parts.text,
        attachments,
        // A person, or a program on a person's behalf, asked for each mail of the queue.
        origin: Origin::Person,
    }
}

/// When the mail was ready to be sent (RFC 5322 3.6.1), so that every attempt of a round has the same date.
fn date(email: &Email) -> Option<DateTime<Utc>> {
    email.in_warteschlange_am.max(email.senden_ab)
}

fn ticker(every: Duration) -> Interval {
    let mut ticker = interval_at(Instant::now() + every, every);
    ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticker
}
