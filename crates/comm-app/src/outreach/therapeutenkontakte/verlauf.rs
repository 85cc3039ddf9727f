//! The timeline of a therapist, and what the contact rules say of today.

use super::{Therapeutenkontakte, by_path};
use crate::error::OutreachError;
use chrono::{DateTime, NaiveDate, Utc};
use comm_domain::outreach::{Kontakterlaubnis, Kontaktweg};
use comm_ports::outreach::{Counting, Kontaktereignis, Sperre, Therapeutenlage};
use comm_ports::page::{Page, PageRequest};

/// The contacts of a therapist.
#[derive(Debug, Clone, PartialEq)]
pub struct Kontaktverlauf {
    /// One page of the mails and calls, newest first.
    pub kontakte: Page<Kontaktereignis>,
    /// What the rules say.
    pub regelstand: Regelstand,
}

/// What the contact rules for the service say of a therapist today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regelstand {
    /// When the last mail was queued, went or is to go, or the therapist was last spoken to, whichever is latest.
    pub letzter_kontakt: Option<DateTime<Utc>>,
    /// The day of the last mail that counts.
    pub letzte_mail: Option<NaiveDate>,
    /// The day of the last refusal.
    pub letzte_ablehnung: Option<NaiveDate>,
    /// Blocked by hand.
    pub gesperrt: Option<Sperre>,
    /// Whether a mail may be queued.
    pub mail: Kontakterlaubnis,
    /// Whether a call may be booked.
    pub anruf: Kontakterlaubnis,
}

impl Therapeutenkontakte {
    /// One page of the timeline. A therapist of whom nothing is known has an empty one, and is kept from nothing.
    ///
    /// # Errors
    /// An id that no therapist has, or storage.
    pub async fn kontakte(
        &self,
        therapist_id: i64,
        page: &PageRequest,
        counting: Counting,
    ) -> Result<Kontaktverlauf, OutreachError> {
        let therapist_id = by_path(therapist_id)?;
        let (reads, zone) = (&self.adapters.kontaktberichte, self.settings.zone);
        let kontakte = reads.kontakte(therapist_id, page, counting, zone).await?;
        let sperre = reads.sperre(therapist_id).await?;
        let lage = reads.therapeuten(&[therapist_id]).await?.pop();
        Ok(Kontaktverlauf {
            kontakte,
            regelstand: self.regelstand(&lage.unwrap_or_default(), sperre),
        })
    }

    fn regelstand(&self, lage: &Therapeutenlage, sperre: Option<Sperre>) -> Regelstand {
        let (heute, regeln) = (self.heute(), self.settings.regeln);
        let stand = lage.kontakt.stand(self.settings.zone);
        Regelstand {
            letzter_kontakt: self.last_contact(lage),
            letzte_mail: stand.letzte_mail,
            letzte_ablehnung: stand.letzte_ablehnung,
            gesperrt: sperre.filter(|sperre| sperre.dauer.hindernis().stands_on(heute)),
            mail: regeln.check(&stand, Kontaktweg::Mail, heute),
            anruf: regeln.check(&stand, Kontaktweg::Anruf, heute),
        }
    }
}
