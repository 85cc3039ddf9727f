//! Puts the adapters together: the only place that knows all of them.

use crate::clock::SystemClock;
use crate::settings::Settings;
use chrono::TimeDelta;
use comm_app::outreach::{AnrufSettings, FollowupSettings};
use comm_app::relay::RelaySettings;
use comm_app::{
    Adapters, AppSettings, Directories, EmailSettings, Envelope, PatientService, Services,
    VerzeichnisSettings, assemble,
};
use comm_clients::{ClientError, PatientClient, ServicesConfig, TherapistClient};
use comm_content::{Attachments, Content, TeraTemplates};
use comm_domain::{EmailAddress, FieldError, Mailbox};
use comm_kafka::KafkaPublisher;
use comm_ports::templates::TemplateError;
use comm_ports::{PatientDirectory, TherapistDirectory};
use comm_postgres::{PgSignals, PgStore};
use comm_smtp::{SmtpConfigError, SmtpTransport};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// Settings that only an adapter can refuse.
#[derive(Debug, Error)]
pub(crate) enum WireError {
    #[error("a setting cannot be used")]
    Field(#[from] FieldError),
    #[error("the section smtp cannot be used")]
    Smtp(#[from] SmtpConfigError),
    #[error("the section database cannot be used")]
    Database(#[from] comm_postgres::ConnectError),
    #[error("the section services cannot be used")]
    Services(#[from] ClientError),
    #[error("--clock-offset is for trials: APP_ENV=production runs by the right time")]
    ClockOffset,
    #[error("the section templates cannot be used")]
    Templates(#[from] TemplateError),
    #[error("attachments.folder cannot be used")]
    Attachments(#[source] std::io::Error),
    #[error("the section kafka cannot be used: {0}")]
    Kafka(String),
    #[error(
        "http.host {host} can be reached by other machines, and there is no authentication yet: \
         bind a loopback address, or set http.allow_open = true"
    )]
    Open {
        /// The address.
        host: std::net::IpAddr,
    },
}

/// The running parts.
pub(crate) struct Parts {
    pub(crate) store: PgStore,
    pub(crate) services: Services,
}

/// Builds every adapter; none of them connects before it is needed.
pub(crate) fn assemble_all(settings: &Settings, clock: SystemClock) -> Result<Parts, WireError> {
    let Unconnected {
        emails,
        anrufe,
        followup,
        mail,
        templates,
        attachments,
    } = without_connections(settings)?;
    let encoder = Arc::new(Envelope::new(settings.events.clone()));
    let store = PgStore::new(&settings.database, encoder)?
        .with_domain_limit(settings.email_queue.domain_limit());
    let publisher = KafkaPublisher::new(&settings.kafka)
        .map_err(|error| WireError::Kafka(error.to_string()))?;
    let patients = PatientClient::new(&settings.services)?.map(Arc::new);
    let adapters = Adapters {
        store: Arc::new(store.clone()),
        berichte: Arc::new(store.clone()),
        kontaktberichte: Arc::new(store.clone()),
        kalenderfeeds: Arc::new(store.clone()),
        telefonanrufe: Arc::new(store.clone()),
        nachverfolgungen: Arc::new(store.clone()),
        daily: Arc::new(store.clone()),
        monitor: Arc::new(store.clone()),
        outbox: Arc::new(store.clone()),
        mail: Arc::new(mail),
        publisher: Arc::new(publisher),
        content: Arc::new(Content::new(&settings.company)),
        templates: Arc::new(templates),
        attachments: Arc::new(attachments),
        clock: Arc::new(clock),
        signals: PgSignals::start(&settings.database),
        patient_service: patient_service(settings, &store, patients.clone())?,
        directories: directories(&settings.services, &store, patients)?,
    };
    let settings = AppSettings {
        emails,
        anrufe,
        followup,
        queue: settings.email_queue.clone(),
        relay: relay_settings(settings),
    };
    let services = assemble(&adapters, settings);
    Ok(Parts { store, services })
}

/// The Patient Service, where one is configured.
fn patient_service(
    settings: &Settings,
    store: &PgStore,
    client: Option<Arc<PatientClient>>,
) -> Result<Option<PatientService>, WireError> {
    let zone = settings.zone()?;
    Ok(client.map(|directory| PatientService {
        directory,
        duties: Arc::new(store.clone()),
        zone,
    }))
}

/// The directories that are configured.
fn directories(
    services: &ServicesConfig,
    store: &PgStore,
    patients: Option<Arc<PatientClient>>,
) -> Result<Directories, WireError> {
    let therapists = TherapistClient::new(services)?;
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Ok(Directories {
        therapists: therapists.map(|client| Arc::new(client) as Arc<dyn TherapistDirectory>),
        patients: patients.map(|client| client as Arc<dyn PatientDirectory>),
        copies: Arc::new(store.clone()),
        settings: VerzeichnisSettings {
            copy_fresh: seconds(services.copy_fresh_seconds),
            list_wait: Duration::from_millis(services.list_wait_ms.into()),
            keep_copies: seconds(86_400).saturating_mul(services.keep_copies_days),
        },
    })
}

/// The store alone, for commands about events.
pub(crate) fn event_log(settings: &Settings) -> Result<PgStore, WireError> {
    let encoder = Arc::new(Envelope::new(settings.events.clone()));
    Ok(PgStore::new(&settings.database, encoder)?)
}

fn relay_settings(settings: &Settings) -> RelaySettings {
    RelaySettings {
        keep: Duration::from_secs(u64::from(settings.events.keep_days) * 86_400),
        message_timeout: Duration::from_millis(settings.kafka.message_timeout_ms.into()),
    }
}

/// Checks what can be checked without building a pool.
pub(crate) fn check(settings: &Settings) -> Result<(), WireError> {
    without_connections(settings).map(drop)
}

/// What is built from settings alone.
struct Unconnected {
    emails: EmailSettings,
    anrufe: AnrufSettings,
    followup: FollowupSettings,
    mail: SmtpTransport,
    templates: TeraTemplates,
    attachments: Attachments,
}

fn without_connections(settings: &Settings) -> Result<Unconnected, WireError> {
    let http = &settings.http;
    if http.is_open() && !http.allow_open {
        return Err(WireError::Open { host: http.host });
    }
    let address = EmailAddress::parse("mail.sender_email", &settings.mail.sender_email)?;
    let sender = Mailbox::parse(address, "mail.sender_name", &settings.mail.sender_name)?;
    let notify = match settings.mail.system_notification_email.as_str() {
        "" => None,
        address => Some(EmailAddress::parse(
            "mail.system_notification_email",
            address,
        )?),
    };
    let emails = EmailSettings {
        sender,
        zone: settings.zone()?,
        notify,
        undo: TimeDelta::seconds(settings.email_queue.undo_seconds.into()),
        kontaktregeln: settings.contact_rules.clients,
    };
    let schedule_call = settings.events.schedule_call;
    Ok(Unconnected {
        emails,
        anrufe: settings
            .calls
            .settings(settings.zone()?, schedule_call, settings.contact_rules)?,
        followup: settings.followup.settings()?,
        mail: SmtpTransport::new(&settings.smtp)?,
        templates: TeraTemplates::new(&settings.templates, &settings.company.name)?,
        attachments: Attachments::new(&settings.attachments).map_err(WireError::Attachments)?,
    })
}
