//! Settings: `config/default.toml` < `config/{APP_ENV}.toml` < `COMM__SECTION__KEY` < the plain names
//! that deployments already use.

mod limits;
mod plain;
mod shown;
mod sources;

pub(crate) use sources::Sources;

use comm_app::EventSettings;
use comm_app::dispatch::QueueSettings;
use comm_app::outreach::Regelwerk;
use comm_app::outreach::nachverfolgung::FollowupConfig;
use comm_app::outreach::telefonanrufe::CallsConfig;
use comm_clients::ServicesConfig;
use comm_content::{AttachmentsConfig, FooterConfig, TemplatesConfig};
use comm_domain::{FieldError, Zeitzone};
use comm_http::HttpConfig;
use comm_kafka::KafkaConfig;
use comm_postgres::DatabaseConfig;
use comm_smtp::SmtpConfig;
use config::{Config, ConfigError, File, FileFormat};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// `config/default.toml`, so that the binary starts from any folder.
const DEFAULTS: &str = include_str!("../../../../config/default.toml");

/// Everything that can be set. Each section is explained in `config/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) http: HttpConfig,
    pub(crate) database: DatabaseConfig,
    pub(crate) smtp: SmtpConfig,
    pub(crate) mail: MailSettings,
    pub(crate) email_queue: QueueSettings,
    pub(crate) kafka: KafkaConfig,
    pub(crate) events: EventSettings,
    pub(crate) company: FooterConfig,
    pub(crate) templates: TemplatesConfig,
    pub(crate) attachments: AttachmentsConfig,
    pub(crate) calls: CallsConfig,
    pub(crate) contact_rules: Regelwerk,
    pub(crate) followup: FollowupConfig,
    pub(crate) service: ServiceSettings,
    pub(crate) services: ServicesConfig,
    pub(crate) log: LogSettings,
}

/// Who writes, unless a client says otherwise (section `mail`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailSettings {
    pub(crate) sender_email: String,
    pub(crate) sender_name: String,
    /// Where system messages go unless a client says otherwise; empty: nowhere.
    pub(crate) system_notification_email: String,
}

/// What holds for the whole service (section `service`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceSettings {
    /// The IANA time zone in which days are counted.
    pub(crate) time_zone: String,
}

/// The log (section `log`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSettings {
    /// Directives of tracing's `EnvFilter`.
    pub(crate) filter: String,
    pub(crate) format: LogFormat,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// What is wrong with the settings; the sentence names the key, never a secret's value.
#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    #[error("a settings file cannot be read: {0}")]
    File(String),
    #[error("there is no {0}: APP_ENV must name a file in the folder config")]
    UnknownEnvironment(PathBuf),
    #[error("{name} must be one of: {allowed}")]
    Plain {
        name: &'static str,
        allowed: &'static str,
    },
    #[error("{key}{origin}: {reason}")]
    Value {
        key: String,
        /// The variable behind the key, where there is one.
        origin: String,
        reason: String,
    },
    #[error(
        "database.url is not set: set DATABASE_URL to postgresql://user:password@host:port/database"
    )]
    NoDatabase,
}

impl Settings {
    /// The service's time zone.
    ///
    /// # Errors
    /// A name that the IANA database does not know.
    pub(crate) fn zone(&self) -> Result<Zeitzone, FieldError> {
        Zeitzone::parse("service.time_zone", &self.service.time_zone)
    }

    /// Reads all layers; `folder` holds the files and may be missing.
    ///
    /// # Errors
    /// A key that does not exist, a value that cannot be, a file that cannot be read.
    pub(crate) fn load(sources: &Sources, folder: &Path) -> Result<Self, SettingsError> {
        let mut builder = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        for file in files(sources, folder)? {
            builder = builder.add_source(File::from(file).format(FileFormat::Toml));
        }
        let config = builder
            .add_source(sources.prefixed())
            .add_source(plain::layer(sources)?)
            .build()?;
        let refusal = |key: &str, reason| SettingsError::Value {
            key: key.to_owned(),
            origin: plain::origin(sources, key),
            reason,
        };
        if let Some((key, reason)) = limits::broken(&config) {
            return Err(refusal(key, reason));
        }
        let settings: Self = serde_path_to_error::deserialize(config)
            .map_err(|error| refusal(&error.path().to_string(), reason(&error.into_inner())))?;
        if settings.database.has_no_url() {
            return Err(SettingsError::NoDatabase);
        }
        match settings.database.unreadable_url() {
            None => Ok(settings),
            Some(key) => Err(refusal(
                key,
                "must be postgresql://user:password@host:port/database".to_owned(),
            )),
        }
    }
}

impl From<ConfigError> for SettingsError {
    fn from(error: ConfigError) -> Self {
        Self::File(place(&error))
    }
}

/// Which file, line and column. The parser would also quote the line, and that may hold a password.
fn place(error: &ConfigError) -> String {
    let first_line = |words: String| words.lines().next().unwrap_or_default().to_owned();
    match error {
        ConfigError::FileParse { uri, cause } => {
            let file = uri.as_deref().unwrap_or("config");
            format!("{file}: {}", first_line(cause.to_string()))
        }
        other => first_line(other.to_string()),
    }
}

/// The files that are there. An environment that was asked for must have its file, so that a misspelt
/// one does not run with the defaults; without the folder, the binary stands alone.
fn files(sources: &Sources, folder: &Path) -> Result<Vec<PathBuf>, SettingsError> {
    let mut files = vec![folder.join("default.toml")];
    let environment = folder.join(format!("{}.toml", sources.app_env()));
    if sources.names_app_env() && folder.is_dir() && !environment.is_file() {
        return Err(SettingsError::UnknownEnvironment(environment));
    }
    files.push(environment);
    files.retain(|file| file.is_file());
    Ok(files)
}

/// What serde said, without the path that stands before it already.
fn reason(error: &ConfigError) -> String {
    match error {
        ConfigError::At { error, .. } => reason(error),
        ConfigError::Type {
            unexpected,
            expected,
            ..
        } => format!("expected {expected}, found {unexpected}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
