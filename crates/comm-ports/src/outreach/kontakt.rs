//! The contacts of therapists: what contact rules and follow-ups go by. Changes are methods of
//! [`OutreachTx`](super::OutreachTx).

use crate::error::StoreError;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use comm_domain::Zeitzone;
use comm_domain::outreach::nachverfolgung::{Ergebnis, OffeneEmail};
use comm_domain::outreach::{EmailId, Grund, Kontaktsperre, Kontaktstand, TelefonanrufId, Termin};

/// What the contact rules go by. Hidden emails and calls count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kontaktdaten {
    /// When the last mail that counts was queued, went, or is to go, whichever is latest.
    pub letzte_mail: Option<DateTime<Utc>>,
    /// When the last refusal by mail came.
    pub abgelehnt_per_mail: Option<DateTime<Utc>>,
    /// The day of the last refusal by phone, on the wall clock.
    pub abgelehnt_am_telefon: Option<NaiveDate>,
    /// Blocked by hand.
    pub sperre: Option<Kontaktsperre>,
}

impl Kontaktdaten {
    /// The same in days of a time zone.
    pub fn stand(&self, zone: Zeitzone) -> Kontaktstand {
        let by_mail = self.abgelehnt_per_mail.map(|at| zone.day_of(at));
        Kontaktstand {
            letzte_mail: self.letzte_mail.map(|at| zone.day_of(at)),
            letzte_ablehnung: self.abgelehnt_am_telefon.max(by_mail),
            sperre: self.sperre,
        }
    }
}

/// That a therapist was blocked by hand.
#[derive(Clone, PartialEq, Eq)]
pub struct Sperre {
    /// Since when.
    pub seit: DateTime<Utc>,
    /// How long.
    pub dauer: Kontaktsperre,
    /// Why, in the words of the staff.
    pub begruendung: String,
}

/// What people wrote is nobody's business in a log.
impl std::fmt::Debug for Sperre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sperre({:?}, ..)", self.dauer)
    }
}

/// A sent email to a therapist whose follow-up was not decided for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerfolgbareEmail {
    /// Its id.
    pub id: EmailId,
    /// The therapist.
    pub therapist_id: i64,
    /// When it was sent.
    pub gesendet_am: DateTime<Utc>,
    /// `antwort_erhalten`.
    pub antwort_erhalten: bool,
    /// `nachverfolgung_erforderlich`.
    pub nachverfolgung_erforderlich: Option<bool>,
    /// The Matching Service's bundle.
    pub therapeutenanfrage_id: Option<i64>,
}

impl VerfolgbareEmail {
    /// The part that decisions go by, on the wall clock of a time zone.
    pub fn offen(&self, zone: Zeitzone) -> OffeneEmail {
        OffeneEmail {
            id: self.id,
            gesendet: Some(zone.wall_clock(self.gesendet_am)),
            antwort_erhalten: self.antwort_erhalten,
            nachverfolgung_erforderlich: self.nachverfolgung_erforderlich,
        }
    }
}

/// A therapist's calls, as far as follow-ups go by them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Anruflage {
    /// When the therapist was spoken to last, on the wall clock; deleted calls count.
    pub zuletzt_gesprochen: Option<NaiveDateTime>,
    /// The first planned call that is not over.
    pub naechster: Option<(TelefonanrufId, Termin)>,
}

/// What was decided last about the follow-up of an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nachverfolgung {
    /// The email.
    pub email_id: EmailId,
    /// What was decided.
    pub ergebnis: Ergebnis,
    /// Why there is no call.
    pub grund: Option<Grund>,
    /// The call, which may have been removed since.
    pub telefonanruf_id: Option<TelefonanrufId>,
    /// When it was decided; when it first came out so, if it does again and again.
    pub entschieden_am: DateTime<Utc>,
    /// Whether it is never decided again.
    pub endgueltig: bool,
}

/// Reads of what is to be followed up.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait NachverfolgungStore: Send + Sync {
    /// When the first migration was applied: what was sent before is imported history.
    ///
    /// # Errors
    /// The database is away.
    async fn eingerichtet_am(&self) -> Result<DateTime<Utc>, StoreError>;

    /// Emails to therapists that were sent in this time, `bis` left out, and whose follow-up was not decided for
    /// good, hidden ones included.
    ///
    /// # Errors
    /// The database is away.
    async fn verfolgbare(
        &self,
        von: DateTime<Utc>,
        bis: DateTime<Utc>,
    ) -> Result<Vec<VerfolgbareEmail>, StoreError>;
}
