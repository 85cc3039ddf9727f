//! The queue inside `emails`: leases and due times, all by the database's clock. Claims are in `email_turn`.

use super::email_row::{EmailRow, row_columns};
use super::throttle;
use crate::sql::{Sql, sql};
use comm_domain::outreach::{Email, EmailId};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Array, BigInt, Double, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::num::NonZeroU32;
use std::time::Duration;
use tracing::error;
use uuid::Uuid;

const LOCK_HELD: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM communication_service.emails \
     WHERE (id, sperre) IN (SELECT * FROM unnest(?::bigint[], ?::uuid[])) ORDER BY id FOR UPDATE"
);

/// Rows that their holder is storing an outcome for at this moment are passed over.
const LOCK_EXPIRED: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM communication_service.emails \
     WHERE status = 'Wird_gesendet' AND gesperrt_bis < clock_timestamp() AND id <> ALL(?) \
     ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
);

/// There are few emails in doubt at a time, and an index has them.
const LOCK_DOUBTED: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM communication_service.emails \
     WHERE fehlerart = 'ausgang_unklar' AND geloescht_am IS NULL AND status = 'Fehlgeschlagen' AND sperre = ANY(?) \
     ORDER BY id FOR UPDATE"
);

/// A row that somebody holds is passed over until the next time: the leases of the others must not wait for it.
const RENEW: &str = "WITH ours AS MATERIALIZED ( \
       SELECT id FROM communication_service.emails WHERE status = 'Wird_gesendet' AND sperre = ANY(?) \
       FOR UPDATE SKIP LOCKED) \
     UPDATE communication_service.emails SET gesperrt_bis = clock_timestamp() + make_interval(secs => ?) \
     FROM ours WHERE emails.id = ours.id RETURNING emails.id, emails.sperre";

const RELEASE: &str = "UPDATE communication_service.emails \
     SET status = 'In_Warteschlange', sperre = NULL, gesperrt_bis = NULL \
     WHERE status = 'Wird_gesendet' AND sperre = ANY(?)";

/// A row under way that nobody can read must not keep others from being given up.
const LOOK_LATER: &str = "UPDATE communication_service.emails \
     SET gesperrt_bis = clock_timestamp() + interval '1 hour' WHERE id = ANY(?)";

/// A back-off is cut short, and says so; only `senden_ab` still holds it back.
const EXPEDITE: &str = "WITH found AS MATERIALIZED ( \
       SELECT id, status, greatest(clock_timestamp(), senden_ab) AS now_due \
       FROM communication_service.emails WHERE id = ? AND geloescht_am IS NULL FOR UPDATE), \
     moved AS ( \
       UPDATE communication_service.emails SET faellig_am = now_due, rang = -1, \
         naechster_versuch_am = CASE WHEN naechster_versuch_am IS NOT NULL THEN now_due END \
       FROM found WHERE emails.id = found.id AND found.status = 'In_Warteschlange') \
     SELECT status FROM found";

/// A row that nobody can read must not keep the queue from those behind it.
const PUT_OFF: &str = "UPDATE communication_service.emails SET status = 'In_Warteschlange', sperre = NULL, \
       gesperrt_bis = NULL, faellig_am = clock_timestamp() + interval '1 hour' WHERE id = ANY(?)";

const NEXT_DUE: &str = "SELECT CAST(extract(epoch FROM min(faellig_am) - clock_timestamp()) \
     AS double precision) AS secs FROM communication_service.emails WHERE status = 'In_Warteschlange'";

#[derive(QueryableByName)]
struct Wait {
    #[diesel(sql_type = Nullable<Double>)]
    secs: Option<f64>,
}

/// Who holds an email.
#[derive(QueryableByName)]
pub(crate) struct Held {
    #[diesel(sql_type = BigInt)]
    pub(crate) id: i64,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) sperre: Uuid,
}

#[derive(QueryableByName)]
struct Status {
    #[diesel(sql_type = Text)]
    status: String,
}

/// Emails out of rows.
pub(crate) struct Read {
    pub(crate) emails: Vec<Email>,
    /// The ids of rows that break the domain's rules. They are logged and must not hold up the others.
    pub(crate) unreadable: Vec<i64>,
}

pub(crate) fn readable(rows: impl IntoIterator<Item = EmailRow>) -> Read {
    let (mut emails, mut unreadable) = (Vec::new(), Vec::new());
    for row in rows {
        let id = row.id();
        match Email::try_from(row) {
            Ok(email) => emails.push(email),
            Err(error) => {
                error!(email_id = id, error = %error, "A stored email cannot be read");
                unreadable.push(id);
            }
        }
    }
    Read { emails, unreadable }
}

pub(crate) fn lock_held(held: &[(EmailId, Uuid)]) -> Sql {
    let (ids, sperren): (Vec<i64>, Vec<Uuid>) =
        held.iter().map(|(id, sperre)| (id.0, *sperre)).unzip();
    sql(LOCK_HELD)
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<SqlUuid>, _>(sperren)
}

pub(crate) fn lock_expired(except: &[EmailId]) -> Sql {
    let except: Vec<i64> = except.iter().map(|id| id.0).collect();
    sql(LOCK_EXPIRED).bind::<Array<BigInt>, _>(except)
}

pub(crate) fn lock_doubted(sperren: &[Uuid]) -> Sql {
    sql(LOCK_DOUBTED).bind::<Array<SqlUuid>, _>(sperren.to_vec())
}

pub(crate) fn look_later(ids: &[i64]) -> Sql {
    sql(LOOK_LATER).bind::<Array<BigInt>, _>(ids.to_vec())
}

pub(crate) fn release(sperren: &[Uuid]) -> Sql {
    sql(RELEASE).bind::<Array<SqlUuid>, _>(sperren.to_vec())
}

pub(crate) fn put_off(ids: &[i64]) -> Sql {
    sql(PUT_OFF).bind::<Array<BigInt>, _>(ids.to_vec())
}

pub(crate) fn renew(sperren: &[Uuid], lease: Duration) -> Sql {
    sql(RENEW)
        .bind::<Array<SqlUuid>, _>(sperren.to_vec())
        .bind::<Double, _>(lease.as_secs_f64())
}

/// Runs a statement that answers emails.
pub(crate) async fn load(
    statement: Sql,
    conn: &mut AsyncPgConnection,
) -> diesel::QueryResult<Vec<EmailRow>> {
    statement.load(conn).await
}

/// Answers the state that the email was in.
pub(crate) async fn expedite(
    id: i64,
    conn: &mut AsyncPgConnection,
) -> diesel::QueryResult<Option<String>> {
    let rows: Vec<Status> = sql(EXPEDITE).bind::<BigInt, _>(id).load(conn).await?;
    Ok(rows.into_iter().next().map(|row| row.status))
}

pub(crate) async fn next_due(
    domain_limit: Option<NonZeroU32>,
    conn: &mut AsyncPgConnection,
) -> diesel::QueryResult<Option<Duration>> {
    let statement = domain_limit.map_or_else(|| sql(NEXT_DUE), throttle::next_due);
    let wait: Wait = statement.get_result(conn).await?;
    Ok(wait
        .secs
        .map(|secs| Duration::try_from_secs_f64(secs.max(0.0)).unwrap_or(Duration::MAX)))
}
