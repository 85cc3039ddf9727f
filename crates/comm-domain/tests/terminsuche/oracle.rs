//! The slots of a search, found by walking minute by minute in real time. Shares no function with the code under test:
//! it has its own calendar, its own clocks, and asks of each minute by itself whether it is free.

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday,
};
use comm_domain::outreach::Grund;
use std::collections::BTreeMap;

/// A search in plain numbers.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) now: DateTime<Utc>,
    pub(crate) first: NaiveDate,
    pub(crate) days: i64,
    /// Day of the week, first minute, minute after the last.
    pub(crate) windows: Vec<(Weekday, u32, u32)>,
    /// First minute, length.
    pub(crate) booked: Vec<(NaiveDateTime, i64)>,
    pub(crate) held: Vec<(NaiveDateTime, i64)>,
    pub(crate) seats: Option<usize>,
    pub(crate) closing: Vec<NaiveDate>,
    pub(crate) cooled: NaiveDate,
    pub(crate) minutes: i64,
    pub(crate) lead: i64,
}

/// Public holidays of Berlin in the months that are searched.
const HOLIDAYS: [&str; 4] = ["2026-04-03", "2026-04-06", "2026-05-01", "2026-10-03"];

impl Question {
    /// What stands first in the way of a slot at each step of the grid, in order; `None` for a free one. Times that the
    /// clocks never show are not among them.
    pub(crate) fn walk(&self) -> BTreeMap<NaiveDateTime, Option<Grund>> {
        let shown = self.shown();
        let on_grid = shown.keys().filter(|wall| wall.minute() % 5 == 0);
        on_grid
            .map(|wall| (*wall, self.obstacle(*wall, &shown)))
            .collect()
    }

    /// Every minute on the wall clock, with the instant at which it is shown for the first time.
    fn shown(&self) -> BTreeMap<NaiveDateTime, DateTime<Utc>> {
        let start = self.first.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(3);
        let mut shown = BTreeMap::new();
        for minute in 0..(self.days * 1440 + 360) {
            let at = start + TimeDelta::minutes(minute);
            // 2026: 29 March and 25 October, 01:00 UTC.
            let summer = (at.month(), at.day(), at.hour()) >= (3, 29, 1)
                && (at.month(), at.day(), at.hour()) < (10, 25, 1);
            let wall = at.naive_utc() + TimeDelta::hours(if summer { 2 } else { 1 });
            let day = (wall.date() - self.first).num_days();
            if (0..self.days).contains(&day) {
                shown.entry(wall).or_insert(at);
            }
        }
        shown
    }

    fn obstacle(
        &self,
        start: NaiveDateTime,
        shown: &BTreeMap<NaiveDateTime, DateTime<Utc>>,
    ) -> Option<Grund> {
        let minutes = (0..self.minutes).map(|minute| start + TimeDelta::minutes(minute));
        let minutes: Vec<NaiveDateTime> = minutes.collect();
        let all = |free: &dyn Fn(NaiveDateTime) -> bool| minutes.iter().all(|at| free(*at));
        let today = |at: NaiveDateTime| at.date() == start.date() && shown.contains_key(&at);
        if self.windows.is_empty() {
            return Some(Grund::KeineAngabe);
        }
        if !all(&|at| today(at) && self.is_stated(at)) {
            return Some(Grund::AusserhalbDerZeiten);
        }
        if HOLIDAYS.contains(&start.date().to_string().as_str()) {
            return Some(Grund::Feiertag);
        }
        if self.closing.contains(&start.date()) {
            return Some(Grund::Geschlossen);
        }
        if start.date() < self.cooled {
            return Some(Grund::Sperrfrist);
        }
        if shown[&start] < self.now + TimeDelta::minutes(self.lead) {
            return Some(Grund::Vorlauf);
        }
        if !all(&|at| talking(&self.booked, at) == 0) {
            return Some(Grund::Belegt);
        }
        let seats = self.seats.unwrap_or(usize::MAX);
        (!all(&|at| talking(&self.held, at) < seats)).then_some(Grund::KeinPlatz)
    }

    fn is_stated(&self, at: NaiveDateTime) -> bool {
        let minute = at.hour() * 60 + at.minute();
        let mut windows = self.windows.iter();
        windows.any(|(day, start, end)| at.weekday() == *day && *start <= minute && minute < *end)
    }
}

/// How many calls are under way in this minute.
fn talking(calls: &[(NaiveDateTime, i64)], at: NaiveDateTime) -> usize {
    let under_way = |(start, minutes): &&(NaiveDateTime, i64)| {
        *start <= at && at < *start + TimeDelta::minutes(*minutes)
    };
    calls.iter().filter(under_way).count()
}
