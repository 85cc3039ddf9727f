//! One connection: opening it, and the steps of one mail. Each step ends on its own, so that it is
//! always known how far the server had come.

use crate::message::Message;
use crate::server::{Security, Server, within};
use crate::stage::{Ending, Event, Reply, Stage};
use crate::wire::{GREETING, Wire, twins};
use futures_util::FutureExt;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt, Rset, Starttls};
use lettre::transport::smtp::extension::{Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use std::error::Error as _;
use std::fmt::Display;
use std::iter;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// How much of a message is encoded at a time: lettre makes a copy of each piece.
const CHUNK_BYTES: usize = 64 * 1024;

/// A connection that is ready for MAIL.
pub(crate) struct Connection {
    smtp: AsyncSmtpConnection,
    /// A recipient or DATA was refused: the server still holds that mail's envelope.
    has_open_envelope: bool,
    /// The server takes MAIL, RCPT and DATA in one go (RFC 2920).
    pipelines: bool,
    /// Replies that are still to come to commands that were sent ahead.
    unread: usize,
}

impl Connection {
    /// Connects, encrypts and authenticates, as configured.
    pub(crate) async fn open(server: &Server) -> Result<Self, Ending> {
        let stream = server
            .step(Stage::Connect, server.timeouts.connect, dial(server))
            .await?;
        let peer = stream.peer_addr().map_err(|_| lost(Stage::Connect))?;
        let mut smtp = match &server.security {
            Security::None => greet(server, Wire::new(stream, peer, b"")).await?,
            Security::Implicit(tls) => {
                let handshake = tls.handshake(stream);
                let stream = server
                    .step(Stage::Connect, server.timeouts.connect, handshake)
                    .await?;
                greet(server, Wire::new(stream, peer, b"")).await?
            }
            Security::StartTls(tls) => {
                let handshake = tls.handshake(start_tls(server, stream).await?);
                let stream = server
                    .step(Stage::StartTls, server.timeouts.command, handshake)
                    .await?;
                greet(server, Wire::new(stream, peer, GREETING)).await?
            }
        };
        authenticate(server, &mut smtp).await?;
        let pipelines = pipelines(server, &mut smtp).await?;
        Ok(Self {
            smtp,
            has_open_envelope: false,
            pipelines,
            unread: 0,
        })
    }

    /// The first step of a mail, which also shows whether a parked connection is still alive.
    pub(crate) async fn mail(&mut self, server: &Server, message: &Message) -> Result<(), Ending> {
        if self.has_open_envelope {
            self.forget_envelope(server).await?;
        }
        let mut parameters = Vec::new();
        if let Some(stage) = message.needs_smtp_utf8() {
            if !self.supports(Extension::SmtpUtfEight) {
                return Err(Ending {
                    stage,
                    event: Event::NoSmtpUtf8,
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let mail = Mail::new(Some(message.from.clone()), parameters);
        if !self.pipelines {
            return self.command(server, Stage::Mail, mail).await;
        }
        let rcpt = Rcpt::new(message.to.clone(), Vec::new());
        self.has_open_envelope = true;
        self.unread = 2;
        let together = format!("{mail}{rcpt}{Data}");
        self.command(server, Stage::Mail, together).await
    }

    /// The steps after MAIL, up to 354.
    pub(crate) async fn begin_message(
        &mut self,
        server: &Server,
        message: &Message,
    ) -> Result<(), Ending> {
        self.has_open_envelope = true;
        if self.pipelines {
            self.reply(server, Stage::Rcpt).await?;
            self.reply(server, Stage::Data).await?;
        } else {
            let rcpt = Rcpt::new(message.to.clone(), Vec::new());
            self.command(server, Stage::Rcpt, rcpt).await?;
            self.command(server, Stage::Data, Data).await?;
        }
        Ok(())
    }

    /// The message, up to the reply to the final dot.
    pub(crate) async fn deliver(
        &mut self,
        server: &Server,
        message: &Message,
    ) -> Result<(), Ending> {
        let reply = self.message(server, message);
        let replied = server.unless_stopped(Stage::Message, reply).await;
        self.has_open_envelope = false;
        replied
    }

    /// Says QUIT, if that can be said at once, and hangs up without waiting for the answer.
    pub(crate) fn close(mut self) {
        let _ = self.smtp.quit().now_or_never();
    }

    /// A server that cannot even forget an envelope is of no use for the next mail.
    async fn forget_envelope(&mut self, server: &Server) -> Result<(), Ending> {
        self.reset(server)
            .await
            .map_err(|ending| match ending.event {
                Event::CalledOff => ending,
                _ => lost(Stage::Mail),
            })?;
        self.has_open_envelope = false;
        Ok(())
    }

    /// A DATA that was sent ahead must have been refused, or the server waits for a message.
    async fn reset(&mut self, server: &Server) -> Result<(), Ending> {
        while self.unread > 0 {
            match self.reply(server, Stage::Mail).await {
                Err(Ending {
                    event: Event::Reply(reply),
                    ..
                }) if reply.code >= 400 => {}
                replied => replied?,
            }
        }
        self.command(server, Stage::Mail, Rset).await
    }

    async fn command(
        &mut self,
        server: &Server,
        stage: Stage,
        command: impl Display,
    ) -> Result<(), Ending> {
        let sent = send(&mut self.smtp, stage, command);
        server.step(stage, limit(server, stage), sent).await
    }

    /// Waits for the reply to a command that was sent ahead.
    async fn reply(&mut self, server: &Server, stage: Stage) -> Result<(), Ending> {
        self.unread -= 1;
        let reply = async { check(stage, self.smtp.read_response().await) };
        server.step(stage, limit(server, stage), reply).await
    }

    /// Sends the message and its final dot. lettre asks for the next part once the last one is written,
    /// which is how the time for sending and that for the reply are told apart.
    async fn message(&mut self, server: &Server, message: &Message) -> Result<(), Event> {
        let (written, is_written) = oneshot::channel();
        let mut written = Some(written);
        let end = iter::from_fn(move || {
            written.take().map(|written| written.send(()));
            None
        });
        let parts = message.bytes.chunks(CHUNK_BYTES).chain(end);
        let mut sending = pin!(self.smtp.message_iter(parts));
        let reply = tokio::select! {
            biased;
            reply = &mut sending => reply,
            written = within(server.timeouts.message, async { is_written.await.map_err(|_| Event::Lost) }) => {
                written?;
                let reply = async { Ok(sending.await) };
                within(server.timeouts.reply_after_dot, reply).await?
            }
        };
        check(Stage::Message, reply)
    }

    fn supports(&self, extension: Extension) -> bool {
        self.smtp.server_info().supports_feature(extension)
    }
}

fn limit(server: &Server, stage: Stage) -> Duration {
    match stage {
        Stage::Data => server.timeouts.data,
        _ => server.timeouts.command,
    }
}

/// lettre does not keep what the server says of PIPELINING, so it is asked once more.
async fn pipelines(server: &Server, smtp: &mut AsyncSmtpConnection) -> Result<bool, Ending> {
    let ehlo = async {
        let hello = Ehlo::new(server.hello.clone());
        smtp.command(hello).await.map_err(|error| event(&error))
    };
    let limit = server.timeouts.command;
    let response = server.step(Stage::Hello, limit, ehlo).await?;
    let mut lines = response.message();
    Ok(lines.any(|line| line.trim().eq_ignore_ascii_case("PIPELINING")))
}

async fn dial(server: &Server) -> Result<TcpStream, Event> {
    let stream = TcpStream::connect((server.host.as_str(), server.port))
        .await
        .map_err(|_| Event::Lost)?;
    // lettre writes the message and its final dot apart: with Nagle's algorithm that takes 40 ms a mail.
    stream.set_nodelay(true).map_err(|_| Event::Lost)?;
    Ok(stream)
}

/// Greeting and EHLO.
async fn greet(
    server: &Server,
    wire: impl AsyncTokioStream + 'static,
) -> Result<AsyncSmtpConnection, Ending> {
    let dialogue = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &server.hello);
    // lettre 0.11 panics at a blank line in the reply to EHLO.
    let dialogue = AssertUnwindSafe(dialogue).catch_unwind();
    let greeted = async {
        let connected = dialogue.await.map_err(|_| Event::NotSmtp)?;
        connected.map_err(|error| event(&error))
    };
    server
        .step(Stage::Hello, server.timeouts.command, greeted)
        .await
}

/// Everything that is said in plain text before the handshake. lettre's own upgrade would take what
/// somebody on the way put behind the reply to STARTTLS for replies of the encrypted server; here it
/// is lost with the dialogue that read it.
async fn start_tls(server: &Server, stream: TcpStream) -> Result<TcpStream, Ending> {
    let peer = stream.peer_addr().map_err(|_| lost(Stage::StartTls))?;
    let (stream, twin) = twins(stream).map_err(|_| lost(Stage::StartTls))?;
    let mut plain = greet(server, Wire::new(twin, peer, b"")).await?;
    if !plain.server_info().supports_feature(Extension::StartTls) {
        return Err(mismatch(Stage::StartTls));
    }
    let command = send(&mut plain, Stage::StartTls, Starttls);
    server
        .step(Stage::StartTls, server.timeouts.command, command)
        .await?;
    Ok(stream)
}

async fn authenticate(server: &Server, smtp: &mut AsyncSmtpConnection) -> Result<(), Ending> {
    const MECHANISMS: &[Mechanism] = &[Mechanism::Plain, Mechanism::Login];
    let Some(credentials) = &server.credentials else {
        return Ok(());
    };
    if smtp.server_info().get_auth_mechanism(MECHANISMS).is_none() {
        return Err(mismatch(Stage::Auth));
    }
    let reply = async { check(Stage::Auth, smtp.auth(MECHANISMS, credentials).await) };
    server
        .step(Stage::Auth, server.timeouts.command, reply)
        .await
}

async fn send(
    smtp: &mut AsyncSmtpConnection,
    stage: Stage,
    command: impl Display,
) -> Result<(), Event> {
    check(stage, smtp.command(command).await)
}

fn check(stage: Stage, reply: Result<Response, Error>) -> Result<(), Event> {
    let response = reply.map_err(|error| event(&error))?;
    let code = u16::from(response.code());
    match stage.is_passed_by(code) {
        true => Ok(()),
        // Not for this stage: whatever it says, it is no reply to what we sent.
        false => Err(Event::NotSmtp),
    }
}

/// lettre's errors in our terms. The end of the stream is reported as a reply that cannot be parsed.
fn event(error: &Error) -> Event {
    let text = || error.source().map(ToString::to_string).unwrap_or_default();
    match error.status() {
        Some(code) => Event::Reply(Reply {
            code: u16::from(code),
            text: text(),
        }),
        None if error.is_client() => Event::Mismatch,
        None if error.is_response() && text() != "incomplete response" => Event::NotSmtp,
        None => Event::Lost,
    }
}

fn lost(stage: Stage) -> Ending {
    let event = Event::Lost;
    Ending { stage, event }
}

fn mismatch(stage: Stage) -> Ending {
    let event = Event::Mismatch;
    Ending { stage, event }
}

#[cfg(test)]
mod tests;
