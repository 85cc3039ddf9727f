//! What is asked about calls, and what is answered.

use super::hinweise::Satz;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use comm_domain::outreach::telefonanruf::{Ergebnis, Tatsaechlich};
use comm_domain::outreach::{
    AngabeError, Erreichbarkeit, Grund, Kontakthindernis, Telefonanruf, TelefonanrufId, Termin,
};

/// A new call (contract, `POST /api/phone-calls`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateTelefonanruf {
    /// One of the two is required.
    pub therapist_id: Option<i64>,
    /// One of the two is required.
    pub patient_id: Option<i64>,
    /// The Matching Service's bundle.
    pub therapeutenanfrage_id: Option<i64>,
    /// The day of the slot, or from which on one is looked for.
    pub geplantes_datum: Option<NaiveDate>,
    /// The time of the slot.
    pub geplante_zeit: Option<NaiveTime>,
    /// Minutes; 5 for therapists and 10 for patients unless it says otherwise.
    pub dauer_minuten: Option<i64>,
    /// `geplant`, or `abgeschlossen` for a call that was made without a plan.
    pub status: Option<String>,
    /// When it took place, of a call that was made.
    pub tatsaechlich: Tatsaechlich,
    /// What came out of it, of a call that was made.
    pub ergebnis: Ergebnis,
    /// Notes of the staff.
    pub notizen: Option<String>,
    /// The member of staff who makes the call.
    pub bearbeiter: Option<String>,
}

/// A call as clients see it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownTelefonanruf {
    /// The call.
    pub anruf: Telefonanruf,
    /// What the staff should know of it.
    pub hinweise: Vec<Satz>,
    /// What became of its next attempt, where this request asked for one.
    pub naechster: Option<NaechsterAnruf>,
    /// The contact rule that its being booked or moved now has met.
    pub kontaktwarnung: Option<Kontakthindernis>,
}

impl From<Telefonanruf> for ShownTelefonanruf {
    fn from(anruf: Telefonanruf) -> Self {
        Self {
            anruf,
            hinweise: Vec::new(),
            naechster: None,
            kontaktwarnung: None,
        }
    }
}

/// What became of the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NaechsterAnruf {
    /// It is planned.
    Geplant(TelefonanrufId),
    /// There is none, or none yet.
    NichtGeplant(Grund),
}

/// The telephone hours of a therapist as they hold now.
#[derive(Debug, Clone, PartialEq)]
pub struct GezeigteErreichbarkeit {
    /// The hours.
    pub erreichbarkeit: Erreichbarkeit,
    /// Who stated them.
    pub quelle: Quelle,
    /// When the directory said so, if it is not reached now.
    pub stand: Option<DateTime<Utc>>,
    /// What could not be read of what was stated.
    pub fehler: Vec<AngabeError>,
    /// What the staff should know.
    pub hinweise: Vec<Satz>,
}

/// Who stated telephone hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quelle {
    /// The staff, in this service.
    VonHand,
    /// The Therapist Service.
    Verzeichnis,
    /// Nobody: the configured office hours hold.
    Buerozeiten,
}

/// The free slots of a therapist.
#[derive(Debug, Clone, PartialEq)]
pub struct FreieTermine {
    /// The slots, in order; they overlap each other.
    pub termine: Vec<Termin>,
    /// The days without one, each with its reason.
    pub gruende: Vec<(NaiveDate, Grund)>,
    /// The hours that were searched.
    pub erreichbarkeit: GezeigteErreichbarkeit,
}

/// Whether a therapist can be called at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Pruefung {
    /// The time that was asked about.
    pub termin: Termin,
    /// Every reason against it, the one that would change last first; none if it suits.
    pub gruende: Vec<Grund>,
    /// The first day on which no contact rule speaks against it, where one does now.
    pub naechster_kontakt_moeglich: Option<NaiveDate>,
    /// The earliest free slot from that day on.
    pub naechster_freier_termin: Option<Termin>,
    /// The hours that were looked at.
    pub erreichbarkeit: GezeigteErreichbarkeit,
}
