//! A feed's calls as entries of a calendar.

use super::super::kontakte::Kontakte;
use super::texte;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use comm_domain::Zeitzone;
use comm_domain::outreach::{TelefonanrufId, TelefonanrufStatus};
use comm_ports::outreach::{Kalenderanruf, Kalenderfeed, Kalenderstand};

/// What a feed shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kalenderblatt {
    /// The name of the calendar.
    pub name: String,
    /// The time zone of the staff, as the IANA database calls it.
    pub zone: &'static str,
    /// The entries, in the order of their slots.
    pub termine: Vec<Kalendertermin>,
}

/// A call as an entry of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kalendertermin {
    /// The call.
    pub id: TelefonanrufId,
    /// When it begins.
    pub beginn: DateTime<Utc>,
    /// When it ends.
    pub ende: DateTime<Utc>,
    /// Whether it will take place, or did.
    pub gilt: Gilt,
    /// Rises with every change of slot or state.
    pub sequenz: u32,
    /// When the call was stored.
    pub erstellt_am: DateTime<Utc>,
    /// When it was changed last.
    pub geaendert_am: DateTime<Utc>,
    /// The title.
    pub titel: String,
    /// Lines below the title.
    pub beschreibung: String,
}

/// Whether an entry still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gilt {
    /// It does.
    Ja,
    /// It was called off or deleted.
    Abgesagt,
}

/// Writes entries, knowing who people are and what the clocks show.
pub(super) struct Stift {
    pub(super) kontakte: Kontakte,
    pub(super) zone: Zeitzone,
}

impl Stift {
    pub(super) fn blatt(&self, feed: &Kalenderfeed, anrufe: &[Kalenderanruf]) -> Kalenderblatt {
        Kalenderblatt {
            name: texte::name(feed.bearbeiter.as_deref()),
            zone: self.zone.name(),
            termine: anrufe.iter().map(|anruf| self.termin(anruf)).collect(),
        }
    }

    fn termin(&self, anruf: &Kalenderanruf) -> Kalendertermin {
        let kontakt = self.kontakte.of(anruf.empfaenger);
        let emails = anruf.emails_vom.iter().map(|at| self.zone.day_of(*at));
        let emails: Vec<NaiveDate> = emails.collect();
        let beginn = self.zone.instant_of(anruf.termin.beginn());
        let dauer = TimeDelta::minutes(anruf.termin.dauer().minuten().into());
        Kalendertermin {
            id: anruf.id,
            beginn,
            ende: beginn.checked_add_signed(dauer).unwrap_or(beginn),
            gilt: match anruf.stand {
                Kalenderstand::Status(TelefonanrufStatus::Abgebrochen)
                | Kalenderstand::Geloescht => Gilt::Abgesagt,
                Kalenderstand::Status(_) => Gilt::Ja,
            },
            sequenz: anruf.sequenz.try_into().unwrap_or(0),
            erstellt_am: anruf.created_at,
            geaendert_am: anruf.updated_at,
            titel: texte::titel(anruf, &kontakt),
            beschreibung: texte::beschreibung(anruf, &kontakt, &emails),
        }
    }
}
