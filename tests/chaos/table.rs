//! The table at the end: one line per scene, rounds added up.

use crate::journal::broken;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// The columns: a member of the verdict, and its heading.
const COLUMNS: [(&str, &str); 9] = [
    ("accepted", "accepted"),
    ("unanswered", "no answer*"),
    ("once", "delivered once"),
    ("in_doubt", "in doubt (named)"),
    ("refused", "refused"),
    ("lost", "lost"),
    ("twice", "twice"),
    ("events", "events published"),
    ("out_of_order", "out of order"),
];

#[derive(Default)]
struct Line {
    name: String,
    sums: [u64; COLUMNS.len()],
    complaints: Vec<String>,
}

/// What became of every scene so far, in the order of the suite.
#[derive(Default)]
pub(crate) struct Table(BTreeMap<usize, Line>);

impl Table {
    /// Adds a verdict, or why there is none, to a scene's line.
    pub(crate) fn enter(&mut self, place: usize, name: String, ended: Result<Value, String>) {
        let line = self.0.entry(place).or_default();
        line.name = name;
        match ended {
            Err(reason) => line.complaints.push(reason),
            Ok(verdict) => {
                for (sum, (member, _)) in line.sums.iter_mut().zip(COLUMNS) {
                    *sum += verdict[member].as_u64().unwrap_or(0);
                }
                if !broken(&verdict).is_empty() {
                    line.complaints.push(format!("{:#}", verdict["broken"]));
                }
            }
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.0.values().any(|line| !line.complaints.is_empty())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = self.0.values().map(|line| line.name.len()).max();
        let first = widest.unwrap_or(0).max("scene".len());
        write!(f, "\n{:first$}", "scene")?;
        for (_, heading) in COLUMNS {
            write!(f, "  {heading}")?;
        }
        for line in self.0.values() {
            write!(f, "\n{:first$}", line.name)?;
            for (sum, (_, heading)) in line.sums.iter().zip(COLUMNS) {
                write!(f, "  {sum:>width$}", width = heading.len())?;
            }
        }
        writeln!(f, "\n* stored, though the answer was not 201 or got lost")?;
        for line in self.0.values() {
            for complaint in &line.complaints {
                writeln!(f, "\nFAILED {}: {complaint}", line.name)?;
            }
        }
        Ok(())
    }
}
