//! The system's clock, and how far it may be put wrong to try out what a wrong clock does.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use comm_ports::Clock;

/// The longest offset: a wrong clock, not another age.
const LONGEST: TimeDelta = TimeDelta::days(366);

pub(crate) struct SystemClock {
    offset: TimeDelta,
}

impl SystemClock {
    /// Wrong by this much.
    pub(crate) fn off_by(offset: TimeDelta) -> Self {
        Self { offset }
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everyone else asks"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6) + self.offset
    }
}

/// Reads an offset such as `7d`, `1h`, `-30m` or `90s`; at most a year.
pub(crate) fn parse_offset(text: &str) -> Result<TimeDelta, String> {
    let read = || {
        let unit = text.chars().next_back()?;
        let amount: i64 = text.strip_suffix(unit)?.parse().ok()?;
        match unit {
            'd' => TimeDelta::try_days(amount),
            'h' => TimeDelta::try_hours(amount),
            'm' => TimeDelta::try_minutes(amount),
            's' => TimeDelta::try_seconds(amount),
            _ => None,
        }
    };
    read()
        .filter(|offset| offset.abs() <= LONGEST)
        .ok_or_else(|| "must be at most a year, such as 7d, 1h, -30m or 90s".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_a_number_with_a_unit() {
        for (text, offset) in [
            ("7d", TimeDelta::days(7)),
            ("1h", TimeDelta::hours(1)),
            ("+1h", TimeDelta::hours(1)),
            ("-30m", TimeDelta::minutes(-30)),
            ("90s", TimeDelta::seconds(90)),
            ("0s", TimeDelta::zero()),
        ] {
            assert_eq!(parse_offset(text), Ok(offset), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_without_a_panic() {
        let far = format!("{}d", i64::MAX);
        for text in [
            "", "h", "1", "1w", "1 h", "--1h", "1.5h", "1ä", "367d", &far,
        ] {
            assert!(parse_offset(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_clock_is_wrong_by_its_offset() {
        let (right, wrong) = (TimeDelta::zero(), TimeDelta::hours(-1));
        let apart = SystemClock::off_by(right).now() - SystemClock::off_by(wrong).now();
        let tolerance = TimeDelta::minutes(1);
        assert!((apart - TimeDelta::hours(1)).abs() < tolerance, "{apart}");
    }
}
