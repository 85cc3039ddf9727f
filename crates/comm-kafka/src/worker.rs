//! Deals with the messages of one lane, one after the other: as often as it takes while something is away,
//! and as a dead letter if it can never be.

use crate::dead_letters::DeadLetters;
use crate::lanes::{Item, Place};
use crate::message::{Request, Requested};
use comm_app::backoff::Backoff;
use comm_app::{EventRequests, Expedited, OutreachError, Scheduled};
use comm_ports::ConsumedEvent;
use futures_util::FutureExt;
use rdkafka::Message;
use rdkafka::message::OwnedMessage;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

/// What workers share.
pub(crate) struct Worker {
    pub(crate) requests: EventRequests,
    pub(crate) dead_letters: DeadLetters,
}

/// The worker's end of a lane.
pub(crate) struct LaneEnd {
    pub(crate) place: Place,
    pub(crate) generation: u64,
    pub(crate) items: UnboundedReceiver<Item>,
    pub(crate) done: UnboundedSender<Done>,
    /// The lane is gone: its partition may be another member's.
    pub(crate) revoked: CancellationToken,
    /// The service is to end.
    pub(crate) stop: CancellationToken,
}

/// A message that was dealt with: its work is committed, or its dead letter acknowledged.
pub(crate) struct Done {
    pub(crate) place: Place,
    pub(crate) generation: u64,
    pub(crate) offset: i64,
}

/// Why a message was not dealt with.
enum Trouble {
    /// For the moment; these words say why.
    Passing(String),
    /// For good; these words say why, and stand in the dead letter.
    Lasting(String),
}

impl Worker {
    /// Works until the lane is gone or the service is to end. In the latter case an attempt under way is
    /// finished; in the former it is given up where it stands, and so rolled back, since the partition's next
    /// owner makes it anew.
    pub(crate) async fn run(&self, lane: LaneEnd) {
        let revoked = lane.revoked.clone();
        revoked.run_until_cancelled(self.work(lane)).await;
    }

    async fn work(&self, mut lane: LaneEnd) {
        loop {
            let item = tokio::select! {
                biased;
                () = lane.stop.cancelled() => return,
                item = lane.items.recv() => item,
            };
            let Some(Item { offset, message }) = item else {
                return;
            };
            if let Some(message) = message
                && !self.deal_with(&message, &lane.stop).await
            {
                return;
            }
            let (place, generation) = (lane.place.clone(), lane.generation);
            // Nobody listens any more once the consumer has ended.
            let _ = lane.done.send(Done {
                place,
                generation,
                offset,
            });
        }
    }

    /// Tries until it is dealt with; `false` if the service is to end before.
    async fn deal_with(&self, message: &OwnedMessage, stop: &CancellationToken) -> bool {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(30));
        let mut died_of: Option<String> = None;
        loop {
            let attempt = match &died_of {
                None => self.attempt(message).await,
                Some(reason) => self.bury(message, reason).await,
            };
            match attempt {
                Ok(()) => return true,
                Err(Trouble::Lasting(reason)) => died_of = Some(reason),
                Err(Trouble::Passing(reason)) => {
                    warn!(
                        topic = message.topic(),
                        partition = message.partition(),
                        offset = message.offset(),
                        reason,
                        "A message cannot be dealt with yet; trying again"
                    );
                    tokio::select! {
                        () = stop.cancelled() => return false,
                        () = sleep(backoff.failed()) => {}
                    }
                }
            }
        }
    }

    async fn attempt(&self, message: &OwnedMessage) -> Result<(), Trouble> {
        let requested = match Requested::parse(message.payload()) {
            Ok(Some(requested)) => requested,
            Ok(None) => return Ok(()),
            Err(error) => return Err(Trouble::Lasting(error.to_string())),
        };
        let event = consumed_event(message, &requested);
        // A panic must not take the lane with it.
        let work = AssertUnwindSafe(self.execute(&requested.request, &event));
        match work.catch_unwind().await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if error.is_transient() => Err(Trouble::Passing(in_words(&error))),
            Ok(Err(error)) => Err(Trouble::Lasting(in_words(&error))),
            Err(_) => Err(Trouble::Lasting("the service failed at it".to_owned())),
        }
    }

    async fn execute(&self, request: &Request, event: &ConsumedEvent) -> Result<(), OutreachError> {
        let event_key = event.key.as_str();
        match request {
            Request::SendEmail(id) => {
                let became = self.requests.expedite(*id, event).await?;
                let (email_id, became) = (id.0, expedited(became));
                info!(event_key, email_id, "A request to send an email {became}");
            }
            Request::ScheduleCall {
                wunsch,
                angefragt_am,
            } => {
                let became = self
                    .requests
                    .schedule_call(wunsch, event, *angefragt_am)
                    .await?;
                let therapist_id = wunsch.empfaenger.therapist_id();
                let patient_id = wunsch.empfaenger.patient_id();
                let became = match became {
                    Scheduled::Recorded(id) => format!("was recorded as {id}"),
                    Scheduled::Booked(id) => format!("planned call {id}"),
                    Scheduled::Repeated => REPEATED.to_owned(),
                };
                info!(
                    event_key,
                    therapist_id, patient_id, "A request to schedule a call {became}"
                );
            }
        }
        Ok(())
    }

    async fn bury(&self, message: &OwnedMessage, reason: &str) -> Result<(), Trouble> {
        let written = self.dead_letters.write(message, reason).await;
        written.map_err(|error| Trouble::Passing(format!("its dead letter: {error}")))?;
        error!(
            topic = message.topic(),
            partition = message.partition(),
            offset = message.offset(),
            reason,
            "A message is a dead letter"
        );
        Ok(())
    }
}

const REPEATED: &str = "changed nothing: the event was dealt with before";

fn expedited(became: Expedited) -> String {
    match became {
        Expedited::Due => "made it due now, or at its senden_ab".to_owned(),
        Expedited::Not(status) => format!("changed nothing: its status is {status}"),
        Expedited::Unknown => "changed nothing: there is none".to_owned(),
        Expedited::Repeated => REPEATED.to_owned(),
    }
}

/// Without a usable `eventId` a message is known by its place; the broker's time tells it from one at the
/// same place of a topic that was made anew.
fn consumed_event(message: &OwnedMessage, requested: &Requested) -> ConsumedEvent {
    let (topic, partition, offset) = (message.topic(), message.partition(), message.offset());
    let place = || {
        let time = message.timestamp().to_millis().unwrap_or_default();
        format!("{topic}/{partition}/{offset}@{time}")
    };
    ConsumedEvent {
        key: requested.event_id.map_or_else(place, |id| id.to_string()),
        event_type: requested.request.event_type(),
        topic: topic.to_owned(),
        partition,
        offset,
    }
}

/// The error with its causes.
fn in_words(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", in_words(cause)),
        None => error.to_string(),
    }
}
