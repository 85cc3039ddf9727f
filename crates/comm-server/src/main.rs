//! The binary `communication-service`: settings, telemetry, wiring. No rule of the service lives here.

mod cli;
mod clock;
mod commands;
mod serve;
mod settings;
mod shutdown;
mod telemetry;
mod wire;

use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run(cli::Cli::parse()).await
}
