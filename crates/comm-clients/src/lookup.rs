//! Asking for one person: two seconds in all, within which a failure that may pass is tried again. A service
//! that keeps failing is left alone for a moment.

use crate::breaker::Breaker;
use crate::record::Record;
use crate::service::{Service, WITHIN, unavailable};
use comm_ports::DirectoryError;
use reqwest::{Method, RequestBuilder, Response};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// Longest pauses between the attempts.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(300)];
/// A record that is longer is none.
const RECORD_MAX_BYTES: usize = 256 * 1024;

/// Asks a service for its people.
#[derive(Clone)]
pub(crate) struct Lookup {
    service: Service,
    breaker: Arc<Breaker>,
    /// What they are called in paths.
    people: &'static str,
}

/// An attempt that failed.
struct Failure {
    error: DirectoryError,
    /// Whether it may go better a moment later.
    may_pass: bool,
}

impl Lookup {
    pub(crate) fn new(service: Service, people: &'static str) -> Self {
        Self {
            service,
            breaker: Arc::default(),
            people,
        }
    }

    /// `None` if the service says that there is nobody with this id.
    pub(crate) async fn record(&self, id: i64) -> Result<Option<Record>, DirectoryError> {
        let path = ["api", self.people, &id.to_string()];
        let request = self.service.request(Method::GET, &path);
        let breaker = Arc::clone(&self.breaker);
        let work = async move {
            let Some(permit) = breaker.enter() else {
                return Err(away("it keeps failing and is left alone for a moment"));
            };
            let in_time = timeout(WITHIN, ask(request)).await;
            let answered = in_time.unwrap_or_else(|_| Err(away("it did not answer in time")));
            match &answered {
                Err(DirectoryError::Unavailable(_)) => permit.failed(),
                Ok(_) | Err(DirectoryError::Refused(_)) => permit.succeeded(),
            }
            answered
        };
        self.service.run(work).await
    }
}

async fn ask(request: RequestBuilder) -> Result<Option<Record>, DirectoryError> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let Some(attempt) = request.try_clone() else {
            return Err(away("a request without a body can be repeated"));
        };
        let failure = match once(attempt).await {
            Ok(record) => return Ok(record),
            Err(failure) => failure,
        };
        match pauses.next() {
            Some(pause) if failure.may_pass => sleep(with_jitter(pause)).await,
            _ => return Err(failure.error),
        }
    }
}

async fn once(request: RequestBuilder) -> Result<Option<Record>, Failure> {
    let answer = request.send().await.map_err(|error| Failure {
        error: unavailable(error),
        may_pass: true,
    })?;
    let status = answer.status().as_u16();
    let body = body(answer).await;
    let words = format!("it answered {status}");
    let (error, may_pass) = match status {
        404 => return Ok(None),
        200..=299 => match body?.as_deref().and_then(Record::read) {
            Some(record) => return Ok(Some(record)),
            None => (away("it answered with something that is no record"), true),
        },
        408 | 500..=599 => (away(words), true),
        429 => (away(words), false),
        400..=499 => (DirectoryError::Refused(words.into()), false),
        _ => (away(words), false),
    };
    Err(Failure { error, may_pass })
}

/// The whole body, so that the connection can be used again; `None` if it is too long for a record.
async fn body(mut answer: Response) -> Result<Option<Vec<u8>>, Failure> {
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= RECORD_MAX_BYTES => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Ok(None),
            Ok(None) => return Ok(Some(body)),
            Err(error) => {
                return Err(Failure {
                    error: unavailable(error),
                    may_pass: true,
                });
            }
        }
    }
}

fn away(words: impl Into<String>) -> DirectoryError {
    DirectoryError::Unavailable(words.into().into())
}

/// Between half of the pause and all of it, so that many do not come back at the same moment.
fn with_jitter(pause: Duration) -> Duration {
    let [byte, ..] = Uuid::new_v4().into_bytes();
    pause / 2 + (pause / 2).mul_f64(f64::from(byte) / 255.0)
}
