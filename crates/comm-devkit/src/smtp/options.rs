//! How a server is set up: where it listens, what it announces, what it remembers.

use super::script::Script;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::ServerConfig;

/// The set-up of one [`SmtpServer`](super::SmtpServer). The default listens on a free port of
/// 127.0.0.1 without TLS, takes every mail and remembers all of them.
#[derive(Clone)]
pub struct SmtpOptions {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What to do otherwise than usual.
    pub script: Script,
    /// Whether and when the connection is encrypted.
    pub encryption: Encryption,
    /// The lines of the EHLO reply after the host name. `STARTTLS` and `AUTH` are added where they apply.
    pub extensions: Vec<String>,
    /// Who may send; `None` lets everybody.
    pub credentials: Option<Credentials>,
    /// What is remembered.
    pub record: Record,
    /// Time to wait before each reply to a final dot.
    pub delay_per_mail: Duration,
    /// What becomes of a connection after a mail.
    pub after_mail: AfterMail,
}

/// Whether and when a connection is encrypted.
#[derive(Clone)]
pub enum Encryption {
    /// Never; STARTTLS is not offered.
    None,
    /// After the command STARTTLS (RFC 3207).
    StartTls(Arc<ServerConfig>),
    /// From the first byte on (RFC 8314).
    Implicit(Arc<ServerConfig>),
}

/// Name and password that AUTH must bring (RFC 4954).
#[derive(Clone)]
pub struct Credentials {
    /// The user's name.
    pub username: String,
    /// The password.
    pub password: String,
    /// The mechanisms that are announced; `PLAIN` and `LOGIN` are understood.
    pub mechanisms: &'static str,
}

impl Credentials {
    /// Credentials for AUTH PLAIN and AUTH LOGIN.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: password.into(),
            mechanisms: "PLAIN LOGIN",
        }
    }
}

/// What a server remembers of its mails and connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// Every mail and every command: for tests.
    Everything,
    /// The last mails, at most this many, and no commands: for a catcher that runs for days.
    LastMails(usize),
    /// Only counts: for benchmarks.
    Counts,
}

/// What becomes of a connection once the reply to a final dot is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterMail {
    /// It stays open for the next mail.
    KeepOpen,
    /// The server closes it, as servers do with connections that are idle for too long.
    Close,
}

impl SmtpOptions {
    /// A server for tests that plays `script` and remembers everything.
    pub fn scripted(script: Script) -> Self {
        Self {
            script,
            ..Self::default()
        }
    }

    /// A mail catcher on `listen` that keeps the last `mails`.
    pub fn catcher(listen: SocketAddr, mails: usize) -> Self {
        Self {
            listen,
            record: Record::LastMails(mails),
            ..Self::default()
        }
    }

    /// A sink that takes everything and keeps nothing.
    pub fn sink() -> Self {
        Self {
            record: Record::Counts,
            ..Self::default()
        }
    }
}

impl Default for SmtpOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            script: Script::new(),
            encryption: Encryption::None,
            extensions: ["PIPELINING", "SIZE 26214400", "8BITMIME", "SMTPUTF8"]
                .map(str::to_owned)
                .to_vec(),
            credentials: None,
            record: Record::Everything,
            delay_per_mail: Duration::ZERO,
            after_mail: AfterMail::KeepOpen,
        }
    }
}

impl From<Script> for SmtpOptions {
    fn from(script: Script) -> Self {
        Self::scripted(script)
    }
}
