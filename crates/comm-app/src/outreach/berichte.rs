//! What the staff reads about calls: the list of a day, and how calls went (contract, 'Telefonanruf').

use super::Verzeichnis;
use super::kontakte::{Kontakt, Kontakte};
use crate::Adapters;
use crate::error::OutreachError;
use chrono::{Days, NaiveDate};
use comm_domain::outreach::{EmailId, Planungsgrund, Telefonanruf};
use comm_domain::{FieldError, Zeitzone};
use comm_ports::outreach::{Anrufstatistik, FruehererVersuch, Tagesanruf};
use std::ops::RangeInclusive;

/// Over how many days figures are made unless somebody says otherwise, today included.
const STATISTIK_DAYS: u64 = 30;
/// Most days over which figures are made.
pub const STATISTIK_MAX_DAYS: i64 = 366;

/// The calls of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Tagesliste {
    /// The day.
    pub datum: NaiveDate,
    /// Its calls in the order of their time, in whatever state.
    pub zeilen: Vec<Tageszeile>,
}

/// A call of the day with what the staff needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Tageszeile {
    /// The call.
    pub anruf: Telefonanruf,
    /// Who is called.
    pub kontakt: Kontakt,
    /// Why it was planned.
    pub grund: Planungsgrund,
    /// The emails that it follows up.
    pub emails: Vec<GesendeteEmail>,
    /// The attempts before it, latest first.
    pub fruehere: Vec<FruehererVersuch>,
}

/// An email that a call follows up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GesendeteEmail {
    /// Its id.
    pub id: EmailId,
    /// Its subject.
    pub betreff: String,
    /// The day on which it was sent.
    pub datum: Option<NaiveDate>,
}

/// The figures of some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistik {
    /// The days.
    pub tage: RangeInclusive<NaiveDate>,
    /// The figures.
    pub zahlen: Anrufstatistik,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Berichte {
    adapters: Adapters,
    verzeichnis: Verzeichnis,
    zone: Zeitzone,
}

impl Berichte {
    pub(crate) fn new(adapters: Adapters, verzeichnis: Verzeichnis, zone: Zeitzone) -> Self {
        Self {
            adapters,
            verzeichnis,
            zone,
        }
    }

    /// The calls of a day, today unless another is named; those of one member of staff, else of all.
    ///
    /// # Errors
    /// Storage.
    pub async fn tagesliste(
        &self,
        datum: Option<NaiveDate>,
        bearbeiter: Option<String>,
    ) -> Result<Tagesliste, OutreachError> {
        let datum = datum.unwrap_or_else(|| self.heute());
        let anrufe = self.adapters.berichte.tagesliste(datum, bearbeiter).await?;
        let wer = anrufe.iter().map(|tagesanruf| tagesanruf.anruf.empfaenger);
        let kontakte = Kontakte::look_up(&self.verzeichnis, wer).await;
        let zeile = |anruf| self.zeile(anruf, &kontakte);
        Ok(Tagesliste {
            datum,
            zeilen: anrufe.into_iter().map(zeile).collect(),
        })
    }

    fn zeile(&self, tagesanruf: Tagesanruf, kontakte: &Kontakte) -> Tageszeile {
        let grund = tagesanruf.herkunft().grund();
        let Tagesanruf {
            anruf,
            emails,
            fruehere,
            ..
        } = tagesanruf;
        let emails = emails.into_iter().map(|email| GesendeteEmail {
            id: email.id,
            betreff: email.betreff,
            datum: email.gesendet_am.map(|at| self.zone.day_of(at)),
        });
        Tageszeile {
            kontakt: kontakte.of(anruf.empfaenger),
            grund,
            emails: emails.collect(),
            fruehere,
            anruf,
        }
    }

    /// The figures of the calls that were planned for these days: the last 30 unless others are named.
    ///
    /// # Errors
    /// More than 366 days, or none; storage.
    pub async fn statistik(
        &self,
        von: Option<NaiveDate>,
        bis: Option<NaiveDate>,
    ) -> Result<Statistik, OutreachError> {
        let tage = self.tage(von, bis)?;
        let zahlen = self.adapters.berichte.statistik(tage.clone()).await?;
        Ok(Statistik { tage, zahlen })
    }

    fn tage(
        &self,
        von: Option<NaiveDate>,
        bis: Option<NaiveDate>,
    ) -> Result<RangeInclusive<NaiveDate>, FieldError> {
        let bis = bis.unwrap_or_else(|| self.heute());
        let first = bis.checked_sub_days(Days::new(STATISTIK_DAYS - 1));
        let von = von.or(first).unwrap_or(bis);
        let count = (bis - von).num_days() + 1;
        if count < 1 {
            return Err(FieldError::invalid("von", "must not lie after bis"));
        }
        if count > STATISTIK_MAX_DAYS {
            let reason = format!("must lie at most {STATISTIK_MAX_DAYS} days after von");
            return Err(FieldError::invalid("bis", reason));
        }
        Ok(von..=bis)
    }

    fn heute(&self) -> NaiveDate {
        self.zone.day_of(self.adapters.clock.now())
    }
}

#[cfg(test)]
mod tests;
