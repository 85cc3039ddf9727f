//! Serving the API.

use crate::config::HttpConfig;
use crate::health::{EventsHealth, Readiness};
use crate::problem::Problem;
use crate::{request_id, routes};
use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use comm_app::{
    Anrufkalender, Berichte, Emails, Nachverfolgungen, QueueStatus, SystemMessages, Telefonanrufe,
    Therapeutenkontakte, Vorlagen,
};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// What the handlers drive.
#[derive(Clone)]
pub struct Api {
    /// The use cases about emails.
    pub emails: Emails,
    /// The use cases about calls and telephone hours.
    pub telefonanrufe: Telefonanrufe,
    /// The use cases about the contacts of therapists.
    pub therapeutenkontakte: Therapeutenkontakte,
    /// Calls that follow up silence.
    pub nachverfolgungen: Nachverfolgungen,
    /// What the staff reads about calls.
    pub berichte: Berichte,
    /// The use cases about calendar feeds.
    pub kalender: Anrufkalender,
    /// How the queue fares.
    pub queue_status: QueueStatus,
    /// Notifications that are not stored.
    pub system_messages: SystemMessages,
    /// The use cases about templates.
    pub vorlagen: Vorlagen,
    /// What `/ready` asks.
    pub readiness: Readiness,
    /// What `/health/events` asks.
    pub events: EventsHealth,
}

/// Prepares a server on a listener; it runs when it is awaited. Signals are the caller's.
///
/// # Errors
/// A listener that cannot be used.
pub fn serve(listener: TcpListener, api: Api, config: &HttpConfig) -> io::Result<Server> {
    let origins = config.cors_allowed_origins.clone();
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(api.emails.clone()))
            .app_data(web::Data::new(api.telefonanrufe.clone()))
            .app_data(web::Data::new(api.therapeutenkontakte.clone()))
            .app_data(web::Data::new(api.nachverfolgungen.clone()))
            .app_data(web::Data::new(api.berichte.clone()))
            .app_data(web::Data::new(api.kalender.clone()))
            .app_data(web::Data::new(api.queue_status.clone()))
            .app_data(web::Data::new(api.system_messages.clone()))
            .app_data(web::Data::new(api.vorlagen.clone()))
            .app_data(web::Data::new(api.readiness.clone()))
            .app_data(web::Data::new(api.events.clone()))
            .app_data(web::QueryConfig::default().error_handler(|error, _| {
                Problem::invalid(format!("The query string cannot be read: {error}")).into()
            }))
            .configure(routes::configure)
            .wrap(Compress::default())
            .wrap(cors(&origins))
            .wrap(from_fn(request_id::trace))
    })
    .disable_signals()
    .client_request_timeout(Duration::from_secs(30))
    .shutdown_timeout(5);
    if config.workers > 0 {
        server = server.workers(config.workers);
    }
    Ok(server.listen(listener)?.run())
}

impl HttpConfig {
    /// Takes the port.
    ///
    /// # Errors
    /// A port that is taken, or an address that this machine does not have.
    pub fn bind(&self) -> io::Result<TcpListener> {
        TcpListener::bind(SocketAddr::new(self.host, self.port))
    }

    /// Whether other machines can reach the API.
    pub fn is_open(&self) -> bool {
        !self.host.is_loopback()
    }
}

fn cors(origins: &str) -> Cors {
    let origins: Vec<&str> = origins
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty())
        .collect();
    let cors = Cors::default()
        .allow_any_method()
        .allow_any_header()
        .expose_headers(["X-Request-Id", "Location", "Retry-After"])
        .max_age(3600);
    if origins.contains(&"*") {
        return cors.allow_any_origin();
    }
    origins
        .into_iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}
