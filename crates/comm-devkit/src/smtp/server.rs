//! The listening server and its handle.

use super::options::SmtpOptions;
use super::record::{Connections, Memory, ReceivedMail, WaitError};
use super::session::Session;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A running SMTP server. It stops, with all its connections, when it is dropped.
pub struct SmtpServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// What the sessions of one server have in common.
pub(super) struct Shared {
    pub(super) options: SmtpOptions,
    pub(super) memory: Memory,
    pub(super) mails_begun: AtomicUsize,
}

impl SmtpServer {
    /// Starts a server.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(options: impl Into<SmtpOptions>) -> io::Result<Self> {
        let options = options.into();
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            memory: Memory::new(options.record),
            options,
            mails_begun: AtomicUsize::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            task,
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The mails that are remembered, oldest first.
    pub fn received(&self) -> Vec<ReceivedMail> {
        self.shared.memory.mails()
    }

    /// How many mails came in since the start, also those no longer remembered.
    pub fn count(&self) -> u64 {
        self.shared.memory.count()
    }

    /// Forgets the mails; the count goes on.
    pub fn clear(&self) {
        self.shared.memory.clear();
    }

    /// How many connections there were and are.
    pub fn connections(&self) -> Connections {
        self.shared.memory.connections()
    }

    /// The commands seen on one connection (numbered from 1), without the messages. AUTH is shown
    /// without what follows the mechanism.
    pub fn commands(&self, connection: usize) -> Vec<String> {
        self.shared.memory.commands(connection)
    }

    /// Waits until `count` mails have come in since the start, and returns those remembered.
    ///
    /// # Errors
    /// They did not come within `timeout`.
    pub async fn wait_for(
        &self,
        count: u64,
        timeout: Duration,
    ) -> Result<Vec<ReceivedMail>, WaitError> {
        self.shared.memory.until_mails(count, timeout).await?;
        Ok(self.received())
    }

    /// Waits until exactly `count` connections are open.
    ///
    /// # Errors
    /// It did not come to that within `timeout`.
    pub async fn wait_for_open(&self, count: usize, timeout: Duration) -> Result<(), WaitError> {
        self.shared.memory.until_open(count, timeout).await
    }

    /// Waits until a script has hung `count` times: the client is waiting for a reply that never comes.
    pub async fn wait_for_hanging(&self, count: usize) {
        self.shared.memory.until_hanging(count).await;
    }

    /// Stops and waits until the port is free again.
    pub async fn stop(mut self) {
        self.task.abort();
        // The only error is the abort itself.
        let _ = (&mut self.task).await;
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Accepts until it is aborted; the set ends the sessions with it.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    sessions.spawn(serve(stream, Arc::clone(&shared)));
                }
                // Out of file handles: sessions that end give some back.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = sessions.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let open = Open::new(&shared.memory);
    if stream.set_nodelay(true).is_ok() {
        // A session ends with an error when either side hangs up: that is its ordinary end.
        let _ = Session::run(stream, &shared, open.number).await;
    }
}

/// Counts a connection as open for as long as it lives, also when its task is aborted.
struct Open<'a> {
    memory: &'a Memory,
    number: usize,
}

impl<'a> Open<'a> {
    fn new(memory: &'a Memory) -> Self {
        let number = memory.opened();
        Self { memory, number }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.memory.closed();
    }
}
