//! The server as it was configured, and the limits under which each step of a dialogue runs.

use crate::config::{SmtpConfig, SmtpConfigError, Timeouts, TlsMode};
use crate::stage::{Ending, Event, Stage};
use crate::tls::Tls;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use std::net::IpAddr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// One SMTP server and how to talk to it.
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) hello: ClientId,
    pub(crate) security: Security,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) timeouts: Timeouts,
    pub(crate) stop: CancellationToken,
}

/// When a connection is encrypted, and by what.
pub(crate) enum Security {
    None,
    StartTls(Tls),
    Implicit(Tls),
}

impl Server {
    pub(crate) fn new(config: &SmtpConfig) -> Result<Self, SmtpConfigError> {
        config.check()?;
        let tls = || Tls::new(&config.host, config.ca_file());
        Ok(Self {
            host: config.host.clone(),
            port: config.port,
            hello: config
                .hello_name()
                .map_or_else(ClientId::default, client_id),
            security: match config.tls {
                TlsMode::None => Security::None,
                TlsMode::StartTls => Security::StartTls(tls()?),
                TlsMode::Implicit => Security::Implicit(tls()?),
            },
            credentials: credentials(config),
            timeouts: config.timeouts,
            stop: CancellationToken::new(),
        })
    }

    /// Runs one step within its time, and only until the transport is interrupted. A step that is done
    /// counts, even if it was to be interrupted at the same moment.
    pub(crate) async fn step<T>(
        &self,
        stage: Stage,
        limit: Duration,
        work: impl Future<Output = Result<T, Event>>,
    ) -> Result<T, Ending> {
        self.unless_stopped(stage, within(limit, work)).await
    }

    /// The same for work that keeps its own time.
    pub(crate) async fn unless_stopped<T>(
        &self,
        stage: Stage,
        work: impl Future<Output = Result<T, Event>>,
    ) -> Result<T, Ending> {
        tokio::select! {
            biased;
            done = work => done.map_err(|event| Ending { stage, event }),
            () = self.stop.cancelled() => Err(Ending { stage, event: Event::CalledOff }),
        }
    }
}

/// Gives `work` at most `limit`.
pub(crate) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Event>>,
) -> Result<T, Event> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(Event::TimedOut))
}

fn credentials(config: &SmtpConfig) -> Option<Credentials> {
    let user = config.user()?;
    let password = config.password.as_ref()?;
    Some(Credentials::new(
        user.to_owned(),
        password.expose_secret().to_owned(),
    ))
}

/// Addresses are announced as literals (RFC 5321 4.1.3).
fn client_id(name: &str) -> ClientId {
    match name.parse() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(name.to_owned()),
    }
}
