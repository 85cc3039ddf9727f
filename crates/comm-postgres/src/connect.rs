//! Opening connections, and giving up those that have fallen silent: a firewall forgets them, a pooler between hangs,
//! and nobody closes anything.
//!
//! The operating system asks a peer of which nothing is heard, and gives it up when it does not acknowledge. Where it
//! does, and yet no answer comes, the driver of the connection ends it: whoever waits gets an error, and the
//! pool trusts none of those that it had before.

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::{interval, timeout};
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{Client, Config, Connection, NoTls, Socket};
use tracing::{debug, warn};

/// What tokio-postgres takes where a URL says nothing.
const UNSAID_IDLE: Duration = Duration::from_secs(2 * 60 * 60);
/// After so long without a word the peer is asked, ...
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// ... again after so long ...
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// ... and as often.
const KEEPALIVE_RETRIES: u32 = 3;
/// How long the peer may leave unacknowledged what was sent.
const USER_TIMEOUT: Duration = Duration::from_secs(20);
/// PostgreSQL in turn gives up a client that takes nothing off its hands: no other limit ends a session that waits for
/// room to send, and one that is frozen must not keep its locks.
const TAKEN_WITHIN: &str = "SET tcp_user_timeout = '15s'; ";
/// How often a driver looks how long its connection has been waiting.
const LOOK: Duration = Duration::from_secs(1);
/// How much later than a statement's own limit its answer may come.
const MARGIN: Duration = Duration::from_secs(5);

/// How long to wait for the answer to a statement that PostgreSQL itself ends after this time.
pub(crate) fn patience(statement_timeout: Duration) -> Duration {
    statement_timeout + MARGIN
}

/// Opens a connection; what the URL says of keepalives goes before what is said here.
pub(crate) async fn open(
    url: &str,
) -> Result<(Client, Connection<Socket, NoTlsStream>), tokio_postgres::Error> {
    let mut config: Config = url.parse()?;
    if config.get_keepalives_idle() == UNSAID_IDLE {
        config.keepalives_idle(KEEPALIVE_IDLE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(KEEPALIVE_INTERVAL);
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(KEEPALIVE_RETRIES);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(USER_TIMEOUT);
    }
    config.connect(NoTls).await
}

/// How long a connection is waited for.
#[derive(Clone)]
pub(crate) struct Limits {
    /// Until it is there.
    pub(crate) within: Duration,
    /// Until it answers; `None`: there is no telling how long that may take.
    pub(crate) patience: Option<Duration>,
    /// Where it is noted if it does not.
    pub(crate) silence: Silence,
}

/// When a connection was last found silent. Others that were opened on the same way before may be so as well.
#[derive(Clone, Default)]
pub(crate) struct Silence(Arc<Mutex<Option<Instant>>>);

impl Silence {
    fn note(&self) {
        *lock(&self.0) = Some(Instant::now());
    }

    /// Whether what was last heard of then is to be trusted.
    pub(crate) fn is_over(&self, heard: Instant) -> bool {
        lock(&self.0).is_none_or(|noticed| noticed < heard)
    }
}

fn lock(instant: &Mutex<Option<Instant>>) -> MutexGuard<'_, Option<Instant>> {
    instant.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens a connection for diesel, and runs `setup` on it.
pub(crate) async fn establish(
    url: &str,
    setup: &str,
    limits: &Limits,
) -> ConnectionResult<AsyncPgConnection> {
    let connect = async {
        let (client, connection) = open(url).await.map_err(|error| in_words(&error))?;
        let waiting = Waiting::default();
        let (alive, dropped) = oneshot::channel();
        tokio::spawn(drive(connection, waiting.clone(), dropped, limits.clone()));
        let mut conn = AsyncPgConnection::try_from(client).await?;
        conn.set_instrumentation(Watch {
            waiting,
            _alive: alive,
        });
        conn.batch_execute(&[TAKEN_WITHIN, setup].concat())
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(conn)
    };
    timeout(limits.within, connect).await.unwrap_or_else(|_| {
        let words = "the connection was not established in time";
        Err(ConnectionError::BadConnection(words.to_owned()))
    })
}

fn in_words(error: &tokio_postgres::Error) -> ConnectionError {
    let cause = error.source().map(|cause| format!(": {cause}"));
    ConnectionError::BadConnection(format!("{error}{}", cause.unwrap_or_default()))
}

/// Since when the answer to a statement has been waited for.
#[derive(Clone, Default)]
struct Waiting(Arc<Mutex<Option<Instant>>>);

impl Waiting {
    fn set(&self, since: Option<Instant>) {
        *lock(&self.0) = since;
    }

    fn longer_than(&self, patience: Duration) -> bool {
        lock(&self.0).is_some_and(|since| since.elapsed() > patience)
    }
}

/// Sees the statements of a connection begin and end. It goes with the connection, which tells the driver.
/// A statement that nobody waits for any more has no end here: its connection is spared where it is used again
/// in time, and else replaced.
struct Watch {
    waiting: Waiting,
    _alive: oneshot::Sender<()>,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.waiting.set(Some(Instant::now())),
            InstrumentationEvent::FinishQuery { .. } => self.waiting.set(None),
            _ => {}
        }
    }
}

/// Reads and writes for a connection until it ends, is dropped, or has been silent for too long.
async fn drive(
    mut connection: Connection<Socket, NoTlsStream>,
    waiting: Waiting,
    mut dropped: oneshot::Receiver<()>,
    limits: Limits,
) {
    let mut looks = interval(LOOK);
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    debug!(error = %in_words(&error), "A connection to PostgreSQL has ended");
                }
                return;
            }
            _ = &mut dropped => return,
            _ = looks.tick() => {
                if limits.patience.is_some_and(|patience| waiting.longer_than(patience)) {
                    limits.silence.note();
                    warn!("PostgreSQL does not answer; the connection is given up");
                    return;
                }
            }
        }
    }
}
