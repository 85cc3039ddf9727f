//! `kill -9` while requests with an `Idempotency-Key` are under way, and their repetition.

use comm_tests::{Answer, Client, Seeded, World, email, eventually};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;

const REQUESTS: usize = 60;

/// The answer, or `None` if the service died meanwhile.
async fn post(client: &Client, nth: usize) -> Option<Answer> {
    let body = email(json!({"betreff": format!("Anfrage {nth}"), "status": "In_Warteschlange"}));
    let sent = client.send(Method::POST, "/api/emails", |request| {
        let key = format!("key-{nth}");
        request.header("idempotency-key", key).json(&body)
    });
    sent.await.ok()
}

/// Repeats the request as a client does, until it is not told to come back later.
async fn post_until_answered(client: &Client, nth: usize) -> Answer {
    eventually("the request is answered", || async {
        let answer = post(client, nth).await?;
        (answer.status != 409).then_some(answer)
    })
    .await
}

#[tokio::test]
async fn a_request_that_is_cut_off_by_a_kill_and_repeated_makes_one_email() {
    let mut seed = Seeded::new();
    let world = World::without_kafka().await;
    let service = world.start().await;
    let mut clients = JoinSet::new();
    for nth in 0..REQUESTS {
        let client = service.client.clone();
        clients.spawn(async move { (nth, post(&client, nth).await) });
    }
    // Some have been answered by then, some are under way, some have not begun.
    let moment = seed.between(0, 40);
    println!("kill -9 after {moment} ms");
    tokio::time::sleep(Duration::from_millis(moment)).await;
    service.kill().await;
    let before = clients.join_all().await;

    let service = world.start().await;
    let mut ids = BTreeSet::new();
    for (nth, answered) in before {
        let again = post_until_answered(&service.client, nth).await.expect(201);
        if let Some(first) = answered {
            assert_eq!(first.body, again.body, "the answer that was lost");
        }
        ids.insert(again.body["id"].as_i64().unwrap());
    }
    assert_eq!(ids.len(), REQUESTS);
    let emails = "SELECT count(*) FROM communication_service.emails";
    assert_eq!(
        world.number(emails).await,
        60,
        "no more than were asked for"
    );
    for id in ids {
        service.client.wait_for_status(id, "Gesendet").await;
    }
    assert_eq!(world.smtp.count(), 60, "one mail each");
}

#[tokio::test]
async fn a_kill_in_the_middle_of_the_transaction_leaves_nothing_behind() {
    let world = World::without_kafka().await;
    let service = world.start_with(&["--no-worker"]).await;
    let mut blocker = world.database.connect().await.unwrap();
    let lock = blocker.transaction().await.unwrap();
    let table = "LOCK TABLE communication_service.emails IN EXCLUSIVE MODE";
    lock.batch_execute(table).await.unwrap();
    let client = service.client.clone();
    let request = tokio::spawn(async move { post(&client, 1).await });
    eventually("the insert waits for the table", || async {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        (world.number(waiting).await == 1).then_some(())
    })
    .await;
    service.kill().await;
    assert!(request.await.unwrap().is_none(), "nobody was answered");
    lock.rollback().await.unwrap();

    let service = world.start_with(&["--no-worker"]).await;
    let answer = post_until_answered(&service.client, 1).await.expect(201);
    let again = post_until_answered(&service.client, 1).await.expect(201);
    assert_eq!(answer.body, again.body);
    let emails = "SELECT count(*) FROM communication_service.emails";
    assert_eq!(world.number(emails).await, 1);
}
