//! `serve`: starts what this process is to do, and ends it in order.

use crate::cli::ServeFlags;
use crate::clock::SystemClock;
use crate::settings::Settings;
use crate::shutdown::StopSignals;
use crate::telemetry;
use crate::wire::{self, Parts, WireError};
use comm_app::{Forget, Services};
use comm_http::{Api, EventsHealth, Readiness};
use comm_kafka::{EventConsumer, KafkaHealth};
use comm_ports::outreach::OutreachStore;
use comm_postgres::migrations::{self, MigrateError};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// The process ends within 10 seconds of SIGTERM: eight for mails under way, and a little for the rest.
const END_WITHIN: Duration = Duration::from_millis(9800);
/// How long a database that is away may delay migrations at the start.
const MIGRATE_ATTEMPTS: u32 = 30;
const MIGRATE_PAUSE: Duration = Duration::from_secs(1);

/// Why the service did not start, or ended by itself.
#[derive(Debug, Error)]
pub(crate) enum ServeError {
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("log.filter cannot be read")]
    Log(#[from] tracing_subscriber::filter::ParseError),
    #[error("the migrations could not be applied")]
    Migrate(#[from] MigrateError),
    #[error(
        "the database has pending migrations: run `communication-service migrate`, \
         or set database.migrate_on_start = true"
    )]
    PendingMigrations,
    #[error("port {port} cannot be used (http.port, SERVICE_PORT)")]
    Bind {
        port: u16,
        #[source]
        source: io::Error,
    },
    #[error("the process cannot be set up")]
    Io(#[from] io::Error),
    #[error("the section kafka cannot be used: {0}")]
    Consumer(String),
    #[error("a part of the service has ended by itself; the log says more")]
    PartEnded,
}

pub(crate) async fn serve(settings: Settings, flags: ServeFlags) -> Result<(), ServeError> {
    telemetry::start(&settings.log)?;
    let mut signals = StopSignals::listen()?;
    let offset = flags.clock_offset.unwrap_or_default();
    if !offset.is_zero() {
        warn!(%offset, "The clock of this process is wrong by order (--clock-offset)");
    }
    let clock = SystemClock::off_by(offset);
    let Parts { store, services } = wire::assemble_all(&settings, clock)?;
    tokio::select! {
        checked = check_migrations(&settings, &store) => checked?,
        () = signals.received() => return Ok(()),
    }
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    if !flags.no_api {
        serve_api(&settings, &services, store.clone(), (&mut tasks, &stop))?;
    }
    if !flags.no_worker {
        let forget = Forget::new(Arc::new(store), &settings.events);
        let forgetting = stop.clone();
        tasks.spawn(async move { forget.run(forgetting).await });
        start_workers(&settings, services, (&mut tasks, &stop))?;
    }
    let reason = tokio::select! {
        () = signals.received() => {
            info!("Stopping: finishing what is under way");
            Ok(())
        }
        _ = tasks.join_next(), if !tasks.is_empty() => Err(ServeError::PartEnded),
    };
    stop.cancel();
    let ended = timeout(END_WITHIN, async {
        while tasks.join_next().await.is_some() {}
    })
    .await;
    if ended.is_err() {
        warn!("Not everything has ended in time");
    }
    info!("Stopped");
    reason
}

type Running<'a> = (&'a mut JoinSet<()>, &'a CancellationToken);

fn serve_api(
    settings: &Settings,
    services: &Services,
    store: comm_postgres::PgStore,
    (tasks, stop): Running<'_>,
) -> Result<(), ServeError> {
    let http = &settings.http;
    let listener = http.bind().map_err(|source| ServeError::Bind {
        port: http.port,
        source,
    })?;
    let address = listener.local_addr()?;
    let api = Api {
        emails: services.emails.clone(),
        nachverfolgungen: services.nachverfolgungen.clone(),
        berichte: services.berichte.clone(),
        kalender: services.kalender.clone(),
        queue_status: services.queue_status.clone(),
        system_messages: services.system_messages.clone(),
        telefonanrufe: services.telefonanrufe.clone(),
        therapeutenkontakte: services.therapeutenkontakte.clone(),
        vorlagen: services.vorlagen.clone(),
        events: EventsHealth {
            outbox: Arc::new(store.clone()),
            consumed: Arc::new(store.clone()),
            consumer: Arc::new(KafkaHealth::new(&settings.kafka, &settings.events.topic)),
        },
        readiness: Readiness(Arc::new(store)),
    };
    let server = comm_http::serve(listener, api, http)?;
    if http.is_open() {
        warn!(%address, "The API is open to other machines and has NO AUTHENTICATION (http.allow_open)");
    }
    info!(%address, "The API is ready to be called");
    let (handle, stopped) = (server.handle(), stop.clone());
    // Requests under way are answered by the server that is asked to stop: it must not be dropped.
    tasks.spawn(async move {
        if let Err(error) = server.await {
            warn!(error = %error, "The API has ended");
        }
    });
    tasks.spawn(async move {
        stopped.cancelled().await;
        handle.stop(true).await;
    });
    Ok(())
}

fn start_workers(
    settings: &Settings,
    services: Services,
    (tasks, stop): Running<'_>,
) -> Result<(), ServeError> {
    let Services {
        event_requests,
        dispatch,
        relay,
        last_contacts,
        daily,
        upkeep,
        ..
    } = services;
    let consumer = EventConsumer::new(&settings.kafka, &settings.events.topic, event_requests)
        .map_err(|error| ServeError::Consumer(error.to_string()))?;
    let (sending, publishing, consuming) = (stop.clone(), stop.clone(), stop.clone());
    let (telling, tidying, every_day) = (stop.clone(), stop.clone(), stop.clone());
    tasks.spawn(async move { dispatch.run(sending).await });
    tasks.spawn(async move { relay.run(publishing).await });
    tasks.spawn(async move { consumer.run(consuming).await });
    if let Some(last_contacts) = last_contacts {
        tasks.spawn(async move { last_contacts.run(telling).await });
    }
    tasks.spawn(async move { daily.run(every_day).await });
    tasks.spawn(async move { upkeep.run(tidying).await });
    info!("The workers are ready to send mails and to publish events");
    Ok(())
}

/// Applies what is pending where that is wished, else refuses to start on it. A database that is away
/// is no reason to stay away: the API answers 503 until it is back.
async fn check_migrations(
    settings: &Settings,
    store: &impl OutreachStore,
) -> Result<(), ServeError> {
    if settings.database.migrate_on_start {
        return migrate(settings).await;
    }
    match store.ready().await {
        Ok(true) => Ok(()),
        Ok(false) => Err(ServeError::PendingMigrations),
        Err(error) => {
            warn!(error = %error, "The database cannot be reached; starting without it");
            Ok(())
        }
    }
}

async fn migrate(settings: &Settings) -> Result<(), ServeError> {
    for _ in 1..MIGRATE_ATTEMPTS {
        match migrations::migrate(&settings.database).await {
            Err(MigrateError::Connect(error)) => {
                warn!(error = %error, "The database cannot be reached for migrations; trying again");
                sleep(MIGRATE_PAUSE).await;
            }
            Err(error) => return Err(error.into()),
            Ok(applied) => {
                info!(count = applied.len(), "Migrations were applied");
                return Ok(());
            }
        }
    }
    migrations::migrate(&settings.database).await?;
    Ok(())
}
