//! The dialogue with one client. Every `Err` means: the connection is over.

use super::options::{AfterMail, Encryption};
use super::record::ReceivedMail;
use super::script::{Action, Context, Kind, Stage};
use super::server::Shared;
use super::wire::Wire;
use mail_parser::decoders::base64::base64_decode;
use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, Request};
use std::borrow::Cow;
use std::convert::Infallible;
use std::io;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::net::TcpStream;

/// One client's connection.
pub(super) struct Session<'a> {
    shared: &'a Shared,
    wire: Wire,
    connection: usize,
    encrypted: bool,
    authenticated: bool,
    mail: usize,
    sender: Option<String>,
    recipients: Vec<String>,
    /// The address of the last RCPT, also of a refused one.
    recipient: String,
    message: Vec<u8>,
}

impl<'a> Session<'a> {
    /// Talks until one side leaves.
    pub(super) async fn run(
        stream: TcpStream,
        shared: &'a Shared,
        connection: usize,
    ) -> io::Result<()> {
        let mut session = Self {
            shared,
            wire: Wire::new(stream),
            connection,
            encrypted: false,
            authenticated: shared.options.credentials.is_none(),
            mail: 0,
            sender: None,
            recipients: Vec::new(),
            recipient: String::new(),
            message: Vec::new(),
        };
        if let Encryption::Implicit(config) = &shared.options.encryption {
            session.wire.encrypt(config).await?;
            session.encrypted = true;
        }
        session.answer(Stage::Greeting, 220, "devkit ESMTP").await?;
        let mut line = Vec::with_capacity(512);
        loop {
            session.wire.read_line(&mut line).await?;
            session.command(&line).await?;
        }
    }

    async fn command(&mut self, line: &[u8]) -> io::Result<()> {
        let request = Request::parse(&mut line.iter());
        self.log(line, request.as_ref().ok());
        match request {
            Ok(Request::Ehlo { .. } | Request::Helo { .. }) => self.hello().await,
            Ok(Request::StartTls) => self.start_tls().await,
            Ok(Request::Auth {
                mechanism,
                initial_response,
            }) => self.authenticate(mechanism, &initial_response).await,
            Ok(Request::Mail { from }) => self.mail(from.address.into_owned()).await,
            Ok(Request::Rcpt { to }) => self.rcpt(to.address.into_owned()).await,
            Ok(Request::Data) => self.data().await,
            Ok(Request::Rset) => {
                self.reset();
                self.answer(Stage::Rset, 250, "2.0.0 reset").await.map(drop)
            }
            Ok(Request::Noop { .. }) => {
                self.wire.reply(250, "2.0.0 nothing done");
                Ok(())
            }
            Ok(Request::Quit) => {
                self.answer(Stage::Quit, 221, "2.0.0 bye").await?;
                match self.hang_up().await? {}
            }
            Ok(_) => {
                self.wire.reply(502, "5.5.1 not implemented");
                Ok(())
            }
            Err(_) => {
                self.wire.reply(500, "5.5.2 syntax error");
                Ok(())
            }
        }
    }

    async fn hello(&mut self) -> io::Result<()> {
        self.reset();
        let options = &self.shared.options;
        let mut text = String::from("devkit");
        for extension in &options.extensions {
            text.push('\n');
            text.push_str(extension);
        }
        if matches!(options.encryption, Encryption::StartTls(_)) && !self.encrypted {
            text.push_str("\nSTARTTLS");
        }
        if let Some(credentials) = &options.credentials {
            text.push_str("\nAUTH ");
            text.push_str(credentials.mechanisms);
        }
        self.answer(Stage::Ehlo, 250, &text).await.map(drop)
    }

    async fn start_tls(&mut self) -> io::Result<()> {
        let shared = self.shared;
        let Encryption::StartTls(config) = &shared.options.encryption else {
            self.wire.reply(502, "5.5.1 not offered");
            return Ok(());
        };
        if self.answer(Stage::StartTls, 220, "2.0.0 go ahead").await? {
            self.wire.encrypt(config).await?;
            self.encrypted = true;
            self.reset();
        }
        Ok(())
    }

    async fn authenticate(&mut self, mechanism: u64, initial: &str) -> io::Result<()> {
        let shared = self.shared;
        let Some(wanted) = &shared.options.credentials else {
            self.wire.reply(502, "5.5.1 not offered");
            return Ok(());
        };
        let given = match mechanism {
            AUTH_PLAIN => self.plain(initial).await?,
            AUTH_LOGIN => self.login(initial).await?,
            _ => {
                self.wire.reply(504, "5.5.4 unknown mechanism");
                return Ok(());
            }
        };
        if given == (wanted.username.clone(), wanted.password.clone()) {
            self.authenticated = self.answer(Stage::Auth, 235, "2.7.0 welcome").await?;
        } else {
            self.wire.reply(535, "5.7.8 wrong name or password");
        }
        Ok(())
    }

    /// Name and password of AUTH PLAIN (RFC 4616).
    async fn plain(&mut self, initial: &str) -> io::Result<(String, String)> {
        let response = match initial {
            "" => self.challenge("").await?,
            response => decoded(response.as_bytes()),
        };
        let mut parts = response.split('\0').skip(1).map(str::to_owned);
        Ok((
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        ))
    }

    /// Name and password of AUTH LOGIN (draft-murchison-sasl-login).
    async fn login(&mut self, initial: &str) -> io::Result<(String, String)> {
        let username = match initial {
            "" => self.challenge("VXNlcm5hbWU6").await?,
            response => decoded(response.as_bytes()),
        };
        let password = self.challenge("UGFzc3dvcmQ6").await?;
        Ok((username, password))
    }

    async fn challenge(&mut self, text: &str) -> io::Result<String> {
        self.wire.reply(334, text);
        let mut line = Vec::new();
        self.wire.read_line(&mut line).await?;
        Ok(decoded(&line))
    }

    async fn mail(&mut self, sender: String) -> io::Result<()> {
        if !self.authenticated {
            self.wire.reply(530, "5.7.0 authentication required");
            return Ok(());
        }
        self.reset();
        self.mail = self.shared.mails_begun.fetch_add(1, Ordering::Relaxed) + 1;
        self.sender = Some(sender);
        if !self.answer(Stage::Mail, 250, "2.1.0 sender ok").await? {
            self.reset();
        }
        Ok(())
    }

    async fn rcpt(&mut self, recipient: String) -> io::Result<()> {
        if self.sender.is_none() {
            self.wire.reply(503, "5.5.1 MAIL first");
            return Ok(());
        }
        self.recipient.clone_from(&recipient);
        if self.answer(Stage::Rcpt, 250, "2.1.5 recipient ok").await? {
            self.recipients.push(recipient);
        }
        Ok(())
    }

    async fn data(&mut self) -> io::Result<()> {
        if self.recipients.is_empty() {
            self.wire.reply(503, "5.5.1 RCPT first");
            return Ok(());
        }
        if !self.answer(Stage::Data, 354, "go ahead").await? {
            return Ok(());
        }
        let body = self.action(Stage::Body);
        self.perform(body, None).await?;
        self.wire.read_message(&mut self.message).await?;
        let action = self.action(Stage::Message);
        if action.stores_mail() {
            self.store();
        }
        if !self.shared.options.delay_per_mail.is_zero() {
            tokio::time::sleep(self.shared.options.delay_per_mail).await;
        }
        self.perform(action, Some((250, "2.0.0 queued"))).await?;
        self.reset();
        if self.shared.options.after_mail == AfterMail::Close {
            match self.hang_up().await? {}
        }
        Ok(())
    }

    fn store(&mut self) {
        let memory = &self.shared.memory;
        if !memory.wants_content() {
            return memory.count_only();
        }
        memory.keep(ReceivedMail {
            from: self.sender.take().unwrap_or_default(),
            recipients: std::mem::take(&mut self.recipients),
            raw: std::mem::take(&mut self.message),
            received: Instant::now(),
        });
    }

    /// Forgets the mail transaction.
    fn reset(&mut self) {
        self.sender = None;
        self.recipients.clear();
        self.recipient.clear();
    }

    /// Gives the usual answer, or what the script has instead; tells whether it was a positive one.
    async fn answer(&mut self, stage: Stage, code: u16, text: &str) -> io::Result<bool> {
        let action = self.action(stage);
        self.perform(action, Some((code, text))).await
    }

    fn action(&self, stage: Stage) -> Action {
        self.shared.options.script.action(&Context {
            stage,
            connection: self.connection,
            mail: self.mail,
            sender: self.sender.as_deref().unwrap_or_default(),
            recipient: &self.recipient,
        })
    }

    /// Does `action`, or gives the usual answer; tells whether the answer was a positive one.
    async fn perform(&mut self, action: Action, usual: Option<(u16, &str)>) -> io::Result<bool> {
        if !action.delay.is_zero() {
            self.wire.flush().await?;
            tokio::time::sleep(action.delay).await;
        }
        let (code, text) = match (action.kind, usual) {
            (Kind::Proceed, None) => return Ok(true),
            (Kind::Proceed, Some((code, text))) => (code, Cow::Borrowed(text)),
            (Kind::Reply(code, text), _) => (code, text),
            (Kind::Garbage(line), _) => {
                self.wire.line(&line);
                return Ok(false);
            }
            (Kind::Hang, _) => {
                self.wire.flush().await?;
                self.shared.memory.hangs();
                match self.wire.ignore().await? {}
            }
            (Kind::Drop, _) => match self.hang_up().await? {},
        };
        self.wire.reply(code, &text);
        if code == 421 {
            match self.hang_up().await? {}
        }
        Ok(code < 400)
    }

    /// Sends what is queued and ends the connection.
    async fn hang_up(&mut self) -> io::Result<Infallible> {
        self.wire.flush().await?;
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// AUTH carries the password: only its mechanism is remembered.
    fn log(&self, line: &[u8], request: Option<&Request<Cow<'_, str>>>) {
        let spaces = line.iter().enumerate().filter(|(_, byte)| **byte == b' ');
        let shown = match (request, spaces.map(|(place, _)| place).nth(1)) {
            (Some(Request::Auth { .. }), Some(end)) => line.get(..end).unwrap_or_default(),
            _ => line,
        };
        self.shared.memory.command(self.connection, shown);
    }
}

fn decoded(base64: &[u8]) -> String {
    let bytes = base64_decode(base64.trim_ascii()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
