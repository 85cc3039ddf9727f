//! `Idempotency-Key`: a `POST` that a client repeats (contract, 'Shared rules').

use crate::setup::{Api, assert_problem};
use comm_tests::{Answer, Client, World, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What a `POST` of these bytes with this key is answered.
async fn post(client: &Client, key: &str, body: &str) -> Answer {
    send(client, (Method::POST, "/api/emails"), key, body).await
}

/// The same by any method and path.
async fn send(client: &Client, (method, path): (Method, &str), key: &str, body: &str) -> Answer {
    let sent = client.send(method, path, |request| {
        request
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(body.to_owned())
    });
    sent.await.unwrap()
}

fn body(changes: Value) -> String {
    comm_tests::email(changes).to_string()
}

#[tokio::test]
async fn the_same_request_is_answered_as_before_and_does_nothing() {
    let api = Api::start().await;
    let first = post(&api.client, "8e03978e", &body(json!({})))
        .await
        .expect(201);
    api.put(&first.body, json!({"betreff": "Geändert"}))
        .await
        .expect(200);
    for key in ["8e03978e", "\"8e03978e\""] {
        let again = post(&api.client, key, &body(json!({}))).await.expect(201);
        assert_eq!(
            again.body, first.body,
            "the first answer, not the email of today"
        );
        for header in ["location", "content-type"] {
            assert_eq!(again.header(header), first.header(header));
        }
        assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    }
    assert_eq!(api.rows().await, 1);
    let other_key = post(&api.client, "other", &body(json!({})))
        .await
        .expect(201);
    assert_eq!(other_key.body["id"], 2, "a repetition costs no id");
    let events = "SELECT count(*) FROM communication_service.outbox";
    assert_eq!(api.world.number(events).await, 2);
}

#[tokio::test]
async fn without_the_header_two_equal_requests_are_two_emails() {
    let api = Api::start().await;
    for _ in 0..2 {
        api.post_bytes(body(json!({}))).await.expect(201);
    }
    assert_eq!(api.rows().await, 2);
    let keys = "SELECT count(*) FROM communication_service.idempotency_keys";
    assert_eq!(api.world.number(keys).await, 0);
}

#[tokio::test]
async fn another_body_under_the_same_key_is_a_conflict() {
    let api = Api::start().await;
    let sent = body(json!({}));
    post(&api.client, "k", &sent).await.expect(201);
    let others = [
        body(json!({"betreff": "Andere"})),
        format!("{sent} "),
        "{}".to_owned(),
        "{".to_owned(),
    ];
    for other in others {
        let answer = post(&api.client, "k", &other).await;
        assert_problem(&answer, 409, "Idempotency-Key");
        assert_eq!(
            answer.header("retry-after"),
            "",
            "trying again does not help"
        );
    }
    assert_eq!(api.rows().await, 1);
}

#[tokio::test]
async fn an_error_is_not_kept() {
    let api = Api::start().await;
    let wrong = body(json!({"betreff": null}));
    for _ in 0..2 {
        assert_problem(&post(&api.client, "k", &wrong).await, 400, "betreff");
        assert_problem(&post(&api.client, "k", "{").await, 400, "JSON");
    }
    post(&api.client, "k", &body(json!({}))).await.expect(201);
    assert_eq!(api.rows().await, 1);
}

#[tokio::test]
async fn a_key_that_is_none_is_named_and_nothing_is_stored() {
    let api = Api::start().await;
    let long = "x".repeat(256);
    for key in ["\"\"", "\"a", "\"a\"b", "ä", "a\tb", &long] {
        let answer = post(&api.client, key, &body(json!({}))).await;
        assert_problem(&answer, 400, "Idempotency-Key");
    }
    let twice = api.client.send(Method::POST, "/api/emails", |request| {
        let request = request.header("idempotency-key", "a");
        request
            .header("idempotency-key", "b")
            .json(&comm_tests::email(json!({})))
    });
    assert_problem(&twice.await.unwrap(), 400, "Idempotency-Key");
    assert_eq!(api.rows().await, 0);
    // Where nothing is stored, the header means nothing.
    let read = api.client.send(Method::GET, "/api/emails", |request| {
        request.header("idempotency-key", "\"")
    });
    read.await.unwrap().expect(200);
}

#[tokio::test]
async fn twenty_at_the_same_moment_are_one_email() {
    let api = Api::start().await;
    for key in ["a", "b", "c"] {
        let mut racing = JoinSet::new();
        for _ in 0..20 {
            let client = api.client.clone();
            racing.spawn(async move { post(&client, key, &body(json!({}))).await });
        }
        let answers = racing.join_all().await;
        let (made, running): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| answer.status == 201);
        assert!(!made.is_empty());
        assert!(made.iter().all(|answer| answer.body == made[0].body));
        for answer in running {
            assert_problem(&answer, 409, "still running");
            assert_eq!(answer.header("retry-after"), "1");
        }
    }
    assert_eq!(api.rows().await, 3);
}

#[tokio::test]
async fn while_the_first_is_running_a_repetition_is_told_when_to_come_back() {
    let api = Api::start().await;
    let mut blocker = api.world.database.connect().await.unwrap();
    let lock = blocker.transaction().await.unwrap();
    let table = "LOCK TABLE communication_service.emails IN EXCLUSIVE MODE";
    lock.batch_execute(table).await.unwrap();
    let client = api.client.clone();
    let first = tokio::spawn(async move { post(&client, "k", &body(json!({}))).await });
    api.until_something_waits_for_a_lock().await;
    for other in [body(json!({})), body(json!({"betreff": "Andere"}))] {
        let answer = post(&api.client, "k", &other).await;
        assert_problem(&answer, 409, "still running");
        assert_eq!(answer.header("retry-after"), "1");
    }
    lock.rollback().await.unwrap();
    let first = first.await.unwrap().expect(201);
    let again = post(&api.client, "k", &body(json!({}))).await.expect(201);
    assert_eq!(again.body, first.body);
    assert_eq!(api.rows().await, 1);
}

#[tokio::test]
async fn a_client_that_hangs_up_and_repeats_gets_one_email() {
    let api = Api::start().await;
    let mut blocker = api.world.database.connect().await.unwrap();
    let lock = blocker.transaction().await.unwrap();
    let table = "LOCK TABLE communication_service.emails IN EXCLUSIVE MODE";
    lock.batch_execute(table).await.unwrap();
    let body = body(json!({}));
    let mut connection = TcpStream::connect(("127.0.0.1", api.client.port()))
        .await
        .unwrap();
    let request = format!(
        "POST /api/emails HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         idempotency-key: k\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    api.until_something_waits_for_a_lock().await;
    drop(connection);
    lock.rollback().await.unwrap();
    let answer = eventually("the repetition is answered", || async {
        let answer = post(&api.client, "k", &body).await;
        (answer.status != 409).then_some(answer)
    });
    assert_eq!(answer.await.expect(201).body["id"], 1);
    assert_eq!(api.rows().await, 1);
}

#[tokio::test]
async fn a_key_is_the_same_at_every_instance() {
    let api = Api::start().await;
    let other = api.world.start_with(&["--no-worker"]).await;
    let first = post(&api.client, "k", &body(json!({}))).await.expect(201);
    let again = post(&other.client, "k", &body(json!({}))).await.expect(201);
    assert_eq!(again.body, first.body);
    let reused = post(&other.client, "k", &body(json!({"betreff": "Andere"}))).await;
    assert_problem(&reused, 409, "Idempotency-Key");

    let mut racing = JoinSet::new();
    for nth in 0..20 {
        let client = [&api.client, &other.client][nth % 2].clone();
        racing.spawn(async move { post(&client, "race", &body(json!({}))).await });
    }
    let answers = racing.join_all().await;
    let made: Vec<_> = answers.iter().filter(|a| a.status == 201).collect();
    assert!(!made.is_empty() && made.iter().all(|answer| answer.body["id"] == 2));
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_problem(answer, 409, "still running");
    }
    assert_eq!(api.rows().await, 2);
}

#[tokio::test]
async fn a_key_belongs_to_its_method_and_path_whatever_the_query() {
    let api = Api::start().await;
    let elsewhere = "INSERT INTO communication_service.idempotency_keys (route, key, body_hash, status, body) \
         VALUES ('POST /api/phone-calls', 'k', sha256('other'), 201, '{}')";
    api.world.execute(elsewhere).await;
    let first = post(&api.client, "k", &body(json!({}))).await.expect(201);
    let email = format!("/api/emails/{}", first.body["id"]);
    let put = (Method::PUT, email.as_str());
    let change = json!({"betreff": "Geändert"}).to_string();
    let changed = send(&api.client, put, "k", &change).await.expect(200);
    assert_eq!(changed.body["betreff"], "Geändert");
    let with_query = (Method::POST, "/api/emails?source=retry");
    let again = send(&api.client, with_query, "k", &body(json!({}))).await;
    assert_eq!(again.expect(201).body, first.body);
    let upper = post(&api.client, "K", &body(json!({}))).await.expect(201);
    assert_eq!(upper.body["id"], 2, "keys are compared letter by letter");
    let media_type = api.client.send(Method::POST, "/api/emails", |request| {
        request.header("idempotency-key", "k").body("text")
    });
    assert_problem(&media_type.await.unwrap(), 415, "application/json");
    assert_eq!(api.rows().await, 2);
}

#[tokio::test]
async fn what_the_database_refused_is_not_kept_and_done_when_it_is_repeated() {
    let world = World::without_kafka().await;
    let world = world.set("COMM__DATABASE__STATEMENT_TIMEOUT_MS", "100");
    let api = Api::serving(world, &["--no-worker"]).await;
    let mut blocker = api.world.database.connect().await.unwrap();
    let lock = blocker.transaction().await.unwrap();
    let table = "LOCK TABLE communication_service.emails IN EXCLUSIVE MODE";
    lock.batch_execute(table).await.unwrap();
    for _ in 0..2 {
        let answer = post(&api.client, "k", &body(json!({}))).await;
        assert_problem(&answer, 503, "database");
    }
    lock.rollback().await.unwrap();
    let done = post(&api.client, "k", &body(json!({}))).await.expect(201);
    let again = post(&api.client, "k", &body(json!({}))).await.expect(201);
    assert_eq!(again.body, done.body);
    assert_eq!(api.rows().await, 1);
}

#[tokio::test]
async fn after_24_hours_a_key_is_free_and_an_old_one_is_removed_by_the_worker() {
    let api = Api::start().await;
    let age = |hours: i32| {
        format!(
            "UPDATE communication_service.idempotency_keys SET created_at = now() - make_interval(hours => {hours})"
        )
    };
    let sent = [body(json!({})), body(json!({"betreff": "Andere"}))];
    post(&api.client, "k", &sent[0]).await.expect(201);
    api.world.execute(&age(23)).await;
    let reused = post(&api.client, "k", &sent[1]).await;
    assert_problem(&reused, 409, "Idempotency-Key");
    api.world.execute(&age(25)).await;
    let anew = post(&api.client, "k", &sent[1]).await.expect(201);
    assert_eq!(anew.body["id"], 2);
    let again = post(&api.client, "k", &sent[1]).await.expect(201);
    assert_eq!(again.body, anew.body);

    api.world.execute(&age(25)).await;
    post(&api.client, "young", &sent[0]).await.expect(201);
    let worker = api.world.start_with(&["--no-api"]).await;
    eventually("the old key is removed", || async {
        let keys = "SELECT count(*) FROM communication_service.idempotency_keys";
        (api.world.number(keys).await == 1).then_some(())
    })
    .await;
    post(&api.client, "young", &sent[0]).await.expect(201);
    assert_eq!(api.rows().await, 3);
    assert!(worker.stop().await.0.unwrap().success());
}
