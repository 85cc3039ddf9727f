//! From a mail over silence to a call (contract, 'Follow-up automation'): what is to be done about one
//! email on one day, and in which order. Finding a slot, booking it and storing the decision are not here;
//! what an answer does to a planned call is [`Telefonanruf::settled`](super::Telefonanruf::settled).

use super::kontaktregeln::{Kontakterlaubnis, Kontaktregeln, Kontaktstand, Kontaktweg};
use super::{Durchsetzung, Email, EmailId, EmailStatus, Grund, TelefonanrufId};
use chrono::{Days, NaiveDate, NaiveDateTime};

/// The settings of the follow-ups (`followup.*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nachverfolgungsregeln {
    /// Whether there are any.
    pub enabled: bool,
    /// Mails sent before are imported history and left alone; wall clock of the service's time zone.
    pub not_before: NaiveDateTime,
    /// Mails sent more days ago than this are left alone.
    pub max_age_days: u32,
    /// Days of silence after which a call is due: a mail of day D is due on day D + `wait_days`.
    pub wait_days: u32,
}

impl Nachverfolgungsregeln {
    /// The contract's defaults: switched on, 7 days of silence, at most 60 days back.
    pub fn since(not_before: NaiveDateTime) -> Self {
        Self {
            enabled: true,
            not_before,
            max_age_days: 60,
            wait_days: 7,
        }
    }
}

/// What follow-ups need to know of an email to a therapist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffeneEmail {
    /// Its id.
    pub id: EmailId,
    /// When it was sent, on the wall clock of the service's time zone; `None` unless it is `Gesendet`.
    pub gesendet: Option<NaiveDateTime>,
    /// `antwort_erhalten`.
    pub antwort_erhalten: bool,
    /// An explicit `false` switches the follow-up off.
    pub nachverfolgung_erforderlich: Option<bool>,
}

impl OffeneEmail {
    /// The part of an email that matters here. `to_wall` turns an instant into the wall clock of the
    /// service's time zone. `None` for an email to a patient: those are not followed up.
    pub fn of(
        email: &Email,
        to_wall: impl Fn(chrono::DateTime<chrono::Utc>) -> NaiveDateTime,
    ) -> Option<Self> {
        email.empfaenger.therapist_id()?;
        let sent = email.status == EmailStatus::Gesendet;
        Some(Self {
            id: email.id,
            gesendet: email.gesendet_am.filter(|_| sent).map(to_wall),
            antwort_erhalten: email.antwort.erhalten,
            nachverfolgung_erforderlich: email.nachverfolgung_erforderlich,
        })
    }
}

/// What surrounds one email on the day of the decision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lage {
    /// The email.
    pub email: OffeneEmail,
    /// Whether a final decision about it is stored already (table `nachverfolgungen`).
    pub bisher: Bisher,
    /// The therapist's contacts.
    pub kontakt: Kontaktstand,
    /// When the therapist was spoken to last, on the wall clock: the latest
    /// [`Telefonanruf::gesprochen_am`](super::Telefonanruf::gesprochen_am).
    pub zuletzt_gesprochen: Option<NaiveDateTime>,
    /// A call to the therapist that is `geplant`, whoever planned it.
    pub geplanter_anruf: Option<TelefonanrufId>,
    /// Whether the therapist's hours are known.
    pub verzeichnis: Verzeichnis,
}

/// What was decided about an email before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bisher {
    /// Nothing that lasts.
    Offen,
    /// A final decision: it never gets a second one, also when its call was deleted.
    Entschieden,
}

/// What the directory of therapists says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verzeichnis {
    /// The therapist is known, by the directory or by a copy, or no directory is configured.
    Bekannt,
    /// It did not answer, and there is no copy.
    NichtErreichbar,
}

crate::outreach::status::wire_enum! {
    /// What came of an email in one run of the follow-ups, `entscheidung` on the wire. What is for good
    /// is said by [`Entscheidung::is_final`].
    Ergebnis "entscheidung" {
        /// A call was planned for it.
        Geplant = "geplant",
        /// It joined a call that was planned already.
        Angeschlossen = "angeschlossen",
        /// There will be no call.
        Gelassen = "gelassen",
        /// Not now; the next run looks at it again.
        Offen = "offen",
    }
}

/// What is to be done about an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entscheidung {
    /// Plan a call.
    Planen,
    /// Let this call, which is already planned, follow it up as well.
    Anschliessen(TelefonanrufId),
    /// No call, for this reason.
    Lassen(Grund),
    /// Not now.
    NochNicht {
        /// Why, where it is not just that the silence is too short or the mail not sent.
        grund: Option<Grund>,
        /// The first day on which it may be different, where that is known.
        ab: Option<NaiveDate>,
    },
    /// It was decided before.
    SchonEntschieden,
}

impl Entscheidung {
    /// Whether the email is never decided again. The other reasons to leave an
    /// email alone can still be undone (an answer recorded by mistake, a switch), and each run finds them
    /// again.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Planen | Self::Anschliessen(_) | Self::Lassen(Grund::Sperrfrist)
        )
    }

    fn later(grund: Grund, ab: Option<NaiveDate>) -> Self {
        Self::NochNicht {
            grund: Some(grund),
            ab,
        }
    }
}

impl Nachverfolgungsregeln {
    /// What is to be done about an email on day `heute`. `kontaktregeln` are those for what the service
    /// starts by itself. Whoever plans a call passes it as `geplanter_anruf` to the next decision about the
    /// same therapist: that is how several mails share one call.
    pub fn decide(
        &self,
        lage: &Lage,
        kontaktregeln: &Kontaktregeln,
        heute: NaiveDate,
    ) -> Entscheidung {
        if lage.bisher == Bisher::Entschieden {
            return Entscheidung::SchonEntschieden;
        }
        let email = lage.email;
        if email.antwort_erhalten {
            return Entscheidung::Lassen(Grund::BereitsBeantwortet);
        }
        if !self.enabled || email.nachverfolgung_erforderlich == Some(false) {
            return Entscheidung::Lassen(Grund::Abgeschaltet);
        }
        let Some(gesendet) = email.gesendet else {
            return Entscheidung::NochNicht {
                grund: None,
                ab: None,
            };
        };
        self.by_age(gesendet, heute)
            .or_else(|| lage.by_contact(gesendet, kontaktregeln, heute))
            .unwrap_or_else(|| lage.call(kontaktregeln, heute))
    }

    /// Too old, or not yet due.
    fn by_age(&self, gesendet: NaiveDateTime, heute: NaiveDate) -> Option<Entscheidung> {
        let day = gesendet.date();
        let age = heute.signed_duration_since(day).num_days();
        if gesendet < self.not_before || age > i64::from(self.max_age_days) {
            return Some(Entscheidung::Lassen(Grund::ZuAlt));
        }
        let due = day.checked_add_days(Days::new(self.wait_days.into()));
        let waits = due.is_none_or(|due| heute < due);
        waits.then_some(Entscheidung::NochNicht {
            grund: None,
            ab: due,
        })
    }
}

impl Lage {
    /// The therapist was spoken to since, or refused not long ago. Both count before any call is looked at,
    /// also one that is planned.
    fn by_contact(
        &self,
        gesendet: NaiveDateTime,
        regeln: &Kontaktregeln,
        heute: NaiveDate,
    ) -> Option<Entscheidung> {
        if self.zuletzt_gesprochen.is_some_and(|talk| talk > gesendet) {
            return Some(Entscheidung::Lassen(Grund::BereitsBeantwortet));
        }
        let refusal = self.kontakt.sperrfrist();
        let cooling_off = refusal.is_some_and(|refusal| refusal.stands_on(heute));
        (cooling_off && regeln.sperrfrist == Durchsetzung::Enforce)
            .then_some(Entscheidung::Lassen(Grund::Sperrfrist))
    }

    /// Joins the call that is planned; a new one passes the contact rules and needs the directory.
    fn call(&self, regeln: &Kontaktregeln, heute: NaiveDate) -> Entscheidung {
        if let Some(anruf) = self.geplanter_anruf {
            return Entscheidung::Anschliessen(anruf);
        }
        if let Kontakterlaubnis::Abgelehnt(hindernis) =
            regeln.check(&self.kontakt, Kontaktweg::Anruf, heute)
        {
            let ab = hindernis.naechster_kontakt_moeglich;
            return Entscheidung::later(hindernis.grund, ab);
        }
        match self.verzeichnis {
            Verzeichnis::Bekannt => Entscheidung::Planen,
            Verzeichnis::NichtErreichbar => {
                Entscheidung::later(Grund::VerzeichnisNichtErreichbar, None)
            }
        }
    }
}

/// Who is called first: sort by it, ascending (contract: '`potenziell_verfuegbar` therapists first, then
/// the longest waiting').
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rang {
    /// Whether the therapist may have a place.
    pub verfuegbarkeit: Verfuegbarkeit,
    /// When the oldest of the therapist's due mails was sent, on the wall clock.
    pub wartet_seit: NaiveDateTime,
    /// The therapist, so that the order is the same in every run.
    pub therapist_id: i64,
}

/// Whether the directory calls a therapist `potenziell_verfuegbar`. The order of the variants is the order
/// in which they are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verfuegbarkeit {
    /// It does.
    PotenziellVerfuegbar,
    /// It does not, or it does not say.
    Unbekannt,
}
