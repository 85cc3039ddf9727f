//! What tests of the follow-ups share: sent mails, and a clock that is far from midnight.

use comm_tests::{Answer, Client, Service, World, email};
use serde_json::{Value, json};

/// Silence is followed up at once; slots are found also around the turn of the year.
pub(crate) fn impatient(world: World) -> World {
    world
        .set("COMM__FOLLOWUP__WAIT_DAYS", "0")
        .set("COMM__CALLS__HORIZON_DAYS", "28")
        .set("COMM__LOG__FILTER", "info,librdkafka=off,rdkafka=off")
}

/// The seconds from now to tomorrow, 10:00 UTC: a service whose clock is ahead by them sees no midnight while a test
/// lasts, and its mails are no history from before the first migration.
pub(crate) async fn until_mid_morning(world: &World) -> i64 {
    let seconds = "SELECT ceil(extract(epoch FROM date_trunc('day', now(), 'UTC') + interval '34 hours' - now()))::bigint";
    world.number(seconds).await
}

/// Starts a service whose clock is ahead by so many seconds.
pub(crate) async fn start_ahead(world: &World, seconds: i64, flags: &[&str]) -> Service {
    let ahead = format!("--clock-offset={seconds}s");
    world.start_with(&[flags, &[&*ahead]].concat()).await
}

/// A mail to this therapist.
pub(crate) fn draft(therapist: i64, status: &str) -> Value {
    email(json!({
        "therapist_id": therapist,
        "status": status,
        "inhalt_markdown": null,
        "inhalt_text": "Guten Tag",
    }))
}

/// Writes a mail to this therapist and marks it as sent by hand; answers its id.
pub(crate) async fn sent(client: &Client, therapist: i64) -> i64 {
    let draft = draft(therapist, "Entwurf");
    let draft = client.post("/api/emails", &draft).await.expect(201).body;
    let id = draft["id"].as_i64().unwrap();
    change(client, id, json!({"status": "Gesendet"})).await;
    id
}

/// Changes an email.
pub(crate) async fn change(client: &Client, email: i64, change: Value) {
    let path = format!("/api/emails/{email}");
    client.put(&path, &change).await.expect(200);
}

/// Has the follow-ups run.
pub(crate) async fn run(client: &Client) -> Answer {
    client.post("/api/follow-ups/run", &json!({})).await
}

/// For how many mails the follow-up was decided for good.
pub(crate) async fn decisions(world: &World) -> i64 {
    let decisions = "SELECT count(*) FROM communication_service.nachverfolgungen WHERE endgueltig";
    world.number(decisions).await
}
