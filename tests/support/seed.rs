//! Random choices that can be made again: every seed is printed, and `COMM_TEST_SEED` sets it.

use comm_devkit::env_var;
use uuid::Uuid;

/// A tiny generator (SplitMix64).
#[derive(Debug, Clone)]
pub struct Seeded(u64);

impl Seeded {
    /// Begins with the given seed, or with a new one, and prints it.
    #[expect(
        clippy::print_stdout,
        reason = "a test that fails must be run again with its seed"
    )]
    pub fn new() -> Self {
        let seed = given_seed();
        println!("COMM_TEST_SEED={seed}");
        Self(seed)
    }

    /// Begins with this seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        low + (mixed ^ (mixed >> 31)) % (high - low + 1)
    }
}

impl Default for Seeded {
    fn default() -> Self {
        Self::new()
    }
}

/// The seed of `COMM_TEST_SEED`, or a new one.
pub fn given_seed() -> u64 {
    let given = env_var("COMM_TEST_SEED").and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0)
}
