//! What is decided by configuration about every call (section `calls`).

use comm_domain::Zeitzone;
use comm_domain::outreach::telefonanruf::Wiederholungsregeln;
use comm_domain::outreach::{Erreichbarkeit, Kalender, Kontaktregeln};
use serde::Deserialize;
use std::num::NonZeroU16;

/// Settings of the calls.
#[derive(Debug, Clone)]
pub struct AnrufSettings {
    /// Time zone, public holidays and closing days.
    pub kalender: Kalender,
    /// The same time zone.
    pub zone: Zeitzone,
    /// The hours of therapists who state none.
    pub office_hours: Erreichbarkeit,
    /// Minutes between now and the earliest slot that is looked for.
    pub lead_time_minutes: u32,
    /// Days in which a slot is looked for, 1 to 366.
    pub horizon_days: u16,
    /// How many calls the staff can make at a time; `None`: nobody counts.
    pub seats: Option<NonZeroU16>,
    /// What becomes of a call whose time is taken.
    pub on_overlap: OnOverlap,
    /// How often a person is called.
    pub wiederholung: Wiederholungsregeln,
    /// The contact rules for what the service starts by itself.
    pub kontaktregeln: Kontaktregeln,
}

/// What becomes of a new call for which a client gave a time that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnOverlap {
    /// It is refused.
    Refuse,
    /// It is booked at the next free slot of that day.
    Move,
}

impl AnrufSettings {
    /// For how many days from yesterday on the seats have to be known: a search begins at the wanted day, which may
    /// lie as far ahead as the longest horizon.
    pub(super) fn seat_days(&self) -> u64 {
        2 * u64::from(comm_domain::outreach::terminsuche::MAX_DAYS)
    }
}
