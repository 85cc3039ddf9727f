//! Values that fit their type and still cannot be, and the words that a key takes.

use super::Settings;
use crate::telemetry;

/// Keys that take one of a few words: `config` does not tell which.
const CHOICES: &[(&str, &str)] = &[
    ("smtp.tls", "none, starttls, implicit"),
    ("events.free_text", "send, omit"),
    ("log.format", "text, json"),
];

/// What is wrong with any other value of such a key.
pub(super) fn choice(key: &str) -> Option<String> {
    let (_, words) = CHOICES.iter().find(|(name, _)| *name == key)?;
    Some(format!("must be one of: {words}"))
}

impl Settings {
    /// The first key whose value cannot be, and what it must be instead.
    pub(super) fn beyond_limits(&self) -> Option<(&'static str, String)> {
        if let Some(key) = self.database.unreadable_url() {
            let reason = "must be postgresql://user:password@host:port/database";
            return Some((key, reason.to_owned()));
        }
        if let Some(key) = self.services.unreadable_url() {
            let reason = "must be the address of a service such as http://host:port, or empty";
            return Some((key, reason.to_owned()));
        }
        if self.zone().is_err() {
            let reason = "must be a name of the IANA time zone database such as Europe/Berlin";
            return Some(("service.time_zone", reason.to_owned()));
        }
        if telemetry::filter(&self.log).is_err() {
            let reason = "must be directives of tracing's EnvFilter such as info,comm_app=debug";
            return Some(("log.filter", reason.to_owned()));
        }
        let grace = self.email_queue.shutdown_grace_seconds.into();
        let pool = u64::try_from(self.database.pool_size).unwrap_or(u64::MAX);
        let timeout = self.kafka.message_timeout_ms.into();
        [
            // The process ends within ten seconds of SIGTERM.
            ("email_queue.shutdown_grace_seconds", grace, 0, 8),
            ("database.pool_size", pool, 1, 1000),
            // The relay asks for its lock between two attempts, before its idle session is ended.
            ("kafka.message_timeout_ms", timeout, 1, 10_000),
        ]
        .into_iter()
        .find(|(_, value, least, most)| value < least || value > most)
        .map(|(key, _, least, most)| (key, format!("must be {least} to {most}")))
    }
}
