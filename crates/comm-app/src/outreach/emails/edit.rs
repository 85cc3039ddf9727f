//! Changing an email (contract, `PUT /api/emails/{id}`), and what its answer, or the end of its follow-up, does to the
//! calls about it.

use super::{Emails, ShownEmail, finish};
use crate::Adapters;
use crate::error::OutreachError;
use crate::outreach::last_contact::HEAD_START;
use crate::outreach::{UpdateEmail, bodies};
use comm_domain::Change;
use comm_domain::outreach::{Email, EmailId, Erledigt, Kontakthindernis};
use comm_ports::outreach::OutreachTx;

/// How often a `PUT` begins anew when the bodies change under it.
const EDIT_ATTEMPTS: usize = 3;

impl Emails {
    /// Changes an email, all or nothing.
    ///
    /// # Errors
    /// Unknown or deleted, a field that breaks a rule, a change that this state forbids, or storage.
    pub async fn update(
        &self,
        id: EmailId,
        request: UpdateEmail,
    ) -> Result<ShownEmail, OutreachError> {
        let emails = self.clone();
        finish(async move { emails.edit(id, request).await }).await
    }

    /// Renders outside the transaction, and begins anew if the bodies have changed meanwhile.
    async fn edit(&self, id: EmailId, request: UpdateEmail) -> Result<ShownEmail, OutreachError> {
        let Adapters { store, content, .. } = &self.adapters;
        let anhaenge = match request.attachments {
            Some(given) => Some(self.adapters.attach_or_keep(given).await?),
            None => None,
        };
        for _ in 0..EDIT_ATTEMPTS {
            let seen = store.email(id).await?.ok_or(OutreachError::EmailNotFound)?;
            let mut patch = request.patch.clone();
            patch.anhaenge = anhaenge.clone();
            patch.inhalt = bodies::changed(request.bodies.clone(), &seen, content.as_ref())?;
            patch.inhalt.as_ref().map(bodies::not_empty).transpose()?;
            let mut tx = store.begin().await?;
            tx.lock_kontaktstand(seen.empfaenger).await?;
            let email = tx
                .lock_email(id)
                .await?
                .ok_or(OutreachError::EmailNotFound)?;
            if email.inhalt != seen.inhalt {
                continue;
            }
            let before = email.clone();
            let change = email.apply(patch, self.adapters.clock.now(), self.settings.undo)?;
            let kontaktwarnung = self.check_change(tx.as_mut(), &before, &change).await?;
            let contact = self.adapters.contact(&change);
            let email = tx.save_email(change).await?;
            if let Some(erledigt) = settled_by(&before, &email) {
                self.settle(tx.as_mut(), id, erledigt).await?;
            }
            self.adapters.owe(tx.as_mut(), contact, HEAD_START).await?;
            tx.commit().await?;
            self.raise_for(&email);
            self.adapters.tell_now(contact).await;
            return Ok(ShownEmail {
                kontaktwarnung,
                ..self.show(email)
            });
        }
        Err(OutreachError::Contended)
    }

    /// The contact rules, if it is being queued by this change.
    async fn check_change(
        &self,
        tx: &mut dyn OutreachTx,
        before: &Email,
        change: &Change<Email>,
    ) -> Result<Option<Kontakthindernis>, OutreachError> {
        let after = change.after();
        if after.status == before.status {
            return Ok(None);
        }
        let people = [after.empfaenger];
        let mut pruefung = self.pruefung(tx, &people, Some(after.id)).await?;
        pruefung.check(after)
    }

    /// Takes an email off the calls that follow it up; one that is left without any is called off.
    async fn settle(
        &self,
        tx: &mut dyn OutreachTx,
        id: EmailId,
        erledigt: Erledigt,
    ) -> Result<(), OutreachError> {
        let now = self.adapters.clock.now();
        for anruf in tx.anrufe_zu(id).await? {
            if let Some((anruf, ablage)) = tx.lock_telefonanruf(anruf).await? {
                let change = anruf.settled(id, erledigt, now);
                tx.save_telefonanruf(change, ablage).await?;
            }
        }
        Ok(())
    }
}

/// Whether this change leaves nothing to follow up about an email. One that leaves it as it was touches no call: a
/// client may have planned one about it all the same.
fn settled_by(before: &Email, after: &Email) -> Option<Erledigt> {
    let is_off = |email: &Email| email.nachverfolgung_erforderlich == Some(false);
    if after.antwort.erhalten && !before.antwort.erhalten {
        Some(Erledigt::Beantwortet)
    } else if is_off(after) && !is_off(before) {
        Some(Erledigt::Abgeschaltet)
    } else {
        None
    }
}
