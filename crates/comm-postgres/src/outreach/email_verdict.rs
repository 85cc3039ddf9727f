//! Storing how attempts ended: many in one statement, which writes only what an outcome changes. The
//! bodies stay where they are.

use super::email_write::{due_secs, encode, keeps_lease};
use crate::outbox_append::{bind_events, with_events};
use crate::sql::{Sql, sql};
use chrono::{DateTime, Utc};
use comm_domain::outreach::EmailId;
use comm_ports::EventEncoder;
use comm_ports::error::StoreError;
use comm_ports::outreach::Verdict;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Bool, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Rows are locked by ascending id. An email whose events do not follow those that it had is not the one
/// that was claimed.
const SAVE: &str = concat!(
    "WITH given AS MATERIALIZED ( \
       SELECT * FROM unnest(?::bigint[], ?::uuid[], ?::timestamptz[], ?::bigint[], ?::text[], \
         ?::timestamptz[], ?::text[], ?::text[], ?::integer[], ?::timestamptz[], ?::bigint[], \
         ?::double precision[], ?::timestamptz[], ?::boolean[]) \
       AS given (id, sperre, seen, known_sequence, status, gesendet_am, fehlermeldung, fehlerart, \
         wiederholungsanzahl, updated_at, sequence, after, naechster, keeps_lease)), \
     held AS MATERIALIZED ( \
       SELECT emails.id, CASE WHEN given.after IS NOT NULL \
         THEN greatest(clock_timestamp() + make_interval(secs => given.after), emails.senden_ab) END AS due \
       FROM communication_service.emails JOIN given ON given.id = emails.id \
       WHERE emails.status = 'Wird_gesendet' AND emails.sperre = given.sperre \
         AND emails.updated_at = given.seen AND emails.sequence = given.known_sequence \
       ORDER BY emails.id FOR UPDATE OF emails), \
     saved AS ( \
       UPDATE communication_service.emails SET \
         status = given.status, gesendet_am = given.gesendet_am, fehlermeldung = given.fehlermeldung, \
         fehlerart = given.fehlerart, wiederholungsanzahl = given.wiederholungsanzahl, \
         updated_at = given.updated_at, sequence = given.sequence, \
         faellig_am = coalesce(held.due, emails.faellig_am), \
         naechster_versuch_am = CASE WHEN given.naechster IS NOT NULL \
           THEN coalesce(held.due, given.naechster) END, \
         rang = CASE WHEN held.due IS NULL THEN emails.rang ELSE emails.prioritaet END, \
         sperre = CASE WHEN given.keeps_lease THEN emails.sperre END, \
         gesperrt_bis = CASE WHEN given.keeps_lease THEN emails.gesperrt_bis END \
       FROM held JOIN given ON given.id = held.id WHERE emails.id = held.id RETURNING emails.id)",
    with_events!()
);

#[derive(QueryableByName)]
struct Saved {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Stores outcomes of different emails.
pub(crate) fn save(verdicts: &[Verdict], encoder: &dyn EventEncoder) -> Result<Sql, StoreError> {
    let mut columns = Columns::default();
    let mut records = Vec::with_capacity(verdicts.len());
    for verdict in verdicts {
        columns.push(verdict);
        records.extend(encode(&verdict.change, encoder)?);
    }
    Ok(bind_events(columns.bind(sql(SAVE)), records))
}

/// Runs the statement; answers whose outcomes it has stored.
pub(crate) async fn run(
    statement: Sql,
    conn: &mut AsyncPgConnection,
) -> diesel::QueryResult<Vec<EmailId>> {
    let saved: Vec<Saved> = statement.load(conn).await?;
    Ok(saved.into_iter().map(|row| EmailId(row.id)).collect())
}

#[derive(Default)]
struct Columns {
    id: Vec<i64>,
    sperre: Vec<Uuid>,
    seen: Vec<DateTime<Utc>>,
    known_sequence: Vec<i64>,
    status: Vec<&'static str>,
    gesendet_am: Vec<Option<DateTime<Utc>>>,
    fehlermeldung: Vec<Option<String>>,
    fehlerart: Vec<Option<&'static str>>,
    wiederholungsanzahl: Vec<i32>,
    updated_at: Vec<DateTime<Utc>>,
    sequence: Vec<i64>,
    after: Vec<Option<f64>>,
    naechster: Vec<Option<DateTime<Utc>>>,
    keeps_lease: Vec<bool>,
}

impl Columns {
    fn push(&mut self, verdict: &Verdict) {
        let email = verdict.change.after();
        let events = i64::try_from(verdict.change.events().len()).unwrap_or(i64::MAX);
        self.id.push(email.id.0);
        self.sperre.push(verdict.sperre);
        self.seen.push(verdict.seen);
        self.known_sequence.push(email.sequence - events);
        self.status.push(email.status.as_str());
        self.gesendet_am.push(email.gesendet_am);
        self.fehlermeldung.push(email.fehlermeldung.clone());
        self.fehlerart.push(email.fehlerart.map(|art| art.as_str()));
        self.wiederholungsanzahl.push(email.wiederholungsanzahl);
        self.updated_at.push(email.updated_at);
        self.sequence.push(email.sequence);
        self.after.push(due_secs(email));
        self.naechster.push(email.naechster_versuch_am);
        self.keeps_lease.push(keeps_lease(email));
    }

    fn bind(self, statement: Sql) -> Sql {
        statement
            .bind::<Array<BigInt>, _>(self.id)
            .bind::<Array<SqlUuid>, _>(self.sperre)
            .bind::<Array<Timestamptz>, _>(self.seen)
            .bind::<Array<BigInt>, _>(self.known_sequence)
            .bind::<Array<Text>, _>(self.status)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.gesendet_am)
            .bind::<Array<Nullable<Text>>, _>(self.fehlermeldung)
            .bind::<Array<Nullable<Text>>, _>(self.fehlerart)
            .bind::<Array<Integer>, _>(self.wiederholungsanzahl)
            .bind::<Array<Timestamptz>, _>(self.updated_at)
            .bind::<Array<BigInt>, _>(self.sequence)
            .bind::<Array<Nullable<Double>>, _>(self.after)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.naechster)
            .bind::<Array<Bool>, _>(self.keeps_lease)
    }
}
