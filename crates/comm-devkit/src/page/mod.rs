//! The web page of `make run`: caught mails and published events. It reads; it changes nothing.

mod caught;
mod feed;
mod html;

pub use feed::Feed;

use crate::smtp::SmtpServer;
use actix_web::dev::ServerHandle;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType, X_CONTENT_TYPE_OPTIONS};
use actix_web::{App, HttpResponse, HttpServer, web};
use caught::Caught;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;

/// Nothing but our own style sheet and the frame of a mail.
const OWN_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; \
                          base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A mail is a stranger's page: no scripts, no network, an origin of its own.
const MAIL_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; \
                           img-src data:; form-action 'none'; frame-ancestors 'self'";

#[derive(Clone)]
struct Sources {
    mails: Arc<SmtpServer>,
    events: Feed,
}

/// Serves the page in the background until the handle is told to stop.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
    listener: TcpListener,
    mails: Arc<SmtpServer>,
    events: Feed,
) -> io::Result<ServerHandle> {
    let sources = web::Data::new(Sources { mails, events });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(sources.clone())
            .route("/", web::get().to(overview))
            .route("/style.css", web::get().to(style))
            .route("/mails/{id}", web::get().to(mail))
            .route("/mails/{id}/html", web::get().to(mail_html))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}

impl Sources {
    fn mails(&self) -> Vec<Caught> {
        let received = self.mails.received();
        received.iter().rev().map(Caught::read).collect()
    }

    fn mail(&self, id: &str) -> Option<Caught> {
        self.mails().into_iter().find(|mail| mail.id == id)
    }
}

async fn overview(sources: web::Data<Sources>) -> HttpResponse {
    page(html::overview(
        &sources.mails(),
        &sources.events.newest_first(),
    ))
}

async fn mail(sources: web::Data<Sources>, id: web::Path<String>) -> HttpResponse {
    match sources.mail(&id) {
        Some(mail) => page(html::mail(&mail)),
        None => gone(),
    }
}

async fn mail_html(sources: web::Data<Sources>, id: web::Path<String>) -> HttpResponse {
    match sources.mail(&id).and_then(|mail| mail.html) {
        Some(html) => respond(html, MAIL_POLICY),
        None => gone(),
    }
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .content_type("text/css; charset=utf-8")
        .body(include_str!("style.css"))
}

fn page(html: String) -> HttpResponse {
    respond(html, OWN_POLICY)
}

fn respond(html: String, policy: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .content_type(ContentType::html())
        .body(html)
}

fn gone() -> HttpResponse {
    HttpResponse::NotFound().body("This mail is not remembered any more.")
}
