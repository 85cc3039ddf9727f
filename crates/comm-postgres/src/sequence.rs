//! Ids in advance: the id of an email or call stands in its first event, so it must be known before the insert.

use crate::error::{from_diesel, from_pool};
use crate::pool::Pool;
use crate::sql::sql;
use comm_ports::error::StoreError;
use diesel::QueryResult;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Where the ids of emails come from.
pub(crate) const EMAIL_IDS: &str = "communication_service.emails_id_seq";
/// Where the ids of calls come from.
pub(crate) const TELEFONANRUF_IDS: &str = "communication_service.telefonanrufe_id_seq";
/// Most requests that share one query.
const BATCH: usize = 64;

type Waiter = oneshot::Sender<Result<i64, Arc<StoreError>>>;

/// Draws ids from a sequence. Requests that arrive while a query is under way share the next one, so
/// that under load an id costs no round trip of its own, and without load no id is wasted.
#[derive(Clone)]
pub(crate) struct IdSequence {
    requests: mpsc::UnboundedSender<Waiter>,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

impl IdSequence {
    pub(crate) fn new(pool: Pool, sequence: &'static str) -> Self {
        let (requests, incoming) = mpsc::unbounded_channel();
        tokio::spawn(serve(pool, sequence, incoming));
        Self { requests }
    }

    pub(crate) async fn next(&self) -> Result<i64, StoreError> {
        let (waiter, answer) = oneshot::channel();
        let stopped = || StoreError::Unavailable("the id sequence has stopped".into());
        self.requests.send(waiter).map_err(|_| stopped())?;
        match answer.await {
            Ok(Ok(id)) => Ok(id),
            Ok(Err(error)) => Err(StoreError::Unavailable(error.to_string().into())),
            Err(_) => Err(stopped()),
        }
    }
}

async fn serve(pool: Pool, sequence: &'static str, mut incoming: mpsc::UnboundedReceiver<Waiter>) {
    let mut waiters = Vec::with_capacity(BATCH);
    while incoming.recv_many(&mut waiters, BATCH).await > 0 {
        match draw(&pool, sequence, waiters.len()).await {
            Ok(ids) => {
                for (waiter, id) in waiters.drain(..).zip(ids) {
                    // A client that hung up leaves a gap, like every sequence.
                    let _ = waiter.send(Ok(id));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for waiter in waiters.drain(..) {
                    let _ = waiter.send(Err(Arc::clone(&error)));
                }
            }
        }
    }
}

async fn draw(pool: &Pool, sequence: &'static str, count: usize) -> Result<Vec<i64>, StoreError> {
    let mut conn = pool.get().await.map_err(from_pool)?;
    draw_on(&mut conn, sequence, count)
        .await
        .map_err(from_diesel)
}

/// Draws ids on a connection that is at hand.
pub(crate) async fn draw_on(
    conn: &mut AsyncPgConnection,
    sequence: &'static str,
    count: usize,
) -> QueryResult<Vec<i64>> {
    let rows: Vec<Id> = sql("SELECT nextval(CAST(? AS regclass)) AS id FROM generate_series(1, ?)")
        .bind::<Text, _>(sequence)
        .bind::<BigInt, _>(i64::try_from(count).unwrap_or(1))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
