//! The timeline of one therapist: first the order of mails and calls, then what they are.
//!
//! When a call was stands on the wall clock, so that PostgreSQL, which need not know the service's time zone, cannot
//! order both. It gives the newest mails and all calls, of which a therapist has few.

use super::counting;
use super::email_row::EmailHead;
use super::nachverfolgung;
use super::telefonanruf_list::{email_ids, parse};
use super::telefonanruf_row::TelefonanrufRow;
use crate::PgStore;
use crate::error::from_diesel;
use crate::schema::{emails, telefonanrufe};
use crate::sql::sql;
use chrono::{DateTime, NaiveDateTime, Utc};
use comm_domain::Zeitzone;
use comm_domain::outreach::{Email, Telefonanruf};
use comm_ports::error::StoreError;
use comm_ports::outreach::{Counting, Einzelkontakt, Kontaktereignis};
use comm_ports::page::{Cursor, Page, PageRequest, Position, TOTAL_CAP};
use diesel::QueryResult;
use diesel::deserialize::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Timestamp, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;

/// The mails on the timeline.
macro_rules! emails {
    () => {
        "FROM communication_service.emails WHERE therapist_id = ? AND geloescht_am IS NULL AND status <> 'Entwurf'"
    };
}
const EMAILS: &str = concat!(
    "SELECT coalesce(gesendet_am, in_warteschlange_am, created_at) AS zeitpunkt, id ",
    emails!(),
    " AND (coalesce(gesendet_am, in_warteschlange_am, created_at), 2 * id) < (coalesce(?::timestamptz, 'infinity'), ?) \
     ORDER BY zeitpunkt DESC, id DESC LIMIT ?"
);
const EMAILS_GEZAEHLT: &str = concat!(
    "SELECT count(*) AS anzahl FROM (SELECT ",
    emails!(),
    " LIMIT ?) AS gezaehlt"
);
const ANRUFE: &str = "SELECT coalesce(tatsaechliches_datum, geplantes_datum) \
       + coalesce(tatsaechliche_zeit, geplante_zeit) AS zeit, id \
     FROM communication_service.telefonanrufe WHERE therapist_id = ? AND geloescht_am IS NULL";

#[derive(QueryableByName)]
struct Emailzeile {
    #[diesel(sql_type = Timestamptz)]
    zeitpunkt: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[derive(QueryableByName)]
struct Anrufzeile {
    #[diesel(sql_type = Timestamp)]
    zeit: NaiveDateTime,
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[derive(QueryableByName)]
struct Anzahl {
    #[diesel(sql_type = BigInt)]
    anzahl: i64,
}

/// The place of a mail or call on the timeline: its instant, and twice its id, one more for a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stelle {
    zeitpunkt: DateTime<Utc>,
    nummer: i64,
}

impl Stelle {
    fn is_call(self) -> bool {
        self.nummer % 2 != 0
    }

    fn id(self) -> i64 {
        self.nummer.div_euclid(2)
    }

    fn cursor(&self) -> Cursor {
        Cursor {
            created_at: self.zeitpunkt,
            id: self.nummer,
        }
    }
}

impl PgStore {
    /// One page, newest first.
    pub(super) async fn kontaktseite(
        &self,
        therapist_id: i64,
        page: &PageRequest,
        counting: Counting,
        zone: Zeitzone,
    ) -> Result<Page<Kontaktereignis>, StoreError> {
        let mut conn = self.conn().await?;
        let calls = calls(therapist_id, zone, &mut conn).await;
        let calls = calls.map_err(from_diesel)?;
        let total = match page.position {
            Position::After(_) => None,
            Position::Page(_) => {
                let mails = count(therapist_id, counting, &mut conn).await;
                let calls = i64::try_from(calls.len()).unwrap_or(i64::MAX);
                let all = mails.map_err(from_diesel)?.saturating_add(calls);
                Some(counting::total(counting, all))
            }
        };
        let mails = mails(therapist_id, page, &mut conn).await;
        let places = in_order(mails.map_err(from_diesel)?, calls, page);
        let places = counting::cut(places, page, total, Stelle::cursor);
        Ok(Page {
            rows: contacts(&places.rows, &mut conn).await?,
            total: places.total,
            next: places.next,
        })
    }
}

async fn calls(
    therapist_id: i64,
    zone: Zeitzone,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<Stelle>> {
    let rows: Vec<Anrufzeile> = sql(ANRUFE)
        .bind::<BigInt, _>(therapist_id)
        .load(conn)
        .await?;
    let place = |row: Anrufzeile| Stelle {
        zeitpunkt: zone.instant_of(row.zeit),
        nummer: 2 * row.id + 1,
    };
    Ok(rows.into_iter().map(place).collect())
}

/// As many as can be on the page and before it.
async fn mails(
    therapist_id: i64,
    page: &PageRequest,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<Stelle>> {
    let cursor = after(page);
    let most = page.offset().saturating_add(page.rows() + 1);
    let rows: Vec<Emailzeile> = sql(EMAILS)
        .bind::<BigInt, _>(therapist_id)
        .bind::<Nullable<Timestamptz>, _>(cursor.map(|cursor| cursor.zeitpunkt))
        .bind::<BigInt, _>(cursor.map_or(i64::MAX, |cursor| cursor.nummer))
        .bind::<BigInt, _>(most)
        .load(conn)
        .await?;
    let place = |row: Emailzeile| Stelle {
        zeitpunkt: row.zeitpunkt,
        nummer: 2 * row.id,
    };
    Ok(rows.into_iter().map(place).collect())
}

async fn count(
    therapist_id: i64,
    counting: Counting,
    conn: &mut AsyncPgConnection,
) -> QueryResult<i64> {
    let most = match counting {
        Counting::Capped => Some(TOTAL_CAP + 1),
        Counting::Exact => None,
    };
    let row: Anzahl = sql(EMAILS_GEZAEHLT)
        .bind::<BigInt, _>(therapist_id)
        .bind::<Nullable<BigInt>, _>(most)
        .get_result(conn)
        .await?;
    Ok(row.anzahl)
}

fn after(page: &PageRequest) -> Option<Stelle> {
    match page.position {
        Position::Page(_) => None,
        Position::After(Cursor { created_at, id }) => Some(Stelle {
            zeitpunkt: created_at,
            nummer: id,
        }),
    }
}

/// The places of the page and one more, newest first.
fn in_order(mails: Vec<Stelle>, calls: Vec<Stelle>, page: &PageRequest) -> Vec<Stelle> {
    let cursor = after(page);
    let behind = |place: &Stelle| cursor.is_none_or(|cursor| *place < cursor);
    let mut places = mails;
    places.extend(calls.into_iter().filter(behind));
    places.sort_unstable_by(|one, other| other.cmp(one));
    let before = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let most = usize::try_from(page.rows()).unwrap_or(usize::MAX);
    let rest = places.into_iter().skip(before);
    rest.take(most.saturating_add(1)).collect()
}

/// What is at these places. Somebody may have deleted it since.
async fn contacts(
    places: &[Stelle],
    conn: &mut AsyncPgConnection,
) -> Result<Vec<Kontaktereignis>, StoreError> {
    let of = |wanted: bool| places.iter().filter(move |place| place.is_call() == wanted);
    let mail_ids: Vec<i64> = of(false).map(|place| place.id()).collect();
    let call_ids: Vec<i64> = of(true).map(|place| place.id()).collect();
    let mut decisions = nachverfolgung::decided(&mail_ids, conn).await?;
    let mut mails = load_mails(mail_ids, conn).await?;
    let mut calls = load_calls(call_ids, conn).await?;
    let contact = |place: &Stelle| {
        let id = place.id();
        let kontakt = match place.is_call() {
            true => Einzelkontakt::Anruf(Box::new(calls.remove(&id)?)),
            false => Einzelkontakt::Email(Box::new(mails.remove(&id)?), decisions.remove(&id)),
        };
        Some(Kontaktereignis {
            zeitpunkt: place.zeitpunkt,
            kontakt,
        })
    };
    Ok(places.iter().filter_map(contact).collect())
}

async fn load_mails(
    ids: Vec<i64>,
    conn: &mut AsyncPgConnection,
) -> Result<HashMap<i64, Email>, StoreError> {
    let rows: Vec<EmailHead> = emails::table
        .filter(emails::id.eq_any(ids))
        .select(EmailHead::as_select())
        .load(conn)
        .await
        .map_err(from_diesel)?;
    let mail = |row| Email::try_from(row).map(|mail| (mail.id.0, mail));
    rows.into_iter().map(mail).collect()
}

async fn load_calls(
    ids: Vec<i64>,
    conn: &mut AsyncPgConnection,
) -> Result<HashMap<i64, Telefonanruf>, StoreError> {
    let rows = telefonanrufe::table
        .filter(telefonanrufe::id.eq_any(ids))
        .select((TelefonanrufRow::as_select(), email_ids()))
        .load(conn)
        .await
        .map_err(from_diesel)?;
    let call = |row| parse(row).map(|call| (call.id.0, call));
    rows.into_iter().map(call).collect()
}
