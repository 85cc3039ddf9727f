//! Calendar feeds: who may read one, and the calls that it shows. A feed is made in a transaction, by
//! [`OutreachTx::insert_kalenderfeed`](super::OutreachTx::insert_kalenderfeed).

use super::filter::Counting;
use crate::error::StoreError;
use crate::page::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use comm_domain::outreach::{Empfaenger, Herkunft, TelefonanrufId, TelefonanrufStatus, Termin};
use std::fmt;

/// SHA-256 of a feed's token: the token itself is stored nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

/// Whoever knows it does not know the token; all the same it is nobody's business.
impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// A feed that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeuerKalenderfeed {
    /// Whose calls it shows; everybody's if nobody is named.
    pub bearbeiter: Option<String>,
    /// What its token is known by.
    pub token: TokenHash,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A feed that can be subscribed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kalenderfeed {
    /// Its id.
    pub id: i64,
    /// Whose calls it shows; everybody's if nobody is named.
    pub bearbeiter: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The part of all calls that a feed shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kalenderausschnitt {
    /// The first day.
    pub von: NaiveDate,
    /// The last day.
    pub bis: NaiveDate,
    /// The first day of those that were called off or deleted: their end is shown also when their day is over.
    pub abgesagte_von: NaiveDate,
    /// Since when they were.
    pub abgesagt_seit: DateTime<Utc>,
    /// Whose calls; everybody's if nobody is named.
    pub bearbeiter: Option<String>,
}

/// A call as a calendar shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kalenderanruf {
    /// Its id.
    pub id: TelefonanrufId,
    /// Whom it is for.
    pub empfaenger: Empfaenger,
    /// Its slot.
    pub termin: Termin,
    /// Where it stands.
    pub stand: Kalenderstand,
    /// How it came about.
    pub herkunft: Herkunft,
    /// When the emails were sent that it follows up.
    pub emails_vom: Vec<DateTime<Utc>>,
    /// The Matching Service's bundle.
    pub therapeutenanfrage_id: Option<i64>,
    /// The member of staff who makes it.
    pub bearbeiter: Option<String>,
    /// How often its slot or state was changed, by its deletion too.
    pub sequenz: i32,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// When it was changed last, also by its deletion.
    pub updated_at: DateTime<Utc>,
}

/// Where a call stands, as far as it matters to a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kalenderstand {
    /// It was not deleted, and is in this state.
    Status(TelefonanrufStatus),
    /// It was deleted.
    Geloescht,
}

/// Feeds and what they show.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Kalenderfeeds: Send + Sync {
    /// The feed with this token, unless it was revoked.
    ///
    /// # Errors
    /// The database is away.
    async fn kalenderfeed(&self, token: &TokenHash) -> Result<Option<Kalenderfeed>, StoreError>;

    /// One page of feeds, newest first.
    ///
    /// # Errors
    /// The database is away.
    async fn list_kalenderfeeds(
        &self,
        page: &PageRequest,
        counting: Counting,
    ) -> Result<Page<Kalenderfeed>, StoreError>;

    /// Removes a feed for good; says whether there was one.
    ///
    /// # Errors
    /// The database is away.
    async fn remove_kalenderfeed(&self, id: i64) -> Result<bool, StoreError>;

    /// The calls that a feed shows, in the order of their slots.
    ///
    /// # Errors
    /// The database is away.
    async fn kalenderanrufe(
        &self,
        ausschnitt: &Kalenderausschnitt,
    ) -> Result<Vec<Kalenderanruf>, StoreError>;
}
