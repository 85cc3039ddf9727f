//! Windows: the ends decide.

use super::{time, window};
use comm_domain::outreach::Zeitfenster;

#[test]
fn a_window_holds_its_start_but_not_its_end() {
    let morning = window("09:00", "12:00");
    assert!(morning.contains(time("09:00")) && morning.contains(time("11:59")));
    assert!(!morning.contains(time("08:59")) && !morning.contains(time("12:00")));
    assert_eq!(morning.minutes(), 180);
    assert_eq!(morning.to_string(), "09:00-12:00");
}

#[test]
fn a_window_is_never_empty_or_backwards() {
    assert_eq!(Zeitfenster::new(time("09:00"), time("09:00")), None);
    assert_eq!(Zeitfenster::new(time("09:01"), time("09:00")), None);
    assert!(Zeitfenster::new(time("00:00"), time("24:00")).is_some());
}

#[test]
fn touching_windows_join_but_do_not_overlap() {
    let (first, second) = (window("09:00", "10:00"), window("10:00", "11:00"));
    assert!(!first.overlaps(second));
    assert_eq!(first.union(second), Some(window("09:00", "11:00")));
    assert_eq!(first.intersection(second), None);
    assert_eq!(first.difference(second).collect::<Vec<_>>(), [first]);
    assert_eq!(first.union(window("10:01", "11:00")), None);
}

#[test]
fn a_hole_leaves_two_windows() {
    let day = window("09:00", "12:00");
    let left: Vec<Zeitfenster> = day.difference(window("10:00", "10:30")).collect();
    assert_eq!(left, [window("09:00", "10:00"), window("10:30", "12:00")]);
    assert_eq!(day.difference(day).count(), 0);
}
