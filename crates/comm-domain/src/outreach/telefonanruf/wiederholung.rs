//! The next attempt after a call that reached nobody, or that ended in an agreed callback (contract,
//! `PUT /api/phone-calls/{id}`). Finding its slot is not here.

use super::{
    Moment, NewTelefonanruf, Telefonanruf, TelefonanrufError, TelefonanrufEventKind,
    TelefonanrufPatch,
};
use crate::change::Change;
use crate::outreach::{EmailId, Empfaenger, ErgebnisArt, Grund, Patch, TelefonanrufStatus};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

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

impl Change<Telefonanruf> {
    /// Whether this is the transition to `fehlgeschlagen` or `abgeschlossen`, also by recording a call that was
    /// made without a plan. Only then [`Telefonanruf::wiederholung`] is asked for a retry.
    pub fn ends_the_call(&self) -> bool {
        use TelefonanrufEventKind::{Completed, Failed};
        let mut events = self.events().iter();
        events.any(|event| matches!(event.kind, Completed | Failed))
    }
}

impl Telefonanruf {
    /// The next attempt as of `heute`, or `None` when the call asks for none: it is not over, the person
    /// answered, or it was deleted. `erledigt` are those of its emails that were answered since, or
    /// had their follow-up switched off.
    ///
    /// To be asked for a change that ends the call ([`Change::ends_the_call`]) or notes a callback later
    /// ([`Self::notes_rueckruf`]), and for no other: an outcome that is corrected to `nicht_erreicht` afterwards
    /// is no new failure. The `PUT` or `POST` plans the attempt at once; where no slot was found, the daily
    /// job asks again with its own day, for those calls alone that wanted an attempt then.
    ///
    /// # Errors
    /// [`Grund::VersucheErschoepft`] after the last attempt, [`Grund::BereitsBeantwortet`] when all the
    /// emails that the call followed up are settled. Neither stops an agreed callback.
    pub fn wiederholung(
        &self,
        regeln: Wiederholungsregeln,
        heute: NaiveDate,
        erledigt: &[EmailId],
    ) -> Result<Option<Wiederholung>, Grund> {
        let Some(anlass) = self.anlass() else {
            return Ok(None);
        };
        let mut open = self.email_ids.clone();
        open.retain(|email| !erledigt.contains(email));
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

    /// Whether this patch of a call that is over makes a callback its outcome: it is booked as if it had been
    /// agreed at the end.
    pub fn notes_rueckruf(&self, patch: &TelefonanrufPatch) -> bool {
        let rueckruf = ErgebnisArt::RueckrufVereinbart;
        let noted = patch.ergebnis_art == Patch::Set(rueckruf);
        self.ended() && noted && self.ergebnis.art != Some(rueckruf)
    }

    /// Whether it ended in an agreed callback.
    pub fn agrees_rueckruf(&self) -> bool {
        matches!(self.anlass(), Some(Anlass::Rueckruf))
    }

    /// Moves this next attempt to a callback that was agreed after it had been planned, and plans it again where it
    /// was called off. It counts as what is wanted does.
    ///
    /// # Errors
    /// A call that is over or deleted, or a slot in the past.
    pub fn move_to_rueckruf(
        mut self,
        wanted: &NewTelefonanruf,
        beginn: NaiveDateTime,
        now: Moment,
    ) -> Result<Change<Self>, TelefonanrufError> {
        self.0.versuch = wanted.versuch;
        let patch = TelefonanrufPatch {
            geplantes_datum: Some(beginn.date()),
            geplante_zeit: Some(beginn.time()),
            status: Some(TelefonanrufStatus::Geplant),
            ..TelefonanrufPatch::default()
        };
        self.apply(patch, now)
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
