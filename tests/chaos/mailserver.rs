//! The mail server that misbehaves, and writes down what a client cannot know. One fault is one stage of
//! the dialogue and one way to fail there; every few mails meet it.

use crate::journal::Journal;
use crate::traffic::number_of;
use comm_devkit::smtp::{Action, Context, Script, SmtpServer, Stage};
use mail_parser::MessageParser;
use serde_json::json;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Every how manieth mail meets the fault.
const EVERY: usize = 4;
/// How many connections meet a fault that comes before any mail.
const CONNECTIONS: usize = 4;
/// Longer than the time-outs of these scenes.
pub(crate) const TOO_LATE: Duration = Duration::from_secs(8);

/// A way to fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A 4xx.
    Busy,
    /// A 5xx.
    Refuse,
    /// No answer, for ever.
    Hang,
    /// The end of the connection.
    Drop,
    /// A line that is no SMTP reply.
    Garbage,
    /// The right answer, after a while.
    Late,
    /// The right answer, when nobody waits any more.
    TooLate,
}

/// A way to fail at a stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub(crate) stage: Stage,
    pub(crate) kind: Kind,
}

impl Kind {
    fn action(self) -> Action {
        match self {
            Self::Busy => Action::reply(451, "4.3.0 busy"),
            Self::Refuse => Action::reply(550, "5.7.1 refused"),
            Self::Hang => Action::hang(),
            Self::Drop => Action::drop(),
            Self::Garbage => Action::garbage("?? no reply at all"),
            Self::Late => Action::proceed().after(Duration::from_millis(300)),
            Self::TooLate => Action::proceed().after(TOO_LATE),
        }
    }

    /// Whether the client gets a reply in time that it understands.
    fn is_heard(self) -> bool {
        matches!(self, Self::Busy | Self::Refuse | Self::Late)
    }
}

impl Fault {
    /// The stages at which a server can fail in this way.
    pub(crate) fn stages(kind: Kind) -> Vec<Stage> {
        let replies = [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Message];
        let before = [Stage::Greeting, Stage::Ehlo];
        match kind {
            Kind::Refuse => replies.to_vec(),
            Kind::Busy | Kind::Garbage | Kind::Late | Kind::TooLate => {
                [before.as_slice(), &replies].concat()
            }
            Kind::Hang | Kind::Drop => [before.as_slice(), &replies, &[Stage::Body]].concat(),
        }
    }

    fn is_before_mails(self) -> bool {
        matches!(self.stage, Stage::Greeting | Stage::Ehlo)
    }
}

/// A script with these faults. Several of them take turns; each mail meets its fault once.
pub(crate) fn script(faults: &[Fault], journal: &Arc<Journal>) -> Script {
    let struck = Arc::new(Mutex::new(HashSet::new()));
    let mut script = Script::new();
    for (turn, fault) in faults.iter().copied().enumerate() {
        let (struck, journal) = (Arc::clone(&struck), Arc::clone(journal));
        let turns = faults.len();
        script = script.on(fault.stage, move |context| {
            let named = match fault.is_before_mails() {
                true => (context.connection <= CONNECTIONS)
                    .then(|| format!("connection {}", context.connection)),
                false => victim(context, turn, turns),
            };
            let first = |name: &String| {
                let mut struck = struck.lock().unwrap_or_else(PoisonError::into_inner);
                struck.insert(name.clone())
            };
            let Some(name) = named.filter(first) else {
                return Action::proceed();
            };
            note(fault, &name, &journal);
            fault.kind.action()
        });
    }
    script
}

/// The sender, if this mail is one that meets the fault of this turn.
fn victim(context: &Context<'_>, turn: usize, turns: usize) -> Option<String> {
    let number = number_of(context.sender)?;
    let met = number.is_multiple_of(EVERY) && (number / EVERY) % turns == turn;
    met.then(|| context.sender.to_owned())
}

/// What the server knows of a mail that met its fault.
fn note(fault: Fault, sender: &str, journal: &Journal) {
    let after_354 = matches!(fault.stage, Stage::Body | Stage::Message);
    if after_354 && !fault.kind.is_heard() {
        journal.note("silent", sender);
    }
    if fault.kind == Kind::Refuse && !fault.is_before_mails() {
        journal.note("refused", sender);
    }
}

/// Writes down every mail that the server took.
pub(crate) fn write_record(server: &SmtpServer, journal: &Journal) {
    for mail in server.received() {
        let parsed = MessageParser::default().parse(&mail.raw).unwrap();
        let message_id = parsed.message_id().unwrap();
        journal.write(json!({"is": "taken", "message_id": message_id, "sender": mail.from}));
    }
}
