//! `/health` and `/ready`, and what clients see of a service that has lost its database.

use crate::setup::{Api, assert_problem};
use comm_tests::{World, email, run_to_end};
use serde_json::json;

#[tokio::test]
async fn health_says_that_it_lives_and_ready_that_it_can_work() {
    let api = Api::start().await;
    let health = api.client.get("/health").await.expect(200);
    assert_eq!(
        health.body,
        json!({"status": "healthy", "service": "communication-service"})
    );
    api.client.get("/ready").await.expect(200);
    for path in ["/api/health", "/api/ready"] {
        assert_problem(&api.client.get(path).await, 404, "");
    }
}

#[tokio::test]
async fn pending_migrations_make_it_unready_and_stop_the_start() {
    let api = Api::start().await;
    let forget = "DELETE FROM communication_service.__diesel_schema_migrations \
         WHERE version = (SELECT max(version) FROM communication_service.__diesel_schema_migrations)";
    api.world.execute(forget).await;
    assert_unready(&api).await;
    api.world
        .execute("DROP SCHEMA communication_service CASCADE")
        .await;
    assert_unready(&api).await;
    let output = run_to_end(api.world.environment(), &["serve"])
        .await
        .unwrap();
    assert!(!output.status.success());
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("pending migrations"), "{words}");
}

async fn assert_unready(api: &Api) {
    let answer = api.client.get("/ready").await;
    assert_problem(&answer, 503, "pending migrations");
    assert_ne!(answer.header("retry-after"), "");
    api.client.get("/health").await.expect(200);
}

#[tokio::test]
async fn without_a_database_it_lives_and_answers_503() {
    let world = World::without_kafka().await;
    let world = world.set(
        "DATABASE_URL",
        "postgres://nobody:geheim@127.0.0.1:1/nothing",
    );
    let api = Api::serving(world, &["--no-worker"]).await;
    api.client.get("/health").await.expect(200);
    let answers = [
        api.client.get("/ready").await,
        api.client.get("/api/emails").await,
        api.client.get("/api/emails/1").await,
        api.client.post("/api/emails", &email(json!({}))).await,
        api.client.put("/api/emails/1", &json!({})).await,
        api.client.delete("/api/emails/1").await,
    ];
    for answer in answers {
        assert_problem(&answer, 503, "database");
        assert_ne!(answer.header("retry-after"), "");
        assert_eq!(answer.body["trace_id"], answer.header("x-request-id"));
        assert!(!answer.body.to_string().contains("127.0.0.1"));
    }
    assert_problem(&api.post(json!({"betreff": ""})).await, 400, "betreff");
    assert!(!api.service.log().contains("geheim"));
}
