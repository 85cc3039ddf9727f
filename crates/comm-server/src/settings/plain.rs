//! The plain names that deployments already use. They win over everything else.

use super::{SettingsError, Sources};
use config::{Config, Source};

/// A plain name and the key that it sets.
const NAMES: &[(&str, &str)] = &[
    ("DATABASE_URL", "database.url"),
    ("SMTP_HOST", "smtp.host"),
    ("SMTP_PORT", "smtp.port"),
    ("SMTP_USERNAME", "smtp.username"),
    ("SMTP_PASSWORD", "smtp.password"),
    ("EMAIL_SENDER", "mail.sender_email"),
    ("EMAIL_SENDER_NAME", "mail.sender_name"),
    (
        "SYSTEM_NOTIFICATION_EMAIL",
        "mail.system_notification_email",
    ),
    ("KAFKA_BOOTSTRAP_SERVERS", "kafka.bootstrap_servers"),
    ("SERVICE_PORT", "http.port"),
    (
        "EMAIL_QUEUE_CHECK_INTERVAL_SECONDS",
        "email_queue.check_interval_seconds",
    ),
    ("EMAIL_QUEUE_BATCH_SIZE", "email_queue.batch_size"),
    ("COMPANY_NAME", "company.name"),
    ("COMPANY_STREET", "company.street"),
    ("COMPANY_PLZ", "company.plz"),
    ("COMPANY_CITY", "company.city"),
    ("COMPANY_COUNTRY", "company.country"),
    ("COMPANY_CEO", "company.ceo"),
    ("COMPANY_HRB", "company.hrb"),
    ("CORS_ALLOWED_ORIGINS", "http.cors_allowed_origins"),
    ("PATIENT_SERVICE_URL", "services.patient_service_url"),
    ("THERAPIST_SERVICE_URL", "services.therapist_service_url"),
];

/// `SMTP_USE_TLS=true` is STARTTLS, required; implicit TLS is `smtp.tls = "implicit"`.
const USE_TLS: &str = "SMTP_USE_TLS";
const USE_TLS_VALUES: &str = "true, false";

/// The layer of the plain names.
pub(super) fn layer(
    sources: &Sources,
) -> Result<impl Source + Send + Sync + 'static, SettingsError> {
    let mut builder = Config::builder();
    for (name, key) in NAMES {
        builder = builder.set_override_option(*key, sources.get(name))?;
    }
    builder = builder.set_override_option("smtp.tls", tls(sources)?)?;
    Ok(builder.build()?)
}

/// The variable that a key came from, for an error's sentence.
pub(super) fn origin(sources: &Sources, key: &str) -> String {
    NAMES
        .iter()
        .find(|(name, plain_key)| *plain_key == key && sources.get(name).is_some())
        .map(|(name, _)| format!(" ({name})"))
        .unwrap_or_default()
}

fn tls(sources: &Sources) -> Result<Option<&'static str>, SettingsError> {
    match sources.get(USE_TLS).map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("true" | "1" | "yes" | "on") => Ok(Some("starttls")),
        Some("false" | "0" | "no" | "off") => Ok(Some("none")),
        Some(_) => Err(SettingsError::Plain {
            name: USE_TLS,
            allowed: USE_TLS_VALUES,
        }),
    }
}
