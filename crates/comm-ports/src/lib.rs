//! What the service needs from outside, as one small trait per need. No implementation lives here,
//! but for the mocks and the fixed clock of the feature `testing`.

pub mod clock;
pub mod consumed;
pub mod content;
pub mod error;
pub mod event_log;
pub mod mail;
pub mod outbox;
pub mod outreach;
pub mod page;
pub mod publisher;
pub mod signal;
#[cfg(feature = "testing")]
pub mod testing;

pub use clock::Clock;
pub use consumed::{ConsumedEvent, ConsumedStore, ConsumerFigures, ConsumerHealth, PartitionLag};
pub use content::ContentRenderer;
pub use error::StoreError;
pub use event_log::EventLog;
pub use mail::{MailTransport, Origin, OutgoingMail};
pub use outbox::{EventEncoder, OutboxRecord, OutboxStore, Priority, RelayLease};
pub use publisher::{EventPublisher, PublishError};
pub use signal::{Signal, Signals};
