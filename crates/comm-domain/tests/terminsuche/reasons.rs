//! Why there is no slot: one reason per day, and of several the one that would change last.

use super::{berlin, call, date, hours, now, reasons};
use chrono::Weekday::{Fri, Mon, Sat, Sun};
use comm_domain::outreach::{Erreichbarkeit, Grund, Terminsuche};

#[test]
fn each_day_of_the_horizon_has_its_reason() {
    // From Maundy Thursday: holiday, weekend, holiday, ...
    let hours = hours(&[
        (Fri, "09:00", "09:10"),
        (Sat, "09:00", "09:05"),
        (Sun, "09:00", "09:10"),
        (Mon, "09:00", "09:10"),
    ]);
    let calendar = berlin().closing_days([date("2026-04-05")]);
    let search = Terminsuche::new(&hours, &calendar)
        .duration(10)
        .horizon_days(5);
    let found = search.earliest(now("2026-04-02 12:00"), &[]);
    let expected = [
        Grund::AusserhalbDerZeiten, // no window
        Grund::Feiertag,
        Grund::AusserhalbDerZeiten, // a window that is too short
        Grund::Geschlossen,
        Grund::Feiertag,
    ];
    assert_eq!(reasons(found), expected);
}

#[test]
fn without_any_stated_hours_every_day_says_so() {
    let (hours, calendar) = (Erreichbarkeit::default(), berlin());
    let search = Terminsuche::new(&hours, &calendar).horizon_days(2);
    let found = search.earliest(now("2026-04-03 12:00"), &[]);
    assert_eq!(reasons(found), [Grund::KeineAngabe; 2]);
}

/// One obstacle after the other is taken away, from the one that changes last on.
#[test]
fn of_several_reasons_the_one_that_would_change_last_is_told() {
    let none = hours(&[(Sat, "09:00", "09:05")]);
    let open = hours(&[(Mon, "09:00", "09:05")]);
    let (holiday, closing) = (date("2026-04-06"), date("2026-04-13"));
    let closed = berlin().closing_days([holiday, closing]);
    let free = berlin();
    let reason = |hours, calendar, day, at, cooled: &str, booked: &[_], seats| {
        let search = Terminsuche::new(hours, calendar)
            .horizon_days(1)
            .starting(day);
        let search = search
            .cooling_off(date(cooled), Grund::Sperrfrist)
            .seats(seats, &[]);
        reasons(search.earliest(now(at), booked))[0]
    };
    let late = "2026-04-06 08:30";
    let (booked, next) = ([call("2026-04-06 09:00", 5)], [call("2026-04-13 09:00", 5)]);
    let later = "2026-04-13 08:30";
    for (grund, found) in [
        (
            Grund::AusserhalbDerZeiten,
            reason(&none, &closed, holiday, late, "2027-01-01", &booked, 0),
        ),
        (
            Grund::Feiertag,
            reason(&open, &closed, holiday, late, "2027-01-01", &booked, 0),
        ),
        (
            Grund::Geschlossen,
            reason(&open, &closed, closing, later, "2027-01-01", &next, 0),
        ),
        (
            Grund::Sperrfrist,
            reason(&open, &free, closing, later, "2027-01-01", &next, 0),
        ),
        (
            Grund::Vorlauf,
            reason(&open, &free, closing, later, "2026-01-01", &next, 0),
        ),
        (
            Grund::Belegt,
            reason(&open, &free, closing, late, "2026-01-01", &next, 0),
        ),
        (
            Grund::KeinPlatz,
            reason(&open, &free, closing, late, "2026-01-01", &[], 0),
        ),
    ] {
        assert_eq!(found, grund);
    }
}

#[test]
fn the_slot_that_came_furthest_gives_the_reason_of_its_day() {
    // 09:00 is too early, 09:05 is taken.
    let (hours, calendar) = (hours(&[(Mon, "09:00", "09:10")]), berlin());
    let search = Terminsuche::new(&hours, &calendar)
        .horizon_days(1)
        .lead_time(0);
    let booked = [call("2026-11-23 09:05", 5)];
    let found = search.earliest(now("2026-11-23 09:01"), &booked);
    assert_eq!(reasons(found), [Grund::Belegt]);
}

#[test]
fn the_reason_of_the_contact_rules_is_passed_on() {
    let (hours, calendar) = (hours(&[(Mon, "09:00", "09:10")]), berlin());
    for grund in [Grund::Wochenfrist, Grund::Sperrfrist, Grund::Gesperrt] {
        let search = Terminsuche::new(&hours, &calendar).horizon_days(1);
        let search = search
            .starting(date("2026-11-23"))
            .cooling_off(date("2026-11-24"), grund);
        assert_eq!(
            reasons(search.earliest(now("2026-11-21 12:00"), &[])),
            [grund]
        );
    }
}

#[test]
fn days_with_a_free_slot_have_no_reason() {
    let (hours, calendar) = (hours(&[(Mon, "09:00", "09:10")]), berlin());
    let search = Terminsuche::new(&hours, &calendar).horizon_days(4);
    let plan = search.plan(now("2026-11-21 12:00"), &[]).unwrap();
    let days: Vec<String> = plan
        .gruende()
        .into_iter()
        .map(|(day, _)| day.to_string())
        .collect();
    assert_eq!(days, ["2026-11-21", "2026-11-22", "2026-11-24"]);
}

#[test]
fn an_error_says_how_many_days_were_searched() {
    let (hours, calendar) = (Erreichbarkeit::default(), berlin());
    let error = Terminsuche::new(&hours, &calendar).earliest(now("2026-11-21 12:00"), &[]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "no free slot on any of 14 days"
    );
}
