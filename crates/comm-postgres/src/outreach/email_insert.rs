//! Storing many new emails with their events, in one statement for each hundred of them.

use super::anhang::{self, bind_contents, contents_stored};
use super::email_write::{due_secs, encode};
use crate::outbox_append::{bind_events, with_first_events};
use crate::sql::{Sql, sql};
use chrono::{DateTime, Utc};
use comm_domain::Change;
use comm_domain::outreach::Email;
use comm_ports::EventEncoder;
use comm_ports::error::StoreError;
use diesel::sql_types::{
    Array, BigInt, Bool, Double, Jsonb, Nullable, SmallInt, Text, Timestamptz,
};
use serde_json::Value;

/// Most emails of one statement, which holds all their bodies in memory once more.
pub(crate) const ROWS: usize = 100;

/// What a new email can have. The rest is as the columns' defaults have it.
const INSERT: &str = concat!(
    "WITH saved AS ( \
       INSERT INTO communication_service.emails (id, therapist_id, patient_id, betreff, inhalt_html, inhalt_text, \
         legal_footer, empfaenger_email, empfaenger_name, absender_email, absender_name, status, \
         in_warteschlange_am, message_id, therapeutenanfrage_id, senden_ab, prioritaet, rang, vorlage, \
         created_at, updated_at, sequence, anhaenge, faellig_am) \
       SELECT id, therapist_id, patient_id, betreff, inhalt_html, inhalt_text, legal_footer, empfaenger_email, \
         empfaenger_name, absender_email, absender_name, status, in_warteschlange_am, message_id, \
         therapeutenanfrage_id, senden_ab, prioritaet, prioritaet, vorlage, created_at, created_at, sequence, \
         anhaenge, \
         CASE WHEN after IS NOT NULL THEN greatest(clock_timestamp() + make_interval(secs => after), senden_ab) END \
       FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::text[], \
         ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::bigint[], ?::timestamptz[], \
         ?::smallint[], ?::text[], ?::timestamptz[], ?::bigint[], ?::jsonb[], ?::double precision[]) \
         AS given (id, therapist_id, patient_id, betreff, inhalt_html, inhalt_text, legal_footer, empfaenger_email, \
           empfaenger_name, absender_email, absender_name, status, in_warteschlange_am, message_id, \
           therapeutenanfrage_id, senden_ab, prioritaet, vorlage, created_at, sequence, anhaenge, after) \
       RETURNING id)",
    contents_stored!(),
    with_first_events!()
);

/// Stores new emails.
pub(crate) fn insert(
    changes: &[Change<Email>],
    encoder: &dyn EventEncoder,
) -> Result<Sql, StoreError> {
    let mut columns = Columns::default();
    let mut records = Vec::with_capacity(changes.len());
    for change in changes {
        columns.push(change.after());
        records.extend(encode(change, encoder)?);
    }
    let emails = changes.iter().map(Change::after);
    let statement = bind_contents(columns.bind(sql(INSERT)), emails);
    Ok(bind_events(statement, records))
}

#[derive(Default)]
struct Columns {
    id: Vec<i64>,
    therapist_id: Vec<Option<i64>>,
    patient_id: Vec<Option<i64>>,
    betreff: Vec<String>,
    inhalt_html: Vec<String>,
    inhalt_text: Vec<String>,
    legal_footer: Vec<bool>,
    empfaenger_email: Vec<String>,
    empfaenger_name: Vec<String>,
    absender_email: Vec<String>,
    absender_name: Vec<String>,
    status: Vec<&'static str>,
    in_warteschlange_am: Vec<Option<DateTime<Utc>>>,
    message_id: Vec<String>,
    therapeutenanfrage_id: Vec<Option<i64>>,
    senden_ab: Vec<Option<DateTime<Utc>>>,
    prioritaet: Vec<i16>,
    vorlage: Vec<Option<String>>,
    created_at: Vec<DateTime<Utc>>,
    sequence: Vec<i64>,
    anhaenge: Vec<Option<Value>>,
    after: Vec<Option<f64>>,
}

impl Columns {
    fn push(&mut self, email: &Email) {
        self.id.push(email.id.0);
        self.therapist_id.push(email.empfaenger.therapist_id());
        self.patient_id.push(email.empfaenger.patient_id());
        self.betreff.push(email.betreff.clone());
        self.inhalt_html.push(email.inhalt.html.clone());
        self.inhalt_text.push(email.inhalt.text.clone());
        self.legal_footer.push(email.inhalt.legal_footer);
        self.empfaenger_email
            .push(email.an.address.as_str().to_owned());
        self.empfaenger_name.push(email.an.name().to_owned());
        self.absender_email
            .push(email.absender.address.as_str().to_owned());
        self.absender_name.push(email.absender.name().to_owned());
        self.status.push(email.status.as_str());
        self.in_warteschlange_am.push(email.in_warteschlange_am);
        self.message_id.push(email.message_id.clone());
        self.therapeutenanfrage_id.push(email.therapeutenanfrage_id);
        self.senden_ab.push(email.senden_ab);
        self.prioritaet.push(email.prioritaet);
        self.vorlage.push(email.vorlage.clone());
        self.created_at.push(email.created_at);
        self.sequence.push(email.sequence);
        self.anhaenge.push(anhang::to_json(&email.anhaenge));
        self.after.push(due_secs(email));
    }

    fn bind(self, statement: Sql) -> Sql {
        statement
            .bind::<Array<BigInt>, _>(self.id)
            .bind::<Array<Nullable<BigInt>>, _>(self.therapist_id)
            .bind::<Array<Nullable<BigInt>>, _>(self.patient_id)
            .bind::<Array<Text>, _>(self.betreff)
            .bind::<Array<Text>, _>(self.inhalt_html)
            .bind::<Array<Text>, _>(self.inhalt_text)
            .bind::<Array<Bool>, _>(self.legal_footer)
            .bind::<Array<Text>, _>(self.empfaenger_email)
            .bind::<Array<Text>, _>(self.empfaenger_name)
            .bind::<Array<Text>, _>(self.absender_email)
            .bind::<Array<Text>, _>(self.absender_name)
            .bind::<Array<Text>, _>(self.status)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.in_warteschlange_am)
            .bind::<Array<Text>, _>(self.message_id)
            .bind::<Array<Nullable<BigInt>>, _>(self.therapeutenanfrage_id)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.senden_ab)
            .bind::<Array<SmallInt>, _>(self.prioritaet)
            .bind::<Array<Nullable<Text>>, _>(self.vorlage)
            .bind::<Array<Timestamptz>, _>(self.created_at)
            .bind::<Array<BigInt>, _>(self.sequence)
            .bind::<Array<Nullable<Jsonb>>, _>(self.anhaenge)
            .bind::<Array<Nullable<Double>>, _>(self.after)
    }
}
