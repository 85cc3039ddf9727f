//! The days on which the clocks change.

use super::{berlin, call, date, hours, now, shown};
use chrono::Weekday::Sun;
use chrono::{DateTime, TimeDelta, Utc};
use comm_domain::outreach::{Grund, Terminsuche};

const SPRING: &str = "2026-03-29";
const AUTUMN: &str = "2026-10-25";

fn slots_of(day: &str, minutes: u16, now: DateTime<Utc>) -> Vec<String> {
    let (hours, calendar) = (hours(&[(Sun, "01:30", "03:30")]), berlin());
    let search = Terminsuche::new(&hours, &calendar)
        .duration(minutes)
        .lead_time(0);
    let slots = search.all_slots(now, date(day)..=date(day), &[]).unwrap();
    slots
        .into_iter()
        .map(|slot| shown(slot)[11..].to_owned())
        .collect()
}

#[test]
fn a_slot_that_touches_the_missing_hour_is_not_offered() {
    let slots = slots_of(SPRING, 15, now("2026-03-28 12:00"));
    assert_eq!(
        slots,
        [
            "01:30", "01:35", "01:40", "01:45", "03:00", "03:05", "03:10", "03:15"
        ]
    );
}

#[test]
fn the_doubled_hour_is_offered_once() {
    let slots = slots_of(AUTUMN, 30, now("2026-10-24 12:00"));
    assert_eq!(slots.len(), 19);
    assert!(slots.is_sorted());
    assert_eq!((slots[0].as_str(), slots[18].as_str()), ("01:30", "03:00"));
}

#[test]
fn in_the_second_pass_nothing_of_the_doubled_hour_is_offered() {
    let first_pass = now("2026-10-25 02:20");
    assert_eq!(
        slots_of(AUTUMN, 60, first_pass),
        ["02:20", "02:25", "02:30"]
    );
    let second_pass = first_pass + TimeDelta::hours(1);
    assert_eq!(slots_of(AUTUMN, 25, second_pass), ["03:00", "03:05"]);
}

#[test]
fn the_lead_time_counts_real_minutes() {
    let (hours, calendar) = (hours(&[(Sun, "00:00", "06:00")]), berlin());
    let search = Terminsuche::new(&hours, &calendar).lead_time(120);
    let earliest = |at: &str| shown(search.earliest(now(at), &[]).unwrap());
    assert_eq!(earliest("2026-03-29 01:30"), "2026-03-29 04:30");
    assert_eq!(earliest("2026-10-25 01:30"), "2026-10-25 03:00");
    assert_eq!(earliest("2026-10-25 02:30"), "2026-10-25 03:30");
}

#[test]
fn a_call_in_the_missing_hour_is_outside_the_hours() {
    let (hours, calendar) = (hours(&[(Sun, "01:30", "03:30")]), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let check = |at: &str| search.check(now("2026-03-27 12:00"), call(at, 10), &[]);
    assert_eq!(check("2026-03-29 01:50"), Ok(()));
    assert_eq!(check("2026-03-29 01:55"), Err(Grund::AusserhalbDerZeiten));
    assert_eq!(check("2026-03-29 02:30"), Err(Grund::AusserhalbDerZeiten));
    assert_eq!(check("2026-03-29 03:00"), Ok(()));
}
