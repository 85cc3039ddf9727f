//! What is decided by configuration about every call (section `calls`).

use crate::ScheduleCall;
use crate::outreach::Regelwerk;
use chrono::{NaiveDate, NaiveTime};
use comm_domain::outreach::telefonanruf::Wiederholungsregeln;
use comm_domain::outreach::{Bundesland, Erreichbarkeit, Gemeinde, Kalender, Uhrzeit};
use comm_domain::{FieldError, Zeitzone};
use serde::Deserialize;
use std::num::NonZeroU16;

/// The section `calls` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallsConfig {
    /// The German state whose public holidays are kept, by its code.
    pub bundesland: Bundesland,
    /// The kind of municipality, where a state's law makes a difference.
    pub gemeinde: Gemeinde,
    /// Further days on which nobody calls: comma-separated dates.
    pub closing_days: String,
    /// The hours of therapists who state none, in any of the spellings of telephone hours.
    pub office_hours: Erreichbarkeit,
    /// Minutes between now and the earliest slot that is looked for.
    pub lead_time_minutes: u32,
    /// Days in which a slot is looked for, 1 to 366.
    pub horizon_days: u16,
    /// How many calls the staff can make at a time; 0: nobody counts.
    pub seats: u16,
    /// What becomes of a call whose time is taken.
    pub on_overlap: OnOverlap,
    /// How many attempts there are in all.
    pub max_attempts: i32,
    /// The time of day from which on the daily work is done; empty: never by itself.
    pub daily_at: String,
}

impl CallsConfig {
    /// The settings for a place.
    ///
    /// # Errors
    /// A date or a time of day that is none.
    pub fn settings(
        &self,
        zone: Zeitzone,
        schedule_call: ScheduleCall,
        kontaktregeln: Regelwerk,
    ) -> Result<AnrufSettings, FieldError> {
        let closing_days = closing_days(&self.closing_days)?;
        let daily_at = match self.daily_at.as_str() {
            "" => None,
            time => Some(time_of_day(time)?),
        };
        Ok(AnrufSettings {
            kalender: Kalender::germany(self.bundesland, zone.tz())
                .gemeinde(self.gemeinde)
                .closing_days(closing_days),
            zone,
            office_hours: self.office_hours.clone(),
            lead_time_minutes: self.lead_time_minutes,
            horizon_days: self.horizon_days,
            seats: NonZeroU16::new(self.seats),
            on_overlap: self.on_overlap,
            wiederholung: Wiederholungsregeln {
                max_versuche: self.max_attempts,
            },
            daily_at,
            schedule_call,
            kontaktregeln,
        })
    }
}

fn time_of_day(text: &str) -> Result<NaiveTime, FieldError> {
    let wrong = || FieldError::invalid("calls.daily_at", "must be a time of day such as 05:00");
    let time = Uhrzeit::parse(text).and_then(Uhrzeit::naive_time);
    time.ok_or_else(wrong)
}

/// Comma-separated dates; none in an empty text.
///
/// # Errors
/// Anything else.
pub fn closing_days(list: &str) -> Result<Vec<NaiveDate>, FieldError> {
    let days = list.split(',').map(str::trim).filter(|day| !day.is_empty());
    let days = days.map(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d"));
    days.collect::<Result<_, _>>().map_err(|_| {
        let reason = "must be \"\" or dates such as 2026-12-24,2026-12-31";
        FieldError::invalid("calls.closing_days", reason)
    })
}

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
    /// From when on the work of the day is done; `None`: never by itself.
    pub daily_at: Option<NaiveTime>,
    /// What becomes of a wish for a call that comes by event.
    pub schedule_call: ScheduleCall,
    /// The contact rules.
    pub kontaktregeln: Regelwerk,
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
    pub(in crate::outreach) fn seat_days(&self) -> u64 {
        2 * u64::from(comm_domain::outreach::terminsuche::MAX_DAYS)
    }
}
