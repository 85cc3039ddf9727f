//! How long a search takes (`make bench`; figures in `docs/PERFORMANCE.md`).
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark, whose values are constants"
)]

use chrono::{DateTime, Days, NaiveDate, Utc, Weekday};
use chrono_tz::Europe;
use comm_domain::outreach::{
    Bundesland, Dauer, Erreichbarkeit, Kalender, Termin, Terminsuche, Uhrzeit, Zeitfenster,
};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// Monday, 08:00 in Berlin.
fn now() -> DateTime<Utc> {
    "2026-11-23T07:00:00Z".parse().unwrap()
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

fn calendar() -> Kalender {
    Kalender::germany(Bundesland::Berlin, Europe::Berlin)
}

fn at(minutes: u16) -> Uhrzeit {
    Uhrzeit::from_minutes(minutes).unwrap()
}

/// 09:00 to 18:00 on every day of the week but Sunday.
fn hours() -> Erreichbarkeit {
    let window = Zeitfenster::new(at(9 * 60), at(18 * 60)).unwrap();
    let days = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ()));
    Erreichbarkeit::from_windows(days.take(6).map(|day| (day, window)))
}

/// 1,000 calls of 5 to 15 minutes, in no order, that leave nothing free before the last days.
fn booked() -> Vec<Termin> {
    let calls: Vec<Termin> = (0..1_000_u16)
        .map(|index| {
            let day = first_day() + Days::new(u64::from(index / 84));
            let start = 9 * 60 + index % 84 * 5 + index % 84 / 3 * 5;
            let dauer = Dauer::parse(5 + i64::from(index % 3) * 5).unwrap();
            Termin::new(day, at(start).naive_time().unwrap(), dauer).unwrap()
        })
        .collect();
    // A fixed shuffle: 389 and 1,000 have no common divisor.
    let shuffled = (0..1_000).filter_map(|index| calls.get(index * 389 % 1_000));
    shuffled.copied().collect()
}

#[divan::bench]
fn earliest_over_14_days_among_1000_calls(bencher: Bencher<'_, '_>) {
    let (hours, calendar, booked) = (hours(), calendar(), booked());
    let search = Terminsuche::new(&hours, &calendar).duration(15);
    bencher.bench(|| search.earliest(black_box(now()), black_box(&booked)));
}

#[divan::bench]
fn earliest_again_on_the_same_layout(bencher: Bencher<'_, '_>) {
    let (hours, calendar, booked) = (hours(), calendar(), booked());
    let search = Terminsuche::new(&hours, &calendar).duration(15);
    let plan = search.plan(now(), &booked).unwrap();
    bencher.bench(|| black_box(&plan).earliest());
}

#[divan::bench]
fn earliest_where_there_is_none(bencher: Bencher<'_, '_>) {
    let (hours, calendar, booked) = (hours(), calendar(), booked());
    let search = Terminsuche::new(&hours, &calendar).duration(120);
    bencher.bench(|| search.earliest(black_box(now()), black_box(&booked)));
}

#[divan::bench]
fn all_slots_of_1000_therapists_over_4_weeks(bencher: Bencher<'_, '_>) {
    let (hours, calendar, booked) = (Erreichbarkeit::office_hours(), calendar(), booked());
    let range = first_day()..=first_day() + Days::new(27);
    // Each therapist has ten calls, and the office hours: 1,100 slots and more.
    let therapists: Vec<&[Termin]> = booked.chunks(10).cycle().take(1_000).collect();
    let search = Terminsuche::new(&hours, &calendar);
    bencher.bench(|| {
        let slots = therapists.iter().map(|own| {
            let slots = search.all_slots(black_box(now()), range.clone(), own);
            slots.unwrap().len()
        });
        slots.sum::<usize>()
    });
}
