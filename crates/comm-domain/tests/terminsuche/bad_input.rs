//! Settings and dates out of bounds: a typed error or an answer, never a panic.

use super::{berlin, call, date, hours, now, shown};
use chrono::Weekday::Mon;
use chrono::{DateTime, NaiveDate, Utc};
use comm_domain::outreach::{Erreichbarkeit, Grund, TerminError, Terminsuche};

#[test]
fn a_duration_is_a_multiple_of_5_from_5_to_120() {
    let (hours, calendar) = (hours(&[(Mon, "09:00", "12:00")]), berlin());
    for (minutes, good) in [
        (0, false),
        (3, false),
        (5, true),
        (7, false),
        (120, true),
        (125, false),
        (10_000, false),
        (u16::MAX, false),
    ] {
        let search = Terminsuche::new(&hours, &calendar).duration(minutes);
        let found = search.earliest(now("2026-11-21 12:00"), &[]);
        assert_eq!(found.is_ok(), good, "{minutes}");
        assert_eq!(
            matches!(found, Err(TerminError::Dauer(_))),
            !good,
            "{minutes}"
        );
    }
    let found = Terminsuche::new(&hours, &calendar)
        .duration(3)
        .earliest(now("2026-11-21 12:00"), &[]);
    assert_eq!(
        found.unwrap_err().to_string(),
        "dauer_minuten must be a multiple of 5 from 5 to 120"
    );
}

#[test]
fn a_horizon_has_1_to_366_days() {
    let (hours, calendar) = (Erreichbarkeit::default(), berlin());
    let days = |days| {
        let search = Terminsuche::new(&hours, &calendar).horizon_days(days);
        search.earliest(now("2026-11-21 12:00"), &[]).unwrap_err()
    };
    for wrong in [0, 367, u16::MAX] {
        assert_eq!(days(wrong), TerminError::Horizont(wrong));
    }
    assert_eq!(
        days(0).to_string(),
        "the horizon must have 1 to 366 days, not 0"
    );
    for good in [1, 366] {
        assert!(
            matches!(days(good), TerminError::KeinTermin(found) if found.len() == usize::from(good))
        );
    }
}

#[test]
fn a_range_runs_forwards_and_has_at_most_366_days() {
    let (hours, calendar) = (hours(&[(Mon, "09:00", "12:00")]), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let all = |von: &str, bis: &str| {
        search.all_slots(now("2023-06-01 12:00"), date(von)..=date(bis), &[])
    };
    assert!(all("2024-01-01", "2024-12-31").is_ok_and(|slots| slots.len() > 1_000));
    assert!(matches!(
        all("2024-01-01", "2025-01-01"),
        Err(TerminError::Zeitraum { .. })
    ));
    assert!(matches!(
        all("2024-01-02", "2024-01-01"),
        Err(TerminError::Zeitraum { .. })
    ));
    assert_eq!(all("2024-02-29", "2024-02-29"), Ok(vec![]));
    let error = all("0001-01-01", "9999-12-31").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the range must have 1 to 366 days: 0001-01-01 to 9999-12-31"
    );
}

#[test]
fn the_year_9999_and_the_day_before_it_ends_are_searched() {
    let (hours, calendar) = (hours(&[(Mon, "09:00", "12:00")]), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let slot = search.earliest(now("9999-12-20 12:00"), &[]).unwrap();
    assert_eq!(shown(slot), "9999-12-27 09:00");
    // What comes after it cannot be written as YYYY-MM-DD.
    let search = search.starting(date("9999-12-28"));
    let error = search.earliest(now("2026-11-21 12:00"), &[]).unwrap_err();
    let days = ["28", "29", "30", "31"].map(|day| date(&format!("9999-12-{day}")));
    let days = days.map(|day| (day, Grund::AusserhalbDerZeiten));
    assert_eq!(error, TerminError::KeinTermin(days.to_vec()));
}

#[test]
fn a_leap_day_is_a_day() {
    let (hours, calendar) = (hours(&[(chrono::Weekday::Thu, "09:00", "12:00")]), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let slot = search.earliest(now("2024-02-28 12:00"), &[]).unwrap();
    assert_eq!(shown(slot), "2024-02-29 09:00");
}

#[test]
fn at_the_ends_of_the_calendar_there_is_an_error() {
    let (hours, calendar) = (Erreichbarkeit::office_hours(), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let found = search.earliest(DateTime::<Utc>::MAX_UTC, &[]);
    assert_eq!(found, Err(TerminError::Kalenderende));
    let lead = search
        .lead_time(u32::MAX)
        .earliest(DateTime::<Utc>::MAX_UTC, &[]);
    assert_eq!(lead, Err(TerminError::Kalenderende));
    assert!(search.earliest(DateTime::<Utc>::MIN_UTC, &[]).is_ok());
    let last = search
        .starting(NaiveDate::MAX)
        .earliest(now("2026-11-21 12:00"), &[]);
    assert!(matches!(last, Err(TerminError::KeinTermin(_)) | Ok(_)));
    let call = call("2026-11-23 09:00", 5);
    let obstacles = search.obstacles(DateTime::<Utc>::MAX_UTC, call, &[]);
    assert_eq!(obstacles, [Grund::Vorlauf]);
}

#[test]
fn a_lead_time_of_ages_leaves_nothing_in_the_horizon() {
    let (hours, calendar) = (hours(&[(Mon, "09:00", "12:00")]), berlin());
    let search = Terminsuche::new(&hours, &calendar).lead_time(u32::MAX);
    let found = search.earliest(now("2026-11-21 12:00"), &[]);
    let Err(TerminError::KeinTermin(days)) = found else {
        unreachable!("{found:?}")
    };
    assert_eq!(days[2], (date("2026-11-23"), Grund::Vorlauf));
}
