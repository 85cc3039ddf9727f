//! Every route on one screen.

use crate::outreach::{
    attachments, bulk, email_list, emails, erreichbarkeit, follow_ups, kalender, kalender_feeds,
    kontakte, kontaktierbar, kontaktsperre, pruefung, queue_status, simulation, slots, statistik,
    system_messages, tagesliste, telefonanruf_list, telefonanrufe, vorlagen,
};
use crate::problem::Problem;
use crate::{health, openapi};
use actix_web::Resource;
use actix_web::web::{self, ServiceConfig, delete, get, post, put, resource};

pub(crate) fn configure(config: &mut ServiceConfig) {
    watching(config);
    api(config);
    reports(config);
    calls(config);
    contacts(config);
    documents(config);
    config.default_service(web::to(unknown_path));
}

fn watching(config: &mut ServiceConfig) {
    config
        .service(only(
            "GET",
            resource("/health").route(get().to(health::health)),
        ))
        .service(only(
            "GET",
            resource("/health/events").route(get().to(health::events)),
        ))
        .service(only(
            "GET",
            resource("/health/email-queue").route(get().to(queue_status::health)),
        ))
        .service(only(
            "GET",
            resource("/ready").route(get().to(health::ready)),
        ));
}

fn api(config: &mut ServiceConfig) {
    config
        .service(only(
            "GET, POST",
            resource("/api/emails")
                .route(get().to(email_list::list))
                .route(post().to(emails::create)),
        ))
        .service(only(
            "POST",
            resource("/api/emails/bulk").route(post().to(bulk::create)),
        ))
        .service(only(
            "GET",
            resource("/api/emails/queue-status").route(get().to(queue_status::queue_status)),
        ))
        .service(only(
            "GET, PUT, DELETE",
            resource("/api/emails/{id}")
                .route(get().to(emails::get))
                .route(put().to(emails::update))
                .route(delete().to(emails::remove)),
        ))
        .service(only(
            "POST",
            resource("/api/system-messages").route(post().to(system_messages::send)),
        ))
        .service(only(
            "GET",
            resource("/api/emails/{id}/attachments/{n}").route(get().to(attachments::get)),
        ))
        .service(only(
            "GET",
            resource("/api/vorlagen").route(get().to(vorlagen::list)),
        ))
        .service(only(
            "POST",
            resource("/api/vorlagen/{name}/vorschau").route(post().to(vorlagen::preview)),
        ));
}

/// What the staff reads about calls.
fn reports(config: &mut ServiceConfig) {
    config
        .service(only(
            "GET",
            resource("/api/phone-calls/tagesliste").route(get().to(tagesliste::tagesliste)),
        ))
        .service(only(
            "GET",
            resource("/api/phone-calls/statistik").route(get().to(statistik::statistik)),
        ))
        .service(only(
            "GET",
            resource("/api/phone-calls/kalender.ics").route(get().to(kalender::kalender)),
        ))
        .service(only(
            "GET, POST",
            resource("/api/kalender-feeds")
                .route(get().to(kalender_feeds::list))
                .route(post().to(kalender_feeds::create)),
        ))
        .service(only(
            "DELETE",
            resource("/api/kalender-feeds/{id}").route(delete().to(kalender_feeds::revoke)),
        ));
}

/// A path with a name in it takes all that is not named before it.
fn calls(config: &mut ServiceConfig) {
    config
        .service(only(
            "GET, POST",
            resource("/api/phone-calls")
                .route(get().to(telefonanruf_list::list))
                .route(post().to(telefonanrufe::create)),
        ))
        .service(only(
            "GET, PUT, DELETE",
            resource("/api/phone-calls/{id}")
                .route(get().to(telefonanrufe::get))
                .route(put().to(telefonanrufe::update))
                .route(delete().to(telefonanrufe::remove)),
        ))
        .service(only(
            "POST",
            resource("/api/follow-ups/run").route(post().to(follow_ups::run)),
        ))
        .service(only(
            "GET",
            resource("/api/therapists/{id}/slots").route(get().to(slots::list)),
        ))
        .service(only(
            "GET, PUT",
            resource("/api/therapists/{id}/erreichbarkeit")
                .route(get().to(erreichbarkeit::get))
                .route(put().to(erreichbarkeit::set)),
        ))
        .service(only(
            "GET",
            resource("/api/therapists/{id}/erreichbarkeit/pruefen")
                .route(get().to(pruefung::check)),
        ));
}

/// The contacts of therapists.
fn contacts(config: &mut ServiceConfig) {
    config
        .service(only(
            "GET",
            resource("/api/therapists/kontaktierbar").route(get().to(kontaktierbar::list)),
        ))
        .service(only(
            "GET",
            resource("/api/therapists/{id}/kontakte").route(get().to(kontakte::list)),
        ))
        .service(only(
            "PUT",
            resource("/api/therapists/{id}/kontaktsperre").route(put().to(kontaktsperre::set)),
        ))
        .service(only(
            "POST",
            resource("/api/kontaktregeln/simulation").route(post().to(simulation::simulate)),
        ));
}

fn documents(config: &mut ServiceConfig) {
    config
        .service(only(
            "GET",
            resource("/openapi.json").route(get().to(openapi::answer)),
        ))
        .service(only(
            "GET",
            resource("/docs").route(get().to(openapi::to_page)),
        ))
        .service(only(
            "GET",
            resource("/docs/{file:.*}").route(get().to(openapi::file)),
        ));
}

/// Answers 405 to every method that the resource does not have.
fn only(allow: &'static str, resource: Resource) -> Resource {
    resource.default_service(web::to(move || async move {
        Err::<actix_web::HttpResponse, _>(Problem::method_not_allowed(allow))
    }))
}

async fn unknown_path() -> Result<actix_web::HttpResponse, Problem> {
    Err(Problem::not_found("There is nothing under this path"))
}
