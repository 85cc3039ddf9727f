//! What a scripted server does otherwise than a well-behaved one.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A place in the dialogue at which a script may step in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Before the first line of the server.
    Greeting,
    /// The reply to EHLO or HELO.
    Ehlo,
    /// The reply to STARTTLS.
    StartTls,
    /// The reply to AUTH.
    Auth,
    /// The reply to MAIL.
    Mail,
    /// The reply to RCPT.
    Rcpt,
    /// The reply to DATA, which is 354 as a rule.
    Data,
    /// 354 is out and the message is on its way: hang up, or stop reading.
    Body,
    /// The final dot was read; its reply is due.
    Message,
    /// The reply to RSET.
    Rset,
    /// The reply to QUIT.
    Quit,
}

impl Stage {
    /// The stages at which the client waits for a reply, in the order of a dialogue.
    pub const REPLIES: &[Self] = &[
        Self::Greeting,
        Self::Ehlo,
        Self::StartTls,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Message,
    ];
}

/// What is known at a stage, for rules that choose.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The stage.
    pub stage: Stage,
    /// The connection's number on this server, from 1.
    pub connection: usize,
    /// The number of MAIL commands that this server has seen, this one included.
    pub mail: usize,
    /// The address of MAIL, or empty.
    pub sender: &'a str,
    /// The address of the last RCPT, or empty.
    pub recipient: &'a str,
}

/// What to do at a stage.
#[derive(Debug, Clone)]
pub struct Action {
    pub(super) kind: Kind,
    pub(super) delay: Duration,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Proceed,
    /// A code with its text; several lines are separated by `\n`.
    Reply(u16, Cow<'static, str>),
    Garbage(String),
    Hang,
    Drop,
}

impl Action {
    /// What a well-behaved server does.
    pub fn proceed() -> Self {
        Self::of(Kind::Proceed)
    }

    /// Answers `code` and `text`; each line of the text becomes a line of the reply. After 421 the
    /// connection is closed (RFC 5321 3.8).
    pub fn reply(code: u16, text: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Kind::Reply(code, text.into()))
    }

    /// Sends a line that is no SMTP reply, and stays.
    pub fn garbage(line: impl Into<String>) -> Self {
        Self::of(Kind::Garbage(line.into()))
    }

    /// Never answers, until the client leaves.
    pub fn hang() -> Self {
        Self::of(Kind::Hang)
    }

    /// Closes the connection without a word.
    pub fn drop() -> Self {
        Self::of(Kind::Drop)
    }

    /// The same, but `delay` later.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Whether the mail whose final dot was read counts as received: a server that hangs up at that
    /// point may well have stored it.
    pub(super) fn stores_mail(&self) -> bool {
        !matches!(&self.kind, Kind::Reply(code, _) if *code >= 400)
    }

    fn of(kind: Kind) -> Self {
        Self {
            kind,
            delay: Duration::ZERO,
        }
    }

    fn is_usual(&self) -> bool {
        matches!(self.kind, Kind::Proceed) && self.delay.is_zero()
    }
}

type Rule = Arc<dyn Fn(&Context<'_>) -> Action + Send + Sync>;

/// Rules for stages. The first rule that wants something unusual decides; without one the server behaves.
#[derive(Clone, Default)]
pub struct Script {
    rules: Vec<(Stage, Rule)>,
}

impl Script {
    /// A script without a rule: a well-behaved server.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks `rule` whenever the dialogue comes to `stage`.
    #[must_use]
    pub fn on(
        mut self,
        stage: Stage,
        rule: impl Fn(&Context<'_>) -> Action + Send + Sync + 'static,
    ) -> Self {
        self.rules.push((stage, Arc::new(rule)));
        self
    }

    /// Does `action` each time.
    #[must_use]
    pub fn always(self, stage: Stage, action: Action) -> Self {
        self.on(stage, move |_| action.clone())
    }

    /// Does `action` the first time only.
    #[must_use]
    pub fn once(self, stage: Stage, action: Action) -> Self {
        let done = AtomicBool::new(false);
        self.on(stage, move |_| {
            if done.swap(true, Ordering::Relaxed) {
                Action::proceed()
            } else {
                action.clone()
            }
        })
    }

    pub(super) fn action(&self, context: &Context<'_>) -> Action {
        self.rules
            .iter()
            .filter(|(stage, _)| *stage == context.stage)
            .map(|(_, rule)| rule(context))
            .find(|action| !action.is_usual())
            .unwrap_or_else(Action::proceed)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.rules.iter().map(|(stage, _)| stage))
            .finish()
    }
}
