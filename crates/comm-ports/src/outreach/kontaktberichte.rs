//! What the staff reads about the contacts of therapists. Nothing here changes anything.

use super::filter::Counting;
use super::kontakt::{Kontaktdaten, Nachverfolgung, Sperre, VerfolgbareEmail};
use crate::error::StoreError;
use crate::page::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use comm_domain::Zeitzone;
use comm_domain::outreach::{Email, EmailId, Telefonanruf, TelefonanrufId};
use std::fmt;
use std::ops::Range;

/// A contact on the timeline of a therapist.
#[derive(Debug, Clone, PartialEq)]
pub struct Kontaktereignis {
    /// When it was, or is to be.
    pub zeitpunkt: DateTime<Utc>,
    /// What it was.
    pub kontakt: Einzelkontakt,
}

/// A mail or a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Einzelkontakt {
    /// A mail, without its bodies, and what was decided last about its follow-up.
    Email(Box<Email>, Option<Nachverfolgung>),
    /// A call.
    Anruf(Box<Telefonanruf>),
}

/// A therapist, as far as contacts go by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Therapeutenlage {
    /// The therapist.
    pub therapist_id: i64,
    /// What the contact rules go by.
    pub kontakt: Kontaktdaten,
    /// When the therapist was spoken to last, on the wall clock; deleted calls count.
    pub zuletzt_gesprochen: Option<NaiveDateTime>,
    /// What the directory said last, if it was asked.
    pub kopie: Option<Merkmale>,
}

impl Therapeutenlage {
    /// When the last mail was queued, went or is to go, or the therapist was last spoken to, whichever is latest.
    pub fn letzter_kontakt(&self, zone: Zeitzone) -> Option<DateTime<Utc>> {
        let talk = self.zuletzt_gesprochen.map(|wall| zone.instant_of(wall));
        self.kontakt.letzte_mail.max(talk)
    }

    /// Whether the directory says that there may be a place.
    pub fn potenziell_verfuegbar(&self) -> bool {
        self.kopie
            .as_ref()
            .is_some_and(|kopie| kopie.potenziell_verfuegbar)
    }
}

/// What is told of a therapist in a list.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Merkmale {
    /// Title, first and last name.
    pub name: Option<String>,
    /// Whether there may be a place.
    pub potenziell_verfuegbar: bool,
    /// What is said about that.
    pub potenziell_verfuegbar_notizen: Option<String>,
}

/// People are personal data: what is formatted for a log does not show them.
impl fmt::Debug for Merkmale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Merkmale(..)")
    }
}

/// What is under way to a therapist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anstehendes {
    /// The emails that wait or are being sent, by ascending id.
    pub emails: Vec<EmailId>,
    /// The calls that are planned for the day, in the order of their time.
    pub anrufe: Vec<TelefonanrufId>,
    /// The emails that were sent in the time that was asked about and whose follow-up was not decided for good, hidden
    /// ones included, the one that was sent first before others.
    pub verfolgbar: Vec<VerfolgbareEmail>,
}

/// Reads what the staff wants to know about contacts.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Kontaktberichte: Send + Sync {
    /// One page of the mails and calls of a therapist, newest first. Drafts are none, deleted ones are left out. The id
    /// of its cursors is twice the one of the mail or call, and one more for a call.
    ///
    /// # Errors
    /// The database is away.
    async fn kontakte(
        &self,
        therapist_id: i64,
        page: &PageRequest,
        counting: Counting,
        zone: Zeitzone,
    ) -> Result<Page<Kontaktereignis>, StoreError>;

    /// That a therapist was blocked by hand, perhaps until a day that is over.
    ///
    /// # Errors
    /// The database is away.
    async fn sperre(&self, therapist_id: i64) -> Result<Option<Sperre>, StoreError>;

    /// Every therapist who has a contact state or of whom there is a copy out of the directory, in one statement and in
    /// no order.
    ///
    /// # Errors
    /// The database is away.
    async fn alle_therapeuten(&self) -> Result<Vec<Therapeutenlage>, StoreError>;

    /// The same of these therapists, whether they are known or not.
    ///
    /// # Errors
    /// The database is away.
    async fn therapeuten(&self, ids: &[i64]) -> Result<Vec<Therapeutenlage>, StoreError>;

    /// What is under way to these therapists on a day; follow-ups of emails that were sent in this time, the end left
    /// out. Those to whom nothing is are left out.
    ///
    /// # Errors
    /// The database is away.
    async fn anstehendes(
        &self,
        ids: &[i64],
        am: NaiveDate,
        gesendet: Range<DateTime<Utc>>,
    ) -> Result<Vec<(i64, Anstehendes)>, StoreError>;
}
