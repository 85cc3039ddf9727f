//! Storing new emails with their events, many in one statement, so that neither is ever without the other.

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
use std::iter;

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

/// Most emails of one statement, and most bytes of their bodies and attachments, which it holds in memory once
/// more. A single email may be larger.
const MOST: usize = 100;
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Splits new emails into as many as one statement stores.
pub(crate) fn statements_of(changes: &[Change<Email>]) -> impl Iterator<Item = &[Change<Email>]> {
    let mut rest = changes;
    iter::from_fn(move || {
        let mut bytes = 0_usize;
        let fits = |change: &&Change<Email>| {
            bytes = bytes.saturating_add(size(change.after()));
            bytes <= MOST_BYTES
        };
        let fitting = rest.iter().take(MOST).take_while(fits).count();
        let (some, others) = rest.split_at_checked(fitting.max(1))?;
        rest = others;
        Some(some)
    })
}

/// Bytes of what can be large.
fn size(email: &Email) -> usize {
    let contents = email.anhaenge.unsaved().unwrap_or_default();
    let contents: usize = contents.iter().map(|(_, content)| content.len()).sum();
    email.inhalt.html.len() + email.inhalt.text.len() + contents
}

/// Stores new emails: not more than [`statements_of`] puts together.
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

#[cfg(test)]
mod tests {
    use super::*;
    use comm_domain::outreach::{EmailId, EmailStatus, NewAnhang};
    use comm_ports::testing::build::{instant, new_email};
    use std::sync::Arc;

    fn with_file(bytes: usize) -> Change<Email> {
        let file = NewAnhang::with_content(0, "a.pdf", "a/b", Arc::new(vec![0; bytes])).unwrap();
        let new = new_email(EmailStatus::Entwurf)
            .with_anhaenge(vec![file])
            .unwrap();
        new.create(
            EmailId(1),
            "a@example.org".to_owned(),
            instant(),
            chrono::TimeDelta::zero(),
        )
    }

    fn sizes(files: &[usize]) -> Vec<usize> {
        let changes: Vec<_> = files.iter().map(|bytes| with_file(*bytes)).collect();
        statements_of(&changes).map(<[_]>::len).collect()
    }

    #[test]
    fn a_statement_stays_small_and_no_email_is_left_out() {
        let large = MOST_BYTES / 2;
        assert_eq!(sizes(&[]), Vec::<usize>::new());
        assert_eq!(sizes(&[2 * MOST_BYTES]), [1]);
        assert_eq!(sizes(&[1, large, large, 1]), [2, 2]);
        assert_eq!(sizes(&[1, 2 * MOST_BYTES, 1]), [1, 1, 1]);
        assert_eq!(sizes(&[1; 2 * MOST + 1]), [MOST, MOST, 1]);
    }
}
