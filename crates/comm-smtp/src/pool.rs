//! Connections that wait for the next mail.

use crate::connection::Connection;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::time::Instant;

/// A stack of connections: the one that was used last goes first, so that surplus ones grow old.
pub(crate) struct Pool {
    idle: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Oldest first.
    parked: Vec<Parked>,
    has_reaper: bool,
    is_closed: bool,
}

struct Parked {
    connection: Connection,
    since: Instant,
}

impl Pool {
    /// Keeps unused connections for `idle`.
    pub(crate) fn new(idle: Duration) -> Self {
        let state = Mutex::default();
        Self { idle, state }
    }

    /// A connection that was parked a short while ago.
    pub(crate) fn take(&self) -> Option<Connection> {
        self.lock().parked.pop().map(|parked| parked.connection)
    }

    /// Keeps a connection for the next mail.
    pub(crate) fn park(self: &Arc<Self>, connection: Connection) {
        let mut state = self.lock();
        if state.is_closed {
            drop(state);
            return connection.close();
        }
        let since = Instant::now();
        state.parked.push(Parked { connection, since });
        if !state.has_reaper {
            state.has_reaper = true;
            tokio::spawn(reap(Arc::downgrade(self)));
        }
    }

    /// Closes what is parked and what will be.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let parked = std::mem::take(&mut state.parked);
        drop(state);
        parked.into_iter().for_each(|old| old.connection.close());
    }

    /// Closes what is too old and tells when to look again; `None` when nothing is parked.
    fn close_old(&self) -> Option<Instant> {
        let mut state = self.lock();
        let now = Instant::now();
        let old = state
            .parked
            .iter()
            .take_while(|parked| parked.since + self.idle <= now)
            .count();
        let old: Vec<Parked> = state.parked.drain(..old).collect();
        let next = state.parked.first().map(|parked| parked.since + self.idle);
        state.has_reaper = next.is_some();
        drop(state);
        old.into_iter().for_each(|old| old.connection.close());
        next
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing can panic half-way under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn reap(pool: Weak<Pool>) {
    loop {
        let next = pool.upgrade().and_then(|pool| pool.close_old());
        let Some(next) = next else { return };
        tokio::time::sleep_until(next).await;
    }
}
