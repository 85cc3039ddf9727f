//! When a patient was last contacted: what the Patient Service is told.

use super::{Email, EmailEventKind, Telefonanruf, TelefonanrufEventKind};
use crate::change::Change;
use crate::zeitzone::Zeitzone;
use chrono::NaiveDate;

/// The day of a patient's last contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LetzterKontakt {
    /// The Patient Service's id.
    pub patient_id: i64,
    /// The day, in the service's time zone.
    pub datum: NaiveDate,
}

impl LetzterKontakt {
    /// The contact that a change of an email makes: one to a patient that has just become `Gesendet`,
    /// on the day on which it was sent.
    pub fn of(change: &Change<Email>, zone: Zeitzone) -> Option<Self> {
        let email = change.after();
        let has_become_sent = change
            .events()
            .iter()
            .any(|event| event.kind == EmailEventKind::Sent);
        let patient_id = email.empfaenger.patient_id().filter(|_| has_become_sent)?;
        Some(Self {
            patient_id,
            datum: zone.day_of(email.gesendet_am?),
        })
    }

    /// The contact that a change of a call makes: one to a patient that has just become `abgeschlossen`, on the
    /// day on which it really took place.
    pub fn of_anruf(change: &Change<Telefonanruf>) -> Option<Self> {
        let anruf = change.after();
        let mut events = change.events().iter();
        let was_held = events.any(|event| event.kind == TelefonanrufEventKind::Completed);
        let patient_id = anruf.empfaenger.patient_id().filter(|_| was_held)?;
        Some(Self {
            patient_id,
            datum: anruf.tatsaechlich.datum?,
        })
    }
}
