//! Writing an email together with its events: one statement, so that neither is ever without the other.

use super::email_row::EmailRow;
use crate::sql::{Sql, sql};
use comm_domain::Change;
use comm_domain::outreach::{Email, EmailStatus};
use comm_ports::error::StoreError;
use comm_ports::{EventEncoder, OutboxRecord};
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Double, Integer, Nullable, SmallInt, Text, Timestamptz,
    Uuid as SqlUuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The columns of [`bind_columns`], in its order. A macro, since statements are constants.
macro_rules! columns {
    () => {
        "therapist_id, patient_id, betreff, inhalt_html, inhalt_text, legal_footer, \
         empfaenger_email, empfaenger_name, absender_email, absender_name, status, \
         antwort_erhalten, antwortdatum, antwortinhalt, antwort_art, \
         nachverfolgung_erforderlich, nachverfolgung_notizen, in_warteschlange_am, gesendet_am, \
         fehlermeldung, fehlerart, wiederholungsanzahl, message_id, therapeutenanfrage_id, senden_ab, \
         prioritaet, vorlage, created_at, updated_at, \
         geloescht_am, sequence"
    };
}
macro_rules! places {
    () => {
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
    };
}
/// Inserts the events of the row that `saved` has written, and answers that row.
macro_rules! with_events {
    () => {
        ", reported AS ( \
           INSERT INTO communication_service.outbox \
             (event_id, event_type, aggregate, aggregate_id, sequence, topic, key, payload, \
              traceparent, occurred_at) \
           SELECT event.* FROM saved CROSS JOIN LATERAL unnest( \
             ?::uuid[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], \
             ?::bytea[], ?::text[], ?::timestamptz[]) AS event) \
         SELECT * FROM saved"
    };
}

const INSERT: &str = concat!(
    "WITH due AS (SELECT ?::double precision AS after), saved AS ( \
     INSERT INTO communication_service.emails (",
    columns!(),
    ", id, faellig_am, rang) SELECT ",
    places!(),
    ", ?, CASE WHEN due.after IS NOT NULL \
         THEN greatest(clock_timestamp() + make_interval(secs => due.after), ?) END, ? \
     FROM due RETURNING *)",
    with_events!()
);

/// A lease stays while the email is under way, and in doubt, so that its holder may still say what
/// really happened. An email that waits for its next attempt is due when it says that it is.
const UPDATE: &str = concat!(
    "WITH due AS ( \
       SELECT naechster, CASE WHEN after IS NOT NULL \
         THEN greatest(clock_timestamp() + make_interval(secs => after), senden_ab) END AS am \
       FROM (SELECT ?::double precision AS after, ?::timestamptz AS naechster, \
         ?::timestamptz AS senden_ab) AS given), \
     saved AS ( \
     UPDATE communication_service.emails SET (",
    columns!(),
    ") = (",
    places!(),
    "), faellig_am = coalesce(due.am, faellig_am), \
       naechster_versuch_am = CASE WHEN due.naechster IS NOT NULL \
         THEN coalesce(due.am, due.naechster) END, \
       rang = CASE WHEN due.am IS NULL THEN rang ELSE ? END, \
       sperre = CASE WHEN ? THEN sperre END, \
       gesperrt_bis = CASE WHEN ? THEN gesperrt_bis END \
     FROM due WHERE id = ? RETURNING emails.*)",
    with_events!()
);

const DELETE: &str = concat!(
    "WITH saved AS (DELETE FROM communication_service.emails WHERE id = ? RETURNING *)",
    with_events!()
);

/// Stores a new email.
pub(crate) fn insert(
    change: &Change<Email>,
    encoder: &dyn EventEncoder,
) -> Result<Sql, StoreError> {
    let email = change.after();
    let statement = bind_columns(
        sql(INSERT).bind::<Nullable<Double>, _>(due_secs(email)),
        email,
    )
    .bind::<BigInt, _>(email.id.0)
    .bind::<Nullable<Timestamptz>, _>(email.senden_ab)
    .bind::<SmallInt, _>(email.prioritaet);
    Ok(bind_events(statement, encode(change, encoder)?))
}

/// Stores a changed email.
pub(crate) fn update(
    change: &Change<Email>,
    encoder: &dyn EventEncoder,
) -> Result<Sql, StoreError> {
    let email = change.after();
    let keeps_lease = email.in_doubt() || email.status == EmailStatus::WirdGesendet;
    let due = sql(UPDATE)
        .bind::<Nullable<Double>, _>(due_secs(email))
        .bind::<Nullable<Timestamptz>, _>(email.naechster_versuch_am)
        .bind::<Nullable<Timestamptz>, _>(email.senden_ab);
    let statement = bind_columns(due, email)
        .bind::<SmallInt, _>(email.prioritaet)
        .bind::<Bool, _>(keeps_lease)
        .bind::<Bool, _>(keeps_lease)
        .bind::<BigInt, _>(email.id.0);
    Ok(bind_events(statement, encode(change, encoder)?))
}

/// Removes an email.
pub(crate) fn delete(
    change: &Change<Email>,
    encoder: &dyn EventEncoder,
) -> Result<Sql, StoreError> {
    let statement = sql(DELETE).bind::<BigInt, _>(change.after().id.0);
    Ok(bind_events(statement, encode(change, encoder)?))
}

/// Runs one of the statements above; exactly one row must have been written.
pub(crate) async fn run(
    statement: Sql,
    conn: &mut AsyncPgConnection,
) -> diesel::QueryResult<EmailRow> {
    statement.get_result(conn).await
}

fn due_secs(email: &Email) -> Option<f64> {
    email.due_in.map(|wait| wait.as_seconds_f64().max(0.0))
}

fn bind_columns(statement: Sql, email: &Email) -> Sql {
    statement
        .bind::<Nullable<BigInt>, _>(email.empfaenger.therapist_id())
        .bind::<Nullable<BigInt>, _>(email.empfaenger.patient_id())
        .bind::<Text, _>(email.betreff.clone())
        .bind::<Text, _>(email.inhalt.html.clone())
        .bind::<Text, _>(email.inhalt.text.clone())
        .bind::<Bool, _>(email.inhalt.legal_footer)
        .bind::<Text, _>(email.an.address.as_str().to_owned())
        .bind::<Text, _>(email.an.name().to_owned())
        .bind::<Text, _>(email.absender.address.as_str().to_owned())
        .bind::<Text, _>(email.absender.name().to_owned())
        .bind::<Text, _>(email.status.as_str())
        .bind::<Bool, _>(email.antwort.erhalten)
        .bind::<Nullable<Timestamptz>, _>(email.antwort.datum)
        .bind::<Nullable<Text>, _>(email.antwort.inhalt.clone())
        .bind::<Nullable<Text>, _>(email.antwort.art.map(|art| art.as_str()))
        .bind::<Nullable<Bool>, _>(email.nachverfolgung_erforderlich)
        .bind::<Nullable<Text>, _>(email.nachverfolgung_notizen.clone())
        .bind::<Nullable<Timestamptz>, _>(email.in_warteschlange_am)
        .bind::<Nullable<Timestamptz>, _>(email.gesendet_am)
        .bind::<Nullable<Text>, _>(email.fehlermeldung.clone())
        .bind::<Nullable<Text>, _>(email.fehlerart.map(|art| art.as_str()))
        .bind::<Integer, _>(email.wiederholungsanzahl)
        .bind::<Text, _>(email.message_id.clone())
        .bind::<Nullable<BigInt>, _>(email.therapeutenanfrage_id)
        .bind::<Nullable<Timestamptz>, _>(email.senden_ab)
        .bind::<SmallInt, _>(email.prioritaet)
        .bind::<Nullable<Text>, _>(email.vorlage.clone())
        .bind::<Timestamptz, _>(email.created_at)
        .bind::<Timestamptz, _>(email.updated_at)
        .bind::<Nullable<Timestamptz>, _>(email.geloescht_am)
        .bind::<BigInt, _>(email.sequence)
}

fn encode(
    change: &Change<Email>,
    encoder: &dyn EventEncoder,
) -> Result<Vec<OutboxRecord>, StoreError> {
    change
        .events()
        .iter()
        .map(|event| encoder.encode_email(change.after(), event))
        .collect::<Result<_, _>>()
        .map_err(StoreError::Encoding)
}

fn bind_events(statement: Sql, records: Vec<OutboxRecord>) -> Sql {
    let mut columns = EventColumns::default();
    for record in records {
        columns.push(record);
    }
    columns.bind(statement)
}

#[derive(Default)]
struct EventColumns {
    event_id: Vec<uuid::Uuid>,
    event_type: Vec<String>,
    aggregate: Vec<String>,
    aggregate_id: Vec<i64>,
    sequence: Vec<i64>,
    topic: Vec<String>,
    key: Vec<String>,
    payload: Vec<Vec<u8>>,
    traceparent: Vec<String>,
    occurred_at: Vec<chrono::DateTime<chrono::Utc>>,
}

impl EventColumns {
    fn push(&mut self, record: OutboxRecord) {
        self.event_id.push(record.event_id);
        self.event_type.push(record.event_type);
        self.aggregate.push(record.aggregate);
        self.aggregate_id.push(record.aggregate_id);
        self.sequence.push(record.sequence);
        self.topic.push(record.topic);
        self.key.push(record.key);
        self.payload.push(record.payload);
        self.traceparent.push(record.traceparent);
        self.occurred_at.push(record.occurred_at);
    }

    fn bind(self, statement: Sql) -> Sql {
        statement
            .bind::<Array<SqlUuid>, _>(self.event_id)
            .bind::<Array<Text>, _>(self.event_type)
            .bind::<Array<Text>, _>(self.aggregate)
            .bind::<Array<BigInt>, _>(self.aggregate_id)
            .bind::<Array<BigInt>, _>(self.sequence)
            .bind::<Array<Text>, _>(self.topic)
            .bind::<Array<Text>, _>(self.key)
            .bind::<Array<Binary>, _>(self.payload)
            .bind::<Array<Text>, _>(self.traceparent)
            .bind::<Array<Timestamptz>, _>(self.occurred_at)
    }
}
