//! What may stand between a service and its database, count the statements that pass, and do something at one of them.

use super::wire::{self, Messages};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_postgres::Config;

/// Passes messages on to a PostgreSQL server and counts the statements among them: simple queries, and executions of
/// the extended protocol, over all connections. At the one it is armed for it springs once, and cuts every connection.
pub struct Tripwire {
    from: u16,
    to: u16,
    state: Arc<State>,
}

/// On which side of a statement it springs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The server never sees the statement.
    Before,
    /// The server has carried the statement out, and the client never learns of it.
    After,
}

type Act = Box<dyn FnOnce() + Send>;

struct State {
    armed: Mutex<Option<Armed>>,
    /// Changes when the connections are cut.
    cuts: watch::Sender<u32>,
}

struct Armed {
    nth: usize,
    side: Side,
    seen: usize,
    act: Option<Act>,
}

impl Tripwire {
    /// Stands before the server of this URL.
    ///
    /// # Errors
    /// No port, or a URL that cannot be read.
    pub async fn before(url: &str) -> io::Result<Self> {
        let config: Config = url.parse().map_err(io::Error::other)?;
        let to = config.get_ports().first().copied().unwrap_or(5432);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let from = listener.local_addr()?.port();
        let state = Arc::new(State {
            armed: Mutex::default(),
            cuts: watch::Sender::new(0),
        });
        let passing = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, to, Arc::clone(&passing)));
            }
        });
        Ok(Self { from, to, state })
    }

    /// The same URL, with the tripwire in between.
    pub fn url(&self, url: &str) -> String {
        url.replace(&format!(":{}/", self.to), &format!(":{}/", self.from))
    }

    /// Counts statements from now on, and does `act` at the `nth`, the first being 1.
    pub fn arm(&self, nth: usize, side: Side, act: impl FnOnce() + Send + 'static) {
        *self.state.locked() = Some(Armed {
            nth,
            side,
            seen: 0,
            act: Some(Box::new(act)),
        });
    }

    /// Counts no more; says how many statements were seen since it was armed.
    pub fn disarm(&self) -> usize {
        let armed = self.state.locked().take();
        armed.map_or(0, |armed| armed.seen)
    }
}

impl State {
    fn locked(&self) -> std::sync::MutexGuard<'_, Option<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a statement; says whether it is the one.
    fn count(&self) -> Option<Side> {
        let mut armed = self.locked();
        let armed = armed.as_mut()?;
        armed.seen += 1;
        (armed.seen == armed.nth).then_some(armed.side)
    }

    fn spring(&self) {
        let act = self.locked().as_mut().and_then(|armed| armed.act.take());
        if let Some(act) = act {
            act();
            self.cuts.send_modify(|cuts| *cuts += 1);
        }
    }
}

async fn pass(mut client: TcpStream, to: u16, state: Arc<State>) -> io::Result<()> {
    let mut cuts = state.cuts.subscribe();
    let mut server = TcpStream::connect(("127.0.0.1", to)).await?;
    server.write_all(&wire::start(&mut client).await?).await?;
    // Statements are small and are waited for.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (asking, answering) = (client.into_split(), server.into_split());
    let talk = Talk {
        state: &state,
        awaited: AtomicUsize::new(1),
        is_tripped: AtomicBool::new(false),
    };
    tokio::select! {
        ended = talk.ask(asking.0, answering.1) => ended,
        ended = talk.answer(answering.0, asking.1) => ended,
        _ = cuts.changed() => Ok(()),
    }
}

/// One connection.
struct Talk<'a> {
    state: &'a State,
    /// How often the server has still to say that it is ready for the next query: once after the start, and once for
    /// each round of messages.
    awaited: AtomicUsize,
    /// Nothing that the server says is passed on any more.
    is_tripped: AtomicBool,
}

impl Talk<'_> {
    async fn ask(
        &self,
        client: impl AsyncRead + Unpin,
        mut server: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut messages = Messages::of(client);
        let mut trips = false;
        while let Some(message) = messages.next().await? {
            let side = message.executes().then(|| self.state.count()).flatten();
            if side == Some(Side::Before) {
                self.state.spring();
                return Ok(());
            }
            trips |= side == Some(Side::After);
            if message.ends_a_round() {
                self.awaited.fetch_add(1, Ordering::SeqCst);
                self.is_tripped.fetch_or(trips, Ordering::SeqCst);
            }
            server.write_all(message.bytes()).await?;
        }
        Ok(())
    }

    async fn answer(
        &self,
        server: impl AsyncRead + Unpin,
        mut client: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut messages = Messages::of(server);
        while let Some(message) = messages.next().await? {
            let tripped = self.is_tripped.load(Ordering::SeqCst);
            if message.is_ready() && self.awaited.fetch_sub(1, Ordering::SeqCst) == 1 && tripped {
                self.state.spring();
            }
            if !tripped {
                client.write_all(message.bytes()).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::{Cluster, ClusterOptions};
    use tokio::sync::oneshot;
    use tokio_postgres::{Client, NoTls};

    async fn connect(url: &str) -> Client {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    async fn rows(url: &str) -> i64 {
        let client = connect(url).await;
        let row = client.query_one("SELECT count(*) FROM t", &[]).await;
        row.unwrap().get(0)
    }

    #[tokio::test]
    async fn it_counts_what_is_executed_and_springs_on_either_side_of_a_statement() {
        let cluster = Cluster::start(ClusterOptions::temporary()).await.unwrap();
        let url = cluster.url("postgres");
        let wire = Tripwire::before(&url).await.unwrap();
        let through = wire.url(&url);
        let client = connect(&through).await;
        client
            .batch_execute("CREATE TABLE t (n int)")
            .await
            .unwrap();
        let insert = client.prepare("INSERT INTO t VALUES ($1)").await.unwrap();

        wire.arm(100, Side::Before, || {});
        client.execute(&insert, &[&1]).await.unwrap();
        client.batch_execute("BEGIN; COMMIT").await.unwrap();
        client.query("SELECT n FROM t", &[]).await.unwrap();
        assert_eq!(wire.disarm(), 3, "preparing executes nothing");

        for (side, after) in [(Side::Before, 1), (Side::After, 2)] {
            let client = connect(&through).await;
            let insert = client.prepare("INSERT INTO t VALUES ($1)").await.unwrap();
            let (sprung, springs) = oneshot::channel();
            wire.arm(2, side, || sprung.send(()).unwrap());
            client.batch_execute("SELECT 1").await.unwrap();
            client.execute(&insert, &[&2]).await.unwrap_err();
            springs.await.unwrap();
            assert_eq!((wire.disarm(), rows(&url).await), (2, after), "{side:?}");
        }
        assert_eq!(
            rows(&through).await,
            2,
            "whoever connects anew gets through"
        );
    }
}
