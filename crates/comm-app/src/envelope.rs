//! Events as bytes on the wire (contract-events, 'Envelope' and 'Published').

use crate::event_names::{old_name, priority};
use chrono::{DateTime, Utc};
use comm_domain::outreach::{Email, EmailEvent, EmailEventKind};
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
struct Wire<'a> {
    event_id: Uuid,
    event_type: &'a str,
    version: &'a str,
    sequence: i64,
    timestamp: String,
    producer: &'a str,
    payload: Payload<'a>,
}

#[derive(Serialize, Default, Clone, Copy)]
struct Payload<'a> {
    email_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_data: Option<EmailData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    communication_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    therapist_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    antwort_art: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fehlerart: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<&'a str>,
}

#[derive(Serialize, Clone, Copy)]
struct EmailData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    therapist_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    betreff: Option<&'a str>,
    recipient_type: &'a str,
    status: &'a str,
}

impl Envelope {
    /// Encodes with these settings.
    pub fn new(settings: EventSettings) -> Self {
        Self { settings }
    }

    fn payload<'a>(&self, email: &'a Email, kind: &'a EmailEventKind) -> Payload<'a> {
        let about = Payload {
            email_id: email.id.0,
            email_data: Some(self.email_data(email)),
            ..Payload::default()
        };
        let outcome = |about| Payload {
            communication_type: Some("email"),
            therapist_id: email.empfaenger.therapist_id(),
            patient_id: email.empfaenger.patient_id(),
            ..about
        };
        match kind {
            EmailEventKind::Created => about,
            EmailEventKind::Deleted => Payload {
                email_data: None,
                ..about
            },
            EmailEventKind::Sent => outcome(about),
            EmailEventKind::ResponseReceived => Payload {
                antwort_art: email.antwort.art.map(|art| art.as_str()),
                ..outcome(about)
            },
            EmailEventKind::Failed { enhanced_code } => Payload {
                fehlerart: email.fehlerart.map(|art| art.as_str()),
                status_code: enhanced_code.as_deref(),
                ..outcome(about)
            },
        }
    }

    fn email_data<'a>(&self, email: &'a Email) -> EmailData<'a> {
        EmailData {
            therapist_id: email.empfaenger.therapist_id(),
            patient_id: email.empfaenger.patient_id(),
            betreff: self.settings.free_text.show(&email.betreff),
            recipient_type: email.empfaenger.recipient_type().as_str(),
            status: email.status.as_str(),
        }
    }
}

/// What an event and its copy under an older name have in common.
struct Report<'a> {
    email: &'a Email,
    event: &'a EmailEvent,
    payload: Payload<'a>,
    /// The type of the original.
    event_type: &'static str,
}

impl EventEncoder for Envelope {
    fn encode_email(&self, email: &Email, event: &EmailEvent) -> Result<Vec<OutboxRecord>, Cause> {
        let report = Report {
            email,
            event,
            payload: self.payload(email, &event.kind),
            event_type: event_type(&event.kind),
        };
        let mut records = vec![self.record(&report, report.event_type)?];
        let old = old_name(report.event_type).filter(|_| self.settings.also_publish_old_names);
        if let Some(name) = old {
            records.push(self.record(&report, name)?);
        }
        Ok(records)
    }

    fn encode_telefonanruf(
        &self,
        _: &comm_domain::outreach::Telefonanruf,
        _: &comm_domain::outreach::TelefonanrufEvent,
    ) -> Result<Vec<OutboxRecord>, Cause> {
        Ok(Vec::new())
    }
}

impl Envelope {
    /// The event under this name; one that is not its own makes a copy.
    fn record(&self, report: &Report<'_>, name: &'static str) -> Result<OutboxRecord, Cause> {
        let event_id = Uuid::now_v7();
        let Report { email, event, .. } = report;
        let wire = Wire {
            event_id,
            event_type: name,
            version: VERSION,
            sequence: event.sequence,
            timestamp: timestamp(event.at),
            producer: PRODUCER,
            payload: report.payload,
        };
        Ok(OutboxRecord {
            event_id,
            event_type: name.to_owned(),
            aggregate: "email".to_owned(),
            aggregate_id: email.id.0,
            sequence: event.sequence,
            // A copy goes with its original.
            priority: priority(report.event_type),
            is_copy: name != report.event_type,
            topic: self.settings.topic.clone(),
            key: email.id.to_string(),
            payload: serde_json::to_vec(&wire)?,
            occurred_at: event.at,
            traceparent: traceparent(),
        })
    }
}

fn event_type(kind: &EmailEventKind) -> &'static str {
    match kind {
        EmailEventKind::Created => "communication.email_created",
        EmailEventKind::Sent => "email.sent",
        EmailEventKind::Failed { .. } => "email.failed",
        EmailEventKind::ResponseReceived => "email.response_received",
        EmailEventKind::Deleted => "communication.email_deleted",
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
