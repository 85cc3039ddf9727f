//! The consumer: makes emails due, never sends one, and never stops for a message that it cannot read.

use crate::config::KafkaConfig;
use crate::message::Request;
use comm_app::backoff::Backoff;
use comm_app::{Emails, Expedited};
use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

/// Consumes requests of other services.
pub struct EventConsumer {
    consumer: StreamConsumer,
    emails: Emails,
}

impl EventConsumer {
    /// Subscribes; the broker may be away and the topic may not exist yet.
    ///
    /// # Errors
    /// A setting that librdkafka does not accept.
    pub fn new(config: &KafkaConfig, topic: &str, emails: Emails) -> Result<Self, KafkaError> {
        let consumer: StreamConsumer = config.consumer().create()?;
        consumer.subscribe(&[topic])?;
        Ok(Self { consumer, emails })
    }

    /// Works until it is told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(30));
        loop {
            let received = tokio::select! {
                () = stop.cancelled() => return,
                received = self.consumer.recv() => received,
            };
            match received {
                Ok(message) => {
                    backoff.succeeded();
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = self.handle(&message) => self.store_offset(&message),
                    }
                }
                Err(error) => {
                    debug!(error = %error, "Kafka cannot be read; trying again");
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = sleep(backoff.failed()) => {}
                    }
                }
            }
        }
    }

    /// Does what a message asks for, as often as it takes while the database is away.
    async fn handle(&self, message: &BorrowedMessage<'_>) {
        let request = match Request::parse(message.payload()) {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(error) => {
                warn!(
                    topic = message.topic(),
                    partition = message.partition(),
                    offset = message.offset(),
                    error = %error,
                    "A message cannot be read and is passed over"
                );
                return;
            }
        };
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(30));
        while let Err(error) = self.execute(&request).await {
            if !error.is_transient() {
                error!(error = %error, "A consumed request fails for good and is passed over");
                return;
            }
            warn!(error = %error, "A consumed request cannot be carried out yet; trying again");
            sleep(backoff.failed()).await;
        }
    }

    async fn execute(&self, request: &Request) -> Result<(), comm_app::OutreachError> {
        let Request::SendEmail(id) = *request;
        match self.emails.expedite(id).await? {
            Expedited::Due => info!(
                email_id = id.0,
                "A request to send an email made it due now"
            ),
            Expedited::Not(status) => info!(
                email_id = id.0,
                status = %status,
                "A request to send an email changed nothing: it is not waiting"
            ),
            Expedited::Unknown => {
                info!(
                    email_id = id.0,
                    "A request to send an email changed nothing: there is none"
                );
            }
        }
        Ok(())
    }

    fn store_offset(&self, message: &BorrowedMessage<'_>) {
        if let Err(error) = self.consumer.store_offset_from_message(message) {
            // The partition has gone to another consumer, which will see the message again.
            debug!(error = %error, "An offset could not be stored");
        }
    }
}
