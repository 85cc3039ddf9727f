//! Keys of requests that clients may repeat.
//!
//! 'Running' is an advisory lock of the transaction that does the work, so a crash leaves nothing
//! behind. It is taken in a statement of its own: the next one then sees what its last holder committed.

use crate::sql::{Sql, sql};
use comm_ports::error::StoreError;
use comm_ports::{KeptAnswer, KeyState, RequestKey};
use diesel::QueryResult;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, SmallInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Two keys whose hashes are equal only make one of their requests wait.
const LOCK: &str =
    "SELECT pg_try_advisory_xact_lock(hashtextextended(concat(?, ' ', ?), 0)) AS locked";
const FIND: &str = "SELECT body_hash, status, location, body \
     FROM communication_service.idempotency_keys \
     WHERE route = ? AND key = ? AND created_at > clock_timestamp() - interval '24 hours'";
/// A key that is older than 24 hours, but was not purged yet, is taken over.
const KEEP: &str = "INSERT INTO communication_service.idempotency_keys \
       (route, key, body_hash, status, location, body) VALUES (?, ?, ?, ?, ?, ?) \
     ON CONFLICT (route, key) DO UPDATE SET body_hash = excluded.body_hash, \
       status = excluded.status, location = excluded.location, body = excluded.body, \
       created_at = excluded.created_at";
const PURGE: &str = "DELETE FROM communication_service.idempotency_keys WHERE (route, key) IN ( \
       SELECT route, key FROM communication_service.idempotency_keys \
       WHERE created_at < clock_timestamp() - interval '24 hours' \
       ORDER BY created_at LIMIT ? FOR UPDATE SKIP LOCKED)";

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Binary)]
    body_hash: Vec<u8>,
    #[diesel(sql_type = SmallInt)]
    status: i16,
    #[diesel(sql_type = Nullable<Text>)]
    location: Option<String>,
    #[diesel(sql_type = Binary)]
    body: Vec<u8>,
}

impl TryFrom<Kept> for KeyState {
    type Error = StoreError;

    fn try_from(kept: Kept) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt("the answer of an idempotency key".to_owned());
        Ok(Self::Answered {
            body_hash: kept.body_hash.try_into().map_err(|_| corrupt())?,
            answer: KeptAnswer {
                status: kept.status.try_into().map_err(|_| corrupt())?,
                location: kept.location,
                body: kept.body,
            },
        })
    }
}

pub(crate) async fn lock(key: &RequestKey, conn: &mut AsyncPgConnection) -> QueryResult<bool> {
    let row: Locked = named(LOCK, key).get_result(conn).await?;
    Ok(row.locked)
}

/// What was kept; `Free` if nothing was.
pub(crate) async fn find(
    key: &RequestKey,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Result<KeyState, StoreError>> {
    let rows: Vec<Kept> = named(FIND, key).load(conn).await?;
    let kept = rows.into_iter().next();
    Ok(kept.map_or(Ok(KeyState::Free), KeyState::try_from))
}

pub(crate) fn keep(key: &RequestKey, answer: &KeptAnswer) -> Sql {
    named(KEEP, key)
        .bind::<Binary, _>(key.body_hash.to_vec())
        .bind::<SmallInt, _>(i16::try_from(answer.status).unwrap_or(i16::MAX))
        .bind::<Nullable<Text>, _>(answer.location.clone())
        .bind::<Binary, _>(answer.body.clone())
}

pub(crate) fn purge(limit: i64) -> Sql {
    sql(PURGE).bind::<BigInt, _>(limit)
}

fn named(statement: &'static str, key: &RequestKey) -> Sql {
    sql(statement)
        .bind::<Text, _>(key.route.clone())
        .bind::<Text, _>(key.key.clone())
}
