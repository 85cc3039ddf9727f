//! Calendar feeds, and the calls that they show.

use super::counting;
use super::telefonanruf_row::termin;
use crate::PgStore;
use crate::error::from_diesel;
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use comm_domain::outreach::{
    EmailError, Empfaenger, Herkunft, TelefonanrufId, TelefonanrufStatus, Vorgaenger,
};
use comm_ports::error::StoreError;
use comm_ports::outreach::{
    Counting, Kalenderanruf, Kalenderausschnitt, Kalenderfeed, Kalenderfeeds, Kalenderstand,
    NeuerKalenderfeed, TokenHash,
};
use comm_ports::page::{Cursor, Page, PageRequest, Position, TOTAL_CAP};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Date, Integer, Nullable, SmallInt, Text, Time, Timestamptz,
};
use diesel_async::RunQueryDsl;

const INSERT: &str = "INSERT INTO communication_service.kalender_feeds (bearbeiter, token_hash, created_at) \
     VALUES (?, ?, ?) RETURNING id, bearbeiter, created_at";
const FIND: &str = "SELECT id, bearbeiter, created_at FROM communication_service.kalender_feeds \
     WHERE token_hash = ?";
const NEWEST: &str = "SELECT id, bearbeiter, created_at FROM communication_service.kalender_feeds \
     ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?";
const AFTER: &str = "SELECT id, bearbeiter, created_at FROM communication_service.kalender_feeds \
     WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?";
const COUNT: &str = "SELECT count(*) AS count FROM ( \
       SELECT 1 FROM communication_service.kalender_feeds ORDER BY created_at, id LIMIT ?) AS counted";
const REMOVE: &str = "DELETE FROM communication_service.kalender_feeds WHERE id = ?";

/// Three kinds of calls, each found by an index of its own: what takes place or did, what was called off, and what was
/// deleted. What stands beside them is looked up by ids.
macro_rules! shown {
    ($whose:literal) => {
        concat!(
            "SELECT id, therapist_id, patient_id, geplantes_datum, geplante_zeit, dauer_minuten, status, versuch, \
               bearbeiter, therapeutenanfrage_id, created_at, updated_at, kalender_sequenz, \
               geloescht_am IS NOT NULL AS geloescht, vorgaenger_id IS NOT NULL AS wiederholt, \
               (SELECT frueher.versuch FROM communication_service.telefonanrufe frueher \
                WHERE frueher.id = anruf.vorgaenger_id) AS vorgaenger_versuch, \
               (SELECT count(*) FROM communication_service.telefonanruf_emails link \
                WHERE link.telefonanruf_id = anruf.id) AS emails, \
               ARRAY(SELECT email.gesendet_am FROM communication_service.telefonanruf_emails link, \
                  LATERAL (SELECT id, gesendet_am FROM communication_service.emails WHERE emails.id = link.email_id \
                    AND geloescht_am IS NULL AND gesendet_am IS NOT NULL LIMIT 1) email \
                WHERE link.telefonanruf_id = anruf.id ORDER BY email.id) AS emails_vom \
             FROM ( \
               SELECT * FROM communication_service.telefonanrufe \
               WHERE geloescht_am IS NULL AND status <> 'abgebrochen' \
                 AND geplantes_datum BETWEEN ? AND ? ", $whose, " \
               UNION ALL \
               SELECT * FROM communication_service.telefonanrufe \
               WHERE geloescht_am IS NULL AND status = 'abgebrochen' AND updated_at >= ? \
                 AND geplantes_datum BETWEEN ? AND ? ", $whose, " \
               UNION ALL \
               SELECT * FROM communication_service.telefonanrufe \
               WHERE geloescht_am >= ? AND geplantes_datum BETWEEN ? AND ? ", $whose, ") AS anruf \
             ORDER BY geplantes_datum, geplante_zeit, id"
        )
    };
}

const OF_ALL: &str = shown!("");
const OF_ONE: &str = shown!("AND bearbeiter = ?");

#[derive(QueryableByName)]
struct FeedRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Nullable<Text>)]
    bearbeiter: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct AnrufRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    therapist_id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    patient_id: Option<i64>,
    #[diesel(sql_type = Date)]
    geplantes_datum: NaiveDate,
    #[diesel(sql_type = Time)]
    geplante_zeit: NaiveTime,
    #[diesel(sql_type = SmallInt)]
    dauer_minuten: i16,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Integer)]
    versuch: i32,
    #[diesel(sql_type = Nullable<Text>)]
    bearbeiter: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    therapeutenanfrage_id: Option<i64>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    kalender_sequenz: i32,
    #[diesel(sql_type = Bool)]
    geloescht: bool,
    #[diesel(sql_type = Bool)]
    wiederholt: bool,
    #[diesel(sql_type = Nullable<Integer>)]
    vorgaenger_versuch: Option<i32>,
    #[diesel(sql_type = BigInt)]
    emails: i64,
    #[diesel(sql_type = Array<Timestamptz>)]
    emails_vom: Vec<DateTime<Utc>>,
}

pub(crate) fn insert(feed: NeuerKalenderfeed) -> Insert {
    Insert(
        sql(INSERT)
            .bind::<Nullable<Text>, _>(feed.bearbeiter)
            .bind::<Binary, _>(feed.token.0.to_vec())
            .bind::<Timestamptz, _>(feed.created_at),
    )
}

/// A statement that makes a feed.
pub(crate) struct Insert(Sql);

impl Insert {
    pub(crate) async fn run(
        self,
        conn: &mut diesel_async::AsyncPgConnection,
    ) -> diesel::QueryResult<Kalenderfeed> {
        let row: FeedRow = self.0.get_result(conn).await?;
        Ok(row.into())
    }
}

#[async_trait]
impl Kalenderfeeds for PgStore {
    async fn kalenderfeed(&self, token: &TokenHash) -> Result<Option<Kalenderfeed>, StoreError> {
        let rows: Vec<FeedRow> = sql(FIND)
            .bind::<Binary, _>(token.0.to_vec())
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(rows.into_iter().next().map(Into::into))
    }

    async fn list_kalenderfeeds(
        &self,
        page: &PageRequest,
        counting: Counting,
    ) -> Result<Page<Kalenderfeed>, StoreError> {
        let mut conn = self.conn().await?;
        let rows: Vec<FeedRow> = listed(page).load(&mut conn).await.map_err(from_diesel)?;
        let total = match page.position {
            Position::After(_) => None,
            Position::Page(_) => {
                let most = match counting {
                    Counting::Capped => TOTAL_CAP + 1,
                    Counting::Exact => i64::MAX,
                };
                let count = sql(COUNT).bind::<BigInt, _>(most);
                let all: Count = count.get_result(&mut conn).await.map_err(from_diesel)?;
                Some(counting::total(counting, all.count))
            }
        };
        let feeds = rows.into_iter().map(Into::into).collect();
        Ok(counting::cut(feeds, page, total, cursor))
    }

    async fn remove_kalenderfeed(&self, id: i64) -> Result<bool, StoreError> {
        let removed = sql(REMOVE)
            .bind::<BigInt, _>(id)
            .execute(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(removed > 0)
    }

    async fn kalenderanrufe(
        &self,
        ausschnitt: &Kalenderausschnitt,
    ) -> Result<Vec<Kalenderanruf>, StoreError> {
        let rows: Vec<AnrufRow> = calls(ausschnitt)
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        rows.into_iter().map(AnrufRow::anruf).collect()
    }
}

/// One row more than the page has, to know whether there is another.
fn listed(page: &PageRequest) -> Sql {
    match page.position {
        Position::Page(_) => sql(NEWEST)
            .bind::<BigInt, _>(page.rows() + 1)
            .bind::<BigInt, _>(page.offset()),
        Position::After(Cursor { created_at, id }) => sql(AFTER)
            .bind::<Timestamptz, _>(created_at)
            .bind::<BigInt, _>(id)
            .bind::<BigInt, _>(page.rows() + 1),
    }
}

fn cursor(feed: &Kalenderfeed) -> Cursor {
    Cursor {
        created_at: feed.created_at,
        id: feed.id,
    }
}

fn calls(ausschnitt: &Kalenderausschnitt) -> Sql {
    let Kalenderausschnitt {
        von,
        bis,
        abgesagte_von,
        abgesagt_seit,
        bearbeiter,
    } = ausschnitt;
    let whose = |statement: Sql| match bearbeiter {
        None => statement,
        Some(name) => statement.bind::<Text, _>(name.clone()),
    };
    let days = |statement: Sql, from: NaiveDate| {
        whose(statement.bind::<Date, _>(from).bind::<Date, _>(*bis))
    };
    let text = match bearbeiter {
        None => OF_ALL,
        Some(_) => OF_ONE,
    };
    let alive = days(sql(text), *von);
    let called_off = days(alive.bind::<Timestamptz, _>(*abgesagt_seit), *abgesagte_von);
    days(
        called_off.bind::<Timestamptz, _>(*abgesagt_seit),
        *abgesagte_von,
    )
}

impl From<FeedRow> for Kalenderfeed {
    fn from(row: FeedRow) -> Self {
        Self {
            id: row.id,
            bearbeiter: row.bearbeiter,
            created_at: row.created_at,
        }
    }
}

impl AnrufRow {
    fn anruf(self) -> Result<Kalenderanruf, StoreError> {
        let id = self.id;
        self.parse()
            .map_err(|error| StoreError::Corrupt(format!("call {id}: {error}")))
    }

    fn parse(self) -> Result<Kalenderanruf, EmailError> {
        let vorgaenger = match (self.wiederholt, self.vorgaenger_versuch) {
            (false, _) => Vorgaenger::Keiner,
            (true, None) => Vorgaenger::Entfernt,
            (true, Some(versuch)) => Vorgaenger::Versuch(versuch),
        };
        Ok(Kalenderanruf {
            id: TelefonanrufId(self.id),
            empfaenger: Empfaenger::parse(self.therapist_id, self.patient_id)?,
            termin: termin(self.geplantes_datum, self.geplante_zeit, self.dauer_minuten)?,
            stand: match self.geloescht {
                true => Kalenderstand::Geloescht,
                false => Kalenderstand::Status(TelefonanrufStatus::parse(&self.status)?),
            },
            herkunft: Herkunft {
                versuch: self.versuch,
                vorgaenger,
                emails: usize::try_from(self.emails).unwrap_or(0),
            },
            emails_vom: self.emails_vom,
            therapeutenanfrage_id: self.therapeutenanfrage_id,
            bearbeiter: self.bearbeiter,
            // A deletion changes what calendars show, also where the state stays as it was; nothing follows it.
            sequenz: self.kalender_sequenz.saturating_add(self.geloescht.into()),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
