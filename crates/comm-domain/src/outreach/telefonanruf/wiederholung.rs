//! The next attempt after a call that reached nobody, or that ended in an agreed callback (contract,
//! `PUT /api/phone-calls/{id}`). Finding its slot is not here.

use super::{NewTelefonanruf, Telefonanruf};
use crate::outreach::{EmailId, Empfaenger, ErgebnisArt, Grund, TelefonanrufStatus};
use chrono::{NaiveDate, NaiveTime};

/// When a patient is called unless somebody says otherwise: 10:00 (contract, 'Telefonanruf').
pub const PATIENT_ZEIT: NaiveTime = match NaiveTime::from_hms_opt(10, 0, 0) {
    Some(zeit) => zeit,
    None => NaiveTime::MIN,
};

/// How often a person is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wiederholungsregeln {
    /// Attempts in all, the first one included. Agreed callbacks do not count.
    pub max_versuche: i32,
}

impl Default for Wiederholungsregeln {
    /// 3 attempts (contract, `PUT /api/phone-calls/{id}`).
    fn default() -> Self {
        Self { max_versuche: 3 }
    }
}

/// The next attempt, for which a slot is still to be found.
#[derive(Debug, Clone, PartialEq)]
pub struct Wiederholung {
    /// The call to plan: same person, bundle, duration, member of staff and open emails, with its number
    /// and its predecessor.
    pub anruf: NewTelefonanruf,
    /// The first day on which it may be: `wiederholen_nach`, else the day after the attempt; never before today.
    pub fruehestens: NaiveDate,
    /// The time to try first on that day; else the next free slot.
    pub zeit: Option<NaiveTime>,
}

/// Why a call has a successor.
enum Anlass {
    Rueckruf,
    NichtErreicht,
}

impl Telefonanruf {
    /// The next attempt as of `heute`, or `None` when the call asks for none: it is not over, the person
    /// answered, or it was deleted. `beantwortet` are those of its emails that were answered since.
    ///
    /// The transition of a `PUT` or `POST` plans it at once; where no slot was found, the daily job asks
    /// again with its own day.
    ///
    /// # Errors
    /// [`Grund::VersucheErschoepft`] after the last attempt, [`Grund::BereitsBeantwortet`] when all the
    /// emails that the call followed up were answered. Neither stops an agreed callback.
    pub fn wiederholung(
        &self,
        regeln: Wiederholungsregeln,
        heute: NaiveDate,
        beantwortet: &[EmailId],
    ) -> Result<Option<Wiederholung>, Grund> {
        let Some(anlass) = self.anlass() else {
            return Ok(None);
        };
        let mut open = self.email_ids.clone();
        open.retain(|email| !beantwortet.contains(email));
        let versuch = match anlass {
            Anlass::Rueckruf => self.versuch,
            Anlass::NichtErreicht if open.is_empty() && !self.email_ids.is_empty() => {
                return Err(Grund::BereitsBeantwortet);
            }
            Anlass::NichtErreicht if self.versuch >= regeln.max_versuche => {
                return Err(Grund::VersucheErschoepft);
            }
            Anlass::NichtErreicht => self.versuch.saturating_add(1),
        };
        Ok(Some(self.attempt(versuch, open, heute)))
    }

    /// `rueckruf_vereinbart` books a callback, however the call ended. A failed call is tried again unless
    /// its outcome shows that the person answered.
    fn anlass(&self) -> Option<Anlass> {
        use ErgebnisArt::{Abgelehnt, Angenommen, NichtErreicht, TeilweiseAngenommen};
        use TelefonanrufStatus::{Abgeschlossen, Fehlgeschlagen};
        match (self.status, self.ergebnis.art) {
            _ if !self.ended() || self.geloescht_am.is_some() => None,
            (_, Some(ErgebnisArt::RueckrufVereinbart)) => Some(Anlass::Rueckruf),
            (Fehlgeschlagen, Some(Angenommen | TeilweiseAngenommen | Abgelehnt)) => None,
            (Fehlgeschlagen, _) | (Abgeschlossen, Some(NichtErreicht)) => {
                Some(Anlass::NichtErreicht)
            }
            _ => None,
        }
    }

    fn attempt(&self, versuch: i32, email_ids: Vec<EmailId>, heute: NaiveDate) -> Wiederholung {
        let mut anruf = NewTelefonanruf::to(self.empfaenger).with_email_ids(email_ids);
        anruf.dauer = self.termin.dauer();
        anruf.therapeutenanfrage_id = self.therapeutenanfrage_id;
        anruf.bearbeiter.clone_from(&self.bearbeiter);
        anruf.versuch = versuch;
        anruf.vorgaenger_id = Some(self.id);
        let tried = self.versucht_am();
        let next_day = tried.succ_opt().unwrap_or(tried);
        let wanted = self.ergebnis.wiederholen_nach.unwrap_or(next_day);
        // A day that has passed is made up for at the next chance; what was agreed for it is void.
        let agreed = self.ergebnis.wiederholen_zeit.filter(|_| wanted >= heute);
        let usual = match self.empfaenger {
            Empfaenger::Therapeut(_) => None,
            Empfaenger::Patient(_) => Some(PATIENT_ZEIT),
        };
        Wiederholung {
            anruf,
            fruehestens: wanted.max(heute),
            zeit: agreed.or(usual),
        }
    }
}
