//! New emails of requests that arrive at the same moment share a statement, and so a commit.

use super::email_insert;
use crate::error::{from_diesel, from_pool};
use crate::pool::Pool;
use comm_domain::Change;
use comm_domain::outreach::Email;
use comm_ports::EventEncoder;
use comm_ports::error::StoreError;
use diesel_async::RunQueryDsl;
use std::slice;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Statements under way at a time. Few, so that under load more emails share one.
const LANES: usize = 4;
/// Most emails that share one.
const BATCH: usize = 32;

type Answer = oneshot::Sender<Result<Email, StoreError>>;

/// Stores new emails. Those that arrive while all lanes are busy share the next statement; without load each
/// has its own, at once. One that the database refuses does no harm to the others.
#[derive(Clone)]
pub(crate) struct Births {
    requests: mpsc::UnboundedSender<(Change<Email>, Answer)>,
}

impl Births {
    pub(crate) fn new(pool: Pool, encoder: Arc<dyn EventEncoder>) -> Self {
        let (requests, incoming) = mpsc::unbounded_channel();
        tokio::spawn(Registry { pool, encoder }.serve(incoming));
        Self { requests }
    }

    pub(crate) async fn store(&self, change: Change<Email>) -> Result<Email, StoreError> {
        let (answer, stored) = oneshot::channel();
        let stopped = || StoreError::Unavailable("storing emails was interrupted".into());
        self.requests
            .send((change, answer))
            .map_err(|_| stopped())?;
        stored.await.unwrap_or_else(|_| Err(stopped()))
    }
}

#[derive(Clone)]
struct Registry {
    pool: Pool,
    encoder: Arc<dyn EventEncoder>,
}

impl Registry {
    async fn serve(self, mut incoming: mpsc::UnboundedReceiver<(Change<Email>, Answer)>) {
        let lanes = Arc::new(Semaphore::new(LANES));
        while let Ok(lane) = Arc::clone(&lanes).acquire_owned().await {
            let mut batch = Vec::new();
            if incoming.recv_many(&mut batch, BATCH).await == 0 {
                return;
            }
            let registry = self.clone();
            tokio::spawn(async move {
                registry.store_all(batch).await;
                drop(lane);
            });
        }
    }

    async fn store_all(&self, batch: Vec<(Change<Email>, Answer)>) {
        let (changes, answers): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let mut results = Vec::with_capacity(changes.len());
        for some in email_insert::statements_of(&changes) {
            self.store_some(some, &mut results).await;
        }
        let stored = changes
            .into_iter()
            .map(|change| change.into_after().saved());
        for ((email, answer), result) in stored.zip(answers).zip(results) {
            // Whoever has left finds the email in the list.
            let _ = answer.send(result.map(|()| email));
        }
    }

    /// What was refused as a whole is tried one by one, so that each gets its own answer. Where it is not known
    /// what became of it, all are told so.
    async fn store_some(&self, some: &[Change<Email>], results: &mut Vec<Result<(), StoreError>>) {
        match self.insert(some).await {
            Ok(()) => results.extend(some.iter().map(|_| Ok(()))),
            Err(error) if some.len() == 1 => results.push(Err(error)),
            Err(StoreError::Unavailable(cause)) => {
                let words = cause.to_string();
                let away = || Err(StoreError::Unavailable(words.as_str().into()));
                results.extend(some.iter().map(|_| away()));
            }
            Err(_) => {
                for one in some {
                    results.push(self.insert(slice::from_ref(one)).await);
                }
            }
        }
    }

    /// It is its own transaction, and an error in its commit is an error of `execute`, which reads to the end.
    async fn insert(&self, some: &[Change<Email>]) -> Result<(), StoreError> {
        let statement = email_insert::insert(some, self.encoder.as_ref())?;
        let mut conn = self.pool.get().await.map_err(from_pool)?;
        let inserted = statement.execute(&mut conn).await;
        inserted.map(drop).map_err(from_diesel)
    }
}
