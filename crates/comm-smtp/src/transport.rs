//! The port's implementation: one mail, one connection, one outcome.

use crate::config::{SmtpConfig, SmtpConfigError};
use crate::connection::Connection;
use crate::dkim::Signer;
use crate::message::Message;
use crate::pool::Pool;
use crate::server::Server;
use crate::stage::{Ending, Event, Stage, silent};
use async_trait::async_trait;
use comm_domain::outreach::{Fehlerart, Fehlergrund, Outcome};
use comm_ports::{IsOurs, MailTransport, OutgoingMail};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Delivers mails to one SMTP server over a bounded number of connections that are kept between mails.
pub struct SmtpTransport {
    server: Server,
    signer: Option<Signer>,
    pool: Arc<Pool>,
    /// One permit for each connection that is in use; a new one is only opened when none is parked, so
    /// that there are never more open than permits.
    permits: Semaphore,
    connections: usize,
}

impl SmtpTransport {
    /// Prepares the transport; nothing is connected before the first mail.
    ///
    /// # Errors
    /// Settings that cannot work, a key that cannot be used, or settings that would send a password in plain text over a network.
    pub fn new(config: &SmtpConfig) -> Result<Self, SmtpConfigError> {
        let connections = usize::from(config.connections);
        Ok(Self {
            server: Server::new(config)?,
            signer: Signer::new(&config.dkim)?,
            pool: Arc::new(Pool::new(config.timeouts.idle)),
            permits: Semaphore::new(connections),
            connections,
        })
    }

    async fn attempt(&self, message: &Message, is_ours: &IsOurs) -> Result<(), Ending> {
        let stop = &self.server.stop;
        // The semaphore is never closed, so that the permit is never an error.
        let _permit = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(Ending { stage: Stage::Connect, event: Event::CalledOff }),
            permit = self.permits.acquire() => permit,
        };
        // A future that is dropped from here on takes its connection with it.
        let mut connection = self.begin(message).await?;
        let ended = self.deliver(&mut connection, message, is_ours).await;
        match &ended {
            Ok(()) => self.pool.park(connection),
            Err(ending) => self.keep(connection, ending),
        }
        ended
    }

    async fn deliver(
        &self,
        connection: &mut Connection,
        message: &Message,
        is_ours: &IsOurs,
    ) -> Result<(), Ending> {
        connection.begin_message(&self.server, message).await?;
        if !is_ours() {
            // The server waits for a message, so that this connection is of no more use.
            let (stage, event) = (Stage::Data, Event::CalledOff);
            return Err(Ending { stage, event });
        }
        connection.deliver(&self.server, message).await
    }

    /// A connection that has passed MAIL: a parked one, or a fresh one if none is parked or the server
    /// has given the parked one up meanwhile.
    async fn begin(&self, message: &Message) -> Result<Connection, Ending> {
        if let Some(parked) = self.pool.take() {
            match self.mail(parked, message).await {
                Err(ending) if ending.is_stale_connection() => {
                    tracing::debug!(
                        "The SMTP server had given up a kept connection; opening another"
                    );
                }
                begun => return begun,
            }
        }
        let fresh = Connection::open(&self.server).await?;
        self.mail(fresh, message).await
    }

    async fn mail(
        &self,
        mut connection: Connection,
        message: &Message,
    ) -> Result<Connection, Ending> {
        match connection.mail(&self.server, message).await {
            Ok(()) => Ok(connection),
            Err(ending) => {
                self.keep(connection, &ending);
                Err(ending)
            }
        }
    }

    fn keep(&self, connection: Connection, ending: &Ending) {
        if ending.leaves_connection_usable() {
            self.pool.park(connection);
        }
    }
}

#[async_trait]
impl MailTransport for SmtpTransport {
    async fn send_while(&self, mail: OutgoingMail, is_ours: IsOurs) -> Outcome {
        let message_id = mail.message_id.clone();
        let message = match Message::build(mail, self.signer.as_ref()) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(message_id, %error, "A mail cannot be put into MIME and is not sent");
                return silent(Fehlerart::Endgueltig, Fehlergrund::NichtDarstellbar);
            }
        };
        match self.attempt(&message, &is_ours).await {
            Ok(()) => Outcome::Accepted,
            Err(ending) => {
                log(&ending, &message_id);
                ending.outcome()
            }
        }
    }

    fn connections(&self) -> usize {
        self.connections
    }

    fn interrupt(&self) {
        self.server.stop.cancel();
        self.pool.close();
    }
}

/// The stage and the code, which the outcome does not tell; never the server's words.
fn log(ending: &Ending, message_id: &str) {
    let code = match &ending.event {
        Event::Reply(reply) => Some(reply.code),
        _ => None,
    };
    let event = ending.event.name();
    tracing::info!(message_id, stage = ?ending.stage, event, code, "An SMTP dialogue ended before the mail was accepted");
}
