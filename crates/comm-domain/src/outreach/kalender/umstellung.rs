//! The days on which the clocks change, for any time zone.

use crate::outreach::uhrzeit::{MINUTES_PER_DAY, Uhrzeit};
use crate::outreach::zeitfenster::Zeitfenster;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// A change of the clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Umstellung {
    /// What the clocks would show from then on, had they not been changed.
    old: NaiveDateTime,
    /// What they show instead.
    new: NaiveDateTime,
}

impl Umstellung {
    /// The change that can be seen on the clocks of this date, if there is one.
    ///
    /// Two changes within 56 hours would cancel each other out unseen; no zone has had any.
    pub(super) fn near(date: NaiveDate, zone: Tz) -> Option<Self> {
        let midnight = date.and_time(NaiveTime::MIN);
        // No zone was ever more than 16 hours away from UTC.
        let before = midnight.checked_sub_signed(TimeDelta::hours(16))?;
        let after = midnight.checked_add_signed(TimeDelta::hours(40))?;
        let (old, new) = (offset(zone, before), offset(zone, after));
        if old == new {
            return None;
        }
        let at = first_with(zone, new, before..after)?;
        Some(Self {
            old: at.checked_add_signed(old)?,
            new: at.checked_add_signed(new)?,
        })
    }

    /// The minutes that the clocks of this date skip.
    pub(super) fn missing(self, date: NaiveDate) -> Option<Zeitfenster> {
        part_of(date, self.old, self.new)
    }

    /// The minutes that they show twice.
    pub(super) fn doubled(self, date: NaiveDate) -> Option<Zeitfenster> {
        part_of(date, self.new, self.old)
    }

    /// The first time after the change that they do not show for the second time.
    pub(super) fn over(self) -> NaiveDateTime {
        self.old.max(self.new)
    }
}

fn offset(zone: Tz, utc: NaiveDateTime) -> TimeDelta {
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    TimeDelta::seconds(i64::from(offset.local_minus_utc()))
}

/// The first second of a range, in UTC, from which on this offset holds.
fn first_with(
    zone: Tz,
    new: TimeDelta,
    range: std::ops::Range<NaiveDateTime>,
) -> Option<NaiveDateTime> {
    let mut seconds = 0..(range.end - range.start).num_seconds();
    while seconds.start < seconds.end {
        let middle = seconds.start + (seconds.end - seconds.start) / 2;
        let utc = range.start.checked_add_signed(TimeDelta::seconds(middle))?;
        if offset(zone, utc) == new {
            seconds.end = middle;
        } else {
            seconds.start = middle + 1;
        }
    }
    range
        .start
        .checked_add_signed(TimeDelta::seconds(seconds.end))
}

/// What a stretch of wall-clock time covers of a date; minutes that it only touches count whole.
fn part_of(date: NaiveDate, from: NaiveDateTime, to: NaiveDateTime) -> Option<Zeitfenster> {
    let midnight = date.and_time(NaiveTime::MIN);
    let seconds = |at: NaiveDateTime| at.signed_duration_since(midnight).num_seconds();
    let minute = |minute: i64| {
        let minute = minute.clamp(0, i64::from(MINUTES_PER_DAY));
        u16::try_from(minute).ok().and_then(Uhrzeit::from_minutes)
    };
    let start = seconds(from).div_euclid(60);
    let end = (seconds(to) + 59).div_euclid(60);
    Zeitfenster::new(minute(start)?, minute(end)?)
}
