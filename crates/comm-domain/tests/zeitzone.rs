//! Days of the service's time zone.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use comm_domain::Zeitzone;

fn zone(name: &str) -> Zeitzone {
    Zeitzone::parse("zone", name).unwrap()
}

fn begin(name: &str, day: &str) -> DateTime<Utc> {
    zone(name).begin_of(day.parse().unwrap())
}

#[test]
fn a_day_begins_at_its_midnight_in_summer_and_in_winter() {
    for (name, day, instant) in [
        ("Europe/Berlin", "2026-01-31", "2026-01-30T23:00:00Z"),
        ("Europe/Berlin", "2026-07-01", "2026-06-30T22:00:00Z"),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"),
        ("Pacific/Kiritimati", "2026-01-31", "2026-01-30T10:00:00Z"),
        ("UTC", "2026-01-31", "2026-01-31T00:00:00Z"),
        // The clocks skip the first hour of this day, and pass midnight twice on that one.
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"),
        ("Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00Z"),
    ] {
        assert_eq!(
            begin(name, day).to_rfc3339(),
            instant.replace('Z', "+00:00"),
            "{name} {day}"
        );
    }
}

#[test]
fn a_day_holds_its_beginning_and_not_the_moment_before() {
    for name in [
        "Europe/Berlin",
        "Africa/Cairo",
        "America/Santiago",
        "Asia/Beirut",
    ] {
        let first: NaiveDate = "2026-01-01".parse().unwrap();
        for day in first.iter_days().take(366) {
            let begin = zone(name).begin_of(day);
            assert_eq!(zone(name).day_of(begin), day, "{name}");
            assert_ne!(
                zone(name).day_of(begin - TimeDelta::microseconds(1)),
                day,
                "{name}"
            );
        }
    }
    begin("Europe/Berlin", "9999-12-31");
    zone("Europe/Berlin").begin_of(NaiveDate::MAX);
    zone("Asia/Tokyo").begin_of(NaiveDate::MIN);
}

#[test]
fn what_the_clocks_show_twice_is_meant_the_first_time_and_what_they_skip_soon_after() {
    for (wall, instant) in [
        ("2026-02-02T09:00:00", "2026-02-02T08:00:00+00:00"),
        ("2026-07-01T09:00:00", "2026-07-01T07:00:00+00:00"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00+00:00"),
        ("2026-03-29T02:00:00", "2026-03-29T01:00:00+00:00"),
        ("2026-03-29T02:35:00", "2026-03-29T01:05:00+00:00"),
        ("2026-03-29T03:00:00", "2026-03-29T01:00:00+00:00"),
    ] {
        let at = zone("Europe/Berlin").instant_of(wall.parse().unwrap());
        assert_eq!(at.to_rfc3339(), instant, "{wall}");
    }
}
