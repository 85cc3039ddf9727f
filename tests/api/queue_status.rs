//! `GET /api/emails/queue-status` and `GET /health/email-queue`: computed from the database.

use crate::setup::{
    Api, FEHLGESCHLAGEN, GESENDET, IN_DOUBT, IN_WARTESCHLANGE, WIRD_GESENDET, assert_problem,
};
use comm_devkit::smtp::{Action, Script, Stage};
use comm_tests::{World, eventually};
use serde_json::{Value, json};

async fn status(api: &Api) -> Value {
    api.client
        .get("/api/emails/queue-status")
        .await
        .expect(200)
        .body
}

async fn health(api: &Api) -> Value {
    let health = api.client.get("/health/email-queue").await.expect(200).body;
    assert_eq!(health["service"], "email-queue-processor");
    assert_eq!(
        health["status"] == "healthy",
        issues(&health).is_empty(),
        "{health}"
    );
    health
}

fn issues(health: &Value) -> &[Value] {
    health["details"]["issues"].as_array().unwrap()
}

async fn until_health_says(api: &Api, words: &str) -> Value {
    eventually(words, || async {
        let health = health(api).await;
        health.to_string().contains(words).then_some(health)
    })
    .await
}

#[tokio::test]
async fn an_empty_queue_without_a_worker_says_so() {
    let api = Api::start().await;
    let expected = json!({
        "running": false, "last_check": null, "emails_sent_today": 0, "emails_failed_today": 0, "last_error": null,
        "last_error_time": null, "total_sent": 0, "total_failed": 0, "recent_batches": [], "oldest_waiting": null,
        "oldest_due_seconds": null, "emails_in_doubt": 0, "emails_sent_last_hour": 0,
        "emails_by_status": {"Entwurf": 0, "In_Warteschlange": 0, "Wird_gesendet": 0, "Gesendet": 0, "Fehlgeschlagen": 0},
        "last_attempts": {"known": 0, "failed": 0},
    });
    assert_eq!(status(&api).await, expected);
    let health = health(&api).await;
    assert_eq!(health["status"], "unhealthy");
    assert_eq!(issues(&health), ["No worker is running: nothing is sent"]);
    assert_eq!(health["details"]["running"], false);
    assert_problem(
        &api.client
            .post("/api/emails/queue-status", &json!({}))
            .await,
        405,
        "GET",
    );
}

#[tokio::test]
async fn a_worker_anywhere_is_seen_by_every_instance_until_it_ends() {
    let world = World::without_kafka().await;
    let api = Api::serving(world, &["--no-worker"]).await;
    let worker = api.world.start_with(&["--no-api"]).await;
    until_health_says(&api, "\"healthy\"").await;
    let seen = status(&api).await;
    assert_eq!(seen["running"], true);
    assert!(seen["last_check"].is_string());
    let (ended, _) = worker.stop().await;
    assert!(ended.unwrap().success());
    assert_eq!(status(&api).await["running"], false);
    // One that died says nothing: its last sign of life grows old.
    let dead = "INSERT INTO communication_service.versender VALUES (gen_random_uuid(), clock_timestamp() - interval '31 seconds')";
    api.world.execute(dead).await;
    let left = status(&api).await;
    assert_eq!(left["running"], false);
    assert!(left["last_check"].is_string());
}

#[tokio::test]
async fn what_was_sent_and_what_failed_is_counted_from_the_rows() {
    let api = Api::start().await;
    for state in [
        &GESENDET,
        &GESENDET,
        &GESENDET,
        &FEHLGESCHLAGEN,
        &IN_DOUBT,
        &IN_WARTESCHLANGE,
        &WIRD_GESENDET,
    ] {
        api.create_in(state).await;
    }
    api.create(json!({})).await;
    // Hidden, and of another day; yesterday's failure; a retry that is under way.
    api.client.delete("/api/emails/2").await.expect(200);
    let past = "UPDATE communication_service.emails SET gesendet_am = '2026-01-31T09:15:42Z' WHERE id = 3; \
         UPDATE communication_service.emails SET versucht_am = '2026-01-31T09:15:59Z' WHERE id = 5; \
         UPDATE communication_service.emails SET fehlerart = 'voruebergehend' WHERE id = 7; \
         UPDATE communication_service.emails SET in_warteschlange_am = '2026-01-31T08:00:00Z' WHERE id = 6";
    api.world.execute(past).await;
    let status = status(&api).await;
    let numbers = [
        "emails_sent_today",
        "emails_failed_today",
        "total_sent",
        "total_failed",
        "emails_in_doubt",
        "emails_sent_last_hour",
    ];
    let numbers: Vec<_> = numbers
        .iter()
        .map(|name| status[name].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [2, 1, 3, 2, 1, 2]);
    let expected = json!({"Entwurf": 1, "In_Warteschlange": 1, "Wird_gesendet": 1, "Gesendet": 2, "Fehlgeschlagen": 2});
    assert_eq!(status["emails_by_status"], expected);
    assert_eq!(status["oldest_waiting"], "2026-01-31T08:00:00.000000Z");
    assert_eq!(status["last_error"], "Die Adresse wurde abgelehnt.");
    assert_eq!(status["last_attempts"], json!({"known": 5, "failed": 2}));
    let batches = status["recent_batches"].as_array().unwrap();
    let sums = |name: &str| {
        batches
            .iter()
            .map(|batch| batch[name].as_i64().unwrap())
            .sum::<i64>()
    };
    assert_eq!((sums("sent"), sums("failed")), (3, 2));
    let oldest = json!({"sent": 1, "failed": 1, "time": "2026-01-31T09:15:00.000000Z"});
    assert_eq!(batches.last(), Some(&oldest));
}

#[tokio::test]
async fn recent_batches_are_the_last_ten_minutes_with_an_outcome() {
    let api = Api::start().await;
    for _ in 0..24 {
        api.create_in(&GESENDET).await;
    }
    let spread = "UPDATE communication_service.emails SET gesendet_am = '2026-01-31T09:00:30Z'::timestamptz - (id / 2) * interval '1 day'";
    api.world.execute(spread).await;
    let batches = status(&api).await["recent_batches"].clone();
    let batches = batches.as_array().unwrap();
    assert_eq!(batches.len(), 10);
    assert_eq!(
        batches[0],
        json!({"sent": 1, "failed": 0, "time": "2026-01-31T09:00:00.000000Z"})
    );
    assert_eq!(
        batches[9],
        json!({"sent": 2, "failed": 0, "time": "2026-01-22T09:00:00.000000Z"})
    );
}

#[tokio::test]
async fn today_is_a_day_of_the_time_zone_of_the_service() {
    // In one of these it is another day than in the other, at any hour.
    for (zone, offset) in [("Pacific/Kiritimati", 14), ("Pacific/Niue", -11)] {
        let world = World::without_kafka()
            .await
            .set("COMM__SERVICE__TIME_ZONE", zone);
        let api = Api::serving(world, &["--no-worker"]).await;
        for _ in 0..2 {
            api.create_in(&GESENDET).await;
        }
        let midnight = format!(
            "(date_trunc('day', now() AT TIME ZONE 'UTC' + interval '{offset} hours') - interval '{offset} hours') AT TIME ZONE 'UTC'"
        );
        let sent = format!(
            "UPDATE communication_service.emails SET gesendet_am = {midnight} - (id - 1) * interval '1 microsecond'"
        );
        api.world.execute(&sent).await;
        let status = status(&api).await;
        assert_eq!(
            (&status["emails_sent_today"], &status["total_sent"]),
            (&json!(1), &json!(2)),
            "{zone}"
        );
    }
}

#[tokio::test]
async fn a_queue_that_sends_is_healthy_and_one_whose_mails_fail_is_not() {
    let refusal = Action::reply(550, "5.1.1 unknown");
    let script = Script::new().on(Stage::Rcpt, move |context| match context.mail > 4 {
        true => refusal.clone(),
        false => Action::proceed(),
    });
    let world = World::without_kafka().await.mailing_to(script).await;
    let api = Api::serving(world, &[]).await;
    let queued = json!({"status": "In_Warteschlange"});
    for id in 1..=4 {
        api.create(queued.clone()).await;
        api.client.wait_for_status(id, "Gesendet").await;
    }
    until_health_says(&api, "\"healthy\"").await;
    for id in 5..=8 {
        api.create(queued.clone()).await;
        api.client.wait_for_status(id, "Fehlgeschlagen").await;
    }
    assert_eq!(
        health(&api).await["status"],
        "healthy",
        "half of them is not more than half"
    );
    api.create(queued.clone()).await;
    api.client.wait_for_status(9, "Fehlgeschlagen").await;
    let health = health(&api).await;
    assert_eq!(issues(&health), ["5 of the last 9 attempts failed"]);
    let status = status(&api).await;
    assert_eq!(
        (&status["emails_sent_today"], &status["emails_failed_today"]),
        (&json!(4), &json!(5))
    );
    assert!(status["last_error"].as_str().unwrap().contains("5.1.1"));
    assert!(status["last_error_time"].is_string());
}

#[tokio::test]
async fn a_set_up_at_fault_and_a_mail_that_waits_too_long_are_said() {
    let world = World::without_kafka().await;
    let script = Script::new().always(Stage::Greeting, Action::reply(554, "go away"));
    let api = Api::serving(world.mailing_to(script).await, &[]).await;
    api.create(json!({"status": "In_Warteschlange"})).await;
    let health = until_health_says(&api, "does not let the service in").await;
    assert_eq!(health["status"], "unhealthy");
    let late = "UPDATE communication_service.emails SET faellig_am = now() - interval '6 minutes', rang = 5";
    let standing = Api::start().await;
    standing.create_in(&IN_WARTESCHLANGE).await;
    standing.world.execute(late).await;
    until_health_says(&standing, "An email has been due for 6 minutes").await;
    assert!(
        status(&standing).await["oldest_due_seconds"]
            .as_i64()
            .unwrap()
            >= 360
    );
}

#[tokio::test]
async fn without_a_database_the_health_is_bad_and_the_figures_are_a_503() {
    let world = World::without_kafka().await;
    let world = world.set(
        "DATABASE_URL",
        "postgres://nobody:geheim@127.0.0.1:1/nothing",
    );
    let api = Api::serving(world, &["--no-worker"]).await;
    let health = health(&api).await;
    assert_eq!(issues(&health), ["The database is not available"]);
    assert_problem(
        &api.client.get("/api/emails/queue-status").await,
        503,
        "database",
    );
}
