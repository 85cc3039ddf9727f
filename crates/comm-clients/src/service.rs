//! Requests to another service: connections are kept, nothing takes longer than two seconds, and
//! nothing that is said about a failure names a person.

use crate::config::base;
use comm_ports::DirectoryError;
use reqwest::{Client, Method, RequestBuilder, Response, Url, redirect};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// Connecting, asking and reading the answer.
pub(crate) const WITHIN: Duration = Duration::from_secs(2);
/// Answers are read to their end so that the connection can be used again, but only so far.
const ANSWER_MAX_BYTES: usize = 64 * 1024;

/// Settings that cannot be used.
#[derive(Debug, Error)]
pub enum ClientError {
    /// This key holds no address of a service.
    #[error("{0} must be the http or https address of a service")]
    Url(&'static str),
    /// TLS cannot be set up.
    #[error("TLS to other services cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client(#[from] reqwest::Error),
}

/// Another service.
#[derive(Clone)]
pub(crate) struct Service {
    base: Url,
    http: Client,
    /// A connection must outlive the runtime of the API thread that happened to need it first.
    runtime: Handle,
}

impl Service {
    /// `None` if the address is empty.
    pub(crate) fn new(key: &'static str, url: &str) -> Result<Option<Self>, ClientError> {
        if url.is_empty() {
            return Ok(None);
        }
        let base = base(url).ok_or(ClientError::Url(key))?;
        let http = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .user_agent("communication-service")
            .timeout(WITHIN)
            .redirect(redirect::Policy::none())
            // It would be read from the environment.
            .no_proxy()
            .tcp_nodelay(true)
            .pool_idle_timeout(Duration::from_secs(30))
            .build()?;
        Ok(Some(Self {
            base,
            http,
            runtime: Handle::current(),
        }))
    }

    /// Sends a request with a JSON body, once.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<(), DirectoryError> {
        let request = self.request(method, path).json(body);
        let work = async move {
            let answer = request.send().await.map_err(unavailable)?;
            let status = answer.status().as_u16();
            read_to_end(answer).await;
            judge(status)
        };
        self.run(work).await
    }

    /// A request that is yet to be sent.
    pub(crate) fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        self.http.request(method, url)
    }

    /// Does this work to its end on the runtime of the connections, whoever waits for it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, DirectoryError>> + Send + 'static,
    ) -> Result<T, DirectoryError> {
        let done = self.runtime.spawn(work).await;
        done.unwrap_or_else(|ended| Err(DirectoryError::Unavailable(Box::new(ended))))
    }
}

/// The system's certificate authorities. The provider is named, because the process may hold several
/// and none as its default.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// The address of the request names a person.
pub(crate) fn unavailable(error: reqwest::Error) -> DirectoryError {
    DirectoryError::Unavailable(Box::new(error.without_url()))
}

async fn read_to_end(mut answer: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        read += chunk.len();
        if read > ANSWER_MAX_BYTES {
            return;
        }
    }
}

/// A 4xx is a no, but for those that ask to come back later. Everything else may pass.
fn judge(status: u16) -> Result<(), DirectoryError> {
    let words = format!("it answered {status}");
    match status {
        200..=299 => Ok(()),
        408 | 429 => Err(DirectoryError::Unavailable(words.into())),
        400..=499 => Err(DirectoryError::Refused(words.into())),
        _ => Err(DirectoryError::Unavailable(words.into())),
    }
}
