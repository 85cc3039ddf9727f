//! The settings of the SMTP server, and what is wrong with them.

use crate::dkim::{DkimConfig, DkimKeyError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// Where and how mails are handed over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmtpConfig {
    /// Name or address of the server. With TLS its certificate must be valid for it.
    pub host: String,
    /// TCP port: 25 for a relay, 587 for submission with STARTTLS, 465 for implicit TLS.
    pub port: u16,
    /// The user of AUTH; absent or empty means that none is sent.
    pub username: Option<String>,
    /// The password of AUTH.
    pub password: Option<SecretString>,
    /// Whether and when the connection is encrypted.
    pub tls: TlsMode,
    /// How many connections may be open at a time, at least 1.
    pub connections: u16,
    /// What EHLO says; absent or empty means this machine's host name.
    pub hello_name: Option<String>,
    /// A PEM file with certificate authorities that are trusted besides the system's;
    /// absent or empty means none.
    pub ca_file: Option<PathBuf>,
    /// How long each stage may take.
    pub timeouts: Timeouts,
    /// Who signs the mails.
    pub dkim: DkimConfig,
}

/// Whether and when the connection is encrypted. There is never a fall-back to plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// Plain text: for a server on this machine or in a private network.
    #[default]
    None,
    /// The command STARTTLS before anything else (RFC 3207).
    StartTls,
    /// TLS from the first byte on (RFC 8314).
    Implicit,
}

/// How long each stage of the dialogue may take, in whole seconds, at least 1. The time after the final
/// dot is that of RFC 5321 4.5.3.2.6: who gives up earlier creates mails in doubt.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// Name resolution and TCP connection; the TLS handshake may take as long again.
    #[serde(rename = "connect_seconds", deserialize_with = "seconds")]
    pub connect: Duration,
    /// The greeting, and the reply to each command but DATA.
    #[serde(rename = "command_seconds", deserialize_with = "seconds")]
    pub command: Duration,
    /// The reply to DATA (RFC 5321 4.5.3.2.4).
    #[serde(rename = "data_seconds", deserialize_with = "seconds")]
    pub data: Duration,
    /// Sending the message up to the final dot.
    #[serde(rename = "message_seconds", deserialize_with = "seconds")]
    pub message: Duration,
    /// The reply to the final dot.
    #[serde(rename = "reply_after_dot_seconds", deserialize_with = "seconds")]
    pub reply_after_dot: Duration,
    /// How long an unused connection is kept for the next mail.
    #[serde(rename = "idle_seconds", deserialize_with = "seconds")]
    pub idle: Duration,
}

/// Why no mail could be sent with these settings.
#[derive(Debug, Error)]
pub enum SmtpConfigError {
    /// A value that cannot be used; the sentence names the setting.
    #[error("smtp.{setting} {reason}")]
    Invalid {
        /// The setting below `smtp`.
        setting: &'static str,
        /// What it must be instead; completes the sentence.
        reason: &'static str,
    },
    /// A password would cross a network in plain text.
    #[error(
        "smtp.username is set, but smtp.tls is 'none' and smtp.host is not this machine: \
         the password would be readable on the way; set smtp.tls to 'starttls' or 'implicit'"
    )]
    PasswordInClear,
    /// `ca_file` cannot be read, or is no PEM file with certificates.
    #[error("smtp.ca_file: {path} cannot be used")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: tokio_rustls::rustls::pki_types::pem::Error,
    },
    /// The key for DKIM cannot be used.
    #[error("smtp.dkim.key_file: {path} cannot be used")]
    DkimKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: DkimKeyError,
    },
    /// TLS cannot be set up.
    #[error("TLS for the SMTP server cannot be set up")]
    Tls(#[source] tokio_rustls::rustls::Error),
    /// There is no certificate authority to trust.
    #[error("the system has no certificate authorities; install them or set smtp.ca_file")]
    NoAuthorities,
}

impl SmtpConfig {
    /// Checks what can be checked without talking to the server.
    pub(crate) fn check(&self) -> Result<(), SmtpConfigError> {
        let invalid = |setting, reason| Err(SmtpConfigError::Invalid { setting, reason });
        if self.host.trim().is_empty() {
            return invalid("host", "must not be empty");
        }
        if self.connections == 0 {
            return invalid("connections", "must be at least 1");
        }
        if self.timeouts.has_zero() {
            return invalid("timeouts", "must each be at least 1 second");
        }
        if self.hello_name().is_some_and(is_no_name) {
            return invalid("hello_name", "must be a host name or an IP address");
        }
        if self.user().is_some() && self.has_no_password() {
            return invalid("password", "is missing, though smtp.username is set");
        }
        if self.user().is_some() && self.tls == TlsMode::None && !is_this_machine(&self.host) {
            return Err(SmtpConfigError::PasswordInClear);
        }
        Ok(())
    }

    fn has_no_password(&self) -> bool {
        let password = self.password.as_ref().map(ExposeSecret::expose_secret);
        password.is_none_or(str::is_empty)
    }

    /// What EHLO says, unless it is empty.
    pub(crate) fn hello_name(&self) -> Option<&str> {
        self.hello_name.as_deref().filter(|name| !name.is_empty())
    }

    /// The file of additional authorities, unless it is empty.
    pub(crate) fn ca_file(&self) -> Option<&Path> {
        self.ca_file
            .as_deref()
            .filter(|path| !path.as_os_str().is_empty())
    }

    /// The user of AUTH, unless it is empty.
    pub(crate) fn user(&self) -> Option<&str> {
        self.username.as_deref().filter(|name| !name.is_empty())
    }
}

impl Default for SmtpConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 25,
            username: None,
            password: None,
            tls: TlsMode::None,
            connections: 8,
            hello_name: None,
            ca_file: None,
            timeouts: Timeouts::default(),
            dkim: DkimConfig::default(),
        }
    }
}

impl Timeouts {
    fn has_zero(&self) -> bool {
        [
            self.connect,
            self.command,
            self.data,
            self.message,
            self.reply_after_dot,
            self.idle,
        ]
        .iter()
        .any(Duration::is_zero)
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_secs(60),
            data: Duration::from_secs(120),
            message: Duration::from_secs(180),
            reply_after_dot: Duration::from_secs(600),
            idle: Duration::from_secs(30),
        }
    }
}

fn seconds<'de, D: Deserializer<'de>>(value: D) -> Result<Duration, D::Error> {
    u32::deserialize(value).map(|seconds| Duration::from_secs(u64::from(seconds)))
}

/// Loopback links are not readable for others.
fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn is_no_name(name: &str) -> bool {
    let is_part_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    !name.chars().all(is_part_of_name)
}
