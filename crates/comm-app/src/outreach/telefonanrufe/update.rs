//! Changing a call (contract, `PUT /api/phone-calls/{id}`).

use super::requests::ShownTelefonanruf;
use super::retry::Naechster;
use super::vorwissen::Vorwissen;
use super::{Telefonanrufe, conflict, locked};
use crate::error::OutreachError;
use crate::outreach::emails::finish;
use crate::outreach::last_contact::HEAD_START;
use comm_domain::outreach::{LetzterKontakt, Patch, TelefonanrufId, TelefonanrufPatch};
use comm_ports::Signal;
use comm_ports::outreach::OutreachTx;

impl Telefonanrufe {
    /// Changes a call, all or nothing. One that reached nobody gets its next attempt in the same transaction.
    ///
    /// # Errors
    /// Unknown or deleted, a field that breaks a rule, a change that this state forbids, a slot that is taken,
    /// or storage.
    pub async fn update(
        &self,
        id: TelefonanrufId,
        patch: TelefonanrufPatch,
    ) -> Result<ShownTelefonanruf, OutreachError> {
        let calls = self.clone();
        finish(async move { calls.edit(id, patch).await }).await
    }

    async fn edit(
        &self,
        id: TelefonanrufId,
        patch: TelefonanrufPatch,
    ) -> Result<ShownTelefonanruf, OutreachError> {
        let person = self.person_of(id).await?;
        let vorwissen = match concerns_slots(&patch) {
            true => self.ask_leniently(person).await,
            false => Vorwissen::unasked(person),
        };
        let turn = self.turns.of(person).await;
        let mut tx = self.adapters.store.begin().await?;
        let changed = self.edit_in(tx.as_mut(), id, patch, &vorwissen).await;
        let (shown, contact) = match changed {
            Ok(changed) => changed,
            Err(error) => {
                tx.rollback().await;
                return Err(conflict(error));
            }
        };
        tx.commit().await?;
        drop(turn);
        self.adapters.signals.raise(Signal::Outbox);
        self.adapters.tell_now(contact).await;
        Ok(shown)
    }

    async fn edit_in(
        &self,
        tx: &mut dyn OutreachTx,
        id: TelefonanrufId,
        patch: TelefonanrufPatch,
        vorwissen: &Vorwissen,
    ) -> Result<(ShownTelefonanruf, Option<LetzterKontakt>), OutreachError> {
        tx.lock_kontaktstand(vorwissen.person).await?;
        let (before, mut ablage) = locked(tx, id).await?;
        let wanted = before.wanted_slot(&patch)?;
        let agrees_callback = before.notes_rueckruf(&patch);
        let change = before.clone().apply(patch, self.moment())?;
        let contact = self.adapters.call_contact(&change);
        let mut next = Naechster::Keiner;
        let mut hinweise = Vec::new();
        let mut kontaktwarnung = None;
        if wanted.is_some() || change.ends_the_call() || agrees_callback {
            let mut lage = self.lage(tx, vorwissen).await?;
            if before.holds_slot() {
                lage.release(before.termin, ablage);
            }
            if let Some(termin) = wanted {
                ablage.platz = lage.exactly(termin)?.ablage().platz;
                kontaktwarnung = lage.allowed(termin.datum())?;
                hinweise = lage.hinweise(termin);
            } else {
                next = self.next_attempt(tx, &mut lage, change.after()).await?;
                kontaktwarnung = next.warnung(&lage);
                ablage.wiederholung_offen = next.is_open();
            }
        }
        let anruf = tx.save_telefonanruf(change, ablage).await?;
        let naechster = self.plan_next(tx, next).await?;
        self.adapters.owe(tx, contact, HEAD_START).await?;
        let mut shown = ShownTelefonanruf {
            naechster,
            kontaktwarnung,
            ..self.show(anruf)
        };
        shown.hinweise.extend(hinweise);
        Ok((shown, contact))
    }
}

/// Whether a slot may have to be found, so that the directory has to be asked.
fn concerns_slots(patch: &TelefonanrufPatch) -> bool {
    patch.status.is_some()
        || patch.geplantes_datum.is_some()
        || patch.geplante_zeit.is_some()
        || patch.dauer_minuten.is_some()
        || patch.ergebnis_art != Patch::Keep
}
