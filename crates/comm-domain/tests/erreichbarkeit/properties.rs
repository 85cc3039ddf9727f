//! What holds for all telephone hours.

use super::day;
use comm_domain::outreach::{Erreichbarkeit, Uhrzeit, Zeitfenster};
use comm_ports::testing::strategies;
use proptest::collection::vec;
use proptest::prelude::*;

/// The minutes of windows, without a function of theirs but for their ends.
fn minutes(windows: &[Zeitfenster]) -> Vec<bool> {
    let inside = |minute: u16| {
        let mut windows = windows.iter();
        windows.any(|window| window.start().minutes() <= minute && minute < window.end().minutes())
    };
    (0..1440).map(inside).collect()
}

proptest! {
    #[test]
    fn all_spellings_mean_what_they_say((stated, meant) in strategies::geschrieben()) {
        prop_assert_eq!(Erreichbarkeit::parse(&stated), Ok(meant));
    }

    #[test]
    fn parse_print_parse_is_the_same(hours in strategies::erreichbarkeit()) {
        prop_assert_eq!(Erreichbarkeit::parse(&hours.to_angabe()), Ok(hours));
    }

    #[test]
    fn no_value_panics_the_parser_and_strict_and_lenient_agree(stated in strategies::angabe()) {
        let (lenient, errors) = Erreichbarkeit::parse_lenient(&stated);
        match Erreichbarkeit::parse(&stated) {
            Ok(hours) => {
                prop_assert_eq!(hours, lenient);
                prop_assert!(errors.is_empty());
            }
            Err(all) => {
                prop_assert!(!errors.is_empty());
                prop_assert!(all.0.iter().all(|error| !error.to_string().is_empty()));
                prop_assert_eq!(all.0, errors);
            }
        }
    }

    #[test]
    fn no_string_panics_the_parser(text in any::<String>(), key in any::<String>()) {
        let (hours, errors) = Erreichbarkeit::parse_lenient(&day("mo", &[&text]));
        prop_assert!(hours.is_stated());
        prop_assert!(hours.days().next().is_some() == errors.is_empty());
        let _ = Erreichbarkeit::parse(&day(&key, &[&text]));
        let _ = Uhrzeit::parse(&text);
    }

    #[test]
    fn merging_is_idempotent_order_free_and_keeps_every_minute(
        windows in vec(strategies::zeitfenster(), 0..12),
        shuffled in any::<prop::sample::Index>(),
    ) {
        let merged = Zeitfenster::merge(windows.iter().copied());
        prop_assert_eq!(Zeitfenster::merge(merged.iter().copied()), merged.clone());
        let mut other = windows.clone();
        if !other.is_empty() {
            let middle = shuffled.index(other.len());
            other.rotate_left(middle);
            other.reverse();
        }
        prop_assert_eq!(Zeitfenster::merge(other), merged.clone());
        prop_assert_eq!(minutes(&merged), minutes(&windows));
        prop_assert!(merged.windows(2).all(|pair| pair[0].end() < pair[1].start()));
    }

    #[test]
    fn the_algebra_of_two_windows_is_that_of_their_minutes(
        a in strategies::zeitfenster(),
        b in strategies::zeitfenster(),
    ) {
        let (in_a, in_b) = (minutes(&[a]), minutes(&[b]));
        let pairs = || in_a.iter().zip(&in_b);
        let both: Vec<bool> = pairs().map(|(a, b)| *a && *b).collect();
        let shared: Vec<Zeitfenster> = a.intersection(b).into_iter().collect();
        prop_assert_eq!(minutes(&shared), both.clone());
        let left: Vec<Zeitfenster> = a.difference(b).collect();
        let only_a: Vec<bool> = pairs().map(|(a, b)| *a && !*b).collect();
        prop_assert_eq!(minutes(&left), only_a.clone());
        prop_assert_eq!(a.overlaps(b), both.contains(&true));
        prop_assert_eq!(a.overlaps(b), b.overlaps(a));
        prop_assert_eq!(b.covers(a), !only_a.contains(&true));
        let either: Vec<bool> = pairs().map(|(a, b)| *a || *b).collect();
        match a.union(b) {
            Some(union) => prop_assert_eq!(minutes(&[union]), either),
            None => prop_assert!(a.end() < b.start() || b.end() < a.start()),
        }
        prop_assert_eq!(a.union(b), b.union(a));
        prop_assert_eq!(usize::from(a.minutes()), in_a.iter().filter(|inside| **inside).count());
    }
}
