//! `X-Request-Id` on every answer, and one log line per request with the route's pattern: a query string
//! may carry names, so it never reaches the log.

use crate::problem::{self, Problem};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use tokio::time::Instant;
use tracing::{Instrument, info, info_span};
use uuid::Uuid;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const MAX_LENGTH: usize = 128;

pub(crate) async fn trace(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let id = request_id(&request);
    let route = request
        .resource_map()
        .match_pattern(request.path())
        .unwrap_or_else(|| "unknown".to_owned());
    let span = info_span!("request", method = %request.method(), route, request_id = %id);
    let begun = Instant::now();
    async {
        let answer = next.call(request).await?.map_into_boxed_body();
        let mut answer = explain(answer, &id);
        if let Ok(value) = HeaderValue::from_str(&id) {
            answer.headers_mut().insert(HEADER, value);
        }
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        info!(
            status = answer.status().as_u16(),
            millis, "A request was answered"
        );
        Ok(answer)
    }
    .instrument(span)
    .await
}

/// Gives every error the body of a problem, with the request's id. The headers stay: without those of
/// CORS, the staff's pages could not read it.
fn explain(answer: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let status = answer.status();
    let error = answer.response().error();
    let body = match error.and_then(|error| error.as_error::<Problem>()) {
        Some(problem) => problem.body(id),
        None if status.is_client_error() || status.is_server_error() => {
            Problem::of_status(status).body(id)
        }
        None => return answer,
    };
    answer.map_body(|head, _| {
        let headers = head.headers_mut();
        headers.remove(CONTENT_ENCODING);
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static(problem::CONTENT_TYPE),
        );
        BoxBody::new(body)
    })
}

/// The client's id where it is well-formed, else a new one.
fn request_id(request: &ServiceRequest) -> String {
    request
        .headers()
        .get(HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(|id| is_well_formed(id))
        .map_or_else(|| Uuid::new_v4().to_string(), ToOwned::to_owned)
}

fn is_well_formed(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= MAX_LENGTH
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::is_well_formed;

    #[test]
    fn only_short_plain_ids_are_taken_over() {
        assert!(is_well_formed("req-1_a.B"));
        for id in ["", "a b", "a\"b", "ä", &"x".repeat(129)] {
            assert!(!is_well_formed(id), "{id}");
        }
    }
}
