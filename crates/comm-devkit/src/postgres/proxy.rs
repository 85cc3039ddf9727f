//! What may stand between a service and its database, and fall silent.

use std::io;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_postgres::Config;

/// Passes bytes on to a PostgreSQL server, until it is told not to. Dropped, it closes its connections.
pub struct Proxy {
    from: u16,
    to: u16,
    silences: watch::Sender<u32>,
}

impl Proxy {
    /// Stands before the server of this URL.
    ///
    /// # Errors
    /// No port, or a URL that cannot be read.
    pub async fn before(url: &str) -> io::Result<Self> {
        let config: Config = url.parse().map_err(io::Error::other)?;
        let to = config.get_ports().first().copied().unwrap_or(5432);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let from = listener.local_addr()?.port();
        let (silences, seen) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, to, seen.clone()));
            }
        });
        Ok(Self { from, to, silences })
    }

    /// The same URL, with the proxy in between.
    pub fn url(&self, url: &str) -> String {
        url.replace(&format!(":{}/", self.to), &format!(":{}/", self.from))
    }

    /// From now on nothing is passed on over the connections that are open. They stay open, and its kernel
    /// goes on to acknowledge. New ones work.
    pub fn fall_silent(&self) {
        self.silences.send_modify(|silences| *silences += 1);
    }
}

async fn pass(mut client: TcpStream, to: u16, mut silences: watch::Receiver<u32>) {
    silences.mark_unchanged();
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", to)).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        told = silences.changed() => if told.is_ok() {
            std::future::pending().await
        }
    }
}
