//! Settings of the queue (section `email_queue`).

use comm_domain::outreach::Versuchsplan;
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use std::fmt;
use std::num::NonZeroU32;
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
    /// When an attempt that failed for the moment is followed by the next one.
    #[serde(rename = "backoff_minutes", deserialize_with = "plan_of_minutes")]
    pub backoff: Versuchsplan,
    /// What becomes of a mail whose sender died.
    pub after_crash: AfterCrash,
    /// Most mails that go to one recipient domain within a minute, whatever the number of instances; 0:
    /// any number. The store keeps to it.
    pub per_domain_per_minute: u32,
}

/// What becomes of a mail that was under way when the process that sent it died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AfterCrash {
    /// It is in doubt, and a person decides.
    Doubt,
    /// It is sent again, and may arrive twice.
    Resend,
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

    /// The limit of `per_domain_per_minute`, if there is one.
    pub fn domain_limit(&self) -> Option<NonZeroU32> {
        NonZeroU32::new(self.per_domain_per_minute)
    }

    pub(super) fn grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace_seconds.into())
    }
}

/// A list of numbers in a file; in a variable, the same separated by commas.
fn plan_of_minutes<'de, D: Deserializer<'de>>(value: D) -> Result<Versuchsplan, D::Error> {
    let minutes = value.deserialize_any(Minutes)?;
    Versuchsplan::of_minutes(&minutes).map_err(D::Error::custom)
}

struct Minutes;

impl<'de> Visitor<'de> for Minutes {
    type Value = Vec<f64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of minutes such as [1, 5, 15]")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let minutes: Result<_, _> = text.split(',').map(|word| word.trim().parse()).collect();
        minutes.map_err(|_| E::custom("must be minutes separated by commas, such as 1,5,15"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut minutes = Vec::new();
        while let Some(next) = list.next_element()? {
            minutes.push(next);
        }
        Ok(minutes)
    }
}
