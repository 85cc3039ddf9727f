//! Which slot a call gets, out of everything that is known under the lock on its person.

use super::hinweise::Satz;
use super::patient;
use super::plaetze::Plaetze;
use super::requests::GezeigteErreichbarkeit;
use super::vorwissen::Vorwissen;
use super::{AnrufSettings, no_slots};
use crate::error::OutreachError;
use crate::outreach::kontaktregeln;
use chrono::{Days, NaiveDate};
use comm_domain::outreach::{
    Dauer, Empfaenger, Grund, Kontakterlaubnis, Kontakthindernis, Kontaktregeln, Kontaktstand,
    Kontaktweg, Moment, Termin, TerminError, Terminsuche,
};
use comm_ports::outreach::{Ablage, BelegterPlatz, Belegung};

/// Everything that the choice of a slot depends on.
pub(in crate::outreach) struct Lage<'a> {
    settings: &'a AnrufSettings,
    person: Empfaenger,
    now: Moment,
    pub(in crate::outreach) hours: GezeigteErreichbarkeit,
    /// Why the hours are only a guess, if they are.
    unknown_hours: Option<Grund>,
    belegt: Vec<Termin>,
    plaetze: Option<Plaetze>,
    kontakt: Kontaktstand,
    /// By which rules slots are offered.
    regeln: Kontaktregeln,
}

/// A slot that is free, and the seat that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::outreach) struct Gefunden {
    pub(in crate::outreach) termin: Termin,
    platz: Option<i16>,
}

impl Gefunden {
    pub(in crate::outreach) fn ablage(self) -> Ablage {
        Ablage {
            platz: self.platz,
            wiederholung_offen: false,
        }
    }
}

/// Why a search found nothing, and from when on it may be different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::outreach) struct Vergeblich {
    pub(in crate::outreach) grund: Grund,
    pub(in crate::outreach) ab: Option<NaiveDate>,
}

/// Why a time cannot be booked whatever a client says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kollision {
    Belegt,
    KeinPlatz,
}

impl<'a> Lage<'a> {
    pub(in crate::outreach) fn new(
        settings: &'a AnrufSettings,
        vorwissen: &Vorwissen,
        belegung: Belegung,
        now: Moment,
    ) -> Self {
        Self {
            settings,
            person: vorwissen.person,
            now,
            unknown_hours: vorwissen.unknown_hours(belegung.erreichbarkeit.as_ref()),
            hours: vorwissen.hours(belegung.erreichbarkeit, settings),
            belegt: belegung.belegt,
            plaetze: None,
            kontakt: belegung.kontakt.stand(settings.zone),
            regeln: settings.kontaktregeln.service,
        }
    }

    /// For a client's wish: the cooling-off is kept all the same (contract, 'Slot finding'), a block by hand as far
    /// as the rules for clients say.
    pub(in crate::outreach) fn for_client(self) -> Self {
        Self {
            regeln: Kontaktregeln {
                sperre: self.settings.kontaktregeln.clients.sperre,
                ..self.regeln
            },
            ..self
        }
    }

    /// What a client is to be told of a call on this day.
    ///
    /// # Errors
    /// A contact rule that is enforced.
    pub(in crate::outreach) fn allowed(
        &self,
        am: NaiveDate,
    ) -> Result<Option<Kontakthindernis>, OutreachError> {
        let regeln = self.settings.kontaktregeln.clients;
        match self.person {
            Empfaenger::Therapeut(_) => {
                kontaktregeln::allowed(regeln.check(&self.kontakt, Kontaktweg::Anruf, am))
            }
            Empfaenger::Patient(_) => Ok(None),
        }
    }

    /// The state that contact rules go by.
    pub(in crate::outreach) fn kontakt(&self) -> &Kontaktstand {
        &self.kontakt
    }

    /// The same with the seats of the staff, where they are counted.
    pub(in crate::outreach) fn take_seats(&mut self, belegt: Vec<BelegterPlatz>) {
        let anzahl = self.settings.seats;
        self.plaetze = anzahl.map(|anzahl| Plaetze::new(anzahl, belegt));
    }

    /// Forgets a slot that a call of this person gives up.
    pub(in crate::outreach) fn release(&mut self, termin: Termin, ablage: Ablage) {
        if let Some(place) = self.belegt.iter().position(|other| *other == termin) {
            self.belegt.swap_remove(place);
        }
        if let Some(plaetze) = &mut self.plaetze {
            plaetze.release(ablage.platz, termin);
        }
    }

    /// The earliest slot from a day on: in the telephone hours of a therapist, from 10:00 on for a patient.
    pub(in crate::outreach) fn earliest(
        &self,
        ab: NaiveDate,
        dauer: Dauer,
    ) -> Result<Gefunden, Vergeblich> {
        match self.person {
            Empfaenger::Therapeut(_) => self.earliest_in_hours(ab, dauer),
            Empfaenger::Patient(_) => {
                let ab = ab.max(self.now.heute());
                let usual = patient::usual_time(ab, self.now);
                let days = self.settings.horizon_days;
                let frei = |termin| self.seat(termin).is_ok() && self.is_shown(termin);
                let slot = patient::first_slot(usual, dauer, days, frei);
                self.with_seat(slot).ok_or(Vergeblich {
                    grund: Grund::Belegt,
                    ab: None,
                })
            }
        }
    }

    fn earliest_in_hours(&self, ab: NaiveDate, dauer: Dauer) -> Result<Gefunden, Vergeblich> {
        if let Some(grund) = self.unknown_hours {
            return Err(Vergeblich { grund, ab: None });
        }
        let search = self.search(dauer, ab);
        let plan = search.plan(self.now.at, &self.belegt);
        let plan = plan.map_err(|error| self.vergeblich(&error, ab))?;
        let slot = plan.slots().find(|slot| self.seat(*slot).is_ok());
        self.with_seat(slot).ok_or_else(|| {
            // A slot that the plan offers and no seat holds as a whole.
            let error = plan.earliest().err();
            error.map_or(
                Vergeblich {
                    grund: Grund::KeinPlatz,
                    ab: None,
                },
                |error| self.vergeblich(&error, ab),
            )
        })
    }

    /// The slot that was asked for, or the collision in its way with the next slot that is free.
    pub(in crate::outreach) fn exactly(&self, termin: Termin) -> Result<Gefunden, OutreachError> {
        let kollision = match self.seat(termin) {
            Ok(platz) => return Ok(Gefunden { termin, platz }),
            Err(kollision) => kollision,
        };
        let naechster_freier_termin = self.after(termin).map(|next| next.termin);
        Err(match kollision {
            Kollision::Belegt => OutreachError::SlotTaken {
                naechster_freier_termin,
            },
            Kollision::KeinPlatz => OutreachError::NoSeat {
                naechster_freier_termin,
            },
        })
    }

    /// The first free slot after the one that was asked for.
    pub(in crate::outreach) fn after(&self, termin: Termin) -> Option<Gefunden> {
        let slot = match self.person {
            Empfaenger::Therapeut(_) if self.unknown_hours.is_some() => None,
            Empfaenger::Therapeut(_) => {
                let search = self.search(termin.dauer(), termin.datum());
                let plan = search.plan(self.now.at, &self.belegt).ok()?;
                let mut later = plan.slots().filter(|slot| *slot > termin);
                later.find(|slot| self.seat(*slot).is_ok())
            }
            Empfaenger::Patient(_) => {
                let frei = |slot| self.seat(slot).is_ok() && self.is_shown(slot);
                let from = termin.beginn().max(self.now.wall);
                let days = self.settings.horizon_days;
                patient::first_slot(from, termin.dauer(), days, frei)
            }
        };
        self.with_seat(slot)
    }

    /// The first free slot after the one that was asked for, on the same day.
    pub(in crate::outreach) fn later_that_day(&self, termin: Termin) -> Option<Gefunden> {
        self.after(termin)
            .filter(|slot| slot.termin.datum() == termin.datum())
    }

    /// What the staff should know of a call at this time, which a client chose.
    pub(in crate::outreach) fn hinweise(&self, termin: Termin) -> Vec<Satz> {
        let mut hinweise = self.hours.hinweise.clone();
        if let Empfaenger::Therapeut(_) = self.person {
            let gruende = self.obstacles(termin).into_iter();
            let told = gruende.filter(|grund| !is_collision(*grund) && self.can_tell(*grund));
            hinweise.extend(told.map(Satz::trotz));
        }
        hinweise.extend(Satz::off_grid(termin));
        let horizon = self.settings.horizon_days;
        let last = self.now.heute().checked_add_days(Days::new(horizon.into()));
        if last.is_some_and(|last| termin.datum() >= last) {
            hinweise.push(Satz::jenseits_des_horizonts(horizon));
        }
        hinweise
    }

    /// Of hours that nobody knows nothing can be said.
    fn can_tell(&self, grund: Grund) -> bool {
        self.unknown_hours.is_none()
            || !matches!(grund, Grund::AusserhalbDerZeiten | Grund::KeineAngabe)
    }

    /// Every reason against a call at this time, the one that would change last first.
    pub(in crate::outreach) fn obstacles(&self, termin: Termin) -> Vec<Grund> {
        let search = self.search(termin.dauer(), termin.datum());
        let mut gruende = search.obstacles(self.now.at, termin, &self.belegt);
        let no_seat = self.seat(termin) == Err(Kollision::KeinPlatz);
        if no_seat && !gruende.contains(&Grund::KeinPlatz) {
            gruende.push(Grund::KeinPlatz);
        }
        gruende
    }

    /// From when on the contact rules allow a call to be booked, and which one speaks against it before.
    pub(in crate::outreach) fn cooling_off(&self, am: NaiveDate) -> Option<Vergeblich> {
        match self.regeln.check(&self.kontakt, Kontaktweg::Anruf, am) {
            Kontakterlaubnis::Abgelehnt(hindernis) => Some(Vergeblich {
                grund: hindernis.grund,
                ab: hindernis.naechster_kontakt_moeglich,
            }),
            Kontakterlaubnis::Erlaubt | Kontakterlaubnis::Gewarnt(_) => None,
        }
    }

    /// The search for slots of this length from a day on. Only therapists are protected by contact rules.
    pub(in crate::outreach) fn search(&self, dauer: Dauer, ab: NaiveDate) -> Terminsuche<'_> {
        let search = Terminsuche::new(&self.hours.erreichbarkeit, &self.settings.kalender)
            .duration(dauer.minuten().unsigned_abs())
            .lead_time(self.settings.lead_time_minutes)
            .horizon_days(self.settings.horizon_days)
            .starting(ab);
        let search = match &self.plaetze {
            Some(plaetze) => search.seats(plaetze.anzahl(), plaetze.termine()),
            None => search,
        };
        match self.cooling_off(ab.max(self.now.heute())) {
            Some(Vergeblich { grund, ab }) => {
                search.cooling_off(ab.unwrap_or(NaiveDate::MAX), grund)
            }
            None => search,
        }
    }

    /// Why nobody knows the hours, if nobody does.
    pub(in crate::outreach) fn unknown_hours(&self) -> Option<Grund> {
        self.unknown_hours
    }

    /// The slots that the person's calls hold.
    pub(in crate::outreach) fn belegt(&self) -> &[Termin] {
        &self.belegt
    }

    /// Whether a seat is free for all of a slot that the search offers.
    pub(in crate::outreach) fn has_seat(&self, termin: Termin) -> bool {
        self.seat(termin) != Err(Kollision::KeinPlatz)
    }

    /// The seat of a slot that overlaps no call of the same person; `None` where seats are not counted.
    fn seat(&self, termin: Termin) -> Result<Option<i16>, Kollision> {
        if self.belegt.iter().any(|other| other.overlaps(termin)) {
            return Err(Kollision::Belegt);
        }
        let Some(plaetze) = &self.plaetze else {
            return Ok(None);
        };
        plaetze.frei(termin).map(Some).ok_or(Kollision::KeinPlatz)
    }

    fn with_seat(&self, slot: Option<Termin>) -> Option<Gefunden> {
        let termin = slot?;
        let platz = self.seat(termin).ok()?;
        Some(Gefunden { termin, platz })
    }

    /// Whether the clocks show every minute of a slot.
    fn is_shown(&self, termin: Termin) -> bool {
        let kalender = &self.settings.kalender;
        kalender.instant(termin.beginn()).is_some()
    }

    fn vergeblich(&self, error: &TerminError, ab: NaiveDate) -> Vergeblich {
        let grund = error.grund().unwrap_or(Grund::AusserhalbDerZeiten);
        let cooling_off = self.cooling_off(ab.max(self.now.heute()));
        Vergeblich {
            grund,
            ab: cooling_off
                .filter(|rule| rule.grund == grund)
                .and_then(|rule| rule.ab),
        }
    }
}

impl Vergeblich {
    /// As a client is told who asked for any slot.
    pub(in crate::outreach) fn into_error(self, person: Empfaenger) -> OutreachError {
        match self.grund {
            Grund::VerzeichnisNichtErreichbar => OutreachError::DirectoryAway,
            grund => no_slots(person, grund, self.ab),
        }
    }
}

fn is_collision(grund: Grund) -> bool {
    matches!(grund, Grund::Belegt | Grund::KeinPlatz)
}
