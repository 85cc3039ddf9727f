//! `GET /api/phone-calls/kalender.ics` (contract, 'Telefonanruf'): what calendar programs subscribe to.

use crate::ical;
use crate::openapi::{NotFound, Storage};
use crate::problem::Problem;
use crate::query::Query;
use actix_web::http::header::{CacheControl, CacheDirective, ETag, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use comm_app::Anrufkalender;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

const CONTENT_TYPE: &str = "text/calendar; charset=utf-8";

/// Which feed is read.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`kalender` reads it; here it is described")]
pub(crate) struct KalenderParameters {
    /// The secret of a feed, from the answer that made it.
    #[param(format = "feed-token")]
    token: String,
}

/// Reads a calendar feed
///
/// The calls of the last 30 and the next 366 days as iCalendar (RFC 5545). What was called off or deleted stays for 30
/// days, as `CANCELLED`.
#[utoipa::path(
    get,
    operation_id = "kalender",
    path = "/api/phone-calls/kalender.ics",
    tag = "kalender-feeds",
    params(KalenderParameters),
    responses(
        (status = 200, description = "The calendar.", body = String, content_type = "text/calendar; charset=utf-8", headers(
            ("ETag" = String, description = "Changes with the contents."),
            ("Cache-Control" = String, description = "`private, no-cache`."),
        )),
        (status = 304, description = "It is as it was (`If-None-Match`)."),
        NotFound,
        Storage,
    )
)]
pub(crate) async fn kalender(
    kalender: web::Data<Anrufkalender>,
    parameters: web::Query<Vec<(String, String)>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = Query::new(parameters.into_inner());
    let blatt = kalender.read(query.text("token").unwrap_or("")).await?;
    let body = ical::calendar(&blatt);
    let tag = EntityTag::new_weak(fingerprint(&body));
    if is_known_to(&request, &tag) {
        return Ok(tagged(HttpResponse::NotModified(), tag).finish());
    }
    Ok(tagged(HttpResponse::Ok(), tag)
        .content_type(CONTENT_TYPE)
        .insert_header((
            "Content-Disposition",
            "inline; filename=\"telefonanrufe.ics\"",
        ))
        .body(body))
}

/// The same for the same bytes.
fn fingerprint(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    let half = digest.iter().take(16);
    half.map(|byte| format!("{byte:02x}")).collect()
}

/// No time tells whether a feed is as it was: a call that was given to somebody else has left it without a trace.
fn is_known_to(request: &HttpRequest, tag: &EntityTag) -> bool {
    if !request.headers().contains_key(IfNoneMatch::name()) {
        return false;
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

fn tagged(mut answer: HttpResponseBuilder, tag: EntityTag) -> HttpResponseBuilder {
    let private = vec![CacheDirective::Private, CacheDirective::NoCache];
    answer
        .insert_header(ETag(tag))
        .insert_header(CacheControl(private));
    answer
}
