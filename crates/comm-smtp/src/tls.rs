//! TLS to the SMTP server: whom we trust, and the handshake.

use crate::config::SmtpConfigError;
use crate::stage::Event;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// Encrypts connections to one server whose certificate must be valid for its name.
#[derive(Clone)]
pub(crate) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    /// Trusts the system's certificate authorities and those in `ca_file`.
    pub(crate) fn new(host: &str, ca_file: Option<&Path>) -> Result<Self, SmtpConfigError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| SmtpConfigError::Invalid {
            setting: "host",
            reason: "must be a host name or an IP address",
        })?;
        // Named, because the process may hold several providers and none as its default.
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(SmtpConfigError::Tls)?
            .with_root_certificates(authorities(ca_file)?)
            .with_no_client_auth();
        let connector = TlsConnector::from(Arc::new(config));
        Ok(Self { connector, name })
    }

    pub(crate) async fn handshake(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, Event> {
        self.connector
            .connect(self.name.clone(), stream)
            .await
            .map_err(|error| event(&error))
    }
}

/// A certificate that is not trusted, or a server that does not speak TLS at all, is a matter of the
/// set-up; anything else is the network's.
fn event(error: &io::Error) -> Event {
    match error.get_ref() {
        Some(inner) if inner.is::<rustls::Error>() => Event::Mismatch,
        _ => Event::Lost,
    }
}

fn authorities(ca_file: Option<&Path>) -> Result<RootCertStore, SmtpConfigError> {
    let mut roots = RootCertStore::empty();
    // Systems hold certificates that no program can read; only having none at all is an error.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let certificates = read_pem(path).map_err(|source| SmtpConfigError::CaFile {
            path: path.to_owned(),
            source,
        })?;
        for certificate in certificates {
            roots.add(certificate).map_err(SmtpConfigError::Tls)?;
        }
    }
    if roots.is_empty() {
        return Err(SmtpConfigError::NoAuthorities);
    }
    Ok(roots)
}

fn read_pem(path: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)?.collect::<Result<_, _>>()?;
    match certificates.is_empty() {
        true => Err(pem::Error::NoItemsFound),
        false => Ok(certificates),
    }
}
