//! What is free, and whether a time suits: shown without a lock, so it may be gone when it is booked.

use super::Telefonanrufe;
use super::lage::Lage;
use super::requests::{FreieTermine, Pruefung};
use super::vorwissen::Vorwissen;
use crate::error::OutreachError;
use chrono::{Days, NaiveDate, NaiveTime};
use comm_domain::outreach::{Dauer, Grund, Termin};
use std::ops::RangeInclusive;

/// Which free slots are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SlotsRequest {
    /// The first day; today unless it says otherwise.
    pub von: Option<NaiveDate>,
    /// The last day; as far as slots are looked for unless it says otherwise.
    pub bis: Option<NaiveDate>,
    /// Minutes; 5 unless it says otherwise.
    pub dauer_minuten: Option<i64>,
}

impl Telefonanrufe {
    /// All free slots of a therapist.
    ///
    /// # Errors
    /// An unknown therapist, a range or a duration out of bounds, a directory without which nothing is known,
    /// or storage.
    pub async fn slots(
        &self,
        therapist_id: i64,
        request: SlotsRequest,
    ) -> Result<FreieTermine, OutreachError> {
        let vorwissen = self.ask_by_path(therapist_id).await?;
        let dauer = dauer(request.dauer_minuten)?;
        let tage = self.days(request);
        let lage = self.unlocked(&vorwissen, &tage).await?;
        lage.needs_hours()?;
        let now = self.moment();
        let search = lage.search(dauer, *tage.start());
        let plan = search
            .plan_between(now.at, tage, lage.belegt())
            .map_err(OutreachError::Slots)?;
        Ok(FreieTermine {
            termine: plan.slots().filter(|slot| lage.has_seat(*slot)).collect(),
            gruende: plan.gruende(),
            erreichbarkeit: lage.hours.clone(),
        })
    }

    /// Whether a therapist can be called at a time, and if not, why.
    ///
    /// # Errors
    /// An unknown therapist, a duration out of bounds, a directory without which nothing is known, or storage.
    pub async fn pruefen(
        &self,
        therapist_id: i64,
        datum: NaiveDate,
        zeit: NaiveTime,
        dauer_minuten: Option<i64>,
    ) -> Result<Pruefung, OutreachError> {
        let vorwissen = self.ask_by_path(therapist_id).await?;
        let termin = Termin::new(datum, zeit, dauer(dauer_minuten)?)?;
        let lage = self.unlocked(&vorwissen, &(datum..=datum)).await?;
        lage.needs_hours()?;
        let gruende = lage.obstacles(termin);
        let rule = lage.cooling_off(datum.max(self.moment().heute()));
        let rule = rule.filter(|rule| gruende.contains(&rule.grund));
        let earliest = lage.earliest(datum, termin.dauer()).ok();
        Ok(Pruefung {
            termin,
            gruende,
            naechster_kontakt_moeglich: rule.and_then(|rule| rule.ab),
            naechster_freier_termin: earliest.map(|found| found.termin),
            erreichbarkeit: lage.hours.clone(),
        })
    }

    fn days(&self, request: SlotsRequest) -> RangeInclusive<NaiveDate> {
        let von = request.von.unwrap_or_else(|| self.moment().heute());
        let horizon = Days::new(u64::from(self.settings.horizon_days.saturating_sub(1)));
        let last = von.checked_add_days(horizon).unwrap_or(NaiveDate::MAX);
        von..=request.bis.unwrap_or(last)
    }

    /// What is known of a person, without a lock.
    async fn unlocked<'a>(
        &'a self,
        vorwissen: &'a Vorwissen,
        tage: &RangeInclusive<NaiveDate>,
    ) -> Result<Lage<'a>, OutreachError> {
        let store = &self.adapters.telefonanrufe;
        let now = self.moment();
        let first = (*tage.start()).min(now.heute());
        let first = first.pred_opt().unwrap_or(first);
        let belegung = store.belegung(vorwissen.person, first).await?;
        let mut lage = Lage::new(&self.settings, vorwissen, belegung, now);
        if self.settings.seats.is_some() {
            let horizon = Days::new(self.settings.horizon_days.into());
            let last = (*tage.end()).max(now.heute());
            let last = last.checked_add_days(horizon).unwrap_or(last);
            lage.take_seats(store.plaetze(first..=last).await?);
        }
        Ok(lage)
    }
}

impl Lage<'_> {
    /// Slots are only told by hours that somebody knows.
    fn needs_hours(&self) -> Result<(), OutreachError> {
        match self.unknown_hours() {
            None => Ok(()),
            Some(Grund::VerzeichnisNichtErreichbar) => Err(OutreachError::DirectoryAway),
            Some(_) => Err(OutreachError::TherapistPathNotFound),
        }
    }
}

fn dauer(minuten: Option<i64>) -> Result<Dauer, OutreachError> {
    Ok(minuten.map_or(Ok(Dauer::THERAPEUT), Dauer::parse)?)
}
