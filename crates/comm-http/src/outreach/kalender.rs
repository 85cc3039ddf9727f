//! `GET /api/phone-calls/kalender.ics` (contract, 'Telefonanruf'): what calendar programs subscribe to.

use crate::ical;
use crate::openapi::{NotFound, Storage};
use crate::problem::Problem;
use crate::query::Query;
use actix_web::http::header::{
    CacheControl, CacheDirective, ETag, EntityTag, Header, HttpDate, IfModifiedSince, IfNoneMatch,
    LastModified,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use chrono::{DateTime, Utc};
use comm_app::Anrufkalender;
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};
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
            ("Last-Modified" = String, description = "When a call that it shows was changed last, or the day began."),
            ("Cache-Control" = String, description = "`private, no-cache`."),
        )),
        (status = 304, description = "It is as it was (`If-None-Match`, `If-Modified-Since`)."),
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
    let version = Version {
        tag: EntityTag::new_weak(fingerprint(&body)),
        changed: to_the_second(blatt.geaendert_am),
    };
    if version.is_known_to(&request) {
        return Ok(version.describe(HttpResponse::NotModified()).finish());
    }
    Ok(version
        .describe(HttpResponse::Ok())
        .content_type(CONTENT_TYPE)
        .insert_header((
            "Content-Disposition",
            "inline; filename=\"telefonanrufe.ics\"",
        ))
        .body(body))
}

/// HTTP knows no parts of a second; what comes back must be what was sent.
fn to_the_second(at: DateTime<Utc>) -> HttpDate {
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    (SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).into()
}

/// The same for the same bytes.
fn fingerprint(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    let half = digest.iter().take(16);
    half.map(|byte| format!("{byte:02x}")).collect()
}

/// What a client can remember of an answer.
struct Version {
    tag: EntityTag,
    changed: HttpDate,
}

impl Version {
    /// A time counts only where the client has no tag (RFC 9110 13.2.2): within a second it sees nothing, nor a name
    /// that the directory has corrected.
    fn is_known_to(&self, request: &HttpRequest) -> bool {
        if request.headers().contains_key(IfNoneMatch::name()) {
            return match IfNoneMatch::parse(request) {
                Ok(IfNoneMatch::Any) => true,
                Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.tag)),
                Err(_) => false,
            };
        }
        let since = IfModifiedSince::parse(request).ok();
        since.is_some_and(|IfModifiedSince(since)| since >= self.changed)
    }

    fn describe(&self, mut answer: HttpResponseBuilder) -> HttpResponseBuilder {
        let private = vec![CacheDirective::Private, CacheDirective::NoCache];
        answer
            .insert_header(ETag(self.tag.clone()))
            .insert_header(LastModified(self.changed))
            .insert_header(CacheControl(private));
        answer
    }
}
