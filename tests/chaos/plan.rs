//! What is to be run: which scenes, how long, and from which seed.

use comm_devkit::env_var;
use comm_tests::{Seeded, given_seed};
use std::time::{Duration, Instant};

/// How much is made of each scene.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// For every `make test`.
    Short,
    /// For `make chaos`.
    Long,
}

/// One run of the suite.
pub(crate) struct Plan {
    pub(crate) length: Length,
    pub(crate) seed: u64,
    /// How many scenes are on at a time.
    pub(crate) at_a_time: usize,
    until: Option<Instant>,
    wanted: Vec<String>,
}

impl Plan {
    /// `COMM_CHAOS_MINUTES` makes it long, round after round until they are over; `COMM_TEST_SEED`
    /// repeats a run; words on the command line choose scenes.
    pub(crate) fn of_this_process() -> Self {
        let minutes = env_var("COMM_CHAOS_MINUTES").and_then(|text| text.parse().ok());
        let until = minutes.map(|minutes: u64| Instant::now() + Duration::from_secs(60 * minutes));
        let at_a_time = env_var("COMM_CHAOS_AT_A_TIME").and_then(|text| text.parse().ok());
        let wanted = std::env::args()
            .skip(1)
            .filter(|word| !word.starts_with('-'));
        Self {
            length: until.map_or(Length::Short, |_| Length::Long),
            seed: given_seed(),
            at_a_time: at_a_time.unwrap_or(4),
            until,
            wanted: wanted.collect(),
        }
    }

    /// Whether a scene is to be run.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|word| name.contains(word))
    }

    /// Whether there is time for a round, of which there is at least one.
    pub(crate) fn has_time_for(&self, round: u64) -> bool {
        round == 0 || self.until.is_some_and(|until| Instant::now() < until)
    }

    /// The choices of one scene: they do not depend on which others are run.
    pub(crate) fn choices(&self, round: u64, scene: &str) -> Seeded {
        let mixed = scene
            .bytes()
            .fold(self.seed.wrapping_add(round), |mixed, byte| {
                (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Seeded::of(mixed)
    }
}

impl Length {
    /// One of two figures.
    pub(crate) fn pick<T>(self, short: T, long: T) -> T {
        match self {
            Self::Short => short,
            Self::Long => long,
        }
    }
}
