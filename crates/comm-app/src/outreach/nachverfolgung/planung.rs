//! What is to be done about the silent emails of one therapist, out of everything that is known under the lock. Nothing
//! is stored here.

use super::bericht::Berichtszeile;
use crate::outreach::telefonanrufe::lage::{Gefunden, Lage, Vergeblich};
use chrono::{DateTime, NaiveDate, Utc};
use comm_domain::Zeitzone;
use comm_domain::outreach::nachverfolgung::{
    Bisher, Entscheidung, Ergebnis, Lage as Umstaende, Nachverfolgungsregeln, Verzeichnis,
};
use comm_domain::outreach::{Dauer, Grund, Kontaktregeln, TelefonanrufId, Termin};
use comm_ports::outreach::{Anruflage, Nachverfolgung, VerfolgbareEmail};

/// By which rules, on which day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Massstab {
    pub(super) regeln: Nachverfolgungsregeln,
    pub(super) kontaktregeln: Kontaktregeln,
    pub(super) zone: Zeitzone,
    pub(super) heute: NaiveDate,
}

/// What is to be done about one therapist.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Each email with what comes of it.
    pub(super) zeilen: Vec<Geplant>,
    /// The slot of a new call, where there is to be one.
    pub(super) slot: Option<Gefunden>,
}

/// One email in a plan.
#[derive(Debug)]
pub(super) struct Geplant {
    pub(super) zeile: Berichtszeile,
    /// Whether it is never to be decided again.
    pub(super) endgueltig: bool,
    /// Which call follows it up.
    pub(super) anruf: Option<Anruf>,
    pub(super) therapeutenanfrage_id: Option<i64>,
}

/// A call that follows up an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anruf {
    /// One that was planned before.
    Vorhanden(TelefonanrufId),
    /// The new one of this plan.
    Neu,
}

impl Massstab {
    /// Decides about emails of one therapist, the oldest first.
    pub(super) fn plan(
        &self,
        emails: &[VerfolgbareEmail],
        lage: &Lage<'_>,
        anrufe: &Anruflage,
    ) -> Plan {
        let mut search: Option<Result<Gefunden, Vergeblich>> = None;
        let mut plan = Plan::default();
        for email in emails {
            let decision = self.decide(email, lage, anrufe);
            let geplant = match decision {
                Entscheidung::Planen => {
                    let found =
                        search.get_or_insert_with(|| lage.earliest(self.heute, Dauer::THERAPEUT));
                    match found {
                        Ok(gefunden) => plan.join_new(email, *gefunden),
                        Err(vergeblich) => {
                            Geplant::open(email, Some(vergeblich.grund), vergeblich.ab)
                        }
                    }
                }
                Entscheidung::Anschliessen(id) => {
                    Geplant::joined(email, id, anrufe.naechster.map(|(_, termin)| termin))
                }
                Entscheidung::Lassen(grund) => Geplant {
                    endgueltig: decision.is_final(),
                    ..Geplant::left(email, grund)
                },
                Entscheidung::NochNicht { grund, ab } => Geplant::open(email, grund, ab),
                Entscheidung::SchonEntschieden => continue,
            };
            plan.zeilen.push(geplant);
        }
        plan
    }

    fn decide(
        &self,
        email: &VerfolgbareEmail,
        lage: &Lage<'_>,
        anrufe: &Anruflage,
    ) -> Entscheidung {
        let verzeichnis = match lage.unknown_hours() {
            Some(Grund::VerzeichnisNichtErreichbar) => Verzeichnis::NichtErreichbar,
            _ => Verzeichnis::Bekannt,
        };
        let umstaende = Umstaende {
            email: email.offen(self.zone),
            bisher: Bisher::Offen,
            kontakt: *lage.kontakt(),
            zuletzt_gesprochen: anrufe.zuletzt_gesprochen,
            geplanter_anruf: anrufe.naechster.map(|(id, _)| id),
            verzeichnis,
        };
        self.regeln
            .decide(&umstaende, &self.kontaktregeln, self.heute)
    }
}

impl Plan {
    /// The first email has the new call planned, the others join it.
    fn join_new(&mut self, email: &VerfolgbareEmail, gefunden: Gefunden) -> Geplant {
        let ergebnis = match self.slot {
            None => Ergebnis::Geplant,
            Some(_) => Ergebnis::Angeschlossen,
        };
        self.slot = Some(gefunden);
        let zeile = Berichtszeile {
            ergebnis,
            termin: Some(gefunden.termin),
            ..Berichtszeile::offen(email, None)
        };
        Geplant::new(email, zeile, Some(Anruf::Neu))
    }

    /// The new call has this id.
    pub(super) fn book(&mut self, id: TelefonanrufId) {
        for geplant in &mut self.zeilen {
            if geplant.anruf == Some(Anruf::Neu) {
                geplant.zeile.telefonanruf_id = Some(id);
            }
        }
    }

    /// The emails that a call follows up, the oldest first.
    pub(super) fn of(&self, anruf: impl Fn(Anruf) -> bool) -> impl Iterator<Item = &Geplant> {
        let zeilen = self.zeilen.iter();
        zeilen.filter(move |geplant| geplant.anruf.is_some_and(&anruf))
    }
}

impl Geplant {
    /// As it is stored.
    pub(super) fn decision(&self, now: DateTime<Utc>) -> Nachverfolgung {
        Nachverfolgung {
            email_id: self.zeile.email_id,
            ergebnis: self.zeile.ergebnis,
            grund: self.zeile.grund,
            telefonanruf_id: self.zeile.telefonanruf_id,
            entschieden_am: now,
            endgueltig: self.endgueltig,
        }
    }

    /// Decided for good.
    fn new(email: &VerfolgbareEmail, zeile: Berichtszeile, anruf: Option<Anruf>) -> Self {
        Self {
            zeile,
            endgueltig: true,
            anruf,
            therapeutenanfrage_id: email.therapeutenanfrage_id,
        }
    }

    fn joined(email: &VerfolgbareEmail, id: TelefonanrufId, termin: Option<Termin>) -> Self {
        let zeile = Berichtszeile {
            ergebnis: Ergebnis::Angeschlossen,
            telefonanruf_id: Some(id),
            termin,
            ..Berichtszeile::offen(email, None)
        };
        Self::new(email, zeile, Some(Anruf::Vorhanden(id)))
    }

    fn left(email: &VerfolgbareEmail, grund: Grund) -> Self {
        let zeile = Berichtszeile {
            ergebnis: Ergebnis::Gelassen,
            ..Berichtszeile::offen(email, Some(grund))
        };
        Self::new(email, zeile, None)
    }

    fn open(email: &VerfolgbareEmail, grund: Option<Grund>, ab: Option<NaiveDate>) -> Self {
        let zeile = Berichtszeile {
            ab,
            ..Berichtszeile::offen(email, grund)
        };
        Self {
            endgueltig: false,
            ..Self::new(email, zeile, None)
        }
    }
}
