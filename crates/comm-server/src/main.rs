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
use std::io;
use std::process::ExitCode;
use tokio::runtime::Runtime;

fn main() -> io::Result<ExitCode> {
    let cli = cli::Cli::parse();
    let runtime = Runtime::new()?;
    let code = runtime.block_on(cli::run(cli));
    // What blocks a thread, such as looking up a name, must not delay the end.
    runtime.shutdown_background();
    Ok(code)
}
