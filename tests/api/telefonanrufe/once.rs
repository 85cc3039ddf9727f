//! `Idempotency-Key` at `POST /api/phone-calls` (contract, 'Shared rules').

use super::support::Woche;
use crate::setup::assert_problem;
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

const CALLS: &str = "/api/phone-calls";

#[tokio::test]
async fn the_same_request_is_answered_as_before_and_books_nothing() {
    let woche = Woche::start().await;
    let body = json!({"therapist_id": 7});
    let first = woche.post_once(CALLS, "k", &body).await.expect(201);
    woche
        .put(&first.body, json!({"geplante_zeit": "10:00"}))
        .await
        .expect(200);
    let again = woche.post_once(CALLS, "k", &body).await.expect(201);
    assert_eq!(
        again.bytes, first.bytes,
        "the first answer, not the call of today"
    );
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(woche.calls().await, 1);
    let answer = woche
        .post_once(CALLS, "k", &json!({"therapist_id": 8}))
        .await;
    assert_problem(&answer, 409, "Idempotency-Key");
    let answer = woche
        .post_once(CALLS, "k", &json!({"status": "Quatsch"}))
        .await;
    assert_problem(&answer, 409, "Idempotency-Key");
    woche.post_once(CALLS, "other", &body).await.expect(201);
    assert_eq!(woche.calls().await, 2);
}

#[tokio::test]
async fn an_error_is_not_kept() {
    let woche = Woche::start().await;
    let planned = json!({"therapist_id": 7, "geplante_zeit": "10:00"});
    let blocking = woche.create(planned.clone()).await;
    for _ in 0..2 {
        assert_problem(
            &woche.post_once(CALLS, "k", &planned).await,
            409,
            "Slot already booked",
        );
        assert_problem(
            &woche.post_once(CALLS, "k", &json!({})).await,
            400,
            "therapist_id",
        );
    }
    woche
        .put(&blocking, json!({"status": "abgebrochen"}))
        .await
        .expect(200);
    woche.post_once(CALLS, "k", &planned).await.expect(201);
    assert_eq!(woche.calls().await, 2);
}

#[tokio::test]
async fn twenty_at_the_same_moment_are_one_call() {
    let woche = Woche::start().await;
    let mut posts = JoinSet::new();
    for _ in 0..20 {
        let client = woche.client.clone();
        posts.spawn(async move {
            let sent = client.send(Method::POST, CALLS, |request| {
                request
                    .header("idempotency-key", "k")
                    .json(&json!({"therapist_id": 7}))
            });
            sent.await.unwrap()
        });
    }
    for answer in posts.join_all().await {
        if answer.status != 201 {
            assert_problem(&answer, 409, "still running");
            assert_ne!(answer.header("retry-after"), "");
        }
    }
    assert_eq!(woche.calls().await, 1);
}
