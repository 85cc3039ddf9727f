//! The contact rules at work: which hold for whom, and the check of every mail that is queued (contract, 'Contact
//! rules'). Calls are checked where their slot is chosen, in `telefonanrufe::lage`.

use super::Emails;
use crate::error::OutreachError;
use comm_domain::outreach::{
    Email, EmailId, EmailStatus, Empfaenger, Kontakterlaubnis, Kontakthindernis, Kontaktregeln,
    Kontaktstand, Kontaktweg,
};
use comm_domain::{Change, Zeitzone};
use comm_ports::outreach::OutreachTx;
use serde::Deserialize;
use std::collections::HashMap;

/// How the rules are enforced (section `contact_rules` of the configuration).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regelwerk {
    /// For what clients queue or book.
    pub clients: Kontaktregeln,
    /// For what the service starts by itself, and for slots and therapists that it offers.
    pub service: Kontaktregeln,
}

impl Default for Regelwerk {
    fn default() -> Self {
        Self {
            clients: Kontaktregeln::CLIENTS,
            service: Kontaktregeln::SERVICE,
        }
    }
}

/// What is to be told of a contact that may be made.
///
/// # Errors
/// One that may not.
pub(super) fn allowed(
    erlaubnis: Kontakterlaubnis,
) -> Result<Option<Kontakthindernis>, OutreachError> {
    match erlaubnis {
        Kontakterlaubnis::Erlaubt => Ok(None),
        Kontakterlaubnis::Gewarnt(hindernis) => Ok(Some(hindernis)),
        Kontakterlaubnis::Abgelehnt(hindernis) => Err(OutreachError::Kontakt(hindernis)),
    }
}

/// The contact states of some therapists, as they are under the lock, and with what is queued since.
pub(super) struct Kontaktpruefung {
    regeln: Kontaktregeln,
    zone: Zeitzone,
    stand: HashMap<i64, Kontaktstand>,
}

impl Emails {
    /// Locks the contact states of everybody for whom one of these new emails is queued.
    pub(super) async fn lock_for(
        &self,
        tx: &mut dyn OutreachTx,
        births: &[Change<Email>],
    ) -> Result<Kontaktpruefung, OutreachError> {
        let queued = births
            .iter()
            .map(Change::after)
            .filter(|email| waits(email));
        let people: Vec<Empfaenger> = queued.map(|email| email.empfaenger).collect();
        match people.as_slice() {
            [] => {}
            [person] => tx.lock_kontaktstand(*person).await?,
            people => tx.lock_kontaktstaende(people).await?,
        }
        self.pruefung(tx, &people, None).await
    }

    /// What the rules go by, under the lock; `except` does not count.
    pub(super) async fn pruefung(
        &self,
        tx: &mut dyn OutreachTx,
        people: &[Empfaenger],
        except: Option<EmailId>,
    ) -> Result<Kontaktpruefung, OutreachError> {
        let zone = self.settings.zone;
        let mut ids: Vec<i64> = people.iter().filter_map(|wer| wer.therapist_id()).collect();
        ids.sort_unstable();
        ids.dedup();
        let known = match ids.is_empty() {
            true => Vec::new(),
            false => tx.kontaktdaten(&ids, except).await?,
        };
        let stand = known.into_iter().map(|(id, daten)| (id, daten.stand(zone)));
        Ok(Kontaktpruefung {
            regeln: self.settings.kontaktregeln,
            zone,
            stand: stand.collect(),
        })
    }
}

impl Kontaktpruefung {
    /// Checks an email that is being queued, and counts it from then on. One that is not, and one to a patient, passes.
    ///
    /// # Errors
    /// A rule that is enforced.
    pub(super) fn check(
        &mut self,
        email: &Email,
    ) -> Result<Option<Kontakthindernis>, OutreachError> {
        let therapist = email.empfaenger.therapist_id().filter(|_| waits(email));
        let Some(stand) = therapist.and_then(|id| self.stand.get_mut(&id)) else {
            return Ok(None);
        };
        let queued = email.in_warteschlange_am.unwrap_or(email.updated_at);
        let goes = email.senden_ab.map_or(queued, |at| at.max(queued));
        let am = self.zone.day_of(goes);
        let warnung = allowed(self.regeln.check(stand, Kontaktweg::Mail, am))?;
        stand.letzte_mail = stand.letzte_mail.max(Some(am));
        Ok(warnung)
    }
}

fn waits(email: &Email) -> bool {
    email.status == EmailStatus::InWarteschlange
}
