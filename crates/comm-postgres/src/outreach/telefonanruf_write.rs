//! Storing a call together with its emails and events: one statement, so that none is ever without the others.

use crate::outbox_append::{bind_events, with_events, with_first_events};
use crate::sql::{Sql, sql};
use chrono::{NaiveDate, NaiveTime};
use comm_domain::Change;
use comm_domain::outreach::Telefonanruf;
use comm_ports::error::StoreError;
use comm_ports::outreach::Ablage;
use comm_ports::{EventEncoder, OutboxRecord};
use diesel::QueryResult;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, SmallInt, Text, Time, Timestamptz,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The columns of [`bind_columns`], in its order. A macro, since statements are constants.
macro_rules! columns {
    () => {
        "therapist_id, patient_id, therapeutenanfrage_id, geplantes_datum, geplante_zeit, dauer_minuten, status, \
         tatsaechliches_datum, tatsaechliche_zeit, ergebnis, ergebnis_art, wiederholen_nach, wiederholen_zeit, \
         notizen, versuch, vorgaenger_id, bearbeiter, created_at, updated_at, geloescht_am, sequence, \
         platz, wiederholung_offen"
    };
}
macro_rules! places {
    () => {
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
    };
}
/// Those of its emails that are not stored yet.
macro_rules! linked {
    () => {
        ", linked AS ( \
           INSERT INTO communication_service.telefonanruf_emails (telefonanruf_id, email_id) \
           SELECT saved.id, email.id FROM saved, unnest(?::bigint[]) AS email (id) ON CONFLICT DO NOTHING)"
    };
}

const INSERT: &str = concat!(
    "WITH saved AS ( \
       INSERT INTO communication_service.telefonanrufe (id, ",
    columns!(),
    ") VALUES (?, ",
    places!(),
    ") RETURNING id)",
    linked!(),
    with_first_events!()
);

/// Calendars have to be told of another slot and of another state, of nothing else.
const UPDATE: &str = concat!(
    "WITH saved AS ( \
       UPDATE communication_service.telefonanrufe SET (",
    columns!(),
    ") = (",
    places!(),
    "), kalender_sequenz = kalender_sequenz + CAST( \
         (geplantes_datum, geplante_zeit, dauer_minuten, status) IS DISTINCT FROM (?, ?, ?, ?) AS integer), \
       entbehrlich = ? \
     WHERE id = ? RETURNING id), \
     unlinked AS ( \
       DELETE FROM communication_service.telefonanruf_emails USING saved \
       WHERE telefonanruf_id = saved.id AND email_id <> ALL (?::bigint[]))",
    linked!(),
    with_events!()
);

/// Stores a new call.
pub(crate) fn insert(
    change: &Change<Telefonanruf>,
    ablage: Ablage,
    encoder: &dyn EventEncoder,
) -> Result<Sql, StoreError> {
    let anruf = change.after();
    let statement = sql(INSERT).bind::<BigInt, _>(anruf.id.0);
    let statement = bind_columns(statement, anruf, ablage);
    let statement = bind_emails(statement, anruf);
    Ok(bind_events(statement, encode(change, encoder)?))
}

/// Stores a changed call.
pub(crate) fn update(
    change: &Change<Telefonanruf>,
    ablage: Ablage,
    encoder: &dyn EventEncoder,
) -> Result<Sql, StoreError> {
    save(
        change,
        Rest {
            ablage,
            entbehrlich: false,
        },
        encoder,
    )
}

/// Hides a call until it is purged. It holds no seat, and wants no next attempt.
pub(crate) fn remove(
    change: &Change<Telefonanruf>,
    encoder: &dyn EventEncoder,
) -> Result<Sql, StoreError> {
    let ablage = Ablage::default();
    save(
        change,
        Rest {
            ablage,
            entbehrlich: true,
        },
        encoder,
    )
}

/// Runs one of the statements above; exactly one row must have been written.
pub(crate) async fn run(statement: Sql, conn: &mut AsyncPgConnection) -> QueryResult<()> {
    match statement.execute(conn).await? {
        1 => Ok(()),
        _ => Err(diesel::result::Error::NotFound),
    }
}

/// What is stored of a call and is not its own.
#[derive(Clone, Copy)]
struct Rest {
    ablage: Ablage,
    entbehrlich: bool,
}

fn save(
    change: &Change<Telefonanruf>,
    rest: Rest,
    encoder: &dyn EventEncoder,
) -> Result<Sql, StoreError> {
    let anruf = change.after();
    let statement = bind_columns(sql(UPDATE), anruf, rest.ablage);
    let statement = bind_slot(statement, anruf)
        .bind::<Text, _>(anruf.status.as_str())
        .bind::<Bool, _>(rest.entbehrlich)
        .bind::<BigInt, _>(anruf.id.0);
    let statement = bind_emails(bind_emails(statement, anruf), anruf);
    Ok(bind_events(statement, encode(change, encoder)?))
}

fn bind_columns(statement: Sql, anruf: &Telefonanruf, ablage: Ablage) -> Sql {
    let statement = statement
        .bind::<Nullable<BigInt>, _>(anruf.empfaenger.therapist_id())
        .bind::<Nullable<BigInt>, _>(anruf.empfaenger.patient_id())
        .bind::<Nullable<BigInt>, _>(anruf.therapeutenanfrage_id);
    let statement = bind_slot(statement, anruf)
        .bind::<Text, _>(anruf.status.as_str())
        .bind::<Nullable<Date>, Option<NaiveDate>>(anruf.tatsaechlich.datum)
        .bind::<Nullable<Time>, Option<NaiveTime>>(anruf.tatsaechlich.zeit);
    bind_outcome(statement, anruf)
        .bind::<Nullable<Text>, _>(anruf.notizen.clone())
        .bind::<Integer, _>(anruf.versuch)
        .bind::<Nullable<BigInt>, _>(anruf.vorgaenger_id.map(|id| id.0))
        .bind::<Nullable<Text>, _>(anruf.bearbeiter.clone())
        .bind::<Timestamptz, _>(anruf.created_at)
        .bind::<Timestamptz, _>(anruf.updated_at)
        .bind::<Nullable<Timestamptz>, _>(anruf.geloescht_am)
        .bind::<BigInt, _>(anruf.sequence)
        .bind::<Nullable<SmallInt>, _>(ablage.platz)
        .bind::<Bool, _>(ablage.wiederholung_offen)
}

fn bind_slot(statement: Sql, anruf: &Telefonanruf) -> Sql {
    statement
        .bind::<Date, _>(anruf.termin.datum())
        .bind::<Time, _>(anruf.termin.zeit())
        .bind::<SmallInt, _>(anruf.termin.dauer().minuten())
}

fn bind_outcome(statement: Sql, anruf: &Telefonanruf) -> Sql {
    let ergebnis = &anruf.ergebnis;
    statement
        .bind::<Nullable<Text>, _>(ergebnis.text.clone())
        .bind::<Nullable<Text>, _>(ergebnis.art.map(|art| art.as_str()))
        .bind::<Nullable<Date>, Option<NaiveDate>>(ergebnis.wiederholen_nach)
        .bind::<Nullable<Time>, Option<NaiveTime>>(ergebnis.wiederholen_zeit)
}

fn bind_emails(statement: Sql, anruf: &Telefonanruf) -> Sql {
    let ids: Vec<i64> = anruf.email_ids.iter().map(|id| id.0).collect();
    statement.bind::<Array<BigInt>, _>(ids)
}

/// The events of a change as the outbox keeps them.
fn encode(
    change: &Change<Telefonanruf>,
    encoder: &dyn EventEncoder,
) -> Result<Vec<OutboxRecord>, StoreError> {
    let mut records = Vec::with_capacity(change.events().len());
    for event in change.events() {
        let encoded = encoder.encode_telefonanruf(change.after(), event);
        records.extend(encoded.map_err(StoreError::Encoding)?);
    }
    Ok(records)
}
