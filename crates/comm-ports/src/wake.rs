//! Telling the workers that there is something to do.

/// Wakes the workers of this instance at once and those of others soon. Losing a call costs time,
/// never work: every worker also looks by itself.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait Wake: Send + Sync {
    /// The queue has changed: a mail may be due earlier than was known.
    fn queue(&self);

    /// The outbox has new rows.
    fn outbox(&self);
}
