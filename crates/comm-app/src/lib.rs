//! What the service does: use cases that the API and the consumer drive, and worker steps that run by
//! themselves. Everything from outside comes in through [`Adapters`].

pub mod backoff;
pub mod daily;
pub mod dispatch;
pub mod envelope;
pub mod error;
pub mod event_names;
pub mod forget;
pub mod once;
pub mod outreach;
pub mod relay;
pub mod sequences;
#[cfg(test)]
mod testing;
pub mod upkeep;

pub use envelope::{Envelope, EventSettings, ScheduleCall};
pub use error::OutreachError;
pub use forget::Forget;
pub use once::Once;
pub use outreach::{
    Anrufkalender, Auskunft, Berichte, BulkError, Directories, EmailSettings, Emails,
    EventRequests, Expedited, LastContacts, Nachverfolgungen, PatientService, QueueStatus,
    Scheduled, Stand, SystemMessageError, SystemMessages, Telefonanrufe, Therapeutenkontakte,
    Verzeichnis, VerzeichnisSettings, VorlageError, Vorlagen,
};

use comm_ports::outreach::{
    Anrufberichte, Kalenderfeeds, Kontaktberichte, NachverfolgungStore, OutreachStore,
    QueueMonitor, TelefonanrufStore,
};
use comm_ports::{
    AttachmentFolder, Clock, ContentRenderer, DailyStore, EventPublisher, MailTemplates,
    MailTransport, OutboxStore, Signals,
};
use daily::Daily;
use dispatch::{Dispatch, QueueSettings};
use outreach::{AnrufSettings, FollowupSettings, KontakteSettings};
use relay::{Relay, RelaySettings};
use std::sync::Arc;
use upkeep::Upkeep;

/// Everything that the service needs from outside.
#[derive(Clone)]
pub struct Adapters {
    /// Storage of emails.
    pub store: Arc<dyn OutreachStore>,
    /// What the staff reads about calls.
    pub berichte: Arc<dyn Anrufberichte>,
    /// What the staff reads about contacts.
    pub kontaktberichte: Arc<dyn Kontaktberichte>,
    /// Calendar feeds.
    pub kalenderfeeds: Arc<dyn Kalenderfeeds>,
    /// Reads of calls.
    pub telefonanrufe: Arc<dyn TelefonanrufStore>,
    /// What is to be followed up.
    pub nachverfolgungen: Arc<dyn NachverfolgungStore>,
    /// For which day the daily work was done.
    pub daily: Arc<dyn DailyStore>,
    /// How the queue fares.
    pub monitor: Arc<dyn QueueMonitor>,
    /// Storage of events.
    pub outbox: Arc<dyn OutboxStore>,
    /// The mail server.
    pub mail: Arc<dyn MailTransport>,
    /// The broker.
    pub publisher: Arc<dyn EventPublisher>,
    /// Mail bodies.
    pub content: Arc<dyn ContentRenderer>,
    /// The templates of mails.
    pub templates: Arc<dyn MailTemplates>,
    /// Files that can be attached.
    pub attachments: Arc<dyn AttachmentFolder>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Waking workers.
    pub signals: Arc<dyn Signals>,
    /// The Patient Service; without one nobody is told of contacts, and nothing is owed.
    pub patient_service: Option<PatientService>,
    /// Who therapists and patients are.
    pub directories: Directories,
}

/// What the service offers: use cases, and workers to run.
pub struct Services {
    /// The use cases about emails.
    pub emails: Emails,
    /// What the staff reads about calls.
    pub berichte: Berichte,
    /// The use cases about the contacts of therapists.
    pub therapeutenkontakte: Therapeutenkontakte,
    /// The use cases about calendar feeds.
    pub kalender: Anrufkalender,
    /// The use cases about calls.
    pub telefonanrufe: Telefonanrufe,
    /// Calls that follow up silence.
    pub nachverfolgungen: Nachverfolgungen,
    /// How the queue fares.
    pub queue_status: QueueStatus,
    /// Notifications that are not stored.
    pub system_messages: SystemMessages,
    /// The use cases about templates.
    pub vorlagen: Vorlagen,
    /// Who therapists and patients are.
    pub verzeichnis: Verzeichnis,
    /// The use cases behind consumed events.
    pub event_requests: EventRequests,
    /// The worker that sends what is due.
    pub dispatch: Dispatch,
    /// The worker that publishes events.
    pub relay: Relay,
    /// The worker that tells the Patient Service of contacts, where there is one.
    pub last_contacts: Option<LastContacts>,
    /// The worker of what is done once a day.
    pub daily: Daily,
    /// The worker that forgets what is kept for a while only.
    pub upkeep: Upkeep,
}

/// Everything that is decided by configuration.
#[derive(Debug, Clone)]
pub struct AppSettings {
    /// About every email.
    pub emails: EmailSettings,
    /// About every call.
    pub anrufe: AnrufSettings,
    /// Follow-ups.
    pub followup: FollowupSettings,
    /// The queue.
    pub queue: QueueSettings,
    /// The relay.
    pub relay: RelaySettings,
}

/// Puts the service together.
pub fn assemble(adapters: &Adapters, settings: AppSettings) -> Services {
    let AppSettings {
        emails,
        anrufe,
        followup,
        queue,
        relay,
    } = settings;
    let anrufe = Arc::new(anrufe);
    let zone = anrufe.zone;
    let kontakte = KontakteSettings {
        zone,
        regeln: anrufe.kontaktregeln.service,
        followup: followup.clone(),
    };
    let verzeichnis = Verzeichnis::new(adapters.directories.clone());
    let telefonanrufe =
        Telefonanrufe::new(adapters.clone(), verzeichnis.clone(), Arc::clone(&anrufe));
    let nachverfolgungen = Nachverfolgungen::new(adapters.clone(), telefonanrufe.clone(), followup);
    Services {
        dispatch: Dispatch::new(adapters.clone(), queue),
        last_contacts: LastContacts::new(adapters),
        upkeep: Upkeep::new(adapters.clone()),
        relay: Relay::new(adapters.clone(), relay),
        event_requests: EventRequests::new(adapters.clone(), telefonanrufe.clone()),
        queue_status: QueueStatus::new(adapters.clone(), emails.clone()),
        system_messages: SystemMessages::new(adapters.clone(), emails.clone()),
        vorlagen: Vorlagen::new(adapters.clone()),
        emails: Emails::new(adapters.clone(), emails),
        berichte: Berichte::new(adapters.clone(), verzeichnis.clone(), zone),
        therapeutenkontakte: Therapeutenkontakte::new(adapters.clone(), kontakte),
        kalender: Anrufkalender::new(adapters.clone(), verzeichnis.clone(), zone),
        daily: Daily::new(
            adapters.clone(),
            telefonanrufe.clone(),
            nachverfolgungen.clone(),
            anrufe,
        ),
        nachverfolgungen,
        verzeichnis,
        telefonanrufe,
    }
}
