//! Events as bytes on the wire (contract-events, 'Envelope' and 'Published'). What is said about an email is in
//! `email`, about a call in `telefonanruf`.

mod email;
mod telefonanruf;

use crate::event_names::{old_name, priority};
use chrono::{DateTime, Utc};
use comm_domain::outreach::{Email, EmailEvent, Telefonanruf, TelefonanrufEvent};
use comm_ports::error::Cause;
use comm_ports::{EventEncoder, OutboxRecord};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name under which this service publishes.
pub const PRODUCER: &str = "communication-service";
const VERSION: &str = "1.0";

/// Settings of the events (section `events`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSettings {
    /// The topic that events are published to and consumed from.
    pub topic: String,
    /// Whether free text is sent or left out.
    pub free_text: FreeText,
    /// What `communication.schedule_call` does.
    pub schedule_call: ScheduleCall,
    /// Days for which consumed events are remembered: longer than the topic keeps messages.
    pub keep_seen_days: u32,
    /// Days for which recorded wishes for calls are kept.
    pub keep_anrufwuensche_days: u32,
    /// Whether events are also published under the names that older consumers know.
    pub also_publish_old_names: bool,
    /// Days for which published events are kept.
    pub keep_days: u32,
}

/// What happens to a wish for a call that comes by event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScheduleCall {
    /// It is recorded.
    Record,
    /// A call is planned.
    Book,
}

/// What happens to texts that people wrote: `betreff` of emails and `ergebnis` of calls, also where the
/// latter stands as an `outcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FreeText {
    /// They are part of the events, as existing consumers expect.
    Send,
    /// They are left out.
    Omit,
}

impl FreeText {
    /// The text, if it is sent.
    fn show(self, text: &str) -> Option<&str> {
        (self == Self::Send).then_some(text)
    }
}

/// Encodes events as the platform's other services read them.
pub struct Envelope {
    settings: EventSettings,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a, Payload> {
    event_id: Uuid,
    event_type: &'a str,
    version: &'a str,
    sequence: i64,
    timestamp: String,
    producer: &'a str,
    payload: &'a Payload,
}

/// What an event and its copy under an older name have in common.
struct Report<Payload> {
    /// What it is about, `email` or `telefonanruf`.
    aggregate: &'static str,
    id: i64,
    sequence: i64,
    at: DateTime<Utc>,
    /// The type of the original.
    event_type: &'static str,
    payload: Payload,
}

impl EventEncoder for Envelope {
    fn encode_email(&self, email: &Email, event: &EmailEvent) -> Result<Vec<OutboxRecord>, Cause> {
        self.records(&email::report(email, event, self.settings.free_text))
    }

    fn encode_telefonanruf(
        &self,
        anruf: &Telefonanruf,
        event: &TelefonanrufEvent,
    ) -> Result<Vec<OutboxRecord>, Cause> {
        self.records(&telefonanruf::report(anruf, event, self.settings.free_text))
    }
}

impl Envelope {
    /// Encodes with these settings.
    pub fn new(settings: EventSettings) -> Self {
        Self { settings }
    }

    /// The event, and then its copy under an older name.
    fn records(&self, report: &Report<impl Serialize>) -> Result<Vec<OutboxRecord>, Cause> {
        let mut records = vec![self.record(report, report.event_type)?];
        let old = old_name(report.event_type).filter(|_| self.settings.also_publish_old_names);
        if let Some(name) = old {
            records.push(self.record(report, name)?);
        }
        Ok(records)
    }

    /// The event under this name; one that is not its own makes a copy.
    fn record(
        &self,
        report: &Report<impl Serialize>,
        name: &'static str,
    ) -> Result<OutboxRecord, Cause> {
        let event_id = Uuid::now_v7();
        let wire = Wire {
            event_id,
            event_type: name,
            version: VERSION,
            sequence: report.sequence,
            timestamp: timestamp(report.at),
            producer: PRODUCER,
            payload: &report.payload,
        };
        Ok(OutboxRecord {
            event_id,
            event_type: name.to_owned(),
            aggregate: report.aggregate.to_owned(),
            aggregate_id: report.id,
            sequence: report.sequence,
            // A copy goes with its original.
            priority: priority(report.event_type),
            is_copy: name != report.event_type,
            topic: self.settings.topic.clone(),
            key: report.id.to_string(),
            payload: serde_json::to_vec(&wire)?,
            occurred_at: report.at,
            traceparent: traceparent(),
        })
    }
}

/// UTC without an offset, as the platform's other services write it.
fn timestamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// A W3C trace context of its own for every event: not sampled, since nothing is traced yet.
fn traceparent() -> String {
    let trace = Uuid::new_v4().simple().to_string();
    let (_, span) = Uuid::new_v4().as_u64_pair();
    format!("00-{trace}-{span:016x}-00")
}
