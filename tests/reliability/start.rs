//! Starting: what stops it, with which words, and what does not.

use crate::settings::{environment_of, only};
use comm_devkit::postgres::{Cluster, ClusterOptions};
use comm_tests::{PATIENCE, Service, World, run_to_end};
use std::process::Output;

const SOMEWHERE: (&str, &str) = (
    "DATABASE_URL",
    "postgresql://nobody:geheim@127.0.0.1:1/none",
);
/// Wrong settings, as sysexits.h has it (EX_CONFIG).
const WRONG_SETTINGS: i32 = 78;

async fn run(environment: Vec<(String, String)>, arguments: &[&str]) -> Output {
    let ended = tokio::time::timeout(PATIENCE, run_to_end(environment, arguments));
    ended.await.unwrap().unwrap()
}

/// What it said when it refused; one line for a person, without a secret.
fn refusal(output: &Output) -> String {
    assert!(!output.status.success());
    let words = String::from_utf8(output.stderr.clone()).unwrap();
    let last = words.lines().last().unwrap_or_default();
    assert!(last.starts_with("communication-service: "), "{words}");
    assert!(!words.contains("geheim"), "{words}");
    last.to_owned()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn pending_migrations_stop_the_start_unless_it_may_apply_them() {
    let cluster = Cluster::start(ClusterOptions::temporary()).await.unwrap();
    for name in ["by_hand", "at_start"] {
        cluster.ensure_database(name).await.unwrap();
    }
    let by_hand = [("DATABASE_URL", cluster.url("by_hand"))];
    let by_hand = only(&by_hand.each_ref().map(|(name, url)| (*name, url.as_str())));
    let words = refusal(&run(by_hand.clone(), &["serve"]).await);
    assert!(words.contains("pending migrations"), "{words}");
    assert!(words.contains("communication-service migrate"), "{words}");
    assert!(words.contains("database.migrate_on_start"), "{words}");
    let first = said(&run(by_hand.clone(), &["migrate"]).await);
    assert!(first.lines().count() >= 2, "{first}");
    assert!(
        first.lines().all(|line| line.starts_with("applied ")),
        "{first}"
    );
    let second = said(&run(by_hand.clone(), &["migrate"]).await);
    assert!(second.contains("nothing to apply"), "{second}");

    let (url, may) = (
        cluster.url("at_start"),
        ("COMM__DATABASE__MIGRATE_ON_START", "true"),
    );
    let at_start = only(&[("DATABASE_URL", &url), may]);
    for environment in [by_hand, at_start] {
        let service = Service::start(environment, &["--no-worker"]).await;
        service.client.get("/ready").await.expect(200);
    }
}

/// Without the worker, since the default addresses may be somebody's real Kafka and mail server.
#[tokio::test]
async fn the_binary_starts_from_an_empty_folder_with_nothing_but_the_database() {
    let world = World::without_kafka().await;
    let service = Service::start(
        only(&[("DATABASE_URL", &world.database.url())]),
        &["--no-worker"],
    )
    .await;
    service.client.get("/ready").await.expect(200);
    assert!(!service.log().contains("NO AUTHENTICATION"));
}

#[tokio::test]
async fn check_config_shows_the_settings_without_secrets() {
    let environment = only(&[
        SOMEWHERE,
        ("SMTP_USERNAME", "anna"),
        ("SMTP_PASSWORD", "geheim"),
    ]);
    let shown = said(&run(environment, &["check-config"]).await);
    assert!(shown.contains("anna") && shown.contains("8004"), "{shown}");
    assert!(!shown.contains("geheim"), "{shown}");
}

#[tokio::test]
async fn a_wrong_or_unknown_key_stops_every_command_and_says_what_is_allowed() {
    for (name, value, words) in [
        ("COMM__SMTP__TLS", "ssl", ["smtp.tls", "starttls"]),
        ("COMM__SMTP__HOTS", "x", ["hots", "hello_name"]),
        ("COMM__SMPT__HOST", "x", ["smpt", "email_queue"]),
        ("SMTP_USE_TLS", "maybe", ["SMTP_USE_TLS", "true, false"]),
        ("SERVICE_PORT", "http", ["http.port", "SERVICE_PORT"]),
        (
            "COMM__EMAIL_QUEUE__SHUTDOWN_GRACE_SECONDS",
            "60",
            ["email_queue.shutdown_grace_seconds", "0 to 8"],
        ),
        (
            "DATABASE_URL",
            "postgresql://nobody:geheim@host:none/x",
            [
                "database.url",
                "postgresql://user:password@host:port/database",
            ],
        ),
        (
            "COMM__DATABASE__DIRECT_URL",
            "mysql://nobody:geheim@host/x",
            ["database.direct_url", "postgresql://"],
        ),
        ("COMM__LOG__FILTER", "info,x=loud", ["log.filter", "info,"]),
        (
            "COMM__EMAIL_QUEUE__AFTER_CRASH",
            "forget",
            ["email_queue.after_crash", "doubt, resend"],
        ),
    ] {
        for command in ["serve", "check-config", "migrate"] {
            let output = run(only(&[SOMEWHERE, (name, value)]), &[command]).await;
            let said = refusal(&output);
            assert_eq!(output.status.code(), Some(WRONG_SETTINGS), "{said}");
            assert!(words.iter().all(|word| said.contains(word)), "{said}");
        }
    }
}

#[tokio::test]
async fn a_key_for_signatures_that_cannot_be_read_stops_the_start_by_name() {
    let world = World::without_kafka().await;
    let signed = [
        ("COMM__SMTP__DKIM__SELECTOR", "herbst"),
        ("COMM__SMTP__DKIM__DOMAIN", "example.org"),
        ("COMM__SMTP__DKIM__KEY_FILE", "missing.pem"),
    ];
    for command in ["serve", "check-config"] {
        let words = refusal(&run(environment_of(&world, &signed), &[command]).await);
        for word in ["smtp.dkim.key_file", "missing.pem", "cannot be read"] {
            assert!(words.contains(word), "{words}");
        }
    }
}

#[tokio::test]
async fn a_wrong_clock_is_for_trials_and_refused_in_production() {
    let serve = ["serve", "--clock-offset", "-30m"];
    let production = only(&[SOMEWHERE, ("APP_ENV", "production")]);
    let output = run(production, &serve).await;
    let said = refusal(&output);
    assert_eq!(output.status.code(), Some(WRONG_SETTINGS), "{said}");
    assert!(said.contains("--clock-offset") && said.contains("APP_ENV=production"));
    let odd = run(only(&[SOMEWHERE]), &["serve", "--clock-offset", "soon"]).await;
    assert!(String::from_utf8_lossy(&odd.stderr).contains("7d, 1h, -30m"));

    let world = World::without_kafka().await;
    let service = world.start_with(&["--clock-offset", "1h"]).await;
    assert!(service.log().contains("The clock of this process is wrong"));
}

#[tokio::test]
async fn an_open_address_needs_a_clear_word_and_is_announced() {
    let world = World::without_kafka().await;
    let open = [("COMM__HTTP__HOST", "0.0.0.0")];
    for command in ["serve", "check-config"] {
        let words = refusal(&run(environment_of(&world, &open), &[command]).await);
        assert!(
            words.contains("http.host") && words.contains("http.allow_open"),
            "{words}"
        );
    }
    let allowed = [open[0], ("COMM__HTTP__ALLOW_OPEN", "true")];
    let service = Service::start(environment_of(&world, &allowed), &[]).await;
    let log = service.log();
    assert!(
        log.contains("WARN") && log.contains("NO AUTHENTICATION"),
        "{log}"
    );
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let world = World::without_kafka().await;
    let service = world.start().await;
    let port = service.client.port().to_string();
    let second = environment_of(&world, &[("SERVICE_PORT", &port)]);
    let words = refusal(&run(second, &["serve"]).await);
    assert!(
        words.contains(&port) && words.contains("SERVICE_PORT"),
        "{words}"
    );
    assert!(words.contains("in use"), "{words}");
}
