//! Random choices that can be made again: every seed is printed, and `COMM_TEST_SEED` sets it.

use comm_devkit::env_var;
use uuid::Uuid;

/// A tiny generator (SplitMix64).
pub(crate) struct Seeded(u64);

impl Seeded {
    /// Begins with the given seed, or with a new one.
    #[expect(
        clippy::print_stdout,
        reason = "a test that fails must be run again with its seed"
    )]
    pub(crate) fn new() -> Self {
        let given = env_var("COMM_TEST_SEED").and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0);
        println!("COMM_TEST_SEED={seed}");
        Self(seed)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        low + (mixed ^ (mixed >> 31)) % (high - low + 1)
    }
}
