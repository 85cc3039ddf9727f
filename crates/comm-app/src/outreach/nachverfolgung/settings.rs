//! What is decided by configuration about follow-ups (section `followup`).

use chrono::{DateTime, Utc};
use comm_domain::outreach::nachverfolgung::Nachverfolgungsregeln;
use comm_domain::{FieldError, Zeitzone};
use comm_ports::error::StoreError;
use comm_ports::outreach::NachverfolgungStore;
use serde::Deserialize;

/// The section `followup` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowupConfig {
    /// Whether silence is followed up by a call.
    pub enabled: bool,
    /// Days of silence after which a call is due.
    pub wait_days: u32,
    /// Emails sent more days ago are left alone.
    pub max_age_days: u32,
    /// Emails sent before this instant are left alone; empty: before the service was set up.
    pub not_before: String,
}

impl FollowupConfig {
    /// Reads it.
    ///
    /// # Errors
    /// A `not_before` that is no instant.
    pub fn settings(&self) -> Result<FollowupSettings, FieldError> {
        Ok(FollowupSettings {
            enabled: self.enabled,
            wait_days: self.wait_days,
            max_age_days: self.max_age_days,
            not_before: not_before(&self.not_before)?,
        })
    }
}

/// An instant as RFC 3339 has it; none in an empty text.
///
/// # Errors
/// Anything else.
pub fn not_before(text: &str) -> Result<Option<DateTime<Utc>>, FieldError> {
    if text.is_empty() {
        return Ok(None);
    }
    let instant = DateTime::parse_from_rfc3339(text).map_err(|_| {
        let reason = "must be \"\" or an instant such as 2026-01-31T00:00:00Z";
        FieldError::invalid("followup.not_before", reason)
    })?;
    Ok(Some(instant.to_utc()))
}

/// Settings of the follow-ups.
#[derive(Debug, Clone)]
pub struct FollowupSettings {
    /// Whether there are any.
    pub enabled: bool,
    /// Days of silence after which a call is due.
    pub wait_days: u32,
    /// Emails sent more days ago are left alone.
    pub max_age_days: u32,
    /// Emails sent before this instant are left alone; `None`: before the service was set up.
    pub not_before: Option<DateTime<Utc>>,
}

impl Default for FollowupSettings {
    /// The contract's.
    fn default() -> Self {
        Self {
            enabled: true,
            wait_days: 7,
            max_age_days: 60,
            not_before: None,
        }
    }
}

impl FollowupSettings {
    /// From when on emails are followed up: what was sent before is imported history.
    pub(crate) async fn since(
        &self,
        store: &dyn NachverfolgungStore,
    ) -> Result<DateTime<Utc>, StoreError> {
        match self.not_before {
            Some(instant) => Ok(instant),
            None => store.eingerichtet_am().await,
        }
    }

    /// The rules that decisions go by; `not_before` is that of [`Self::since`].
    pub(crate) fn regeln(
        &self,
        not_before: DateTime<Utc>,
        zone: Zeitzone,
    ) -> Nachverfolgungsregeln {
        Nachverfolgungsregeln {
            enabled: self.enabled,
            not_before: zone.wall_clock(not_before),
            max_age_days: self.max_age_days,
            wait_days: self.wait_days,
        }
    }
}
