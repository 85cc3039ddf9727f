//! The ends of what chrono can count.

use super::calendar;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use comm_domain::outreach::{Bundesland, Feiertag, Gemeinde, Kalender};
use comm_ports::testing::strategies;
use proptest::prelude::*;

#[test]
fn the_year_9999_has_its_holidays() {
    let days = calendar(Bundesland::Berlin).feiertage(9999);
    assert_eq!(days.len(), 10);
    assert_eq!(days[9].0, NaiveDate::from_ymd_opt(9999, 12, 26).unwrap());
}

#[test]
fn years_that_chrono_does_not_know_have_none() {
    assert!(calendar(Bundesland::Berlin).feiertage(i32::MAX).is_empty());
    assert!(calendar(Bundesland::Berlin).feiertage(i32::MIN).is_empty());
}

#[test]
fn the_first_and_the_last_moments_are_answered() {
    let berlin = calendar(Bundesland::Berlin);
    assert!(berlin.local(DateTime::<Utc>::MIN_UTC).is_some());
    assert_eq!(berlin.local(DateTime::<Utc>::MAX_UTC), None);
    assert_eq!(berlin.moment(DateTime::<Utc>::MAX_UTC), None);
    assert_eq!(berlin.next_wall_clock(DateTime::<Utc>::MAX_UTC), None);
    assert_eq!(berlin.instant(NaiveDateTime::MIN), None);
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        assert_eq!(berlin.missing_hour(date), None);
        assert_eq!(berlin.doubled_hour(date), None);
    }
    assert_eq!(berlin.feiertag(NaiveDate::MAX), None);
    let new_year = berlin.feiertag(NaiveDate::MIN);
    assert_eq!(new_year, Some(Feiertag::Neujahr));
}

proptest! {
    #[test]
    fn no_date_and_no_zone_panics(
        days in -95_000_000..95_000_000_i32,
        seconds in any::<i64>(),
        (land, gemeinde) in strategies::ort(),
        zone in 0..chrono_tz::TZ_VARIANTS.len(),
    ) {
        let calendar = Kalender::germany(land, chrono_tz::TZ_VARIANTS[zone]).gemeinde(gemeinde);
        if let Some(date) = NaiveDate::from_num_days_from_ce_opt(days) {
            calendar.closed(date);
            calendar.missing_hour(date);
            calendar.doubled_hour(date);
            calendar.instant(date.and_time(chrono::NaiveTime::MIN));
        }
        if let Some(at) = DateTime::from_timestamp(seconds % 8_300_000_000_000, 0) {
            calendar.next_wall_clock(at);
        }
    }

    #[test]
    fn what_holds_in_a_state_holds_in_its_municipalities(
        days in 728_000..740_000_i32,
        (land, gemeinde) in strategies::ort(),
    ) {
        let date = NaiveDate::from_num_days_from_ce_opt(days).unwrap();
        let everywhere = Feiertag::on(date, land, Gemeinde::Landesweit);
        let there = Feiertag::on(date, land, gemeinde);
        prop_assert!(everywhere.is_none() || there == everywhere);
    }
}
