//! `events`: what an operator does with events.

use super::{Done, say, verify};
use crate::settings::Settings;
use crate::wire;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand, ValueEnum};
use comm_ports::EventLog;
use comm_ports::event_log::{EventEntry, EventFilter, EventState, StateFilter, Subject};
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Subcommand)]
pub(crate) enum EventsCommand {
    /// Show the newest events, oldest first, one a line
    List(ListFlags),
    /// Publish events again, with the same eventId: those already published, and those that Kafka refused
    Replay(ReplayFlags),
    /// Read a topic from its beginning to its present end and name every gap
    Verify(VerifyFlags),
}

#[derive(Args)]
pub(crate) struct ListFlags {
    #[command(flatten)]
    subject: SubjectFlags,
    /// Only events in this state
    #[arg(long, value_enum, default_value = "all")]
    state: State,
    /// Show at most this many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[group(required = true, multiple = true, id = "which")]
pub(crate) struct ReplayFlags {
    /// This event; may be given several times
    #[arg(long = "event", value_name = "EVENT_ID", group = "which")]
    events: Vec<Uuid>,
    /// Those of this email
    #[arg(long, value_name = "ID", group = "which", conflicts_with = "call")]
    email: Option<i64>,
    /// Those of this telephone call
    #[arg(long, value_name = "ID", group = "which")]
    call: Option<i64>,
    /// Those that happened at this moment or later, such as 2026-01-31T09:15:00Z
    #[arg(long, group = "which")]
    from: Option<DateTime<Utc>>,
    /// Those that happened before this moment
    #[arg(long, group = "which")]
    before: Option<DateTime<Utc>>,
    /// Only those that Kafka refused
    #[arg(long, group = "which")]
    parked: bool,
}

#[derive(Args)]
pub(crate) struct VerifyFlags {
    /// The topic; by default the one that is published to
    #[arg(long)]
    pub(super) topic: Option<String>,
}

#[derive(Args)]
struct SubjectFlags {
    /// Only those of this email
    #[arg(long, value_name = "ID", conflicts_with = "call")]
    email: Option<i64>,
    /// Only those of this telephone call
    #[arg(long, value_name = "ID")]
    call: Option<i64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    /// Whatever their state
    All,
    /// Not yet published
    Unpublished,
    /// Refused by Kafka
    Parked,
}

impl From<State> for StateFilter {
    fn from(state: State) -> Self {
        match state {
            State::All => Self::All,
            State::Unpublished => Self::Unpublished,
            State::Parked => Self::Parked,
        }
    }
}

pub(crate) async fn run(settings: &Settings, command: EventsCommand) -> Done {
    let log = wire::event_log(settings)?;
    match command {
        EventsCommand::List(flags) => list(&log, flags).await,
        EventsCommand::Replay(flags) => replay(&log, flags).await,
        EventsCommand::Verify(flags) => verify::run(settings, &log, flags).await,
    }
}

async fn list(log: &dyn EventLog, flags: ListFlags) -> Done {
    let filter = EventFilter {
        subject: subject(flags.subject.email, flags.subject.call),
        state: flags.state.into(),
        ..EventFilter::default()
    };
    for entry in log.list(&filter, flags.limit).await? {
        if flags.json {
            say(&as_json(&entry).to_string());
        } else {
            say(&as_line(&entry));
        }
    }
    Ok(())
}

async fn replay(log: &dyn EventLog, flags: ReplayFlags) -> Done {
    let filter = EventFilter {
        event_ids: flags.events,
        subject: subject(flags.email, flags.call),
        from: flags.from,
        before: flags.before,
        state: if flags.parked {
            StateFilter::Parked
        } else {
            StateFilter::All
        },
    };
    match log.replay(&filter).await? {
        1 => say("1 event is published again"),
        count => say(&format!("{count} events are published again")),
    }
    Ok(())
}

fn subject(email: Option<i64>, call: Option<i64>) -> Option<Subject> {
    let about = |aggregate: &str, id| Subject {
        aggregate: aggregate.to_owned(),
        id,
    };
    let email = email.map(|id| about("email", id));
    email.or_else(|| call.map(|id| about("telefonanruf", id)))
}

fn as_line(entry: &EventEntry) -> String {
    let state = match &entry.state {
        EventState::Unpublished => "unpublished".to_owned(),
        EventState::Parked(reason) => format!("parked: {reason}"),
        EventState::Published(at) => format!("published {}", time(*at)),
    };
    format!(
        "{}  {}  {}  #{}  {}  {state}",
        time(entry.occurred_at),
        entry.event_id,
        entry.subject,
        entry.sequence,
        entry.event_type,
    )
}

fn as_json(entry: &EventEntry) -> Value {
    let (state, published_at, reason) = match &entry.state {
        EventState::Unpublished => ("unpublished", None, None),
        EventState::Parked(reason) => ("parked", None, Some(reason)),
        EventState::Published(at) => ("published", Some(time(*at)), None),
    };
    json!({
        "eventId": entry.event_id,
        "eventType": entry.event_type,
        "aggregate": entry.subject.aggregate,
        "id": entry.subject.id,
        "sequence": entry.sequence,
        "occurred_at": time(entry.occurred_at),
        "state": state,
        "published_at": published_at,
        "parked_reason": reason,
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
