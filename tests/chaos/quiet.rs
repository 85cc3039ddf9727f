//! The end of a scene: waiting until all is quiet, writing everything down, and asking the ledger.

use crate::journal::{Journal, broken, verdict_on};
use crate::mailserver::write_record;
use crate::stage::{CONNECTIONS, Set};
use comm_devkit::kafka::Message;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long the queue may take to empty and the topic to fill; a refused set-up waits a minute.
const PATIENCE: Duration = Duration::from_secs(150);
const STEP: Duration = Duration::from_millis(50);
/// Sessions of one instance: its pool, and those for signals, listening and the relay's lock.
const SESSIONS: usize = 16 + 6;

/// A scene that is over.
pub(crate) struct Ending {
    journal: Arc<Journal>,
    logs: Vec<String>,
}

impl Ending {
    /// Asks the ledger. What it finds fault with is kept for a person.
    pub(crate) async fn judge(self, seed: u64, scene: &str) -> Result<Value, String> {
        let journal = self.journal.lines();
        let verdict = verdict_on(&journal).await;
        if !broken(&verdict).is_empty() {
            let folder = std::env::temp_dir().join(format!("chaos-{seed}"));
            let name = scene.replace(|letter: char| !letter.is_alphanumeric(), "-");
            let text: String = journal.iter().map(|entry| format!("{entry}\n")).collect();
            fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
            drop(fs::write(folder.join(format!("{name}.jsonl")), text));
            drop(fs::write(
                folder.join(format!("{name}.log")),
                self.logs.join("\n---\n"),
            ));
        }
        Ok(verdict)
    }

    /// Every entry, to be doctored.
    pub(crate) fn entries(&self) -> Vec<Value> {
        self.journal.lines()
    }
}

/// Waits for quiet, writes down what the API shows, what the mail server has and what lies on the topic,
/// then ends the instances and looks for what they left open.
pub(crate) async fn end(mut set: Set) -> Ending {
    until(|| async { (set.door().is_busy().await == Some(false)).then_some(()) }).await;
    let rows = set.door().emails("").await;
    for row in &rows {
        set.journal.write(json!({
            "is": "email",
            "id": row["id"],
            "message_id": row["message_id"],
            "sender": row["absender_email"],
            "status": row["status"],
            "fehlerart": row["fehlerart"],
        }));
    }
    for message in published(&set, &rows).await {
        let event = message.json().unwrap_or(Value::Null);
        set.journal
            .write(json!({"is": "event", "key": message.key, "event": event}));
    }
    let instances = set.services.len();
    no_transaction(&set).await;
    rest(
        &set,
        "sessions",
        sessions(&set, "true").await,
        SESSIONS * instances,
    );
    // A server that answers late learns late that its client has left.
    let open = || set.world.smtp.connections().open;
    until_or_late(|| async { (open() <= CONNECTIONS * instances).then_some(()) }).await;
    let open = open();
    rest(&set, "mail connections", open, CONNECTIONS * instances);
    let logs = stop(&mut set).await;
    // After the last mail was written down: whatever arrives now, arrives once too often.
    write_record(&set.world.smtp, &set.journal);
    Ending {
        journal: Arc::clone(&set.journal),
        logs,
    }
}

/// Everything on the topic, once the end of every email is there or patience is out.
async fn published(set: &Set, rows: &[Value]) -> Vec<Message> {
    let wanted: BTreeSet<i64> = rows.iter().filter_map(|row| row["id"].as_i64()).collect();
    let (topics, topic) = (&set.world.topics, set.world.topic.as_str());
    until_or_late(|| async {
        let messages = topics.read_all(topic).await.ok()?;
        let ends = messages.iter().filter_map(|message| message.json().ok());
        let ends = ends.filter(|event| event["eventType"] != "communication.email_created");
        let ended = ends.filter_map(|event| event["payload"]["email_id"].as_i64());
        ended
            .collect::<BTreeSet<_>>()
            .is_superset(&wanted)
            .then_some(())
    })
    .await;
    topics.read_all(topic).await.unwrap_or_default()
}

/// Workers begin transactions also when there is nothing to do; but at some moment there is none.
async fn no_transaction(set: &Set) {
    let open = async || sessions(set, "xact_start IS NOT NULL").await;
    let none = until_or_late(|| async { (open().await == 0).then_some(()) }).await;
    let open = if none { 0 } else { open().await };
    rest(set, "transactions", open, 0);
}

/// Ends every instance in order; then nothing of them may be left.
async fn stop(set: &mut Set) -> Vec<String> {
    let mut logs = Vec::new();
    for service in set.services.drain(..) {
        logs.push(service.log());
        let (status, _) = service.stop().await;
        let failed = usize::from(!status.is_some_and(|status| status.success()));
        set.journal
            .write(json!({"is": "rest", "what": "ended badly", "count": failed, "allowed": 0}));
    }
    until_or_late(|| async { (sessions(set, "true").await == 0).then_some(()) }).await;
    rest(
        set,
        "sessions after the end",
        sessions(set, "true").await,
        0,
    );
    let closed = set.world.smtp.wait_for_open(0, PATIENCE).await;
    rest(
        set,
        "mail connections after the end",
        usize::from(closed.is_err()),
        0,
    );
    logs
}

fn rest(set: &Set, what: &str, count: usize, allowed: usize) {
    set.journal
        .write(json!({"is": "rest", "what": what, "count": count, "allowed": allowed}));
}

/// Sessions of the service at its database, as PostgreSQL itself counts them.
async fn sessions(set: &Set, which: &str) -> usize {
    let environment = set.world.environment();
    let urls = environment.iter().rev();
    let url = urls.clone().find(|(name, _)| name == "DATABASE_URL");
    let (client, connection) = tokio_postgres::connect(&url.unwrap().1, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND backend_type = 'client backend' AND pid <> pg_backend_pid() \
         AND query NOT LIKE '%pg_stat_activity%' AND {which}"
    );
    let count: i64 = client.query_one(&sql, &[]).await.unwrap().get(0);
    usize::try_from(count).unwrap()
}

/// Waits until something is so, and fails when it is not in time.
async fn until<F: Future<Output = Option<()>>>(ask: impl FnMut() -> F) {
    assert!(until_or_late(ask).await, "it never became quiet");
}

/// The same, but says whether it was in time: the ledger will find what is wrong.
async fn until_or_late<F: Future<Output = Option<()>>>(mut ask: impl FnMut() -> F) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while ask().await.is_none() {
        if Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(STEP).await;
    }
    true
}
