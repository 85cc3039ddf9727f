//! A calm day; then its journal is doctored, with one lie for each thing that the ledger asserts, and the
//! ledger must notice each.

use crate::journal::{broken, verdict_on};
use crate::quiet::Ending;
use crate::stage::Stage;
use serde_json::{Value, json};
use std::time::Duration;

/// A lie, and the rule that it breaks.
type Lie = (&'static str, fn(&mut Vec<Value>), &'static str);

const LIES: &[Lie] = &[
    ("a mail is gone", |j| drop(take(j, "email")), "lost"),
    (
        "a mail waits for ever",
        |j| set(j, "email", "status", "In_Warteschlange"),
        "lost",
    ),
    (
        "a mail failed without a refusal",
        |j| fail_for_nothing(j, "endgueltig"),
        "lost",
    ),
    (
        "a sent mail never arrived",
        |j| drop(take(j, "taken")),
        "lost",
    ),
    ("a mail arrived twice", |j| repeat(j, "taken"), "twice"),
    (
        "one request made two mails",
        |j| repeat(j, "email"),
        "twice",
    ),
    (
        "a mail arrived from nowhere",
        |j| set(j, "taken", "message_id", "x@y"),
        "unasked",
    ),
    (
        "a mail that nobody asked for",
        |j| drop(take(j, "accepted")),
        "unasked",
    ),
    (
        "a mail without a reply is called sent",
        silence,
        "unnamed doubt",
    ),
    (
        "a mail that arrived is called failed",
        |j| fail(j, "endgueltig"),
        "unnamed doubt",
    ),
    (
        "a doubt too many",
        |j| fail(j, "ausgang_unklar"),
        "needless doubt",
    ),
    (
        "a doubt though the server replied",
        doubt_a_reply,
        "needless doubt",
    ),
    (
        "the created event is missing",
        |j| drop(take_event(j, 1)),
        "missing event",
    ),
    (
        "the last event is missing",
        |j| drop(take_event(j, 2)),
        "missing event",
    ),
    (
        "a number of the sequence is missing",
        |j| renumber(j, 3),
        "gap",
    ),
    ("two events are swapped", |j| swap(j), "out of order"),
    (
        "an event has another key",
        |j| set(j, "event", "key", "0"),
        "wrong event",
    ),
    ("an event happened twice", happen_twice, "wrong event"),
    ("an event has changed on a retry", change, "wrong event"),
    (
        "an event about no email",
        |j| drop(take(j, "email")),
        "wrong event",
    ),
    (
        "an event says sent, the API failed",
        |j| fail(j, "ausgang_unklar"),
        "wrong event",
    ),
    ("a transaction is open", |j| leak(j, "transactions"), "leak"),
    ("a session was left", |j| leak(j, "sessions"), "leak"),
    (
        "a mail connection was left",
        |j| leak(j, "mail connections after the end"),
        "leak",
    ),
];

pub(crate) async fn play(stage: Stage) -> Ending {
    let mut stage = stage.with_delay(Duration::ZERO).await;
    stage.start(&[&[]]).await;
    stage.traffic.queue(stage.length.pick(30, 200)).await;
    let ending = stage.ends_with_doubts(0).await;
    let truth = ending.entries();
    assert!(broken(&verdict_on(&truth).await).is_empty());
    for (lie, tell, rule) in LIES {
        let mut journal = truth.clone();
        tell(&mut journal);
        let verdict = verdict_on(&journal).await;
        assert!(
            broken(&verdict).contains(rule),
            "not noticed: {lie}: {verdict:#}"
        );
    }
    ending
}

fn place(journal: &[Value], is: &str) -> usize {
    let found = journal.iter().position(|entry| entry["is"] == is);
    found.unwrap_or_else(|| panic!("no entry {is}"))
}

fn take(journal: &mut Vec<Value>, is: &str) -> Value {
    let place = place(journal, is);
    journal.remove(place)
}

fn repeat(journal: &mut Vec<Value>, is: &str) {
    let copy = journal[place(journal, is)].clone();
    journal.push(copy);
}

fn set(journal: &mut [Value], is: &str, member: &str, value: &str) {
    let place = place(journal, is);
    journal[place][member] = json!(value);
}

/// The API calls the first email failed like this.
fn fail(journal: &mut [Value], fehlerart: &str) {
    set(journal, "email", "status", "Fehlgeschlagen");
    set(journal, "email", "fehlerart", fehlerart);
}

/// It has failed like this, and never arrived.
fn fail_for_nothing(journal: &mut Vec<Value>, fehlerart: &str) {
    fail(journal, fehlerart);
    let row = journal[place(journal, "email")].clone();
    journal.retain(|entry| entry["is"] != "taken" || entry["message_id"] != row["message_id"]);
}

/// The server never replied to the first email.
fn silence(journal: &mut Vec<Value>) {
    let row = &journal[place(journal, "email")];
    journal.push(json!({"is": "silent", "sender": row["sender"]}));
}

fn doubt_a_reply(journal: &mut Vec<Value>) {
    drop(take(journal, "doubts_at_most"));
    journal.push(json!({"is": "doubts_exactly_silent"}));
    fail(journal, "ausgang_unklar");
}

/// The places of the events of one email, in their order.
fn events(journal: &[Value]) -> Vec<usize> {
    let email = &journal[place(journal, "event")]["event"]["payload"]["email_id"];
    let is_its = |entry: &Value| &entry["event"]["payload"]["email_id"] == email;
    let entries = journal.iter().enumerate();
    entries
        .filter(|(_, entry)| is_its(entry))
        .map(|(place, _)| place)
        .collect()
}

fn take_event(journal: &mut Vec<Value>, sequence: usize) -> Value {
    let place = events(journal)[sequence - 1];
    journal.remove(place)
}

fn renumber(journal: &mut [Value], sequence: i64) {
    let last = events(journal)[1];
    journal[last]["event"]["sequence"] = json!(sequence);
}

fn swap(journal: &mut [Value]) {
    let places = events(journal);
    journal.swap(places[0], places[1]);
}

/// The same change of an email, told as two.
fn happen_twice(journal: &mut Vec<Value>) {
    let mut again = journal[events(journal)[1]].clone();
    again["event"]["eventId"] = json!("another");
    again["event"]["sequence"] = json!(3);
    journal.push(again);
}

fn change(journal: &mut Vec<Value>) {
    let mut again = journal[events(journal)[1]].clone();
    again["event"]["sequence"] = json!(7);
    journal.push(again);
}

fn leak(journal: &mut [Value], what: &str) {
    let left = journal.iter_mut().find(|entry| entry["what"] == what);
    left.unwrap()["count"] = json!(1000);
}
