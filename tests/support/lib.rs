//! What the walks share: the built binary as a process of its own, between a real PostgreSQL, a scripted
//! SMTP server and a real Apache Kafka. Nothing here knows the service's code.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

mod client;
mod directory;
mod seed;
mod service;
mod world;

pub use client::{Answer, Client, email};
pub use directory::{DirectoryServer, Reply, Request};
pub use seed::{Seeded, given_seed};
pub use service::{Service, run_to_end};
pub use world::World;

use std::time::Duration;

/// How long a test waits for something that must happen; none that passes waits as long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until the answer is there, and fails when it is not there in time.
pub async fn eventually<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "never happened: {what}"
        );
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
