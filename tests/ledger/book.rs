//! A journal, sorted into accounts. A mail is known by its sender, which each request has for itself,
//! and by its Message-ID, which the service gives it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An email as the API shows it in the end.
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) message_id: String,
    pub(crate) sender: String,
    pub(crate) status: String,
    pub(crate) fehlerart: Option<String>,
}

impl Row {
    pub(crate) fn is_sent(&self) -> bool {
        self.status == "Gesendet"
    }

    pub(crate) fn is_in_doubt(&self) -> bool {
        self.has_failed("ausgang_unklar")
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.has_failed("endgueltig")
    }

    fn has_failed(&self, how: &str) -> bool {
        self.status == "Fehlgeschlagen" && self.fehlerart.as_deref() == Some(how)
    }
}

/// Which mails may be in doubt in the end.
pub(crate) enum Doubts {
    /// Any, but no more than this.
    AtMost(u64),
    /// Those to which the mail server left the reply after 354 out, and no others.
    ExactlySilent,
}

/// Something that was counted when all was quiet again, and how much of it there may be.
pub(crate) struct Rest {
    pub(crate) what: String,
    pub(crate) count: i64,
    pub(crate) allowed: i64,
}

/// Everything that was seen from outside.
pub(crate) struct Book {
    /// Requests that were answered 201: the sender, and the email's id.
    pub(crate) accepted: Vec<(String, i64)>,
    /// Requests that were sent whole and not answered 201: what became of them is not known.
    pub(crate) unanswered: BTreeSet<String>,
    /// Every email that the API shows in the end.
    pub(crate) rows: Vec<Row>,
    /// How often the mail server took each Message-ID.
    pub(crate) taken: BTreeMap<String, u64>,
    /// Senders whose mail got 354 and then no reply.
    pub(crate) silent: BTreeSet<String>,
    /// Senders whose mail was refused with 5xx.
    pub(crate) refused: BTreeSet<String>,
    /// What lies on the topic, in order per partition: key and event.
    pub(crate) events: Vec<(String, Value)>,
    pub(crate) doubts: Doubts,
    pub(crate) rests: Vec<Rest>,
}

impl Book {
    /// Reads a journal: one JSON object per line, told apart by its member `is`.
    pub(crate) fn read(journal: &str) -> Result<Self, String> {
        let mut book = Self {
            accepted: Vec::new(),
            unanswered: BTreeSet::new(),
            rows: Vec::new(),
            taken: BTreeMap::new(),
            silent: BTreeSet::new(),
            refused: BTreeSet::new(),
            events: Vec::new(),
            doubts: Doubts::AtMost(0),
            rests: Vec::new(),
        };
        for line in journal.lines() {
            let entry: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
            book.enter(&entry)
                .ok_or_else(|| format!("no entry: {line}"))?;
        }
        Ok(book)
    }

    fn enter(&mut self, entry: &Value) -> Option<()> {
        let text = |name: &str| entry.get(name)?.as_str().map(str::to_owned);
        let number = |name: &str| entry.get(name)?.as_i64();
        match entry.get("is")?.as_str()? {
            "accepted" => self.accepted.push((text("sender")?, number("id")?)),
            "unanswered" => drop(self.unanswered.insert(text("sender")?)),
            "email" => self.rows.push(Row {
                id: number("id")?,
                message_id: text("message_id")?,
                sender: text("sender")?,
                status: text("status")?,
                fehlerart: text("fehlerart"),
            }),
            "taken" => *self.taken.entry(text("message_id")?).or_default() += 1,
            "silent" => drop(self.silent.insert(text("sender")?)),
            "refused" => drop(self.refused.insert(text("sender")?)),
            "event" => self
                .events
                .push((text("key")?, entry.get("event")?.clone())),
            "doubts_at_most" => self.doubts = Doubts::AtMost(entry.get("count")?.as_u64()?),
            "doubts_exactly_silent" => self.doubts = Doubts::ExactlySilent,
            "rest" => self.rests.push(Rest {
                what: text("what")?,
                count: number("count")?,
                allowed: number("allowed")?,
            }),
            _ => return None,
        }
        Some(())
    }
}
