//! `comm-dev with postgres kafka -- command`: servers that all test processes of one run share.

use crate::ending::Ending;
use clap::ValueEnum;
use comm_devkit::process::{Guarded, Signal, mortal};
use comm_devkit::{Place, kafka, postgres};
use std::error::Error;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which servers the command needs.
    #[arg(required = true)]
    servers: Vec<Server>,
    /// What to run.
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Server {
    Postgres,
    Kafka,
}

pub(crate) async fn run(options: Options) -> Result<ExitCode, Box<dyn Error>> {
    let mut ending = Ending::listen()?;
    let Some((program, arguments)) = options.command.split_first() else {
        return Ok(ExitCode::FAILURE);
    };
    // A test run shares the terminal: Ctrl-C reaches it directly, and it ends by itself.
    let mut command = mortal(program, Signal::Term);
    command.args(arguments);
    let wanted = |server| options.servers.contains(&server);
    let cluster = if wanted(Server::Postgres) {
        let cluster = postgres::Cluster::start(postgres::ClusterOptions::temporary()).await?;
        command.env(postgres::SHARED, cluster.url("").trim_end_matches('/'));
        Some(cluster)
    } else {
        None
    };
    let broker = if wanted(Server::Kafka) {
        let broker = kafka::ApacheKafka::start(&Place::Temporary).await?;
        command.env(kafka::SHARED, broker.bootstrap());
        Some(broker)
    } else {
        None
    };
    let child = Guarded::spawn(command, Signal::Term, ())?;
    let status = tokio::select! {
        status = child.ended() => status,
        () = ending.asked() => child.end(Signal::Term, std::time::Duration::from_secs(10)).await,
    };
    if let Some(broker) = broker {
        broker.stop().await;
    }
    if let Some(cluster) = cluster {
        cluster.stop().await;
    }
    Ok(exit_code(status))
}

/// The child's own code; 128 and the signal's number if it was killed, as a shell says it.
pub(crate) fn exit_code(status: Option<ExitStatus>) -> ExitCode {
    let code = status.and_then(|status| {
        let killed = || status.signal().map(|signal| 128 + signal);
        status.code().or_else(killed)
    });
    code.and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}
