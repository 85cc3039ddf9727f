//! Settings of the queue (section `email_queue`).

use serde::Deserialize;
use std::time::Duration;

/// How the queue works.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueSettings {
    /// Seconds in which a queued email can be recalled before it is sent.
    pub undo_seconds: u32,
    /// Seconds after which the worker looks at the queue even if nothing woke it.
    pub check_interval_seconds: u32,
    /// Most mails that one claim takes; never more than connections are free.
    pub batch_size: usize,
    /// Seconds that a claim holds; renewed at a third of it.
    pub lease_seconds: u32,
    /// Seconds that mails under way have to finish when the service is told to stop.
    pub shutdown_grace_seconds: u32,
}

impl QueueSettings {
    pub(super) fn poll_every(&self) -> Duration {
        Duration::from_secs(self.check_interval_seconds.max(1).into())
    }

    /// At least one: a queue that claims nothing would never send.
    pub(super) fn batch(&self) -> usize {
        self.batch_size.max(1)
    }

    pub(super) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds.max(1).into())
    }

    pub(super) fn renew_every(&self) -> Duration {
        self.lease() / 3
    }

    /// Often enough that a crash is found within 60 seconds with a lease of 45.
    pub(super) fn reap_every(&self) -> Duration {
        self.lease() / 9
    }

    pub(super) fn grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace_seconds.into())
    }
}
