//! The slots of patients: they state no telephone hours, so a day begins at 10:00 and ends at midnight.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use comm_domain::outreach::telefonanruf::PATIENT_ZEIT;
use comm_domain::outreach::{Dauer, Moment, Termin};

/// Minutes of the grid on which slots begin (contract, 'Slot finding').
const GRID_MINUTES: i64 = 5;

/// From when on a patient is called who named no time: at 10:00, today only if that is still to come, else at once.
pub(super) fn usual_time(day: NaiveDate, now: Moment) -> NaiveDateTime {
    let usual = day.and_time(PATIENT_ZEIT);
    match day == now.heute() {
        true => usual.max(now.wall),
        false => usual,
    }
}

/// The first slot from this time on that `frei` accepts: the rest of that day, then the days after it from 10:00
/// on, `days` in all.
pub(super) fn first_slot(
    from: NaiveDateTime,
    dauer: Dauer,
    days: u16,
    frei: impl Fn(Termin) -> bool,
) -> Option<Termin> {
    let mut tage = from.date().iter_days().take(days.into());
    tage.find_map(|day| {
        let start = match day == from.date() {
            true => on_grid(from),
            false => day.and_time(PATIENT_ZEIT),
        };
        slots_of(day, start, dauer).find(|termin| frei(*termin))
    })
}

/// Every slot of a day from a time on that ends before midnight.
fn slots_of(day: NaiveDate, start: NaiveDateTime, dauer: Dauer) -> impl Iterator<Item = Termin> {
    let midnight = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
    let starts = std::iter::successors(Some(start), |start| {
        start.checked_add_signed(TimeDelta::minutes(GRID_MINUTES))
    });
    starts
        .map_while(move |start| Termin::new(start.date(), start.time(), dauer).ok())
        .take_while(move |termin| termin.datum() == day && termin.ende() <= midnight)
}

/// The next time on the grid.
fn on_grid(time: NaiveDateTime) -> NaiveDateTime {
    let seconds = i64::from(time.time().num_seconds_from_midnight());
    let nanos = i64::from(time.time().nanosecond() > 0);
    let step = GRID_MINUTES * 60;
    let rounded = (seconds + nanos + step - 1).div_euclid(step) * step;
    time.date()
        .and_time(NaiveTime::MIN)
        .checked_add_signed(TimeDelta::seconds(rounded))
        .unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn moment(hour: u32, minute: u32, second: u32) -> Moment {
        let wall = day(2).and_hms_opt(hour, minute, second).unwrap();
        Moment {
            at: wall.and_utc(),
            wall,
        }
    }

    #[test]
    fn a_patient_is_called_at_ten_or_at_once_when_ten_is_over() {
        let at = |hour, minute| day(2).and_hms_opt(hour, minute, 0).unwrap();
        assert_eq!(usual_time(day(2), moment(8, 0, 0)), at(10, 0));
        assert_eq!(usual_time(day(2), moment(10, 0, 0)), at(10, 0));
        assert_eq!(usual_time(day(2), moment(10, 1, 0)), at(10, 1));
        assert_eq!(usual_time(day(2), moment(14, 5, 0)), at(14, 5));
        let tomorrow = day(3).and_hms_opt(10, 0, 0).unwrap();
        assert_eq!(usual_time(day(3), moment(14, 5, 0)), tomorrow);
    }

    #[test]
    fn shortly_before_midnight_the_next_slot_is_at_ten_and_not_in_the_night() {
        for minute in [52, 57, 59] {
            let from = usual_time(day(2), moment(23, minute, 30));
            let slot = first_slot(from, Dauer::PATIENT, 2, |_| true).map(Termin::beginn);
            assert_eq!(slot, day(3).and_hms_opt(10, 0, 0), "{minute}");
        }
    }

    #[test]
    fn the_rest_of_the_day_comes_before_the_next_morning() {
        let from = day(2).and_hms_opt(23, 43, 0).unwrap();
        let free = |taken: usize, days| {
            let left = std::cell::Cell::new(taken);
            let frei = |_| left.replace(left.get().saturating_sub(1)) == 0;
            first_slot(from, Dauer::PATIENT, days, frei).map(Termin::beginn)
        };
        assert_eq!(free(0, 1), day(2).and_hms_opt(23, 45, 0));
        assert_eq!(free(1, 1), day(2).and_hms_opt(23, 50, 0));
        // What begins at 23:55 would end after midnight.
        assert_eq!(free(2, 1), None);
        assert_eq!(free(2, 2), day(3).and_hms_opt(10, 0, 0));
    }
}
