//! What the directory says of a person, asked before there is a transaction.

use super::hinweise::Satz;
use super::requests::{GezeigteErreichbarkeit, Quelle};
use super::{AnrufSettings, Telefonanrufe};
use crate::error::OutreachError;
use crate::outreach::verzeichnis::{Auskunft, Stand};
use chrono::{DateTime, Utc};
use comm_domain::Zeitzone;
use comm_domain::outreach::nachverfolgung::Verfuegbarkeit;
use comm_domain::outreach::{Angabe, AngabeError, Empfaenger, Erreichbarkeit, Grund};

/// A person as the directory knows them.
#[derive(Debug, Clone)]
pub(in crate::outreach) struct Vorwissen {
    pub(super) person: Empfaenger,
    /// The telephone hours that the directory states.
    angabe: Option<Angabe>,
    /// Whether it says that the therapist may have a place.
    potenziell_verfuegbar: bool,
    quelle: Herkunft,
}

/// How the directory's answer came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Herkunft {
    /// It said so now, or nobody is there to ask.
    Aktuell,
    /// It said so then, and does not answer now.
    Kopie(DateTime<Utc>),
    /// It does not answer, and never did about this person.
    Keine,
    /// It has forgotten this person, of whom there are calls already.
    Geloescht,
}

impl Telefonanrufe {
    /// Asks the directory about a person.
    ///
    /// # Errors
    /// A person whom it does not know.
    pub(super) async fn ask(&self, person: Empfaenger) -> Result<Vorwissen, OutreachError> {
        let mut potenziell_verfuegbar = false;
        let (angabe, quelle) = match person {
            Empfaenger::Therapeut(id) => {
                let auskunft = self.verzeichnis.therapeut(id).await;
                if let Auskunft::Bekannt { person, .. } = &auskunft {
                    potenziell_verfuegbar = person.potenziell_verfuegbar;
                }
                let stated = |therapist: comm_ports::Therapeut| therapist.erreichbarkeit;
                understood(auskunft, stated).ok_or(OutreachError::TherapistNotFound)?
            }
            Empfaenger::Patient(id) => {
                let auskunft = self.verzeichnis.patient(id).await;
                understood(auskunft, |_| Angabe::Null).ok_or(OutreachError::PatientNotFound)?
            }
        };
        Ok(Vorwissen {
            person,
            angabe,
            potenziell_verfuegbar,
            quelle,
        })
    }
}

impl Telefonanrufe {
    /// The same for somebody who has calls already: whoever has left the directory meanwhile is no mistake of
    /// this request. Of a patient, whose slots depend on no hours, there is nothing to ask.
    pub(in crate::outreach) async fn ask_leniently(&self, person: Empfaenger) -> Vorwissen {
        if let Empfaenger::Patient(_) = person {
            return Vorwissen::unasked(person);
        }
        let asked = self.ask(person).await;
        asked.unwrap_or(Vorwissen {
            person,
            angabe: None,
            potenziell_verfuegbar: false,
            quelle: Herkunft::Geloescht,
        })
    }
}

/// What an answer says of the hours; `None` for somebody whom the directory does not know.
fn understood<T>(
    auskunft: Auskunft<T>,
    stated: impl FnOnce(T) -> Angabe,
) -> Option<(Option<Angabe>, Herkunft)> {
    Some(match auskunft {
        Auskunft::NichtEingerichtet => (None, Herkunft::Aktuell),
        Auskunft::Unbekannt => return None,
        Auskunft::NichtErreichbar => (None, Herkunft::Keine),
        Auskunft::Bekannt { person, stand } => {
            let quelle = match stand {
                Stand::Frisch => Herkunft::Aktuell,
                Stand::Kopie { vom } => Herkunft::Kopie(vom),
            };
            (Some(stated(person)), quelle)
        }
    })
}

impl Vorwissen {
    /// For changes that need no slot.
    pub(super) fn unasked(person: Empfaenger) -> Self {
        Self {
            person,
            angabe: None,
            potenziell_verfuegbar: false,
            quelle: Herkunft::Aktuell,
        }
    }

    /// Who is called first.
    pub(in crate::outreach) fn verfuegbarkeit(&self) -> Verfuegbarkeit {
        match self.potenziell_verfuegbar {
            true => Verfuegbarkeit::PotenziellVerfuegbar,
            false => Verfuegbarkeit::Unbekannt,
        }
    }

    /// Whether the directory has said so now, as far as there is one.
    pub(in crate::outreach) fn is_current(&self) -> bool {
        matches!(self.quelle, Herkunft::Aktuell | Herkunft::Geloescht)
    }

    /// Whether the directory has never said anything.
    pub(in crate::outreach) fn is_missing(&self) -> bool {
        self.quelle == Herkunft::Keine
    }

    /// Why no hours are known: neither by hand nor from the directory, which may never have answered.
    pub(super) fn unknown_hours(&self, by_hand: Option<&Erreichbarkeit>) -> Option<Grund> {
        let grund = match self.quelle {
            Herkunft::Aktuell | Herkunft::Kopie(_) => None,
            Herkunft::Keine => Some(Grund::VerzeichnisNichtErreichbar),
            Herkunft::Geloescht => Some(Grund::KeineAngabe),
        };
        grund.filter(|_| by_hand.is_none())
    }

    /// The hours that hold: those by hand, else the directory's, else the office hours.
    pub(super) fn hours(
        &self,
        by_hand: Option<Erreichbarkeit>,
        settings: &AnrufSettings,
    ) -> GezeigteErreichbarkeit {
        if let Some(hours) = by_hand {
            return stated(hours, Quelle::VonHand, Vec::new(), settings);
        }
        let angabe = self.angabe.as_ref().unwrap_or(&Angabe::Null);
        let (hours, fehler) = Erreichbarkeit::parse_lenient(angabe);
        let mut shown = stated(hours, Quelle::Verzeichnis, fehler, settings);
        shown.stand = self.stand();
        shown.hinweise = self.hinweise(settings.zone);
        let unread = shown.fehler.iter().map(Satz::unlesbar);
        shown.hinweise.extend(unread.collect::<Vec<_>>());
        shown
    }

    fn stand(&self) -> Option<DateTime<Utc>> {
        match self.quelle {
            Herkunft::Kopie(vom) => Some(vom),
            Herkunft::Aktuell | Herkunft::Keine | Herkunft::Geloescht => None,
        }
    }

    /// What the staff should know of the directory.
    fn hinweise(&self, zone: Zeitzone) -> Vec<Satz> {
        match self.quelle {
            Herkunft::Aktuell | Herkunft::Geloescht => Vec::new(),
            Herkunft::Kopie(vom) => vec![Satz::kopie(vom, zone)],
            Herkunft::Keine => vec![Satz::verzeichnis_fehlt()],
        }
    }
}

/// Hours that state nothing give way to the office hours.
fn stated(
    hours: Erreichbarkeit,
    quelle: Quelle,
    fehler: Vec<AngabeError>,
    settings: &AnrufSettings,
) -> GezeigteErreichbarkeit {
    let (erreichbarkeit, quelle) = match hours.is_stated() {
        true => (hours, quelle),
        false => (settings.office_hours.clone(), Quelle::Buerozeiten),
    };
    GezeigteErreichbarkeit {
        erreichbarkeit,
        quelle,
        stand: None,
        fehler,
        hinweise: Vec::new(),
    }
}
