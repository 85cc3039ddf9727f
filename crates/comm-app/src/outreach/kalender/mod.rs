//! Calendar feeds: made, listed, revoked, and what a calendar program gets to see (contract, 'Telefonanruf',
//! `kalender-feeds`). How iCalendar is written is not here.

mod termin;
mod texte;
mod token;

pub use termin::{Gilt, Kalenderblatt, Kalendertermin};
pub use token::Feedtoken;

use super::Verzeichnis;
use super::emails::finish;
use super::kontakte::Kontakte;
use crate::Adapters;
use crate::error::OutreachError;
use crate::once::Once;
use chrono::{Days, NaiveDate};
use comm_domain::{Zeitzone, field};
use comm_ports::outreach::{
    Counting, Kalenderausschnitt, Kalenderfeed, NeuerKalenderfeed, OutreachTx,
};
use comm_ports::page::{Page, PageRequest};
use comm_ports::{KeptAnswer, RequestKey};
use termin::Stift;

/// How many days back a feed shows calls.
const PAST: Days = Days::new(30);
/// How many days ahead.
const AHEAD: Days = Days::new(366);
/// For how many days it shows that a call was called off or deleted.
const CANCELLED: Days = Days::new(30);

/// A feed that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GemachterFeed {
    /// The feed.
    pub feed: Kalenderfeed,
    /// Its token, which is shown this once: a repetition of the request is answered without it.
    pub token: Option<Feedtoken>,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Anrufkalender {
    adapters: Adapters,
    verzeichnis: Verzeichnis,
    zone: Zeitzone,
}

impl Anrufkalender {
    pub(crate) fn new(adapters: Adapters, verzeichnis: Verzeichnis, zone: Zeitzone) -> Self {
        Self {
            adapters,
            verzeichnis,
            zone,
        }
    }

    /// Makes a feed of the calls of one member of staff, or of all; at most once where the request has a key. What is
    /// kept for the key has no token, since a kept answer would be the one place that knows it.
    ///
    /// # Errors
    /// The request's own error, a name that breaks a rule, a key in use, or storage.
    pub async fn create<E>(
        &self,
        bearbeiter: Result<Option<String>, E>,
        answer: fn(GemachterFeed) -> KeptAnswer,
        key: Option<RequestKey>,
    ) -> Result<KeptAnswer, E>
    where
        E: From<OutreachError> + Send + 'static,
    {
        let kalender = self.clone();
        let once = key.map(|key| Once { key, answer });
        finish(async move {
            let begun = kalender.adapters.store.begin().await;
            let mut tx = begun.map_err(OutreachError::from)?;
            match kalender
                .store_in(tx.as_mut(), bearbeiter, answer, once)
                .await
            {
                Ok(Stored::Now(answer)) => {
                    tx.commit().await.map_err(OutreachError::from)?;
                    Ok(answer)
                }
                // The key must be free before the client can repeat.
                done => {
                    tx.rollback().await;
                    done.map(|(Stored::Now(answer) | Stored::Before(answer))| answer)
                }
            }
        })
        .await
    }

    async fn store_in<E: From<OutreachError>>(
        &self,
        tx: &mut dyn OutreachTx,
        bearbeiter: Result<Option<String>, E>,
        answer: fn(GemachterFeed) -> KeptAnswer,
        once: Option<Once<GemachterFeed>>,
    ) -> Result<Stored, E> {
        if let Some(once) = &once
            && let Some(before) = once.before(tx).await?
        {
            return Ok(Stored::Before(before));
        }
        let made = self.make(tx, bearbeiter?).await?;
        if let Some(once) = once {
            let without_token = GemachterFeed {
                token: None,
                ..made.clone()
            };
            once.keep(tx, without_token).await?;
        }
        Ok(Stored::Now(answer(made)))
    }

    async fn make(
        &self,
        tx: &mut dyn OutreachTx,
        bearbeiter: Option<String>,
    ) -> Result<GemachterFeed, OutreachError> {
        let bearbeiter = bearbeiter.map(|name| field::line("bearbeiter", name));
        let token = Feedtoken::generate();
        let feed = NeuerKalenderfeed {
            bearbeiter: bearbeiter.transpose()?,
            token: token.hash(),
            created_at: self.adapters.clock.now(),
        };
        Ok(GemachterFeed {
            feed: tx.insert_kalenderfeed(feed).await?,
            token: Some(token),
        })
    }

    /// One page of feeds, newest first.
    ///
    /// # Errors
    /// Storage.
    pub async fn list(
        &self,
        page: &PageRequest,
        counting: Counting,
    ) -> Result<Page<Kalenderfeed>, OutreachError> {
        let feeds = &self.adapters.kalenderfeeds;
        Ok(feeds.list_kalenderfeeds(page, counting).await?)
    }

    /// Revokes a feed: nobody can read it from now on.
    ///
    /// # Errors
    /// There is no such feed, or storage.
    pub async fn revoke(&self, id: i64) -> Result<(), OutreachError> {
        match self.adapters.kalenderfeeds.remove_kalenderfeed(id).await? {
            true => Ok(()),
            false => Err(OutreachError::KalenderNotFound),
        }
    }

    /// What the feed with this token shows now.
    ///
    /// # Errors
    /// There is no feed with this token, which may be because it was revoked; storage.
    pub async fn read(&self, token: &str) -> Result<Kalenderblatt, OutreachError> {
        let feeds = &self.adapters.kalenderfeeds;
        let feed = feeds.kalenderfeed(&token::hash(token)).await?;
        let feed = feed.ok_or(OutreachError::KalenderNotFound)?;
        let heute = self.zone.day_of(self.adapters.clock.now());
        let ausschnitt = self.ausschnitt(heute, feed.bearbeiter.clone());
        let anrufe = feeds.kalenderanrufe(&ausschnitt).await?;
        let wer = anrufe.iter().map(|anruf| anruf.empfaenger);
        let stift = Stift {
            kontakte: Kontakte::look_up(&self.verzeichnis, wer).await,
            zone: self.zone,
        };
        Ok(stift.blatt(&feed, &anrufe))
    }

    /// Days, never hours: between two midnights only changes of calls change what is shown.
    fn ausschnitt(&self, heute: NaiveDate, bearbeiter: Option<String>) -> Kalenderausschnitt {
        let back = |day: NaiveDate, days| day.checked_sub_days(days).unwrap_or(day);
        let von = back(heute, PAST);
        Kalenderausschnitt {
            von,
            bis: heute.checked_add_days(AHEAD).unwrap_or(heute),
            abgesagte_von: back(von, CANCELLED),
            abgesagt_seit: self.zone.begin_of(back(heute, CANCELLED)),
            bearbeiter,
        }
    }
}

/// Whether this request has made the feed.
enum Stored {
    Now(KeptAnswer),
    Before(KeptAnswer),
}

#[cfg(test)]
mod tests;
