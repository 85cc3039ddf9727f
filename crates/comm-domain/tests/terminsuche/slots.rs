//! Which slots are offered.

use super::{berlin, call, date, hours, now, shown};
use chrono::Weekday::{Mon, Tue};
use comm_domain::outreach::{Dauer, Erreichbarkeit, Grund, TerminError, Terminsuche};

fn monday_morning() -> Erreichbarkeit {
    hours(&[(Mon, "09:00", "10:00")])
}

#[test]
fn the_first_slot_is_at_the_start_of_the_first_window() {
    let (hours, calendar) = (monday_morning(), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let slot = search.earliest(now("2026-11-21 12:00"), &[]).unwrap();
    assert_eq!(shown(slot), "2026-11-23 09:00");
    assert_eq!(slot.dauer(), Dauer::THERAPEUT);
}

#[test]
fn slots_start_every_five_minutes_and_end_within_the_window() {
    let (hours, calendar) = (monday_morning(), berlin());
    let search = Terminsuche::new(&hours, &calendar).duration(45);
    let range = date("2026-11-23")..=date("2026-11-24");
    let slots = search
        .all_slots(now("2026-11-21 12:00"), range, &[])
        .unwrap();
    let slots: Vec<String> = slots.into_iter().map(shown).collect();
    let expected = ["09:00", "09:05", "09:10", "09:15"].map(|time| format!("2026-11-23 {time}"));
    assert_eq!(slots, expected);
}

#[test]
fn a_window_off_the_grid_is_used_from_the_next_to_the_last_step_of_the_grid() {
    let (hours, calendar) = (hours(&[(Mon, "09:01", "09:14")]), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let slots = search.next_slots(now("2026-11-21 12:00"), 2, &[]).unwrap();
    assert_eq!(
        slots.into_iter().map(shown).collect::<Vec<_>>(),
        ["2026-11-23 09:05", "2026-11-30 09:05"]
    );
}

#[test]
fn a_slot_never_runs_over_midnight_into_the_next_window() {
    let (hours, calendar) = (
        hours(&[(Mon, "23:50", "24:00"), (Tue, "00:00", "00:15")]),
        berlin(),
    );
    let search = Terminsuche::new(&hours, &calendar).duration(15);
    let slot = search.earliest(now("2026-11-21 12:00"), &[]).unwrap();
    assert_eq!(shown(slot), "2026-11-24 00:00");
}

#[test]
fn the_lead_time_is_rounded_up_to_the_grid() {
    let (hours, calendar) = (monday_morning(), berlin());
    let search = Terminsuche::new(&hours, &calendar).lead_time(30);
    let earliest = |at: &str| shown(search.earliest(now(at), &[]).unwrap());
    assert_eq!(earliest("2026-11-23 08:30"), "2026-11-23 09:00");
    assert_eq!(earliest("2026-11-23 08:31"), "2026-11-23 09:05");
    assert_eq!(earliest("2026-11-23 08:35"), "2026-11-23 09:05");
    let second = now("2026-11-23 08:35") + chrono::TimeDelta::nanoseconds(1);
    assert_eq!(
        shown(search.earliest(second, &[]).unwrap()),
        "2026-11-23 09:10"
    );
    assert_eq!(earliest("2026-11-23 09:25"), "2026-11-23 09:55");
    assert_eq!(earliest("2026-11-23 09:26"), "2026-11-30 09:00");
}

#[test]
fn the_defaults_are_those_of_the_contract() {
    let (hours, calendar) = (hours(&[(Mon, "00:00", "24:00")]), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let plan = search.plan(now("2026-11-23 10:00"), &[]).unwrap();
    let slots: Vec<_> = plan.slots().collect();
    assert_eq!(shown(slots[0]), "2026-11-23 11:00");
    assert_eq!(slots[0].dauer().minuten(), 5);
    assert_eq!(plan.gruende().len() + 2, 14);
    assert_eq!(shown(*slots.last().unwrap()), "2026-11-30 23:55");
}

#[test]
fn booked_calls_are_avoided_also_off_the_grid_and_past_midnight() {
    let (hours, calendar) = (hours(&[(Mon, "00:00", "01:00")]), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let booked = [
        call("2026-11-22 23:58", 10), // to 00:08 on Monday
        call("2026-11-23 00:14", 10),
        call("2026-11-23 00:30", 20),
    ];
    let range = date("2026-11-23")..=date("2026-11-23");
    let slots = search
        .all_slots(now("2026-11-21 12:00"), range, &booked)
        .unwrap();
    let slots: Vec<String> = slots.into_iter().map(shown).collect();
    let expected = ["00:25", "00:50", "00:55"].map(|time| format!("2026-11-23 {time}"));
    assert_eq!(slots[0], "2026-11-23 00:25", "{slots:?}");
    assert_eq!(slots, expected);
}

#[test]
fn holidays_and_closing_days_are_skipped() {
    // Good Friday and Easter Monday 2026; the Monday after is closed by the office.
    let hours = hours(&[
        (Mon, "09:00", "10:00"),
        (chrono::Weekday::Fri, "09:00", "10:00"),
    ]);
    let calendar = berlin().closing_days([date("2026-04-10")]);
    let search = Terminsuche::new(&hours, &calendar);
    let slot = search.earliest(now("2026-04-02 12:00"), &[]).unwrap();
    assert_eq!(shown(slot), "2026-04-13 09:00");
}

#[test]
fn a_search_may_start_later_but_never_earlier_than_today() {
    let (hours, calendar) = (monday_morning(), berlin());
    let search = Terminsuche::new(&hours, &calendar).horizon_days(7);
    let from = |day: &str| {
        let search = search.starting(date(day));
        shown(search.earliest(now("2026-11-21 12:00"), &[]).unwrap())
    };
    assert_eq!(from("2026-11-23"), "2026-11-23 09:00");
    assert_eq!(from("2026-11-24"), "2026-11-30 09:00");
    assert_eq!(from("2027-11-24"), "2027-11-29 09:00");
    assert_eq!(from("2020-01-01"), "2026-11-23 09:00");
}

#[test]
fn nothing_is_offered_before_a_cooling_off_ends() {
    let (hours, calendar) = (monday_morning(), berlin());
    let search = Terminsuche::new(&hours, &calendar);
    let until = |day: &str| {
        let search = search.cooling_off(date(day), Grund::Sperrfrist);
        shown(search.earliest(now("2026-11-21 12:00"), &[]).unwrap())
    };
    assert_eq!(until("2026-11-23"), "2026-11-23 09:00");
    assert_eq!(until("2026-11-24"), "2026-11-30 09:00");
}

#[test]
fn every_call_holds_one_of_the_seats() {
    let (hours, calendar) = (monday_morning(), berlin());
    let held = [
        call("2026-11-23 09:00", 10),
        call("2026-11-23 09:02", 5),
        call("2026-11-23 09:07", 5),
        call("2026-11-22 23:00", 120),
        call("2027-11-22 09:00", 60),
    ];
    let earliest = |seats: u16| {
        let search = Terminsuche::new(&hours, &calendar)
            .horizon_days(3)
            .seats(seats, &held);
        search.earliest(now("2026-11-21 12:00"), &[]).map(shown)
    };
    assert_eq!(earliest(3), Ok("2026-11-23 09:00".to_owned()));
    // From 09:02 to 09:10 two are talking at any minute.
    assert_eq!(earliest(2), Ok("2026-11-23 09:10".to_owned()));
    assert_eq!(earliest(1), Ok("2026-11-23 09:15".to_owned()));
    assert!(earliest(0).is_err());
}

#[test]
fn a_call_of_the_evening_before_holds_its_seat_past_midnight() {
    let (hours, calendar) = (hours(&[(Mon, "00:00", "01:00")]), berlin());
    let held = [call("2026-11-22 23:30", 60)];
    let search = Terminsuche::new(&hours, &calendar)
        .starting(date("2026-11-23"))
        .seats(1, &held);
    let slot = search.earliest(now("2026-11-21 12:00"), &[]).map(shown);
    assert_eq!(slot, Ok("2026-11-23 00:30".to_owned()));
    let other = Terminsuche::new(&hours, &calendar).starting(date("2026-11-23"));
    let slot = other.earliest(now("2026-11-21 12:00"), &held).map(shown);
    assert_eq!(slot, Ok("2026-11-23 00:30".to_owned()));
}

#[test]
fn the_next_slots_are_the_first_of_all() {
    let (hours, calendar) = (monday_morning(), berlin());
    let search = Terminsuche::new(&hours, &calendar).duration(50);
    let slots = |count| {
        search
            .next_slots(now("2026-11-21 12:00"), count, &[])
            .unwrap()
    };
    assert_eq!(slots(0).len(), 0);
    let four: Vec<String> = slots(4).into_iter().map(shown).collect();
    let expected =
        ["23 09:00", "23 09:05", "23 09:10", "30 09:00"].map(|at| format!("2026-11-{at}"));
    assert_eq!(four, expected);
    assert_eq!(slots(usize::MAX).len(), 6);
}

#[test]
fn a_plan_is_booked_slot_by_slot() {
    let (hours, calendar) = (monday_morning(), berlin());
    let search = Terminsuche::new(&hours, &calendar)
        .duration(25)
        .horizon_days(3);
    let mut plan = search.plan(now("2026-11-21 12:00"), &[]).unwrap();
    let mut found = Vec::new();
    while let Ok(slot) = plan.earliest() {
        plan.book(slot);
        found.push(shown(slot));
    }
    assert_eq!(found, ["2026-11-23 09:00", "2026-11-23 09:25"]);
    assert!(matches!(plan.earliest(), Err(TerminError::KeinTermin(days)) if days.len() == 3));
}
