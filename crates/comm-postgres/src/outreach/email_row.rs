//! A row of `emails` and what it means.

use super::anhang;
use crate::schema::emails;
use chrono::{DateTime, Utc};
use comm_domain::field::FieldError;
use comm_domain::outreach::email::Antwort;
use comm_domain::outreach::{
    Email, EmailError, EmailId, EmailRecord, EmailStatus, Empfaenger, ErgebnisArt, Fehlerart,
    Inhalt,
};
use comm_domain::{EmailAddress, Mailbox};
use comm_ports::error::StoreError;
use diesel::prelude::*;

/// The columns of [`EmailRow`] by name, for statements in SQL: of `*` a prepared statement fails once another release
/// has added a column.
macro_rules! row_columns {
    () => {
        "emails.id, emails.therapist_id, emails.patient_id, emails.betreff, emails.inhalt_html, emails.inhalt_text, \
         emails.legal_footer, emails.empfaenger_email, emails.empfaenger_name, emails.absender_email, \
         emails.absender_name, emails.status, emails.antwort_erhalten, emails.antwortdatum, emails.antwortinhalt, \
         emails.antwort_art, emails.nachverfolgung_erforderlich, emails.nachverfolgung_notizen, \
         emails.in_warteschlange_am, emails.gesendet_am, emails.fehlermeldung, emails.fehlerart, \
         emails.wiederholungsanzahl, emails.naechster_versuch_am, emails.versucht_am, emails.message_id, \
         emails.therapeutenanfrage_id, emails.senden_ab, emails.prioritaet, emails.vorlage, emails.created_at, \
         emails.updated_at, emails.geloescht_am, emails.sequence, emails.anhaenge"
    };
}
pub(crate) use row_columns;

/// The columns that the domain knows; queue columns stay in SQL.
#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = emails, check_for_backend(diesel::pg::Pg))]
pub(crate) struct EmailRow {
    #[diesel(embed)]
    head: EmailHead,
    #[diesel(embed)]
    bodies: EmailBodies,
}

/// The bodies, by far the largest columns.
#[derive(Default, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = emails, check_for_backend(diesel::pg::Pg))]
pub(crate) struct EmailBodies {
    inhalt_html: String,
    inhalt_text: String,
}

/// All columns but the bodies.
#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = emails, check_for_backend(diesel::pg::Pg))]
pub(crate) struct EmailHead {
    id: i64,
    therapist_id: Option<i64>,
    patient_id: Option<i64>,
    betreff: String,
    legal_footer: bool,
    empfaenger_email: String,
    empfaenger_name: String,
    absender_email: String,
    absender_name: String,
    status: String,
    antwort_erhalten: bool,
    antwortdatum: Option<DateTime<Utc>>,
    antwortinhalt: Option<String>,
    antwort_art: Option<String>,
    nachverfolgung_erforderlich: Option<bool>,
    nachverfolgung_notizen: Option<String>,
    in_warteschlange_am: Option<DateTime<Utc>>,
    gesendet_am: Option<DateTime<Utc>>,
    fehlermeldung: Option<String>,
    fehlerart: Option<String>,
    wiederholungsanzahl: i32,
    naechster_versuch_am: Option<DateTime<Utc>>,
    versucht_am: Option<DateTime<Utc>>,
    message_id: String,
    therapeutenanfrage_id: Option<i64>,
    senden_ab: Option<DateTime<Utc>>,
    prioritaet: i16,
    vorlage: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    geloescht_am: Option<DateTime<Utc>>,
    sequence: i64,
    anhaenge: Option<serde_json::Value>,
}

impl EmailRow {
    pub(crate) fn id(&self) -> i64 {
        self.head.id
    }
}

impl TryFrom<EmailRow> for Email {
    type Error = StoreError;

    fn try_from(row: EmailRow) -> Result<Self, StoreError> {
        row.head.email(row.bodies)
    }
}

/// With empty bodies.
impl TryFrom<EmailHead> for Email {
    type Error = StoreError;

    fn try_from(head: EmailHead) -> Result<Self, StoreError> {
        head.email(EmailBodies::default())
    }
}

impl EmailHead {
    fn email(self, bodies: EmailBodies) -> Result<Email, StoreError> {
        let id = self.id;
        self.parse(bodies)
            .map_err(|error| StoreError::Corrupt(format!("email {id}: {error}")))
    }

    fn parse(self, bodies: EmailBodies) -> Result<Email, EmailError> {
        Ok(Email::restore(EmailRecord {
            id: EmailId(self.id),
            empfaenger: Empfaenger::parse(self.therapist_id, self.patient_id)?,
            an: mailbox(
                ("empfaenger_email", &self.empfaenger_email),
                ("empfaenger_name", &self.empfaenger_name),
            )?,
            absender: mailbox(
                ("absender_email", &self.absender_email),
                ("absender_name", &self.absender_name),
            )?,
            betreff: self.betreff,
            inhalt: Inhalt {
                html: bodies.inhalt_html,
                text: bodies.inhalt_text,
                legal_footer: self.legal_footer,
            },
            status: EmailStatus::parse(&self.status)?,
            antwort: Antwort {
                erhalten: self.antwort_erhalten,
                datum: self.antwortdatum,
                inhalt: self.antwortinhalt,
                art: self
                    .antwort_art
                    .as_deref()
                    .map(ErgebnisArt::parse)
                    .transpose()?,
            },
            nachverfolgung_erforderlich: self.nachverfolgung_erforderlich,
            nachverfolgung_notizen: self.nachverfolgung_notizen,
            in_warteschlange_am: self.in_warteschlange_am,
            gesendet_am: self.gesendet_am,
            fehlermeldung: self.fehlermeldung,
            fehlerart: self
                .fehlerart
                .as_deref()
                .map(Fehlerart::parse)
                .transpose()?,
            wiederholungsanzahl: self.wiederholungsanzahl,
            naechster_versuch_am: self.naechster_versuch_am,
            versucht_am: self.versucht_am,
            message_id: self.message_id,
            therapeutenanfrage_id: self.therapeutenanfrage_id,
            senden_ab: self.senden_ab,
            prioritaet: self.prioritaet,
            vorlage: self.vorlage,
            anhaenge: anhang::parse(self.anhaenge)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
            geloescht_am: self.geloescht_am,
            sequence: self.sequence,
            due_in: None,
        }))
    }
}

fn mailbox(
    (address_field, address): (&'static str, &str),
    (name_field, name): (&'static str, &str),
) -> Result<Mailbox, FieldError> {
    Mailbox::parse(
        EmailAddress::parse(address_field, address)?,
        name_field,
        name,
    )
}

/// Turns rows into emails.
pub(crate) fn emails<Row>(rows: Vec<Row>) -> Result<Vec<Email>, StoreError>
where
    Email: TryFrom<Row, Error = StoreError>,
{
    rows.into_iter().map(Email::try_from).collect()
}
