//! Waiting longer after every failure.

use std::time::Duration;
use uuid::Uuid;

/// Doubles from a first pause to a longest one, with jitter, so that many instances do not come back at
/// the same moment.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// Begins with `first` and never waits longer than `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            failures: 0,
        }
    }

    /// The pause after one more failure: between half and all of the doubled pause.
    pub fn failed(&mut self) -> Duration {
        let pause = self.after(self.failures);
        self.failures = self.failures.saturating_add(1);
        pause
    }

    /// The pause where somebody else has counted the failures so far.
    pub fn after(&self, failures: u32) -> Duration {
        let doubled = self
            .first
            .saturating_mul(2_u32.saturating_pow(failures))
            .min(self.longest);
        doubled / 2 + (doubled / 2).mul_f64(fraction())
    }

    /// Something worked: the next pause is the first again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }
}

/// A random number from 0 to 1, out of the randomness that ids have anyway.
fn fraction() -> f64 {
    let [byte, ..] = Uuid::new_v4().into_bytes();
    f64::from(byte) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_begin_anew_after_a_success() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(30));
        let mut base = Duration::from_millis(100);
        for _ in 0..20 {
            let pause = backoff.failed();
            assert!(pause >= base / 2 && pause <= base, "{pause:?} for {base:?}");
            base = (base * 2).min(Duration::from_secs(30));
        }
        backoff.succeeded();
        assert!(backoff.failed() <= Duration::from_millis(100));
    }
}
