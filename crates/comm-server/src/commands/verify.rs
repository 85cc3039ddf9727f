//! `events verify`: whether a topic tells the whole story of every email and call.

use super::events::VerifyFlags;
use super::{Done, say};
use crate::settings::Settings;
use chrono::{DateTime, TimeDelta, Utc};
use comm_app::sequences::{Beginning, Finding, Published, SequenceCheck};
use comm_kafka::{TopicMessage, TopicReader, TopicUnreadable};
use comm_ports::EventLog;
use comm_ports::event_log::{EventEntry, EventState};
use std::collections::HashSet;
use std::error::Error;
use thiserror::Error;
use tokio::task::spawn_blocking;

/// By how much a row may be marked as published after its message was made, clocks that differ included.
const MARKED_LATER: TimeDelta = TimeDelta::minutes(1);

#[derive(Debug, Error)]
#[error("{topic} does not tell the whole story: {findings} findings")]
struct NotWhole {
    topic: String,
    findings: usize,
}

/// What was read off a topic.
#[derive(Default)]
struct Story {
    check: SequenceCheck,
    findings: Vec<Finding>,
    messages: usize,
    /// When Kafka has removed messages: those from here on are still there, in every partition.
    kept_from: Option<DateTime<Utc>>,
}

impl Story {
    fn read(reader: &TopicReader, topic: &str) -> Result<Self, TopicUnreadable> {
        let mut story = Self::default();
        let mut began = HashSet::new();
        story.messages = reader.read(topic, |message| {
            if message.beginning_removed && began.insert(message.partition) {
                let first = message.timestamp.and_then(DateTime::from_timestamp_millis);
                story.kept_from = story.kept_from.max(first);
            }
            story.see(message);
        })?;
        Ok(story)
    }

    fn see(&mut self, message: TopicMessage<'_>) {
        let beginning = if message.beginning_removed {
            Beginning::Removed
        } else {
            Beginning::Kept
        };
        if let Some(event) = Published::parse(message.value) {
            self.findings.extend(self.check.see(event, beginning));
        }
    }

    /// Whether a row of the outbox must be on the topic and is not.
    fn lacks(&self, entry: &EventEntry) -> bool {
        let kept = self.kept_from.is_none_or(|from| match entry.state {
            EventState::Published(at) => at >= from + MARKED_LATER,
            _ => false,
        });
        kept && !self.check.has(entry)
    }

    fn summary(&self, topic: &str, compared: usize) -> String {
        let tally = self.check.tally();
        format!(
            "{topic}: {} messages, among them {} events of {} emails and calls, {} copies under older \
             names, {} repeats; compared with {compared} events that the outbox keeps",
            self.messages, tally.events, tally.subjects, tally.copies, tally.repeats
        )
    }
}

pub(super) async fn run(settings: &Settings, log: &dyn EventLog, flags: VerifyFlags) -> Done {
    let topic = flags.topic.unwrap_or_else(|| settings.events.topic.clone());
    // What is published after this moment may be behind the end that is read.
    let until = log.now().await?;
    let reader = TopicReader::new(&settings.kafka);
    let mut story = spawn_blocking({
        let topic = topic.clone();
        move || Story::read(&reader, &topic)
    })
    .await??;
    let compared = compare(log, &topic, until, &mut story).await?;
    for finding in &story.findings {
        say(&finding.to_string());
    }
    say(&story.summary(&topic, compared));
    if story.findings.is_empty() {
        return Ok(());
    }
    Err(NotWhole {
        findings: story.findings.len(),
        topic,
    }
    .into())
}

/// Page by page; answers how many rows there were.
async fn compare(
    log: &dyn EventLog,
    topic: &str,
    until: DateTime<Utc>,
    story: &mut Story,
) -> Result<usize, Box<dyn Error>> {
    let (mut compared, mut after) = (0, 0);
    loop {
        let page = log.published(topic, until, after).await?;
        let Some(last) = page.last() else {
            return Ok(compared);
        };
        after = last.id;
        compared += page.len();
        for entry in page {
            if story.lacks(&entry) {
                story.findings.push(Finding::Missing(entry));
            }
        }
    }
}
