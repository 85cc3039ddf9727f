//! What the ledger found.

use serde_json::{Value, json};

/// A rule that was broken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// What was accepted is gone, unfinished, or called sent though no server took it.
    Lost,
    /// The server took a mail twice, or one request made two mails.
    Twice,
    /// A mail that nobody asked for.
    Unasked,
    /// A mail that may have arrived, and is not called in doubt.
    UnnamedDoubt,
    /// A mail that is called in doubt without a cause.
    NeedlessDoubt,
    /// An event that is not on the topic.
    MissingEvent,
    /// A number that is missing in the sequence of an email.
    Gap,
    /// An event before an earlier one of its email.
    OutOfOrder,
    /// An event that does not say what the API says, or came with another key.
    WrongEvent,
    /// A transaction or a connection that was left open.
    Leak,
}

impl Rule {
    fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Twice => "twice",
            Self::Unasked => "unasked",
            Self::UnnamedDoubt => "unnamed doubt",
            Self::NeedlessDoubt => "needless doubt",
            Self::MissingEvent => "missing event",
            Self::Gap => "gap",
            Self::OutOfOrder => "out of order",
            Self::WrongEvent => "wrong event",
            Self::Leak => "leak",
        }
    }
}

/// The figures of a scene and everything that is wrong with it.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) accepted: usize,
    pub(crate) unanswered: usize,
    pub(crate) once: usize,
    pub(crate) in_doubt: usize,
    pub(crate) refused: usize,
    pub(crate) events: usize,
    broken: Vec<(Rule, String)>,
}

impl Verdict {
    /// On a scene in which this many mails were accepted.
    pub(crate) fn of(accepted: usize) -> Self {
        Self {
            accepted,
            ..Self::default()
        }
    }

    pub(crate) fn complain(&mut self, rule: Rule, what: impl Into<String>) {
        self.broken.push((rule, what.into()));
    }

    fn count(&self, rule: Rule) -> usize {
        let broken = self.broken.iter();
        broken.filter(|(broken, _)| *broken == rule).count()
    }

    pub(crate) fn to_json(&self) -> Value {
        let broken = self.broken.iter();
        let broken: Vec<_> = broken
            .map(|(rule, what)| json!({"rule": rule.name(), "what": what}))
            .collect();
        json!({
            "accepted": self.accepted,
            "unanswered": self.unanswered,
            "once": self.once,
            "in_doubt": self.in_doubt,
            "refused": self.refused,
            "lost": self.count(Rule::Lost),
            "twice": self.count(Rule::Twice),
            "events": self.events,
            "out_of_order": self.count(Rule::OutOfOrder) + self.count(Rule::Gap),
            "broken": broken,
        })
    }
}
