//! Wall clock and instants.

use super::{calendar, date, wall};
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::{America, Australia, Pacific, Tz};
use comm_domain::outreach::{Bundesland, Kalender};

fn berlin() -> Kalender {
    calendar(Bundesland::Berlin)
}

fn utc(text: &str) -> DateTime<Utc> {
    wall(text).and_utc()
}

fn last_sunday(year: i32, month: u32) -> NaiveDate {
    let last = NaiveDate::from_ymd_opt(year, month, 31).unwrap();
    let mut days = last.iter_days().rev();
    days.find(|date| date.weekday() == Weekday::Sun).unwrap()
}

#[test]
fn the_clocks_change_on_two_days_of_every_year_from_2020_to_2040() {
    for year in 2020..=2040 {
        let (spring, autumn) = (last_sunday(year, 3), last_sunday(year, 10));
        let mut day = NaiveDate::from_yo_opt(year, 1).unwrap();
        while day.year() == year {
            let hour = |is_it: bool| is_it.then(|| "02:00-03:00".to_owned());
            let missing = berlin().missing_hour(day).map(|hour| hour.to_string());
            assert_eq!(missing, hour(day == spring), "{day}");
            let doubled = berlin().doubled_hour(day).map(|hour| hour.to_string());
            assert_eq!(doubled, hour(day == autumn), "{day}");
            day = day + Days::new(1);
        }
    }
}

#[test]
fn every_quarter_of_an_hour_of_those_days_goes_there_and_back() {
    for year in 2020..=2040 {
        for day in [last_sunday(year, 3), last_sunday(year, 10)] {
            let start = day
                .pred_opt()
                .unwrap()
                .and_hms_opt(20, 0, 0)
                .unwrap()
                .and_utc();
            let change = day.and_hms_opt(1, 0, 0).unwrap().and_utc();
            for quarter in 0..(32 * 4) {
                let at = start + TimeDelta::minutes(15 * quarter);
                let summer = (at < change) == (day.month() == 10);
                let hours = if summer { 2 } else { 1 };
                let shown = berlin().local(at).unwrap();
                assert_eq!(shown, at.naive_utc() + TimeDelta::hours(hours), "{at}");
                let second_pass =
                    day.month() == 10 && at >= change && at < change + TimeDelta::hours(1);
                let first_pass = if second_pass {
                    at - TimeDelta::hours(1)
                } else {
                    at
                };
                assert_eq!(berlin().instant(shown), Some(first_pass), "{at}");
                let moment = berlin().moment(at).unwrap();
                assert_eq!((moment.at, moment.wall), (at, shown));
            }
        }
    }
}

#[test]
fn the_missing_hour_has_no_instant() {
    assert_eq!(
        berlin().instant(wall("2026-03-29 01:59")),
        Some(utc("2026-03-29 00:59"))
    );
    assert_eq!(berlin().instant(wall("2026-03-29 02:00")), None);
    assert_eq!(berlin().instant(wall("2026-03-29 02:59")), None);
    assert_eq!(
        berlin().instant(wall("2026-03-29 03:00")),
        Some(utc("2026-03-29 01:00"))
    );
}

#[test]
fn during_the_second_pass_the_next_time_is_the_end_of_the_doubled_hour() {
    let next = |at: &str| berlin().next_wall_clock(utc(at)).unwrap();
    assert_eq!(next("2026-10-25 00:30"), wall("2026-10-25 02:30"));
    assert_eq!(next("2026-10-25 00:59"), wall("2026-10-25 02:59"));
    assert_eq!(next("2026-10-25 01:00"), wall("2026-10-25 03:00"));
    assert_eq!(next("2026-10-25 01:59"), wall("2026-10-25 03:00"));
    assert_eq!(next("2026-10-25 02:10"), wall("2026-10-25 03:10"));
    assert_eq!(next("2026-03-29 01:00"), wall("2026-03-29 03:00"));
}

#[test]
fn other_zones_skip_half_an_hour_midnight_or_a_whole_day() {
    let missing = |zone: Tz, day: &str| {
        let calendar = Kalender::germany(Bundesland::Berlin, zone);
        calendar
            .missing_hour(date(day))
            .map(|hour| hour.to_string())
    };
    assert_eq!(
        missing(Australia::Lord_Howe, "2026-10-04"),
        Some("02:00-02:30".to_owned())
    );
    assert_eq!(missing(America::Sao_Paulo, "2018-11-03"), None);
    assert_eq!(
        missing(America::Sao_Paulo, "2018-11-04"),
        Some("00:00-01:00".to_owned())
    );
    assert_eq!(missing(Pacific::Apia, "2011-12-29"), None);
    assert_eq!(
        missing(Pacific::Apia, "2011-12-30"),
        Some("00:00-24:00".to_owned())
    );
    assert_eq!(missing(Pacific::Apia, "2011-12-31"), None);
    let doubled = Kalender::germany(Bundesland::Berlin, Australia::Lord_Howe);
    let doubled = doubled.doubled_hour(date("2026-04-05")).unwrap();
    assert_eq!(doubled.to_string(), "01:30-02:00");
    // A change by a fraction of a minute counts the minutes that it touches: 1 April 1893, by 6 minutes and 32 seconds.
    let first = berlin().missing_hour(date("1893-04-01"));
    assert_eq!(first.unwrap().to_string(), "00:00-00:07");
}
