//! Telling the workers that there is something to do.

use async_trait::async_trait;

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// A mail may be due earlier than was known.
    Queue,
    /// The outbox has new rows.
    Outbox,
    /// The Patient Service has something to be told.
    LastContact,
}

/// Wakes the workers of this instance at once and those of others soon. A lost signal costs time,
/// never work: every worker also looks by itself.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Signals: Send + Sync {
    /// Wakes whoever waits for it, here and on other instances; call it after the commit.
    fn raise(&self, signal: Signal);

    /// Waits until it is raised; at once, if that happened since the last wait. One waiter a signal.
    async fn wait(&self, signal: Signal);
}
