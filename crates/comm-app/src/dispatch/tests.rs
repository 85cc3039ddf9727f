//! The queue worker against a queue in memory.

mod attachments;
mod company;
mod contacts;
mod leases;
mod living;
mod queue;
mod retries;
mod shutdown;
mod turns;

use super::flight::{Flight, Hold};
use super::{AfterCrash, Dispatch, QueueSettings};
use crate::testing::{Lamps, Server, adapters};
use comm_domain::outreach::{Fehler, Fehlerart, Fehlergrund, Versuchsplan};
use comm_ports::error::StoreError;
use comm_ports::outreach::OutreachStore;
use queue::Queue;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A worker with everything around it that a test looks at.
struct World {
    dispatch: Arc<Dispatch>,
    queue: Arc<Queue>,
    server: Arc<Server>,
    signals: Arc<Lamps>,
    flight: Flight,
}

fn settings() -> QueueSettings {
    QueueSettings {
        undo_seconds: 5,
        check_interval_seconds: 60,
        batch_size: 10,
        lease_seconds: 45,
        shutdown_grace_seconds: 8,
        backoff: Versuchsplan::default(),
        after_crash: AfterCrash::Doubt,
        per_domain_per_minute: 0,
    }
}

/// Nobody answers at the server's address.
fn temporary() -> Fehler {
    Fehler {
        art: Fehlerart::Voruebergehend,
        grund: Fehlergrund::NichtErreichbar,
        server: None,
        enhanced_code: None,
        anhang: None,
    }
}

impl World {
    /// With emails 1 to `waiting` in the queue.
    fn new(connections: usize, waiting: i64) -> Self {
        Self::with(connections, waiting, settings())
    }

    fn with(connections: usize, waiting: i64, settings: QueueSettings) -> Self {
        let queue = Arc::new(Queue::of(waiting));
        let store = Arc::new(queue::store(&queue));
        Self::over(store, queue, connections, settings)
    }

    /// Over a database that takes this long for a turn.
    fn slow(connections: usize, waiting: i64, delay: Duration) -> Self {
        let queue = Arc::new(Queue::of(waiting));
        let store = Arc::new(queue::Slow {
            store: queue::store(&queue),
            delay,
        });
        Self::over(store, queue, connections, settings())
    }

    fn over(
        store: Arc<dyn OutreachStore>,
        queue: Arc<Queue>,
        connections: usize,
        settings: QueueSettings,
    ) -> Self {
        let server = Arc::new(Server::new(connections));
        let signals = Arc::new(Lamps::default());
        let adapters = crate::Adapters {
            store,
            mail: server.clone(),
            signals: signals.clone(),
            ..adapters()
        };
        Self {
            dispatch: Arc::new(Dispatch::new(adapters, settings)),
            queue,
            server,
            signals,
            flight: Flight::default(),
        }
    }

    async fn step(&mut self) -> Result<Duration, StoreError> {
        let turn = self
            .dispatch
            .step(&mut self.flight, &CancellationToken::new())
            .await;
        settle_down().await;
        turn
    }

    /// Runs the worker by itself until the token is cancelled.
    async fn run(&self) -> (CancellationToken, tokio::task::JoinHandle<()>) {
        let (stop, dispatch) = (CancellationToken::new(), self.dispatch.clone());
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { dispatch.run(stop).await }
        });
        settle_down().await;
        (stop, running)
    }
}

/// A lease that does not run out.
fn hold() -> Arc<Hold> {
    Arc::new(Hold::until(Instant::now() + Duration::from_secs(3600)))
}

/// Lets every task go as far as it can without time passing.
async fn settle_down() {
    for _ in 0..200 {
        yield_now().await;
    }
}
