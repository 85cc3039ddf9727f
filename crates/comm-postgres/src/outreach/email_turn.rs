//! One turn of the queue in one statement: how attempts ended, what the Patient Service is owed for them,
//! and the next claims. It writes only what an outcome changes; the bodies stay where they are.

use super::duties::on_conflict;
use super::email_row::{EmailRow, row_columns};
use super::email_write::{due_secs, encode, keeps_lease};
use crate::outbox_append::{bind_events, reported};
use crate::sql::{Sql, sql};
use chrono::{DateTime, NaiveDate, Utc};
use comm_domain::outreach::EmailId;
use comm_ports::EventEncoder;
use comm_ports::error::StoreError;
use comm_ports::outreach::{Claim, Verdict};
use diesel::deserialize::{self, QueryableByName};
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::sync::LazyLock;
use uuid::Uuid;

/// Most emails that one statement claims.
const CLAIMS: usize = 64;

/// The emails of a token are locked by its holder, or one at a time, so that their order does not matter;
/// duties come after them. An email whose events do not follow those that it had is not the one that was
/// claimed.
const SETTLE: &str = concat!(
    "WITH given AS MATERIALIZED ( \
       SELECT *, CASE WHEN after IS NOT NULL THEN clock_timestamp() END AS now FROM unnest(?::bigint[], ?::uuid[], ?::timestamptz[], ?::bigint[], ?::text[], \
         ?::timestamptz[], ?::text[], ?::text[], ?::integer[], ?::timestamptz[], ?::bigint[], \
         ?::double precision[], ?::timestamptz[], ?::boolean[], ?::bigint[], ?::date[]) \
       AS given (id, sperre, seen, known_sequence, status, gesendet_am, fehlermeldung, fehlerart, \
         wiederholungsanzahl, updated_at, sequence, after, naechster, keeps_lease, patient_id, datum)), \
     saved AS ( \
       UPDATE communication_service.emails SET \
         status = given.status, gesendet_am = given.gesendet_am, fehlermeldung = given.fehlermeldung, \
         fehlerart = given.fehlerart, wiederholungsanzahl = given.wiederholungsanzahl, \
         updated_at = given.updated_at, sequence = given.sequence, \
         faellig_am = CASE WHEN given.now IS NULL THEN emails.faellig_am \
           ELSE greatest(given.now + make_interval(secs => given.after), emails.senden_ab) END, \
         naechster_versuch_am = CASE WHEN given.naechster IS NULL OR given.now IS NULL THEN given.naechster \
           ELSE greatest(given.now + make_interval(secs => given.after), emails.senden_ab) END, \
         rang = CASE WHEN given.now IS NULL THEN emails.rang ELSE emails.prioritaet END, \
         sperre = CASE WHEN given.keeps_lease THEN emails.sperre END, \
         gesperrt_bis = CASE WHEN given.keeps_lease THEN emails.gesperrt_bis END \
       FROM given WHERE emails.id = given.id AND emails.sperre = given.sperre \
         AND emails.status = 'Wird_gesendet' AND emails.updated_at = given.seen \
         AND emails.sequence = given.known_sequence RETURNING emails.id), \
     owed AS ( \
       INSERT INTO communication_service.kontaktmeldungen AS known (patient_id, datum, faellig_am) \
       SELECT patient_id, max(datum), clock_timestamp() FROM given JOIN saved ON saved.id = given.id \
       WHERE patient_id IS NOT NULL GROUP BY patient_id ORDER BY patient_id ",
    on_conflict!(),
    ")",
    reported!()
);

const COLUMNS: &str = row_columns!();

/// The numbers stand in the texts: with a bound limit PostgreSQL would plan anew at each turn.
static TURNS: LazyLock<Vec<String>> = LazyLock::new(|| (0..=CLAIMS).map(turn).collect());

fn turn(claims: usize) -> String {
    format!(
        "{SETTLE}, \
     due AS MATERIALIZED ( \
       SELECT id FROM communication_service.emails \
       WHERE status = 'In_Warteschlange' AND faellig_am <= clock_timestamp() \
       ORDER BY rang, faellig_am LIMIT {claims} FOR UPDATE SKIP LOCKED), \
     claimed AS ( \
       UPDATE communication_service.emails SET status = 'Wird_gesendet', sperre = ?, \
         gesperrt_bis = clock_timestamp() + make_interval(secs => ?), versucht_am = clock_timestamp() \
       FROM due WHERE emails.id = due.id RETURNING {COLUMNS}) \
     SELECT settled.saved, claimed.* FROM (SELECT coalesce(array_agg(id), '{{}}') AS saved FROM saved) AS settled \
     LEFT JOIN claimed ON true"
    )
}

/// The emails whose outcomes were stored, the same in each row, and one that was claimed.
struct TurnRow {
    saved: Vec<i64>,
    claimed: Option<EmailRow>,
}

impl QueryableByName<Pg> for TurnRow {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let id: Option<i64> = NamedRow::get::<Nullable<BigInt>, _>(row, "id")?;
        Ok(Self {
            saved: NamedRow::get::<Array<BigInt>, _>(row, "saved")?,
            claimed: id.map(|_| EmailRow::build(row)).transpose()?,
        })
    }
}

/// The statement; it claims at most 64 emails.
pub(crate) fn statement(
    verdicts: &[Verdict],
    claim: &Claim,
    encoder: &dyn EventEncoder,
) -> Result<Sql, StoreError> {
    let mut columns = Columns::default();
    let mut records = Vec::with_capacity(verdicts.len());
    for verdict in verdicts {
        columns.push(verdict);
        records.extend(encode(&verdict.change, encoder)?);
    }
    let text = TURNS
        .get(claim.limit.min(CLAIMS))
        .map_or("", String::as_str);
    Ok(bind_events(columns.bind(sql(text)), records)
        .bind::<SqlUuid, _>(claim.sperre)
        .bind::<Double, _>(claim.lease.as_secs_f64()))
}

/// Runs it: whose outcomes were stored, and what was claimed.
pub(crate) async fn run(
    statement: Sql,
    conn: &mut AsyncPgConnection,
) -> diesel::QueryResult<(Vec<EmailId>, Vec<EmailRow>)> {
    let rows: Vec<TurnRow> = statement.load(conn).await?;
    let (mut saved, mut claimed) = (Vec::new(), Vec::new());
    for row in rows {
        saved = row.saved;
        claimed.extend(row.claimed);
    }
    Ok((saved.into_iter().map(EmailId).collect(), claimed))
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
    patient_id: Vec<Option<i64>>,
    datum: Vec<Option<NaiveDate>>,
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
        let contact = verdict.contact.as_ref();
        self.patient_id
            .push(contact.map(|contact| contact.patient_id));
        self.datum.push(contact.map(|contact| contact.datum));
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
            .bind::<Array<Nullable<BigInt>>, _>(self.patient_id)
            .bind::<Array<Nullable<Date>>, _>(self.datum)
    }
}
