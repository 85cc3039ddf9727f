//! Whether one given time suits.

use super::{berlin, call, date, hours, now};
use chrono::Weekday::{Mon, Sat};
use comm_domain::outreach::{Erreichbarkeit, Grund, Terminsuche};

#[test]
fn a_time_in_a_window_suits_also_off_the_grid_and_beyond_the_horizon() {
    let (hours, calendar) = (hours(&[(Mon, "09:00", "10:00")]), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let check = |at: &str, minutes| search.check(now("2026-11-21 12:00"), call(at, minutes), &[]);
    assert_eq!(check("2026-11-23 09:00", 60), Ok(()));
    assert_eq!(check("2028-11-20 09:03", 5), Ok(()));
    assert_eq!(
        check("2026-11-23 09:56", 5),
        Err(Grund::AusserhalbDerZeiten)
    );
    assert_eq!(
        check("2026-11-23 08:59", 5),
        Err(Grund::AusserhalbDerZeiten)
    );
    assert_eq!(
        check("2026-11-24 09:00", 5),
        Err(Grund::AusserhalbDerZeiten)
    );
}

#[test]
fn all_reasons_against_a_time_are_told_the_one_that_changes_last_first() {
    let hours = hours(&[(Sat, "09:00", "10:00")]);
    let calendar = berlin().closing_days([date("2026-04-06")]);
    let call = call("2026-04-06 23:58", 5);
    let search = Terminsuche::new(&hours, &calendar)
        .cooling_off(date("2026-04-07"), Grund::Gesperrt)
        .seats(0, &[]);
    let reasons = search.obstacles(now("2026-04-06 23:00"), call, &[call]);
    let expected = [
        Grund::AusserhalbDerZeiten,
        Grund::Feiertag,
        Grund::Geschlossen,
        Grund::Gesperrt,
        Grund::Vorlauf,
        Grund::Belegt,
        Grund::KeinPlatz,
    ];
    assert_eq!(reasons, expected);
    assert_eq!(
        search.check(now("2026-04-06 23:00"), call, &[]),
        Err(expected[0])
    );
}

#[test]
fn without_stated_hours_no_time_is_known_to_suit() {
    let (hours, calendar) = (Erreichbarkeit::default(), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let found = search.obstacles(now("2026-11-21 12:00"), call("2026-11-23 09:00", 5), &[]);
    assert_eq!(found, [Grund::KeineAngabe]);
}

#[test]
fn hours_that_nobody_can_read_are_outside_of_every_time() {
    let (hours, errors) = Erreichbarkeit::parse_lenient(&"abends".into());
    assert_eq!(errors.len(), 1);
    let calendar = berlin();
    let search = Terminsuche::new(&hours, &calendar).horizon_days(1);
    let found = search.obstacles(now("2026-11-21 12:00"), call("2026-11-23 09:00", 5), &[]);
    assert_eq!(found, [Grund::AusserhalbDerZeiten]);
    let found = search.earliest(now("2026-11-23 08:00"), &[]);
    assert_eq!(super::reasons(found), [Grund::AusserhalbDerZeiten]);
}

#[test]
fn the_earliest_start_itself_suits_and_touching_calls_do_not_disturb() {
    let (hours, calendar) = (hours(&[(Mon, "09:00", "10:00")]), berlin());
    let search = Terminsuche::new(&hours, &calendar).lead_time(60);
    let booked = [call("2026-11-23 09:00", 10), call("2026-11-23 09:15", 10)];
    let check = |at: &str| search.check(now(at), call("2026-11-23 09:10", 5), &booked);
    assert_eq!(check("2026-11-23 08:10"), Ok(()));
    assert_eq!(check("2026-11-23 08:11"), Err(Grund::Vorlauf));
}

#[test]
fn seats_are_counted_at_every_minute_of_the_call() {
    let (hours, calendar) = (hours(&[(Mon, "09:00", "10:00")]), berlin());
    let check = |seats: u16, held: &[_]| {
        let search = Terminsuche::new(&hours, &calendar).seats(seats, held);
        search.check(now("2026-11-21 12:00"), call("2026-11-23 09:10", 20), &[])
    };
    let apart = [call("2026-11-23 09:00", 20), call("2026-11-23 09:20", 20)];
    assert_eq!(check(2, &apart), Ok(()));
    assert_eq!(check(1, &apart), Err(Grund::KeinPlatz));
    let inside = [call("2026-11-23 09:13", 5), call("2026-11-23 09:17", 5)];
    assert_eq!(check(3, &inside), Ok(()));
    assert_eq!(check(2, &inside), Err(Grund::KeinPlatz));
    let before_only = [
        call("2026-11-23 09:00", 15),
        call("2026-11-23 09:05", 10),
        call("2026-11-23 09:05", 5),
    ];
    assert_eq!(check(3, &before_only), Ok(()));
    assert_eq!(check(2, &before_only), Err(Grund::KeinPlatz));
    assert_eq!(check(0, &[]), Err(Grund::KeinPlatz));
    let touching = [call("2026-11-23 09:00", 10), call("2026-11-23 09:30", 10)];
    assert_eq!(check(1, &touching), Ok(()));
}

#[test]
fn sixty_five_thousand_calls_at_a_time_are_counted_at_once() {
    let (hours, calendar) = (hours(&[(Mon, "09:00", "10:00")]), berlin());
    let held = vec![call("2026-11-23 09:05", 60); 65_000];
    let check = |seats: u16| {
        let search = Terminsuche::new(&hours, &calendar).seats(seats, &held);
        search.check(now("2026-11-21 12:00"), call("2026-11-23 09:10", 20), &[])
    };
    assert_eq!(check(65_001), Ok(()));
    assert_eq!(check(65_000), Err(Grund::KeinPlatz));
}
