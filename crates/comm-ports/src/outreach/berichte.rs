//! What the staff reads about calls: the day's list and figures. Nothing here changes anything.

use crate::error::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use comm_domain::outreach::{
    EmailId, ErgebnisArt, Herkunft, Telefonanruf, TelefonanrufId, TelefonanrufStatus, Vorgaenger,
};
use std::ops::RangeInclusive;

/// A call of the day with what it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Tagesanruf {
    /// The call.
    pub anruf: Telefonanruf,
    /// The emails that it follows up, by ascending id; hidden ones are left out.
    pub emails: Vec<VerfolgteEmail>,
    /// The call that it retries.
    pub vorgaenger: Vorgaenger,
    /// The attempts before it, latest first; deleted ones are left out. At most [`FRUEHERE_MAX`].
    pub fruehere: Vec<FruehererVersuch>,
}

impl Tagesanruf {
    /// How it came about.
    pub fn herkunft(&self) -> Herkunft {
        Herkunft {
            versuch: self.anruf.versuch,
            vorgaenger: self.vorgaenger,
            emails: self.anruf.email_ids.len(),
        }
    }
}

/// How far back the attempts before a call are looked up. Agreed callbacks do not count as attempts, so a chain has no
/// end of its own.
pub const FRUEHERE_MAX: i32 = 50;

/// An email that a call follows up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerfolgteEmail {
    /// Its id.
    pub id: EmailId,
    /// Its subject.
    pub betreff: String,
    /// When it was sent.
    pub gesendet_am: Option<DateTime<Utc>>,
}

/// An attempt before a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FruehererVersuch {
    /// Its id.
    pub id: TelefonanrufId,
    /// The day on which it was made, as far as that is known, else the planned one.
    pub datum: NaiveDate,
    /// The time of day, likewise.
    pub zeit: NaiveTime,
    /// Where it stands.
    pub status: TelefonanrufStatus,
    /// What came out of it.
    pub ergebnis_art: Option<ErgebnisArt>,
    /// Notes of the staff.
    pub notizen: Option<String>,
    /// Which attempt it was.
    pub versuch: i32,
}

/// How calls went that were planned for some days. Deleted ones do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anrufstatistik {
    /// All of them.
    pub gesamt: Anrufzahlen,
    /// By state and outcome, in the order of [`TelefonanrufStatus::ALL`] and [`ErgebnisArt::ALL`].
    pub nach_ergebnis: Vec<ErgebnisAnzahl>,
    /// By the weekday on which they were made.
    pub nach_wochentag: Vec<(Weekday, Anrufzahlen)>,
    /// By the hour in which they were made, 0 to 23.
    pub nach_stunde: Vec<(u8, Anrufzahlen)>,
    /// By both.
    pub nach_wochentag_und_stunde: Vec<(Weekday, u8, Anrufzahlen)>,
    /// By the number of the attempt.
    pub nach_versuch: Vec<(i32, Anrufzahlen)>,
    /// By the member of staff.
    pub nach_bearbeiter: Vec<(Option<String>, Anrufzahlen)>,
}

/// How many of some calls were made, and how many of these reached somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Anrufzahlen {
    /// All of them, in whatever state.
    pub anrufe: i64,
    /// Those that were made: `abgeschlossen` or `fehlgeschlagen`.
    pub gefuehrt: i64,
    /// Those that reached the person: `abgeschlossen`, and not `nicht_erreicht`.
    pub erreicht: i64,
}

/// Calls with one outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErgebnisAnzahl {
    /// The state.
    pub status: TelefonanrufStatus,
    /// The outcome.
    pub ergebnis_art: Option<ErgebnisArt>,
    /// How many.
    pub anrufe: i64,
}

/// Reads what the staff wants to know about calls.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Anrufberichte: Send + Sync {
    /// All calls that are planned for a day and not deleted, in whatever state, in the order of their time; those of
    /// one member of staff where one is named.
    ///
    /// # Errors
    /// The database is away.
    async fn tagesliste(
        &self,
        datum: NaiveDate,
        bearbeiter: Option<String>,
    ) -> Result<Vec<Tagesanruf>, StoreError>;

    /// The figures of the calls that were planned for these days.
    ///
    /// # Errors
    /// The database is away.
    async fn statistik(
        &self,
        tage: RangeInclusive<NaiveDate>,
    ) -> Result<Anrufstatistik, StoreError>;
}
