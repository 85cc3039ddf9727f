//! What the service needs from outside, as one small trait per need. No implementation lives here,
//! but for the mocks and the fixed clock of the feature `testing`.

pub mod attachments;
pub mod clock;
pub mod consumed;
pub mod content;
pub mod daily;
pub mod directory;
pub mod error;
pub mod event_log;
pub mod idempotency;
pub mod mail;
pub mod outbox;
pub mod outreach;
pub mod page;
pub mod publisher;
pub mod signal;
pub mod templates;
#[cfg(feature = "testing")]
pub mod testing;

pub use attachments::{AttachmentError, AttachmentFolder};
pub use clock::Clock;
pub use consumed::{ConsumedEvent, ConsumedStore, ConsumerFigures, ConsumerHealth, PartitionLag};
pub use content::ContentRenderer;
pub use daily::{DailyLease, DailyStore};
pub use directory::{
    DirectoryCopies, DirectoryError, Kopie, Patient, PatientDirectory, Person, Therapeut,
    TherapistDirectory,
};
pub use error::StoreError;
pub use event_log::EventLog;
pub use idempotency::{KeptAnswer, KeyState, RequestKey};
pub use mail::{IsOurs, MailTransport, Origin, OutgoingAttachment, OutgoingMail};
pub use outbox::{EventEncoder, OutboxRecord, OutboxStore, Priority, RelayLease};
pub use publisher::{EventPublisher, PublishError};
pub use signal::{Signal, Signals};
pub use templates::MailTemplates;
