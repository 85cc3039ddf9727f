//! Who may be contacted on a day.

use super::{Therapeutenkontakte, reihenfolge, stelle};
use crate::error::OutreachError;
use chrono::{DateTime, NaiveDate, Utc};
use comm_domain::outreach::{Kontakterlaubnis, Kontaktweg};
use comm_ports::outreach::{Merkmale, Therapeutenlage};
use comm_ports::page::{Page, PageRequest};

/// Which therapists are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KontaktierbarRequest {
    /// The day; today unless it says otherwise.
    pub am: Option<NaiveDate>,
    /// By which way; by both unless it says otherwise.
    pub weg: Option<Kontaktweg>,
}

/// A therapist who may be contacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kontaktierbarer {
    /// The therapist.
    pub therapist_id: i64,
    /// What the directory said last.
    pub merkmale: Merkmale,
    /// When the therapist was last contacted.
    pub letzter_kontakt: Option<DateTime<Utc>>,
}

impl Therapeutenkontakte {
    /// Those therapists to whom the rules for the service allow a contact on a day, in the order in which they are to be
    /// contacted, page by page. What is planned already does not matter.
    ///
    /// # Errors
    /// A day that is over, or storage.
    pub async fn kontaktierbar(
        &self,
        request: KontaktierbarRequest,
        page: &PageRequest,
    ) -> Result<Page<Kontaktierbarer>, OutreachError> {
        let am = self.day(request.am)?;
        let ways = match request.weg {
            Some(weg) => vec![weg],
            None => Kontaktweg::ALL.to_vec(),
        };
        let mut lagen = self.adapters.kontaktberichte.alle_therapeuten().await?;
        lagen.retain(|lage| ways.iter().all(|weg| self.allows(lage, *weg, am)));
        self.sort(&mut lagen);
        let all = lagen.into_iter().map(|lage| self.shown(lage)).collect();
        let place =
            |of: &Kontaktierbarer| stelle(Some(&of.merkmale), of.letzter_kontakt, of.therapist_id);
        Ok(Page::keyed(all, page, place, reihenfolge))
    }

    fn allows(&self, lage: &Therapeutenlage, weg: Kontaktweg, am: NaiveDate) -> bool {
        let stand = lage.kontakt.stand(self.settings.zone);
        match self.settings.regeln.check(&stand, weg, am) {
            Kontakterlaubnis::Erlaubt | Kontakterlaubnis::Gewarnt(_) => true,
            Kontakterlaubnis::Abgelehnt(_) => false,
        }
    }

    fn shown(&self, lage: Therapeutenlage) -> Kontaktierbarer {
        Kontaktierbarer {
            therapist_id: lage.therapist_id,
            letzter_kontakt: self.last_contact(&lage),
            merkmale: lage.kopie.unwrap_or_default(),
        }
    }
}
