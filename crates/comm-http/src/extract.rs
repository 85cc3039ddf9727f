//! Reading JSON bodies: a limit, the content type, and errors that name the field. Of a `POST` that stores
//! something, also the key by which a client may repeat it.

use crate::idempotency;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use comm_ports::RequestKey;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

/// Most bytes of an email's `POST` or `PUT` (contract, 'Shared rules').
const EMAIL_LIMIT: usize = 16 * 1024 * 1024;
/// Most bytes of a bulk request.
pub(crate) const BULK_LIMIT: usize = 32 * 1024 * 1024;
/// Most bytes of everything else.
pub(crate) const LIMIT: usize = 1024 * 1024;
/// How much of a body that is too large is read and thrown away, so that the client reads the answer
/// instead of a reset connection.
const DRAIN_LIMIT: usize = 4 * EMAIL_LIMIT;

/// A JSON body of at most so many bytes.
pub(crate) struct JsonBody<T, const MOST: usize = EMAIL_LIMIT>(pub(crate) T);

impl<T: DeserializeOwned + 'static, const MOST: usize> FromRequest for JsonBody<T, MOST> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = require_json(request);
        let payload = payload.take();
        Box::pin(async move { parse(&read_json(payload, json, MOST).await?).map(Self) })
    }
}

/// A JSON body of at most 1 MiB, all of which may be left out.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = require_json(request);
        let payload = payload.take();
        Box::pin(async move {
            let body = read(payload, LIMIT).await?;
            if body.trim_ascii().is_empty() {
                return Ok(Self(T::default()));
            }
            json.and_then(|()| parse(&body)).map(Self)
        })
    }
}

/// Any JSON value of at most 1 MiB, objects and others.
pub(crate) struct JsonValue<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for JsonValue<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = require_json(request);
        let payload = payload.take();
        Box::pin(async move {
            let body = read_json(payload, json, LIMIT).await?;
            let value = serde_json::from_slice(&body).map_err(|error| {
                Problem::invalid(format!("The request body is not valid JSON: {error}"))
            });
            value.map(Self)
        })
    }
}

/// A JSON object of at most 1 MiB, or `null`.
pub(crate) struct ObjectOrNull<T>(pub(crate) Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for ObjectOrNull<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = require_json(request);
        let payload = payload.take();
        Box::pin(async move {
            match read_json(payload, json, LIMIT).await?.trim_ascii() {
                b"null" => Ok(Self(None)),
                given => parse(given).map(|object| Self(Some(object))),
            }
        })
    }
}

/// The body of a `POST` that stores something, and the key that the client gave it. What is wrong with
/// the body is only said once the key has been looked at.
pub(crate) struct Posted<T, const MOST: usize = EMAIL_LIMIT> {
    pub(crate) key: Option<RequestKey>,
    pub(crate) body: Result<T, Problem>,
}

impl<T: DeserializeOwned + 'static, const MOST: usize> FromRequest for Posted<T, MOST> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = require_json(request);
        let key = idempotency::header(request);
        let payload = payload.take();
        Box::pin(async move {
            let body = read_json(payload, json, MOST).await?;
            let key = key?.map(|key| key.with_body(&body));
            Ok(Self {
                key,
                body: parse(&body),
            })
        })
    }
}

/// The same of at most 1 MiB, all of which may be left out or `null`.
pub(crate) struct PostedIfAny<T> {
    pub(crate) key: Option<RequestKey>,
    pub(crate) body: Result<T, Problem>,
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for PostedIfAny<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = require_json(request);
        let key = idempotency::header(request);
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read(payload, LIMIT).await?;
            let body = parse_if_any(&bytes, json);
            let key = key?.map(|key| key.with_body(&bytes));
            Ok(Self { key, body })
        })
    }
}

/// The same of a `POST` that stores nothing.
pub(crate) struct ObjectIfAny<T>(pub(crate) T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for ObjectIfAny<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = require_json(request);
        let payload = payload.take();
        Box::pin(async move { parse_if_any(&read(payload, LIMIT).await?, json).map(Self) })
    }
}

fn parse_if_any<T: DeserializeOwned + Default>(
    body: &[u8],
    json: Result<(), Problem>,
) -> Result<T, Problem> {
    match body.trim_ascii() {
        b"" => Ok(T::default()),
        given => json.and_then(|()| match given {
            b"null" => Ok(T::default()),
            given => parse(given),
        }),
    }
}

/// Reads the body first, so that the client reads the answer instead of a reset connection.
async fn read_json(
    payload: Payload,
    json: Result<(), Problem>,
    limit: usize,
) -> Result<Bytes, Problem> {
    let body = read(payload, limit).await?;
    json.map(|()| body)
}

async fn read(mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    let mut seen = 0_usize;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::invalid("The request body could not be read"))?;
        seen = seen.saturating_add(chunk.len());
        if seen > DRAIN_LIMIT {
            break;
        }
        if seen <= limit {
            body.extend_from_slice(&chunk);
        }
    }
    if seen > limit {
        return Err(Problem::too_large(limit));
    }
    Ok(body.freeze())
}

fn require_json(request: &HttpRequest) -> Result<(), Problem> {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase())
        .unwrap_or_default();
    let is_json = content_type == "application/json"
        || (content_type.starts_with("application/") && content_type.ends_with("+json"));
    match is_json {
        true => Ok(()),
        false => Err(Problem::not_json()),
    }
}

/// Reads one JSON object.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // A struct could be read from a JSON array, too: by position.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::invalid("The request body must be a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.into_inner();
        if reason.is_data() && path != "." {
            Problem::invalid(complaint(&path, &reason.to_string()))
        } else {
            Problem::invalid(format!(
                "The request body is not a valid JSON object: {reason}"
            ))
        }
    })?;
    json.end().map_err(|error| {
        Problem::invalid(format!("The request body is not valid JSON: {error}"))
    })?;
    Ok(value)
}

/// Says what the field must be. serde's words repeat the value, which may be a person's name.
fn complaint(path: &str, reason: &str) -> String {
    let reason = reason
        .rsplit_once(" at line ")
        .map_or(reason, |(reason, _)| reason);
    match reason.rsplit_once("expected ") {
        Some((_, "i64")) => format!("{path} must be a 64-bit integer"),
        Some((_, "a sequence")) => format!("{path} must be a list"),
        Some((_, expected)) => format!("{path} must be {expected}"),
        None => format!("{path} is not valid: {reason}"),
    }
}
