//! Changing an email together with its events: one statement, so that neither is ever without the other.

use super::anhang::{self, bind_revision, contents_revised};
use super::email_row::{EmailRow, row_columns};
use crate::outbox_append::{bind_events, with_events};
use crate::sql::{Sql, sql};
use comm_domain::Change;
use comm_domain::outreach::{Email, EmailStatus};
use comm_ports::error::StoreError;
use comm_ports::{EventEncoder, OutboxRecord};
use diesel::sql_types::{
    BigInt, Bool, Double, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz,
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
         geloescht_am, sequence, anhaenge"
    };
}
macro_rules! places {
    () => {
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
    };
}
/// An email that waits for its next attempt is due when it says that it is.
macro_rules! update {
    () => {
        concat!(
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
     FROM due WHERE id = ? RETURNING ",
            row_columns!(),
            ")"
        )
    };
}
const UPDATE: &str = concat!(update!(), with_events!());
const UPDATE_WITH_CONTENTS: &str = concat!(update!(), contents_revised!(), with_events!());

const DELETE: &str = concat!(
    "WITH saved AS (DELETE FROM communication_service.emails WHERE id = ? RETURNING ",
    row_columns!(),
    ")",
    with_events!()
);

/// Stores a changed email.
pub(crate) fn update(
    change: &Change<Email>,
    encoder: &dyn EventEncoder,
) -> Result<Sql, StoreError> {
    let email = change.after();
    let keeps_lease = keeps_lease(email);
    let is_revised = email.anhaenge.unsaved().is_some();
    let text = match is_revised {
        true => UPDATE_WITH_CONTENTS,
        false => UPDATE,
    };
    let due = sql(text)
        .bind::<Nullable<Double>, _>(due_secs(email))
        .bind::<Nullable<Timestamptz>, _>(email.naechster_versuch_am)
        .bind::<Nullable<Timestamptz>, _>(email.senden_ab);
    let mut statement = bind_columns(due, email)
        .bind::<SmallInt, _>(email.prioritaet)
        .bind::<Bool, _>(keeps_lease)
        .bind::<Bool, _>(keeps_lease)
        .bind::<BigInt, _>(email.id.0);
    if is_revised {
        statement = bind_revision(statement, email);
    }
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

/// Runs one of the statements above; exactly one row must have been written. It reads to the end, since
/// PostgreSQL commits a statement that is its own transaction after it has sent the row: a failure in
/// between comes last.
pub(crate) async fn run(
    statement: Sql,
    conn: &mut AsyncPgConnection,
) -> diesel::QueryResult<EmailRow> {
    let mut rows: Vec<EmailRow> = statement.load(conn).await?;
    rows.pop().ok_or(diesel::result::Error::NotFound)
}

/// A lease stays while the email is under way, and in doubt, so that its holder may still say what really
/// happened.
pub(super) fn keeps_lease(email: &Email) -> bool {
    email.in_doubt() || email.status == EmailStatus::WirdGesendet
}

/// How many seconds from now it is due, if it is queued by this change.
pub(super) fn due_secs(email: &Email) -> Option<f64> {
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
        .bind::<Nullable<Jsonb>, _>(anhang::to_json(&email.anhaenge))
}

/// The events of a change as the outbox keeps them.
pub(super) fn encode(
    change: &Change<Email>,
    encoder: &dyn EventEncoder,
) -> Result<Vec<OutboxRecord>, StoreError> {
    let mut records = Vec::with_capacity(change.events().len());
    for event in change.events() {
        let encoded = encoder.encode_email(change.after(), event);
        records.extend(encoded.map_err(StoreError::Encoding)?);
    }
    Ok(records)
}
