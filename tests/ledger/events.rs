//! Whether the topic tells the story of each email: whole, in order, and as the API shows it.

use crate::book::{Book, Row};
use crate::verdict::{Rule, Verdict};
use serde_json::Value;
use std::collections::BTreeMap;

/// The events of each email in the order of the topic. A repeat (the same `eventId`) is no event.
type Histories<'a> = BTreeMap<i64, Vec<&'a Value>>;

pub(crate) fn audit(book: &Book, verdict: &mut Verdict) {
    let histories = histories(book, verdict);
    for row in &book.rows {
        let history = histories.get(&row.id).map(Vec::as_slice);
        story(row, history.unwrap_or_default(), verdict);
    }
    for id in histories.keys() {
        if !book.rows.iter().any(|row| row.id == *id) {
            let what = format!("there is no email {id}, but an event about it");
            verdict.complain(Rule::WrongEvent, what);
        }
    }
}

fn histories<'a>(book: &'a Book, verdict: &mut Verdict) -> Histories<'a> {
    let mut histories = Histories::new();
    let mut seen: BTreeMap<&str, &Value> = BTreeMap::new();
    for (key, event) in &book.events {
        let id = event.pointer("/payload/email_id").and_then(Value::as_i64);
        let (Some(id), Some(event_id)) = (id, member(event, "eventId")) else {
            verdict.complain(Rule::WrongEvent, format!("{event} has no id"));
            continue;
        };
        if *key != id.to_string() {
            let what = format!("an event of email {id} has the key {key}");
            verdict.complain(Rule::WrongEvent, what);
        }
        match seen.insert(event_id, event) {
            None => histories.entry(id).or_default().push(event),
            Some(first) if first == event => {}
            Some(_) => verdict.complain(
                Rule::WrongEvent,
                format!("event {event_id} of email {id} has changed"),
            ),
        }
    }
    verdict.events = seen.len();
    histories
}

/// Created, then one end that says what the API says, numbered 1 and 2.
fn story(row: &Row, history: &[&Value], verdict: &mut Verdict) {
    let id = row.id;
    let end = match row.is_sent() {
        true => "email.sent",
        false => "email.failed",
    };
    for wanted in ["communication.email_created", end] {
        let is_wanted = |event: &&&Value| member(event, "eventType") == Some(wanted);
        match history.iter().filter(is_wanted).count() {
            1 => {}
            0 => verdict.complain(Rule::MissingEvent, format!("{wanted} of email {id}")),
            n => verdict.complain(Rule::WrongEvent, format!("{n} times {wanted} of {id}")),
        }
    }
    for event in history {
        let says = member(event, "eventType").unwrap_or_default();
        let expected = says == end || says == "communication.email_created";
        let fehlerart = event.pointer("/payload/fehlerart").and_then(Value::as_str);
        if !expected || (says == end && fehlerart != row.fehlerart.as_deref()) {
            let what = format!("email {id} is {}, and {says} {fehlerart:?}", row.status);
            verdict.complain(Rule::WrongEvent, what);
        }
    }
    sequence(id, history, verdict);
}

fn sequence(id: i64, history: &[&Value], verdict: &mut Verdict) {
    let numbers = history.iter().map(|event| event.get("sequence"));
    let numbers: Vec<i64> = numbers
        .map(|number| number.and_then(Value::as_i64).unwrap_or(-1))
        .collect();
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq((1..).take(sorted.len())) {
        verdict.complain(Rule::Gap, format!("email {id}: {numbers:?}"));
    } else if sorted != numbers {
        verdict.complain(Rule::OutOfOrder, format!("email {id}: {numbers:?}"));
    }
}

fn member<'a>(event: &'a Value, name: &str) -> Option<&'a str> {
    event.get(name).and_then(Value::as_str)
}
