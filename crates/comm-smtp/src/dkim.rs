//! DKIM (RFC 6376): a signature over the final bytes of every mail, made with a key that is read once.

use crate::config::SmtpConfigError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lettre::Message;
use lettre::message::dkim::{
    DkimCanonicalization, DkimCanonicalizationType, DkimConfig as Signature, DkimSigningAlgorithm,
    DkimSigningKey,
};
use lettre::message::header::HeaderName;
use rsa::RsaPrivateKey;
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey, LineEnding};
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use serde::Deserialize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// What the signature covers. `Content-Type` cannot be among them: lettre counts it to the body.
const SIGNED: [&str; 7] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Auto-Submitted",
];
/// Shorter keys are refused by receivers (RFC 8301 3.2).
const RSA_MIN_BYTES: usize = 128;
/// What stands between the version and the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410).
const ED25519_MARK: &[u8] = &[
    0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Who signs; nobody does while all but the algorithm is empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DkimConfig {
    /// Name of the key: it is published at `<selector>._domainkey.<domain>`.
    pub selector: String,
    /// The domain that answers for the mails; receivers compare it with the sender's.
    pub domain: String,
    /// A PEM file with the private key.
    pub key_file: PathBuf,
    /// What kind of key that is.
    pub algorithm: DkimAlgorithm,
}

/// The kind of a DKIM key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DkimAlgorithm {
    /// RSA with SHA-256, PKCS #1 or PKCS #8, at least 1024 bits; every receiver knows it.
    #[default]
    Rsa,
    /// Ed25519 (RFC 8463), PKCS #8; few receivers check it.
    Ed25519,
}

/// Why a key file cannot be used. Never shows any of the key.
#[derive(Debug, Error)]
pub enum DkimKeyError {
    /// The file is not there or not ours to read.
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
    /// `smtp.dkim.algorithm` is `rsa`.
    #[error("it holds no RSA private key in PEM (smtp.dkim.algorithm is rsa)")]
    NotRsa,
    /// The key is too short.
    #[error("its RSA key has fewer than 1024 bits")]
    TooShort,
    /// `smtp.dkim.algorithm` is `ed25519`.
    #[error("it holds no Ed25519 private key in PEM (smtp.dkim.algorithm is ed25519)")]
    NotEd25519,
}

/// Signs mails. Has no `Debug`, since it holds the key.
pub(crate) struct Signer(Signature);

impl Signer {
    /// Reads the key; `None` where no signature is configured.
    pub(crate) fn new(config: &DkimConfig) -> Result<Option<Self>, SmtpConfigError> {
        if !config.is_complete()? {
            return Ok(None);
        }
        let path = &config.key_file;
        let key = read(path, config.algorithm).map_err(|source| SmtpConfigError::DkimKey {
            path: path.clone(),
            source,
        })?;
        let relaxed = DkimCanonicalization {
            header: DkimCanonicalizationType::Relaxed,
            body: DkimCanonicalizationType::Relaxed,
        };
        let headers = SIGNED.map(HeaderName::new_from_ascii_str).to_vec();
        let (selector, domain) = (config.selector.clone(), config.domain.clone());
        Ok(Some(Self(Signature::new(
            selector, domain, key, headers, relaxed,
        ))))
    }

    pub(crate) fn sign(&self, message: &mut Message) {
        message.sign(&self.0);
    }
}

impl DkimConfig {
    /// Whether mails are signed.
    fn is_complete(&self) -> Result<bool, SmtpConfigError> {
        let invalid = |setting, reason| Err(SmtpConfigError::Invalid { setting, reason });
        let has_no_file = self.key_file.as_os_str().is_empty();
        if self.selector.is_empty() && self.domain.is_empty() && has_no_file {
            return Ok(false);
        }
        if is_no_name(&self.selector) {
            return invalid("dkim.selector", "must be the name of the published key");
        }
        if is_no_name(&self.domain) {
            return invalid("dkim.domain", "must be a domain name in ASCII");
        }
        if has_no_file {
            return invalid("dkim.key_file", "is missing, though mails are to be signed");
        }
        Ok(true)
    }
}

fn is_no_name(name: &str) -> bool {
    let is_part_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.is_empty() || !name.chars().all(is_part_of_name)
}

fn read(path: &Path, algorithm: DkimAlgorithm) -> Result<DkimSigningKey, DkimKeyError> {
    let pem = fs::read_to_string(path).map_err(DkimKeyError::Unreadable)?;
    match algorithm {
        DkimAlgorithm::Rsa => rsa(&pem),
        DkimAlgorithm::Ed25519 => ed25519(&pem).ok_or(DkimKeyError::NotEd25519),
    }
}

/// lettre takes PKCS #1 alone, and newer tools write PKCS #8.
fn rsa(pem: &str) -> Result<DkimSigningKey, DkimKeyError> {
    let key = RsaPrivateKey::from_pkcs8_pem(pem)
        .or_else(|_| RsaPrivateKey::from_pkcs1_pem(pem))
        .map_err(|_| DkimKeyError::NotRsa)?;
    if key.size() < RSA_MIN_BYTES {
        return Err(DkimKeyError::TooShort);
    }
    let pem = key
        .to_pkcs1_pem(LineEnding::LF)
        .map_err(|_| DkimKeyError::NotRsa)?;
    DkimSigningKey::new(&pem, DkimSigningAlgorithm::Rsa).map_err(|_| DkimKeyError::NotRsa)
}

fn ed25519(pem: &str) -> Option<DkimSigningKey> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?;
    let start = key
        .secret_pkcs8_der()
        .get(5..)?
        .strip_prefix(ED25519_MARK)?;
    let secret = BASE64_STANDARD.encode(start.get(..32)?);
    DkimSigningKey::new(&secret, DkimSigningAlgorithm::Ed25519).ok()
}
