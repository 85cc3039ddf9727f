//! For tests: mocks of every port, builders, strategies for property tests and a fixed clock.

pub mod build;
pub mod strategies;

pub use crate::attachments::MockAttachmentFolder;
pub use crate::clock::MockClock;
pub use crate::consumed::{MockConsumedStore, MockConsumerHealth};
pub use crate::content::MockContentRenderer;
pub use crate::daily::{MockDailyLease, MockDailyStore};
pub use crate::directory::{MockDirectoryCopies, MockPatientDirectory, MockTherapistDirectory};
pub use crate::event_log::MockEventLog;
pub use crate::mail::MockMailTransport;
pub use crate::outbox::{MockEventEncoder, MockOutboxStore, MockRelayLease};
pub use crate::outreach::{
    MockAnrufberichte, MockContactDuties, MockKalenderfeeds, MockKontaktberichte,
    MockNachverfolgungStore, MockOutreachStore, MockOutreachTx, MockQueueMonitor,
    MockTelefonanrufStore,
};
pub use crate::publisher::MockEventPublisher;
pub use crate::signal::MockSignals;
pub use crate::templates::MockMailTemplates;

use crate::clock::Clock;
use chrono::{DateTime, Utc};

/// A clock that stands still.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub DateTime<Utc>);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}
