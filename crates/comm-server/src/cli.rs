//! Commands and flags, and what a person reads when something is wrong.

use crate::clock::parse_offset;
use crate::commands::{self, events::EventsCommand};
use crate::serve;
use crate::settings::{self, Settings};
use crate::wire;
use chrono::TimeDelta;
use clap::{Args, Parser, Subcommand};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

/// Exit code for wrong settings, as sysexits.h has it (EX_CONFIG).
const WRONG_SETTINGS: u8 = 78;
/// The value of `APP_ENV` where it counts.
const PRODUCTION: &str = "production";

/// Keeps emails, sends them, and reports what happened.
#[derive(Parser)]
#[command(name = "communication-service", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and run the workers
    Serve(ServeFlags),
    /// Apply pending migrations
    Migrate,
    /// Check the settings and show them, secrets masked
    CheckConfig,
    /// Print the description of the API (OpenAPI 3.1) as JSON
    Openapi,
    /// List events, publish them again, compare a topic with them
    #[command(subcommand)]
    Events(EventsCommand),
}

/// Which halves of the service run in this process.
#[derive(Args)]
pub(crate) struct ServeFlags {
    /// Do not serve the API
    #[arg(long)]
    pub(crate) no_api: bool,
    /// Do not send mails, publish events or consume requests
    #[arg(long)]
    pub(crate) no_worker: bool,
    /// Put this process's clock wrong, for example by 7d, 1h or -30m; refused in production
    #[arg(long, value_parser = parse_offset, allow_hyphen_values = true)]
    pub(crate) clock_offset: Option<TimeDelta>,
}

impl Command {
    /// Whether this may only be tried out, not be done where it counts.
    fn is_for_trials(&self) -> bool {
        matches!(self, Self::Serve(flags) if flags.clock_offset.is_some())
    }
}

pub(crate) async fn run(cli: Cli) -> ExitCode {
    if matches!(cli.command, Command::Openapi) {
        return ended(commands::openapi());
    }
    let sources = settings::Sources::of_this_process();
    if cli.command.is_for_trials() && sources.app_env() == PRODUCTION {
        complain(&wire::WireError::ClockOffset);
        return ExitCode::from(WRONG_SETTINGS);
    }
    let settings = match Settings::load(&sources, Path::new("config")) {
        Ok(settings) => settings,
        Err(error) => {
            complain(&error);
            return ExitCode::from(WRONG_SETTINGS);
        }
    };
    if let Err(error) = wire::check(&settings) {
        complain(&error);
        return ExitCode::from(WRONG_SETTINGS);
    }
    ended(match cli.command {
        Command::Serve(flags) => serve::serve(settings, flags).await.map_err(Into::into),
        Command::Migrate => commands::migrate(&settings).await,
        Command::Openapi => commands::openapi(),
        Command::CheckConfig => commands::check_config(&settings),
        Command::Events(command) => commands::events::run(&settings, command).await,
    })
}

fn ended(result: commands::Done) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// One line for a person: the error and its causes.
#[expect(
    clippy::print_stderr,
    reason = "the log may not be set up yet, and a person is waiting"
)]
fn complain(error: &(dyn Error + 'static)) {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    eprintln!("communication-service: {words}");
}
