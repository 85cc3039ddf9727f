//! `comm-dev`: what `make run` and `make test` start around the product.

mod ending;
mod run;
mod service;
mod stack;
mod with;

use clap::{Parser, Subcommand};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

/// Servers for developing and testing the Communication Service.
#[derive(Parser)]
#[command(name = "comm-dev")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Starts the service and all that it needs, and says where it is.
    Run(run::Options),
    /// Starts servers for tests, runs a command with their addresses, and ends them.
    With(with::Options),
    /// Fetches the jars of Apache Kafka into the user's cache.
    KafkaJars,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Run(options) => run::run(options).await,
        Task::With(options) => with::run(options).await,
        Task::KafkaJars => kafka_jars().await,
    };
    done.unwrap_or_else(|error| {
        complain(error.as_ref());
        ExitCode::FAILURE
    })
}

async fn kafka_jars() -> Result<ExitCode, Box<dyn Error>> {
    say("Apache Kafka's jars (38 MB, fetched once by Maven) ...");
    let folder = comm_devkit::kafka::fetch_jars().await?;
    say(&format!("Apache Kafka's jars are in {}", folder.display()));
    Ok(ExitCode::SUCCESS)
}

/// A closed terminal must not stop the orderly end, so that nobody reads it is no error.
fn say(sentence: &str) {
    let _ = writeln!(io::stdout(), "{sentence}");
}

fn complain(error: &dyn Error) {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    let _ = writeln!(io::stderr(), "comm-dev: {words}");
}
