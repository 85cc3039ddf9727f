//! Waking workers here and on other instances.
//!
//! `NOTIFY` inside a write transaction takes a lock of the whole database at commit, so it is sent
//! from one connection of its own, at most once in 50 ms per channel.

use crate::config::DatabaseConfig;
use crate::connect;
use async_trait::async_trait;
use comm_ports::error::Cause;
use comm_ports::{Signal, Signals};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, Connection, Socket, tls::NoTlsStream};
use tracing::{debug, warn};

const PAUSE: Duration = Duration::from_millis(50);
const RECONNECT_AFTER: Duration = Duration::from_secs(1);
/// How often PostgreSQL must answer where there is nothing to tell, ...
const HEARTBEAT: Duration = Duration::from_secs(30);
/// ... and how long it may take for that, for a connection, and for NOTIFY.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const LISTEN: &str = "LISTEN comm_queue; LISTEN comm_outbox; LISTEN comm_last_contact";

/// Signals over PostgreSQL. Without a connection they still work inside this instance.
pub struct PgSignals {
    queue: Lamp,
    outbox: Lamp,
    last_contact: Lamp,
    changed: Notify,
}

/// One signal: who waits here, and whether others are still to be told.
struct Lamp {
    channel: &'static str,
    here: Notify,
    tell: AtomicBool,
}

impl Lamp {
    fn new(channel: &'static str) -> Self {
        Self {
            channel,
            here: Notify::new(),
            tell: AtomicBool::new(false),
        }
    }
}

impl PgSignals {
    /// Starts the task that talks to other instances; it ends with the last owner.
    pub fn start(config: &DatabaseConfig) -> Arc<Self> {
        let signals = Arc::new(Self {
            queue: Lamp::new("comm_queue"),
            outbox: Lamp::new("comm_outbox"),
            last_contact: Lamp::new("comm_last_contact"),
            changed: Notify::new(),
        });
        let url = config.direct_url().to_owned();
        let weak = Arc::downgrade(&signals);
        tokio::spawn(async move {
            while let Some(signals) = weak.upgrade() {
                if let Err(error) = signals.talk(&url).await {
                    debug!(error, "The connection for signals is lost; trying again");
                }
                drop(signals);
                sleep(RECONNECT_AFTER).await;
            }
        });
        signals
    }

    /// Listens and notifies until the connection is lost.
    async fn talk(&self, url: &str) -> Result<(), Cause> {
        let (client, connection) = timeout(ANSWER_WITHIN, connect::open(url)).await??;
        let (incoming, mut heard) = mpsc::channel(16);
        let driver = tokio::spawn(drive(connection, incoming));
        let _driver = Driver(driver.abort_handle());
        ask(&client, LISTEN).await?;
        let pid = "SELECT pg_backend_pid()";
        let row = timeout(ANSWER_WITHIN, client.query_one(pid, &[])).await??;
        let ourselves: i32 = row.try_get(0)?;
        // What was raised here before the last connection broke may not have been told.
        self.tell_others(&client).await?;
        // Whatever was raised while nobody listened is found by looking.
        for lamp in self.lamps() {
            lamp.here.notify_one();
        }
        loop {
            tokio::select! {
                message = heard.recv() => match message {
                    Some((process, channel)) if process != ourselves => self.light(&channel),
                    Some(_) => {}
                    None => return Ok(()),
                },
                () = self.changed.notified() => {
                    self.tell_others(&client).await?;
                    sleep(PAUSE).await;
                }
                () = sleep(HEARTBEAT) => ask(&client, "SELECT 1").await?,
            }
        }
    }

    fn light(&self, channel: &str) {
        for lamp in self.lamps() {
            if lamp.channel == channel {
                lamp.here.notify_one();
            }
        }
    }

    async fn tell_others(&self, client: &Client) -> Result<(), Cause> {
        for lamp in self.lamps() {
            if !lamp.tell.swap(false, Ordering::AcqRel) {
                continue;
            }
            let notify = format!("NOTIFY {}", lamp.channel);
            if let Err(error) = ask(client, &notify).await {
                lamp.tell.store(true, Ordering::Release);
                return Err(error);
            }
        }
        Ok(())
    }

    fn lamps(&self) -> [&Lamp; 3] {
        [&self.queue, &self.outbox, &self.last_contact]
    }

    fn lamp(&self, signal: Signal) -> &Lamp {
        match signal {
            Signal::Queue => &self.queue,
            Signal::Outbox => &self.outbox,
            Signal::LastContact => &self.last_contact,
        }
    }
}

/// Ends the reading when nobody talks any more: PostgreSQL may not be there to end it.
struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn ask(client: &Client, statement: &str) -> Result<(), Cause> {
    timeout(ANSWER_WITHIN, client.batch_execute(statement)).await??;
    Ok(())
}

/// Reads notifications: which process sent one, and its channel.
async fn drive(
    mut connection: Connection<Socket, NoTlsStream>,
    incoming: mpsc::Sender<(i32, String)>,
) {
    let mut messages = futures_util::stream::poll_fn(move |cx| connection.poll_message(cx));
    while let Some(message) = futures_util::StreamExt::next(&mut messages).await {
        match message {
            Ok(AsyncMessage::Notification(note)) => {
                if incoming
                    .send((note.process_id(), note.channel().to_owned()))
                    .await
                    .is_err()
                {
                    return;
                }
            }
            Ok(_) => {}
            Err(error) => {
                warn!(error = %error, "PostgreSQL ended the connection for signals");
                return;
            }
        }
    }
}

#[async_trait]
impl Signals for PgSignals {
    fn raise(&self, signal: Signal) {
        let lamp = self.lamp(signal);
        lamp.here.notify_one();
        lamp.tell.store(true, Ordering::Release);
        self.changed.notify_one();
    }

    async fn wait(&self, signal: Signal) {
        self.lamp(signal).here.notified().await;
    }
}
