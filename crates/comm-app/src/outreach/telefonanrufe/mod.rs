//! The use cases about calls (contract, 'Telefonanruf'). Planning one is in `create`, changing one in `update`, the
//! next attempt in `retry`; which slot it gets is decided in `lage`, out of what `vorwissen` asked before there was a
//! transaction. What is only shown is in `hours` and `slots`.

mod create;
mod hinweise;
mod hours;
pub(super) mod lage;
mod patient;
mod plaetze;
mod requests;
mod retry;
mod settings;
mod slots;
mod turns;
mod update;
pub(super) mod vorwissen;

pub use hinweise::{Satz, satz};
pub use requests::{
    CreateTelefonanruf, FreieTermine, GezeigteErreichbarkeit, NaechsterAnruf, Pruefung, Quelle,
    ShownTelefonanruf,
};
pub use retry::Nachgeholt;
pub use settings::{AnrufSettings, CallsConfig, OnOverlap, closing_days};
pub use slots::SlotsRequest;

use super::Verzeichnis;
use super::emails::finish;
use crate::Adapters;
use crate::error::OutreachError;
use chrono::Days;
use comm_domain::outreach::{Empfaenger, Grund, Moment, Telefonanruf, TelefonanrufId};
use comm_ports::Signal;
use comm_ports::error::StoreError;
use comm_ports::outreach::{
    Ablage, OVERLAP_CONSTRAINTS, OutreachTx, PLATZ_CONSTRAINT, TelefonanrufQuery,
};
use comm_ports::page::Page;
use lage::Lage;
use std::sync::Arc;
use turns::Turns;
use vorwissen::Vorwissen;

/// The lock on the person makes a conflict impossible; should another program write to the table, a second search
/// sees what it wrote.
const ATTEMPTS: usize = 2;

/// The use cases about calls. Cheap to clone.
#[derive(Clone)]
pub struct Telefonanrufe {
    adapters: Adapters,
    verzeichnis: Verzeichnis,
    settings: Arc<AnrufSettings>,
    turns: Arc<Turns>,
}

impl Telefonanrufe {
    pub(crate) fn new(
        adapters: Adapters,
        verzeichnis: Verzeichnis,
        settings: Arc<AnrufSettings>,
    ) -> Self {
        Self {
            adapters,
            verzeichnis,
            settings,
            turns: Arc::default(),
        }
    }

    /// One call.
    ///
    /// # Errors
    /// Unknown or deleted, or storage.
    pub async fn get(&self, id: TelefonanrufId) -> Result<ShownTelefonanruf, OutreachError> {
        let anruf = self.adapters.telefonanrufe.telefonanruf(id).await?;
        let anruf = anruf.ok_or(OutreachError::TelefonanrufNotFound)?;
        Ok(self.show(anruf))
    }

    /// One page of calls, newest slot first.
    ///
    /// # Errors
    /// Storage.
    pub async fn list(
        &self,
        query: &TelefonanrufQuery,
    ) -> Result<Page<Telefonanruf>, OutreachError> {
        Ok(self
            .adapters
            .telefonanrufe
            .list_telefonanrufe(query)
            .await?)
    }

    /// Deletes a call: hides it, and removes it later unless rules have to know of it.
    ///
    /// # Errors
    /// Unknown or deleted, or storage.
    pub async fn delete(&self, id: TelefonanrufId) -> Result<(), OutreachError> {
        let calls = self.clone();
        finish(async move { calls.remove(id).await }).await
    }

    async fn remove(&self, id: TelefonanrufId) -> Result<(), OutreachError> {
        use comm_domain::Deletion;
        let person = self.person_of(id).await?;
        let _turn = self.turns.of(person).await;
        let mut tx = self.adapters.store.begin().await?;
        tx.lock_kontaktstand(person).await?;
        let (anruf, mut ablage) = locked(tx.as_mut(), id).await?;
        match anruf.delete(self.moment().at) {
            Deletion::Remove(change) => tx.remove_telefonanruf(change).await?,
            Deletion::Hide(change) => {
                ablage.wiederholung_offen = false;
                tx.save_telefonanruf(change, ablage).await.map(drop)?;
            }
        }
        tx.commit().await?;
        self.adapters.signals.raise(Signal::Outbox);
        Ok(())
    }

    /// Whom a call is for never changes, so it may be read before anything is locked.
    async fn person_of(&self, id: TelefonanrufId) -> Result<Empfaenger, OutreachError> {
        let anruf = self.adapters.telefonanrufe.telefonanruf(id).await?;
        let anruf = anruf.ok_or(OutreachError::TelefonanrufNotFound)?;
        Ok(anruf.empfaenger)
    }

    pub(crate) fn settings(&self) -> &AnrufSettings {
        &self.settings
    }

    pub(super) fn moment(&self) -> Moment {
        let at = self.adapters.clock.now();
        let wall = at.naive_utc();
        let kalender = &self.settings.kalender;
        kalender.moment(at).unwrap_or(Moment { at, wall })
    }

    fn show(&self, anruf: Telefonanruf) -> ShownTelefonanruf {
        let hinweise = anruf.hinweise(self.moment());
        ShownTelefonanruf {
            hinweise: hinweise.into_iter().map(Satz::from).collect(),
            anruf,
            naechster: None,
            kontaktwarnung: None,
        }
    }

    /// What is known of a person whose contact state is locked. Seats are locked where there are any.
    async fn lage<'a>(
        &'a self,
        tx: &mut dyn OutreachTx,
        vorwissen: &'a Vorwissen,
    ) -> Result<Lage<'a>, StoreError> {
        let now = self.moment();
        let yesterday = now.heute().pred_opt().unwrap_or(now.heute());
        let belegung = tx.belegung(vorwissen.person, yesterday).await?;
        let mut lage = Lage::new(&self.settings, vorwissen, belegung, now);
        if self.settings.seats.is_some() {
            let last = yesterday.checked_add_days(Days::new(self.settings.seat_days()));
            let plaetze = tx
                .lock_plaetze(yesterday..=last.unwrap_or(yesterday))
                .await?;
            lage.take_seats(plaetze);
        }
        Ok(lage)
    }
}

async fn locked(
    tx: &mut dyn OutreachTx,
    id: TelefonanrufId,
) -> Result<(Telefonanruf, Ablage), OutreachError> {
    let found = tx.lock_telefonanruf(id).await?;
    found.ok_or(OutreachError::TelefonanrufNotFound)
}

/// What a constraint that the search should have kept says to a client; other errors stay as they are.
fn conflict(error: OutreachError) -> OutreachError {
    broken_promise(&error).unwrap_or(error)
}

/// Whether another search may find what this one did not know of.
fn is_conflict(error: &OutreachError) -> bool {
    broken_promise(error).is_some()
}

fn broken_promise(error: &OutreachError) -> Option<OutreachError> {
    let OutreachError::Store(StoreError::Conflict { constraint }) = error else {
        return None;
    };
    let naechster_freier_termin = None;
    match constraint.as_str() {
        PLATZ_CONSTRAINT => Some(OutreachError::NoSeat {
            naechster_freier_termin,
        }),
        name if OVERLAP_CONSTRAINTS.contains(&name) => Some(OutreachError::SlotTaken {
            naechster_freier_termin,
        }),
        _ => None,
    }
}

/// A slot search as a client's error.
fn no_slots(person: Empfaenger, grund: Grund, ab: Option<chrono::NaiveDate>) -> OutreachError {
    OutreachError::NoSlots {
        person: person.recipient_type(),
        grund,
        naechster_kontakt_moeglich: ab,
    }
}
