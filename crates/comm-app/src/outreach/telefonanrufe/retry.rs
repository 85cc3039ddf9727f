//! The next attempt after a call that reached nobody, or that ended in an agreed callback. It is planned in the
//! transaction that ends the call; where no slot is found, the daily step of the worker tries again.

use super::lage::{Gefunden, Lage};
use super::requests::NaechsterAnruf;
use super::vorwissen::Vorwissen;
use super::{Telefonanrufe, locked};
use crate::error::OutreachError;
use comm_domain::outreach::telefonanruf::Wiederholung;
use comm_domain::outreach::{Grund, Kontakthindernis, Telefonanruf, TelefonanrufId, Termin};
use comm_ports::Signal;
use comm_ports::outreach::OutreachTx;

/// How many open retries are read at a time.
const BATCH: i64 = 100;

/// What is to become of the next attempt.
pub(super) enum Naechster {
    /// The call asks for none.
    Keiner,
    /// It has one already.
    Vorhanden(TelefonanrufId),
    /// There will be none.
    Nie(Grund),
    /// No slot was found today.
    Offen(Grund),
    /// It gets this slot.
    Am(Box<Wiederholung>, Gefunden),
    /// The attempt that was planned before is moved to this slot.
    Verlegt(Box<Telefonanruf>, Box<Wiederholung>, Gefunden),
}

impl Naechster {
    /// What the client is to be told of the time that was agreed.
    pub(super) fn warnung(&self, lage: &Lage<'_>) -> Option<Kontakthindernis> {
        let (Self::Am(wanted, gefunden) | Self::Verlegt(_, wanted, gefunden)) = self else {
            return None;
        };
        wanted.zeit?;
        lage.allowed(gefunden.termin.datum()).ok().flatten()
    }

    /// Whether the daily step is to try again.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Offen(_))
    }
}

/// What the daily step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Nachgeholt {
    /// Attempts that were planned.
    pub geplant: usize,
    /// Attempts that are still open.
    pub offen: usize,
}

impl Telefonanrufe {
    /// Decides about the next attempt of a call that is over. Nothing is stored yet: the slot of the call
    /// itself must be free by then.
    pub(super) async fn next_attempt(
        &self,
        tx: &mut dyn OutreachTx,
        lage: &mut Lage<'_>,
        anruf: &Telefonanruf,
    ) -> Result<Naechster, OutreachError> {
        let heute = self.moment().heute();
        let settled = match anruf.email_ids.is_empty() {
            true => Vec::new(),
            false => tx.erledigte(&anruf.email_ids).await?,
        };
        let wanted = match anruf.wiederholung(self.settings.wiederholung, heute, &settled) {
            Ok(None) => return Ok(Naechster::Keiner),
            Err(grund) => return Ok(Naechster::Nie(grund)),
            Ok(Some(wanted)) => wanted,
        };
        if let Some(next) = tx.nachfolger(anruf.id).await? {
            return match anruf.agrees_rueckruf() {
                true => self.moved(tx, lage, next, wanted).await,
                false => Ok(Naechster::Vorhanden(next)),
            };
        }
        Ok(match self.slot_for(lage, &wanted) {
            Ok(gefunden) => Naechster::Am(Box::new(wanted), gefunden),
            // Whoever has left the directory and states no hours is not called any more.
            Err(Grund::KeineAngabe) => Naechster::Nie(Grund::KeineAngabe),
            Err(grund) => Naechster::Offen(grund),
        })
    }

    /// A callback that was agreed after the next attempt had been planned moves it, also where it was called off.
    async fn moved(
        &self,
        tx: &mut dyn OutreachTx,
        lage: &mut Lage<'_>,
        id: TelefonanrufId,
        wanted: Wiederholung,
    ) -> Result<Naechster, OutreachError> {
        let Some((next, ablage)) = tx.lock_telefonanruf(id).await? else {
            // It was deleted, and a call has one successor.
            return Ok(Naechster::Nie(Grund::VersucheErschoepft));
        };
        if next.ended() {
            return Ok(Naechster::Vorhanden(id));
        }
        let is_planned = next.holds_slot();
        if is_planned {
            lage.release(next.termin, ablage);
        }
        Ok(match self.slot_for(lage, &wanted) {
            Ok(gefunden) => Naechster::Verlegt(Box::new(next), Box::new(wanted), gefunden),
            Err(_) if is_planned => Naechster::Vorhanden(id),
            Err(grund) => Naechster::Offen(grund),
        })
    }

    /// The agreed time, else the next free slot.
    fn slot_for(&self, lage: &Lage<'_>, wanted: &Wiederholung) -> Result<Gefunden, Grund> {
        let (ab, dauer) = (wanted.fruehestens, wanted.anruf.dauer);
        let agreed = wanted.zeit.map(|zeit| Termin::new(ab, zeit, dauer));
        if let Some(Ok(termin)) = agreed
            && termin.check_not_past(self.moment()).is_ok()
            && lage.allowed(ab).is_ok()
        {
            let found = lage.exactly(termin).ok().or_else(|| lage.after(termin));
            if let Some(gefunden) = found {
                return Ok(gefunden);
            }
        }
        let found = lage.earliest(ab, dauer);
        found.map_err(|vergeblich| vergeblich.grund)
    }

    /// Stores the next attempt, if there is one, and says what became of it.
    pub(super) async fn plan_next(
        &self,
        tx: &mut dyn OutreachTx,
        next: Naechster,
    ) -> Result<Option<NaechsterAnruf>, OutreachError> {
        Ok(Some(match next {
            Naechster::Keiner => return Ok(None),
            Naechster::Vorhanden(id) => NaechsterAnruf::Geplant(id),
            Naechster::Nie(grund) | Naechster::Offen(grund) => NaechsterAnruf::NichtGeplant(grund),
            Naechster::Am(wanted, gefunden) => {
                let id = tx.next_telefonanruf_id().await?;
                let beginn = gefunden.termin.beginn();
                let change = wanted.anruf.plan(id, beginn, self.moment())?;
                tx.insert_telefonanruf(change, gefunden.ablage()).await?;
                NaechsterAnruf::Geplant(id)
            }
            Naechster::Verlegt(next, wanted, gefunden) => {
                let (id, beginn) = (next.id, gefunden.termin.beginn());
                let change = next.move_to_rueckruf(&wanted.anruf, beginn, self.moment())?;
                tx.save_telefonanruf(change, gefunden.ablage()).await?;
                NaechsterAnruf::Geplant(id)
            }
        }))
    }

    /// Tries again to plan the attempts for which no slot was found, each in a transaction of its own.
    ///
    /// # Errors
    /// Storage; what was planned before stays.
    pub async fn catch_up(&self) -> Result<Nachgeholt, OutreachError> {
        let mut done = Nachgeholt::default();
        let mut after = TelefonanrufId(0);
        loop {
            let store = &self.adapters.telefonanrufe;
            let open = store.offene_wiederholungen(after, BATCH).await?;
            let Some(last) = open.last() else {
                break;
            };
            after = *last;
            for id in open {
                match self.catch_up_one(id).await? {
                    Some(NaechsterAnruf::Geplant(_)) => done.geplant += 1,
                    Some(NaechsterAnruf::NichtGeplant(_)) => done.offen += 1,
                    None => {}
                }
            }
        }
        self.adapters.signals.raise(Signal::Outbox);
        Ok(done)
    }

    async fn catch_up_one(
        &self,
        id: TelefonanrufId,
    ) -> Result<Option<NaechsterAnruf>, OutreachError> {
        let Some(anruf) = self.adapters.telefonanrufe.telefonanruf(id).await? else {
            return Ok(None);
        };
        let vorwissen = self.ask_leniently(anruf.empfaenger).await;
        let _turn = self.turns.of(anruf.empfaenger).await;
        let mut tx = self.adapters.store.begin().await?;
        let planned = self.catch_up_in(tx.as_mut(), id, &vorwissen).await;
        match planned {
            Ok(planned) => {
                tx.commit().await?;
                Ok(planned)
            }
            Err(OutreachError::TelefonanrufNotFound) => {
                tx.rollback().await;
                Ok(None)
            }
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        }
    }

    async fn catch_up_in(
        &self,
        tx: &mut dyn OutreachTx,
        id: TelefonanrufId,
        vorwissen: &Vorwissen,
    ) -> Result<Option<NaechsterAnruf>, OutreachError> {
        tx.lock_kontaktstand(vorwissen.person).await?;
        let (anruf, mut ablage) = locked(tx, id).await?;
        if !ablage.wiederholung_offen {
            return Ok(None);
        }
        let mut lage = self.lage(tx, vorwissen).await?;
        let next = self.next_attempt(tx, &mut lage, &anruf).await?;
        if !next.is_open() {
            ablage.wiederholung_offen = false;
            tx.save_telefonanruf(anruf.unchanged(), ablage).await?;
        }
        self.plan_next(tx, next).await
    }
}
