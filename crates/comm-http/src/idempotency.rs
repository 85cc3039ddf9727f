//! `Idempotency-Key`: how the header is read (draft-ietf-httpapi-idempotency-key-header), and answers
//! whose bytes can be given again.

use crate::problem::Problem;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse};
use comm_ports::{KeptAnswer, RequestKey};
use serde::Serialize;
use sha2::{Digest, Sha256};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const MAX_LENGTH: usize = 255;
const WRONG: &str = "Idempotency-Key must be given once, as 1 to 255 printable ASCII characters, bare or in double quotes";
const NOT_HERE: &str = "Idempotency-Key is not possible here, since nothing is stored: without it, the message is sent each time";
const CREATED: u16 = 201;

/// A key and the route that it belongs to.
pub(crate) struct RoutedKey {
    route: String,
    key: String,
}

/// The client's key, if it gave one.
pub(crate) fn header(request: &HttpRequest) -> Result<Option<RoutedKey>, Problem> {
    let mut values = request.headers().get_all(HEADER);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value.to_str().ok().and_then(parse);
    match (key, values.next()) {
        (Some(key), None) => Ok(Some(RoutedKey {
            route: format!("{} {}", request.method(), request.path()),
            key,
        })),
        _ => Err(Problem::invalid(WRONG)),
    }
}

/// Refuses the header where nothing is stored that it could stand for.
pub(crate) fn refuse(request: &HttpRequest) -> Result<(), Problem> {
    match request.headers().contains_key(HEADER) {
        true => Err(Problem::invalid(NOT_HERE)),
        false => Ok(()),
    }
}

/// The same key, whether it stands in quotes (RFC 9651, a string) or not.
fn parse(value: &str) -> Option<String> {
    let value = value.trim_matches([' ', '\t']);
    let key = match value.strip_prefix('"') {
        Some(quoted) => unescape(quoted.strip_suffix('"')?)?,
        None => value.to_owned(),
    };
    let printable = key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let has_words = !key.trim().is_empty() && key.len() <= MAX_LENGTH;
    (printable && has_words).then_some(key)
}

/// Inside quotes only `\"` and `\\` are escapes, and a bare quote would end the string.
fn unescape(quoted: &str) -> Option<String> {
    let mut key = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => key.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            c => key.push(c),
        }
    }
    Some(key)
}

impl RoutedKey {
    /// The request that the key stands for. Bodies are compared as they were sent, byte by byte: one
    /// that says the same in other white space is another.
    pub(crate) fn with_body(self, body: &[u8]) -> RequestKey {
        RequestKey {
            route: self.route,
            key: self.key,
            body_hash: Sha256::digest(body).into(),
        }
    }
}

/// The answer to a `POST` that stored something; several things have no place of their own.
pub(crate) fn created(location: Option<String>, body: &impl Serialize) -> KeptAnswer {
    KeptAnswer {
        status: CREATED,
        location,
        body: serde_json::to_vec(body).unwrap_or_default(),
    }
}

/// The same answer for the first request and for every repetition.
pub(crate) fn respond(answer: KeptAnswer) -> Result<HttpResponse, Problem> {
    let status = answer.status.try_into().map_err(|_| Problem::internal())?;
    let mut response = HttpResponse::build(status);
    if let Some(location) = answer.location {
        response.insert_header((header::LOCATION, location));
    }
    Ok(response
        .content_type(header::ContentType::json())
        .body(answer.body))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_key_is_the_same_with_and_without_quotes() {
        for value in ["8e03978e-40d5", " 8e03978e-40d5 ", "\"8e03978e-40d5\""] {
            assert_eq!(parse(value).as_deref(), Some("8e03978e-40d5"), "{value}");
        }
        assert_eq!(parse(r#""a \"b\" \\""#).as_deref(), Some(r#"a "b" \"#));
        assert_eq!(parse(&"x".repeat(255)).map(|key| key.len()), Some(255));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = "x".repeat(256);
        let wrong = [
            "", " ", "\"\"", "\" \"", "\"", "\"a", "\"a\"b\"", "\"a\\\"", "\"a\\n\"", "a\tb", "ä",
            &long,
        ];
        for value in wrong {
            assert_eq!(parse(value), None, "{value:?}");
        }
    }
}
