//! The books of a test: what was queued, what the mail server took, what the API says, what was
//! published; and whether they agree.

use comm_devkit::kafka::{Message, Topics};
use comm_devkit::smtp::SmtpServer;
use comm_tests::{Client, email, eventually};
use mail_parser::MessageParser;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use tokio::task::JoinSet;

/// How many clients queue mails at once.
const CLIENTS: usize = 8;

/// Queues this many mails and answers their ids.
pub(crate) async fn queue(client: &Client, count: usize) -> Vec<i64> {
    let mut clients = JoinSet::new();
    for nth in 0..CLIENTS.min(count) {
        let client = client.clone();
        clients.spawn(async move {
            let mut ids = Vec::new();
            for _ in (nth..count).step_by(CLIENTS) {
                ids.push(queue_to(&client, "praxis@example.org").await);
            }
            ids
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}

/// Queues one mail to this address and answers its id.
pub(crate) async fn queue_to(client: &Client, address: &str) -> i64 {
    let body = email(json!({"empfaenger_email": address, "status": "In_Warteschlange"}));
    let created = client.post("/api/emails", &body).await.expect(201);
    created.body["id"].as_i64().unwrap()
}

/// Every email of this filter as the API shows it, page by page.
pub(crate) async fn emails(client: &Client, filter: &str) -> Vec<Value> {
    client.emails(filter).await
}

/// The Message-IDs of these emails.
pub(crate) fn message_ids(emails: &[Value]) -> BTreeSet<String> {
    let ids = emails.iter().map(|email| email["message_id"].as_str());
    ids.map(|id| id.unwrap().to_owned()).collect()
}

/// Waits until no email waits or is under way.
pub(crate) async fn settled(client: &Client) {
    eventually("no email waits or is under way", || async {
        (client.is_busy().await == Some(false)).then_some(())
    })
    .await;
}

/// What the mail server took; fails if it took a mail twice.
pub(crate) fn taken(smtp: &SmtpServer) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    for mail in smtp.received() {
        let parsed = MessageParser::default().parse(&mail.raw).unwrap();
        let id = parsed.message_id().unwrap().to_owned();
        assert!(taken.insert(id.clone()), "{id} reached the server twice");
    }
    taken
}

/// Fails unless all these emails are `Gesendet`, and the server took each of them once and nothing else.
pub(crate) async fn assert_all_sent(client: &Client, smtp: &SmtpServer, count: usize) {
    settled(client).await;
    let sent = emails(client, "status=Gesendet").await;
    let rest = emails(client, "status=Fehlgeschlagen").await;
    assert!(rest.is_empty(), "{rest:#?}");
    assert_eq!(sent.len(), count);
    assert_eq!(message_ids(&sent), taken(smtp));
}

/// The events of each email, repeats left out, in the order of the topic.
pub(crate) type Histories = BTreeMap<i64, Vec<Value>>;

/// Everything on a topic; fails if an event came before an earlier one of its email, or with another key.
pub(crate) async fn histories(topics: &Topics, topic: &str) -> Histories {
    let mut seen = HashSet::new();
    let mut histories = Histories::new();
    for message in topics.read_all(topic).await.unwrap() {
        let event = message.json().unwrap();
        if !seen.insert(event["eventId"].to_string()) {
            continue;
        }
        let id = event["payload"]["email_id"].as_i64().unwrap();
        assert_eq!(message.key, Some(id.to_string()));
        assert_anonymous(&message);
        let history = histories.entry(id).or_default();
        history.push(event);
        let last = history.last().map(|event| event["sequence"].clone());
        assert_eq!(last, Some(json!(history.len())), "email {id}: {history:#?}");
    }
    histories
}

/// No event carries an address or a text that a mail server said.
fn assert_anonymous(message: &Message) {
    let text = String::from_utf8_lossy(&message.payload);
    assert!(!text.contains('@') && !text.contains("Antwort"), "{text}");
}

/// Fails unless each of these emails was created and then came to exactly one end, and its event says
/// the same as its row.
pub(crate) fn assert_one_end_each(histories: &Histories, emails: &[Value]) {
    assert_eq!(histories.len(), emails.len());
    for email in emails {
        let id = email["id"].as_i64().unwrap();
        let kinds = histories[&id].iter().map(|event| &event["eventType"]);
        let end = match email["status"].as_str() {
            Some("Gesendet") => "email.sent",
            _ => "email.failed",
        };
        let expected = [json!("communication.email_created"), json!(end)];
        assert!(kinds.eq(expected.iter()), "{:#?}", histories[&id]);
        let said = &histories[&id][1]["payload"];
        assert_eq!(
            said.get("fehlerart").unwrap_or(&Value::Null),
            &email["fehlerart"]
        );
    }
}
