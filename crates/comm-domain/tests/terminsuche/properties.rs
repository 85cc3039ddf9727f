//! Every search against the oracle: the same slots, none earlier, and of each day the same reason.

use super::date;
use super::oracle::Question;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use chrono_tz::Europe;
use comm_domain::outreach::{
    Bundesland, Dauer, Erreichbarkeit, Grund, Kalender, Termin, TerminError, Terminsuche,
    Zeitfenster,
};
use comm_ports::testing::strategies;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A question, and the same in the words of the domain.
#[derive(Debug, Clone)]
struct Case {
    question: Question,
    hours: Erreichbarkeit,
    booked: Vec<Termin>,
    held: Vec<Termin>,
}

/// Around both changes of the clocks, and around Easter.
const STARTS: [&str; 3] = ["2026-03-27", "2026-04-02", "2026-10-23"];

const DAYS: u64 = 4;

fn case() -> impl Strategy<Value = Case> {
    prop::sample::select(&STARTS[..]).prop_flat_map(|start| {
        let first = date(start);
        let sunday = strategies::zeitfenster().prop_map(|window| (Weekday::Sun, window));
        let windows = vec(
            prop_oneof![3 => strategies::wochenfenster(), 1 => sunday],
            0..9,
        );
        let calls = || {
            vec(
                strategies::termin(first - Days::new(1), 0..(DAYS + 2)),
                0..12,
            )
        };
        let seats = prop_oneof![Just(None), (0_usize..4).prop_map(Some)];
        let closing = vec((0..DAYS).prop_map(move |day| first + Days::new(day)), 0..2);
        let numbers = (0_u64..3, 1_i64..=24, 0_i64..300, 0_i64..(2 * 86_400));
        let given = (Just(first), windows, calls(), calls(), seats);
        (given, closing, numbers)
            .prop_map(|(given, closing, numbers)| build(given, closing, numbers))
    })
}

type Given = (
    NaiveDate,
    Vec<(Weekday, Zeitfenster)>,
    Vec<Termin>,
    Vec<Termin>,
    Option<usize>,
);

fn build(given: Given, closing: Vec<NaiveDate>, numbers: (u64, i64, i64, i64)) -> Case {
    let (first, windows, booked, held, seats) = given;
    let (cooled, cells, lead, seconds) = numbers;
    let midnight: DateTime<Utc> = first.and_hms_opt(0, 0, 0).unwrap().and_utc();
    let plain = |window: &(Weekday, Zeitfenster)| {
        let (start, end) = (window.1.start().minutes(), window.1.end().minutes());
        (window.0, u32::from(start), u32::from(end))
    };
    let question = Question {
        now: midnight + TimeDelta::seconds(seconds),
        first,
        days: DAYS as i64,
        windows: windows.iter().map(plain).collect(),
        booked: booked.iter().map(start_and_length).collect(),
        held: held.iter().map(start_and_length).collect(),
        seats,
        closing,
        cooled: first + Days::new(cooled.saturating_sub(1)),
        minutes: cells * 5,
        lead,
    };
    let hours = Erreichbarkeit::from_windows(windows);
    Case {
        question,
        hours,
        booked,
        held,
    }
}

fn start_and_length(call: &Termin) -> (NaiveDateTime, i64) {
    (
        call.datum().and_time(call.zeit()),
        i64::from(call.dauer().minuten()),
    )
}

impl Case {
    fn calendar(&self) -> Kalender {
        let calendar = Kalender::germany(Bundesland::Berlin, Europe::Berlin);
        calendar.closing_days(self.question.closing.iter().copied())
    }

    fn search<'a>(&'a self, calendar: &'a Kalender) -> Terminsuche<'a> {
        let asked = &self.question;
        let search = Terminsuche::new(&self.hours, calendar)
            .duration(u16::try_from(asked.minutes).unwrap())
            .lead_time(u32::try_from(asked.lead).unwrap())
            .cooling_off(asked.cooled, Grund::Sperrfrist);
        match asked.seats {
            Some(seats) => search.seats(u16::try_from(seats).unwrap(), &self.held),
            None => search,
        }
    }

    fn range(&self) -> std::ops::RangeInclusive<NaiveDate> {
        self.question.first..=self.question.first + Days::new(DAYS - 1)
    }
}

/// Of the days without a free slot the reason of the slot that came furthest.
fn furthest(walked: &BTreeMap<NaiveDateTime, Option<Grund>>) -> Vec<(NaiveDate, Grund)> {
    const ORDER: [Grund; 8] = [
        Grund::KeineAngabe,
        Grund::AusserhalbDerZeiten,
        Grund::Feiertag,
        Grund::Geschlossen,
        Grund::Sperrfrist,
        Grund::Vorlauf,
        Grund::Belegt,
        Grund::KeinPlatz,
    ];
    let mut days: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    for (at, obstacle) in walked {
        let rank = obstacle.map_or(ORDER.len(), |grund| {
            ORDER.iter().position(|other| *other == grund).unwrap()
        });
        let furthest = days.entry(at.date()).or_default();
        *furthest = rank.max(*furthest);
    }
    let blocked = days
        .into_iter()
        .filter_map(|(day, rank)| Some((day, *ORDER.get(rank)?)));
    blocked.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn slots_and_reasons_are_those_of_a_walk_minute_by_minute(case in case()) {
        let calendar = case.calendar();
        let search = case.search(&calendar);
        let walked = case.question.walk();
        let free = walked.iter().filter(|(_, obstacle)| obstacle.is_none());
        let free: Vec<NaiveDateTime> = free.map(|(at, _)| *at).collect();

        let plan = search.plan_between(case.question.now, case.range(), &case.booked).unwrap();
        let slots: Vec<NaiveDateTime> = plan.slots().map(Termin::beginn).collect();
        prop_assert_eq!(&slots, &free);
        let all = search.all_slots(case.question.now, case.range(), &case.booked).unwrap();
        prop_assert_eq!(all, plan.slots().collect::<Vec<_>>());
        prop_assert_eq!(plan.gruende(), furthest(&walked));
        match plan.earliest() {
            Ok(slot) => prop_assert_eq!(Some(&slot.beginn()), free.first()),
            Err(TerminError::KeinTermin(days)) => {
                prop_assert!(free.is_empty());
                prop_assert_eq!(days, furthest(&walked));
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn a_given_time_is_refused_for_the_reason_of_the_walk(case in case()) {
        let calendar = case.calendar();
        let search = case.search(&calendar);
        let dauer = Dauer::parse(case.question.minutes).unwrap();
        for (at, obstacle) in case.question.walk() {
            let call = Termin::new(at.date(), at.time(), dauer).unwrap();
            let checked = search.check(case.question.now, call, &case.booked);
            prop_assert_eq!(checked.err(), obstacle, "{}", at);
        }
    }

    #[test]
    fn the_order_of_booked_calls_does_not_matter(case in case()) {
        let calendar = case.calendar();
        let search = case.search(&calendar);
        let mut reversed = case.booked.clone();
        reversed.reverse();
        prop_assert_eq!(
            search.earliest(case.question.now, &case.booked),
            search.earliest(case.question.now, &reversed)
        );
    }
}
