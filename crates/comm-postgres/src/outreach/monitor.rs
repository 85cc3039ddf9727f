//! How the queue fares, out of its tables alone.

use crate::PgStore;
use crate::error::from_diesel;
use crate::sql::sql;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use comm_domain::outreach::EmailStatus;
use comm_ports::error::StoreError;
use comm_ports::outreach::{
    Attempts, Batch, LAST_ATTEMPTS, LastError, QueueCounts, QueueFigures, QueueMonitor,
};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;
use uuid::Uuid;

/// Processes that died leave their row behind, until somebody else has worked for a day.
const SEEN: &str = "WITH forgotten AS ( \
       DELETE FROM communication_service.versender \
       WHERE gesehen_am < clock_timestamp() - interval '1 day' AND instanz <> ?) \
     INSERT INTO communication_service.versender (instanz) VALUES (?) \
     ON CONFLICT (instanz) DO UPDATE SET gesehen_am = excluded.gesehen_am";

const GONE: &str = "DELETE FROM communication_service.versender WHERE instanz = ?";

/// A worker says every six seconds at most that it works.
const CHECKED: &str = "SELECT max(gesehen_am) AS last_check, \
       coalesce(max(gesehen_am) > clock_timestamp() - interval '30 seconds', false) AS running \
     FROM communication_service.versender";

const PER_STATUS: &str = "SELECT status, count(*) AS emails FROM communication_service.emails \
     WHERE geloescht_am IS NULL GROUP BY status";

const HIDDEN: &str = "SELECT count(*) AS sent FROM communication_service.emails \
     WHERE geloescht_am IS NOT NULL AND status = 'Gesendet'";

const COUNTS: &str = "SELECT \
       (SELECT count(*) FROM communication_service.emails WHERE gesendet_am >= ?) AS sent_today, \
       (SELECT count(*) FROM communication_service.emails WHERE fehlerart IS NOT NULL \
          AND versucht_am >= ? AND status = 'Fehlgeschlagen') AS failed_today, \
       (SELECT count(*) FROM communication_service.emails \
        WHERE gesendet_am > clock_timestamp() - interval '1 hour') AS sent_last_hour, \
       (SELECT count(*) FROM communication_service.emails \
        WHERE geloescht_am IS NULL AND fehlerart = 'ausgang_unklar') AS in_doubt, \
       (SELECT count(*) FROM communication_service.emails WHERE geloescht_am IS NULL \
          AND fehlerart = 'voruebergehend' AND status = 'In_Warteschlange' \
          AND starts_with(fehlermeldung, ?)) AS blamed, \
       (SELECT min(in_warteschlange_am) FROM communication_service.emails \
        WHERE status = 'In_Warteschlange') AS oldest_waiting, \
       (SELECT CAST(extract(epoch FROM clock_timestamp() - min(faellig_am)) AS double precision) \
        FROM communication_service.emails WHERE status = 'In_Warteschlange') AS oldest_due";

const LAST_ERROR: &str = "SELECT fehlermeldung AS meldung, versucht_am AS at FROM communication_service.emails \
     WHERE fehlerart IS NOT NULL AND fehlermeldung IS NOT NULL AND status <> 'Wird_gesendet' \
       AND versucht_am IS NOT NULL \
     ORDER BY versucht_am DESC LIMIT 1";

/// From minute to minute with an outcome, backwards: however long the pauses between them were.
const BATCHES: &str = "WITH RECURSIVE found (minute, nth) AS ( \
       SELECT date_trunc('minute', greatest( \
         (SELECT max(gesendet_am) FROM communication_service.emails), \
         (SELECT max(versucht_am) FROM communication_service.emails \
          WHERE fehlerart IS NOT NULL AND status <> 'Wird_gesendet'))), 1 \
       UNION ALL \
       SELECT date_trunc('minute', greatest( \
         (SELECT max(gesendet_am) FROM communication_service.emails WHERE gesendet_am < minute), \
         (SELECT max(versucht_am) FROM communication_service.emails \
          WHERE fehlerart IS NOT NULL AND status <> 'Wird_gesendet' AND versucht_am < minute))), nth + 1 \
       FROM found WHERE minute IS NOT NULL AND nth < 10) \
     SELECT minute, \
       (SELECT count(*) FROM communication_service.emails \
        WHERE gesendet_am >= minute AND gesendet_am < minute + interval '1 minute') AS sent, \
       (SELECT count(*) FROM communication_service.emails \
        WHERE fehlerart IS NOT NULL AND status <> 'Wird_gesendet' \
          AND versucht_am >= minute AND versucht_am < minute + interval '1 minute') AS failed \
     FROM found WHERE minute IS NOT NULL ORDER BY minute DESC";

/// What was sent by hand without an attempt is none.
const ATTEMPTS: &str = "SELECT count(*) AS known, count(*) FILTER (WHERE failed) AS failed FROM ( \
       SELECT failed FROM ( \
         (SELECT gesendet_am AS at, false AS failed FROM communication_service.emails \
          WHERE gesendet_am IS NOT NULL AND versucht_am IS NOT NULL ORDER BY gesendet_am DESC LIMIT ?) \
         UNION ALL \
         (SELECT versucht_am, true FROM communication_service.emails \
          WHERE fehlerart IS NOT NULL AND versucht_am IS NOT NULL AND status <> 'Wird_gesendet' \
          ORDER BY versucht_am DESC LIMIT ?)) AS both_kinds \
       ORDER BY at DESC LIMIT ?) AS latest";

#[derive(QueryableByName)]
struct Checked {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_check: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    running: bool,
}

#[derive(QueryableByName)]
struct PerStatus {
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    emails: i64,
}

#[derive(QueryableByName)]
struct Hidden {
    #[diesel(sql_type = BigInt)]
    sent: i64,
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    sent_today: i64,
    #[diesel(sql_type = BigInt)]
    failed_today: i64,
    #[diesel(sql_type = BigInt)]
    sent_last_hour: i64,
    #[diesel(sql_type = BigInt)]
    in_doubt: i64,
    #[diesel(sql_type = BigInt)]
    blamed: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    oldest_waiting: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Double>)]
    oldest_due: Option<f64>,
}

#[derive(QueryableByName)]
struct ErrorRow {
    #[diesel(sql_type = Text)]
    meldung: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct BatchRow {
    #[diesel(sql_type = Timestamptz)]
    minute: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    sent: i64,
    #[diesel(sql_type = BigInt)]
    failed: i64,
}

#[derive(QueryableByName)]
struct AttemptsRow {
    #[diesel(sql_type = BigInt)]
    known: i64,
    #[diesel(sql_type = BigInt)]
    failed: i64,
}

#[async_trait]
impl QueueMonitor for PgStore {
    async fn seen(&self, instanz: Uuid) -> Result<(), StoreError> {
        sql(SEEN)
            .bind::<SqlUuid, _>(instanz)
            .bind::<SqlUuid, _>(instanz)
            .execute(&mut *self.conn().await?)
            .await
            .map(drop)
            .map_err(from_diesel)
    }

    async fn gone(&self, instanz: Uuid) -> Result<(), StoreError> {
        sql(GONE)
            .bind::<SqlUuid, _>(instanz)
            .execute(&mut *self.conn().await?)
            .await
            .map(drop)
            .map_err(from_diesel)
    }

    async fn figures(&self, today: DateTime<Utc>, blame: &str) -> Result<QueueFigures, StoreError> {
        read(today, blame, &mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }

    async fn counts(&self) -> Result<QueueCounts, StoreError> {
        let mut conn = self.conn().await?;
        let rows = sql(PER_STATUS).load(&mut conn).await.map_err(from_diesel)?;
        let hidden = sql(HIDDEN).get_result(&mut conn).await;
        let hidden: Hidden = hidden.map_err(from_diesel)?;
        let of = |status: EmailStatus| {
            let mut rows = rows
                .iter()
                .filter(|row: &&PerStatus| row.status == status.as_str());
            rows.next().map_or(0, |row| row.emails)
        };
        Ok(QueueCounts {
            per_status: EmailStatus::ALL
                .iter()
                .map(|status| (*status, of(*status)))
                .collect(),
            total_sent: of(EmailStatus::Gesendet) + hidden.sent,
            total_failed: of(EmailStatus::Fehlgeschlagen),
        })
    }
}

async fn read(
    today: DateTime<Utc>,
    blame: &str,
    conn: &mut AsyncPgConnection,
) -> diesel::QueryResult<QueueFigures> {
    let checked: Checked = sql(CHECKED).get_result(conn).await?;
    let counts: Counts = sql(COUNTS)
        .bind::<Timestamptz, _>(today)
        .bind::<Timestamptz, _>(today)
        .bind::<Text, _>(blame.to_owned())
        .get_result(conn)
        .await?;
    let last_error: Vec<ErrorRow> = sql(LAST_ERROR).load(conn).await?;
    let batches: Vec<BatchRow> = sql(BATCHES).load(conn).await?;
    let attempts: AttemptsRow = sql(ATTEMPTS)
        .bind::<BigInt, _>(LAST_ATTEMPTS)
        .bind::<BigInt, _>(LAST_ATTEMPTS)
        .bind::<BigInt, _>(LAST_ATTEMPTS)
        .get_result(conn)
        .await?;
    Ok(QueueFigures {
        last_check: checked.last_check,
        running: checked.running,
        sent_today: counts.sent_today,
        failed_today: counts.failed_today,
        sent_last_hour: counts.sent_last_hour,
        in_doubt: counts.in_doubt,
        oldest_waiting: counts.oldest_waiting,
        oldest_due: counts
            .oldest_due
            .and_then(|secs| Duration::try_from_secs_f64(secs).ok()),
        blamed: counts.blamed,
        last_error: last_error.into_iter().next().map(|row| LastError {
            meldung: row.meldung,
            at: row.at,
        }),
        batches: batches
            .into_iter()
            .map(|row| Batch {
                minute: row.minute,
                sent: row.sent,
                failed: row.failed,
            })
            .collect(),
        attempts: Attempts {
            known: attempts.known,
            failed: attempts.failed,
        },
    })
}
