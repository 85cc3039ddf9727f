//! What the tests of all use cases share: adapters that refuse every call, and settings.

use chrono::{NaiveTime, TimeDelta};
use comm_app::dispatch::{AfterCrash, QueueSettings};
use comm_app::outreach::telefonanrufe::{AnrufSettings, OnOverlap};
use comm_app::outreach::{FollowupSettings, Regelwerk};
use comm_app::relay::RelaySettings;
use comm_app::{Adapters, AppSettings, Directories, EmailSettings, ScheduleCall};
use comm_domain::Zeitzone;
use comm_domain::outreach::telefonanruf::Wiederholungsregeln;
use comm_domain::outreach::{Bundesland, Erreichbarkeit, Kalender, Versuchsplan};
use comm_ports::testing::build::{instant, mailbox};
use comm_ports::testing::{
    FixedClock, MockAnrufberichte, MockAttachmentFolder, MockContentRenderer, MockDailyStore,
    MockDirectoryCopies, MockEventPublisher, MockKalenderfeeds, MockKontaktberichte,
    MockMailTemplates, MockMailTransport, MockNachverfolgungStore, MockOutboxStore,
    MockOutreachStore, MockQueueMonitor, MockSignals, MockTelefonanrufStore,
};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const UNDO: TimeDelta = TimeDelta::seconds(5);

/// Mocks without expectations, and a clock that stands still on Saturday 2026-01-31, 10:15 in Berlin.
pub(crate) fn adapters() -> Adapters {
    Adapters {
        store: Arc::new(MockOutreachStore::new()),
        telefonanrufe: Arc::new(MockTelefonanrufStore::new()),
        berichte: Arc::new(MockAnrufberichte::new()),
        kontaktberichte: Arc::new(MockKontaktberichte::new()),
        kalenderfeeds: Arc::new(MockKalenderfeeds::new()),
        nachverfolgungen: Arc::new(MockNachverfolgungStore::new()),
        daily: Arc::new(MockDailyStore::new()),
        monitor: Arc::new(MockQueueMonitor::new()),
        outbox: Arc::new(MockOutboxStore::new()),
        mail: Arc::new(MockMailTransport::new()),
        publisher: Arc::new(MockEventPublisher::new()),
        content: Arc::new(MockContentRenderer::new()),
        templates: Arc::new(MockMailTemplates::new()),
        attachments: Arc::new(MockAttachmentFolder::new()),
        clock: Arc::new(FixedClock(instant())),
        signals: Arc::new(MockSignals::new()),
        patient_service: None,
        directories: Directories::none(Arc::new(MockDirectoryCopies::new())),
    }
}

pub(crate) fn settings() -> AppSettings {
    AppSettings {
        emails: EmailSettings {
            sender: mailbox("vermittlung", "Vermittlung"),
            undo: UNDO,
            zone: berlin(),
            notify: None,
            kontaktregeln: Regelwerk::default().clients,
        },
        anrufe: anrufe(),
        followup: FollowupSettings::default(),
        queue: queue(),
        relay: RelaySettings {
            keep: Duration::ZERO,
            message_timeout: Duration::ZERO,
        },
    }
}

/// The contract's defaults for calls.
pub(crate) fn anrufe() -> AnrufSettings {
    AnrufSettings {
        kalender: Kalender::germany(Bundesland::Berlin, berlin().tz()),
        zone: berlin(),
        office_hours: Erreichbarkeit::office_hours(),
        lead_time_minutes: 60,
        horizon_days: 14,
        seats: None,
        on_overlap: OnOverlap::Refuse,
        wiederholung: Wiederholungsregeln::default(),
        daily_at: Some(NaiveTime::MIN),
        schedule_call: ScheduleCall::Record,
        kontaktregeln: Regelwerk::default(),
    }
}

fn berlin() -> Zeitzone {
    Zeitzone::parse("zone", "Europe/Berlin").unwrap()
}

fn queue() -> QueueSettings {
    QueueSettings {
        undo_seconds: 5,
        check_interval_seconds: 60,
        batch_size: 10,
        lease_seconds: 45,
        shutdown_grace_seconds: 8,
        backoff: Versuchsplan::default(),
        after_crash: AfterCrash::Doubt,
        per_domain_per_minute: 0,
    }
}
