//! What a scene writes down for the ledger, and asking the ledger.

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The entries of one scene; many write at a time.
#[derive(Default)]
pub(crate) struct Journal(Mutex<Vec<Value>>);

impl Journal {
    /// Writes an entry.
    pub(crate) fn write(&self, entry: Value) {
        self.entries().push(entry);
    }

    /// A mail that this party says something about.
    pub(crate) fn note(&self, is: &str, sender: &str) {
        self.write(json!({"is": is, "sender": sender}));
    }

    /// The entries so far.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.entries().clone()
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives a journal to the ledger, a process that knows nothing else, and takes its verdict.
pub(crate) async fn verdict_on(journal: &[Value]) -> Value {
    let text: String = journal.iter().map(|entry| format!("{entry}\n")).collect();
    let asked = tokio::task::spawn_blocking(move || {
        let mut ledger = Command::new(env!("CARGO_BIN_EXE_ledger"))
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = ledger.stdin.take().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        drop(input);
        ledger.wait_with_output().unwrap()
    });
    let answer = asked.await.unwrap();
    assert!(answer.status.success(), "the ledger could not read it");
    serde_json::from_slice(&answer.stdout).unwrap()
}

/// The names of the rules that a verdict says are broken.
pub(crate) fn broken(verdict: &Value) -> Vec<&str> {
    let broken = verdict["broken"].as_array().into_iter().flatten();
    broken
        .filter_map(|broken| broken["rule"].as_str())
        .collect()
}
