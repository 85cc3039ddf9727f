//! `comm-dev run`: everything up, then wait, then everything down in order.

use crate::ending::Ending;
use crate::say;
use crate::service::{self, Service};
use crate::stack::Stack;
use crate::with::exit_code;
use clap::ValueEnum;
use comm_devkit::process::{Guarded, Signal};
use std::error::Error;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which broker to start.
    #[arg(long, value_enum, default_value = "mock")]
    pub(crate) kafka: Broker,
    /// The folder for data that are kept between runs.
    #[arg(long, default_value = ".run")]
    pub(crate) data: PathBuf,
    /// How far the service's clock is put forward, for example by 7d, to see what time will bring.
    #[arg(long)]
    clock_offset: Option<String>,
    /// The product's program; by default the one beside this program.
    #[arg(long)]
    service: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Broker {
    /// In memory; events vanish at exit.
    Mock,
    /// A real Apache Kafka; events are kept.
    Apache,
}

/// The service needs at most 10 s to end; one more, so that it is never cut short.
const SERVICE_PATIENCE: Duration = Duration::from_secs(11);

pub(crate) async fn run(options: Options) -> Result<ExitCode, Box<dyn Error>> {
    let mut ending = Ending::listen()?;
    let program = service::program(options.service.clone())?;
    let port = service::port()?;
    let stack = tokio::select! {
        stack = Stack::start(&options) => stack?,
        // What is half started ends with this process.
        () = ending.asked() => return Ok(ExitCode::SUCCESS),
    };
    let service = Service {
        program,
        port,
        environment: stack.environment(),
    };
    let offset = options.clock_offset.as_deref();
    let serve = offset.map_or(vec!["serve"], |by| vec!["serve", "--clock-offset", by]);
    let code = operate(&service, &serve, &stack, &mut ending).await;
    stack.end().await;
    code
}

async fn operate(
    service: &Service,
    serve: &[&str],
    stack: &Stack,
    ending: &mut Ending,
) -> Result<ExitCode, Box<dyn Error>> {
    let migration = service.spawn(&["migrate"])?;
    match until(migration.ended(), &migration, ending).await {
        Some(Some(status)) if status.success() => {}
        Some(status) => return Ok(ended("communication-service migrate", status)),
        None => return Ok(ExitCode::SUCCESS),
    }
    let server = service.spawn(serve)?;
    match until(service.ready(&server), &server, ending).await {
        Some(true) => say(&stack.announcement(service.port)),
        Some(false) => return Ok(ended("communication-service", server.ended().await)),
        None => return Ok(ExitCode::SUCCESS),
    }
    match until(server.ended(), &server, ending).await {
        Some(status) => Ok(ended("communication-service", status)),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Waits for something about a child. `None`: the person asked to end, and the child has ended.
async fn until<T>(
    event: impl Future<Output = T>,
    child: &Guarded,
    ending: &mut Ending,
) -> Option<T> {
    tokio::select! {
        happened = event => Some(happened),
        () = ending.asked() => {
            say("\nEnding the service ...");
            child.end(Signal::Term, SERVICE_PATIENCE).await;
            None
        }
    }
}

fn ended(what: &str, status: Option<ExitStatus>) -> ExitCode {
    let how = status.map_or("for an unknown reason".to_owned(), |s| s.to_string());
    say(&format!("\n{what} ended by itself ({how})."));
    exit_code(status)
}
