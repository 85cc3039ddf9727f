//! The chaos suite: the built binary between a real PostgreSQL, a real Kafka and a mail server that
//! misbehaves, while things break. What happened is judged by the ledger, a process that sees only HTTP
//! answers, the mail server's record and the topic. docs/RELIABILITY.md says which scene shows what.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test with a main of its own, whose output is a table and whose failures are panics"
)]

mod doctored;
mod journal;
mod mailserver;
mod plan;
mod quiet;
mod scenes;
mod stage;
mod table;
mod traffic;

use plan::Plan;
use scenes::Scene;
use serde_json::Value;
use stage::Stage;
use std::process::ExitCode;
use std::sync::Arc;
use table::Table;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

#[tokio::main]
async fn main() -> ExitCode {
    let plan = Plan::of_this_process();
    println!("COMM_TEST_SEED={}", plan.seed);
    let mut table = Table::default();
    let mut round = 0;
    while plan.has_time_for(round) && !table.has_failed() {
        run(&plan, round, &mut table).await;
        round += 1;
    }
    println!("{table}");
    println!("rounds: {round}, seed: {}", plan.seed);
    match table.has_failed() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

/// Every scene once, a few at a time.
async fn run(plan: &Plan, round: u64, table: &mut Table) {
    let seats = Arc::new(Semaphore::new(plan.at_a_time));
    let mut scenes = JoinSet::new();
    for scene in scenes::all(plan.length) {
        if !plan.wants(&scene.name) {
            continue;
        }
        let (seats, choices) = (Arc::clone(&seats), plan.choices(round, &scene.name));
        let (length, seed) = (plan.length, plan.seed);
        scenes.spawn(async move {
            let _seat = seats.acquire_owned().await;
            let Scene { name, play, .. } = scene;
            let played = tokio::spawn(async move { play(Stage::new(length, choices)).await });
            let ended = match played.await {
                Ok(ending) => ending.judge(seed, &name).await,
                Err(panic) => Err(panic.to_string()),
            };
            (scene.place, name, ended)
        });
    }
    while let Some(ended) = scenes.join_next().await {
        let (place, name, ended): (usize, String, Result<Value, String>) = ended.unwrap();
        table.enter(place, name, ended);
    }
}
