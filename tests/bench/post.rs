//! `POST /api/emails` against `pgbench` with the same two inserts in one transaction.

use crate::load::{self, Load};
use crate::place::{self, Place};
use crate::report::{Row, median};
use serde_json::json;
use std::time::Duration;
use tokio::process::Command;

const CLIENTS: usize = 64;
const ROUNDS: usize = 3;
const TIME: Duration = Duration::from_secs(5);

/// Both rows are as large as those that the service writes for the request below.
const SCRIPT: &str = "BEGIN;
INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, empfaenger_email,
 empfaenger_name, absender_email, absender_name, status, message_id, created_at, updated_at, sequence)
VALUES (7, 'Anfrage', repeat('x', 900), repeat('y', 800), true, 'praxis@example.org', 'Dr. Ada Beispiel', 'noreply@example.org',
 'Vermittlung', 'Entwurf', gen_random_uuid()::text, now(), now(), 1);
INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, topic, key, payload, traceparent, occurred_at)
VALUES (gen_random_uuid(), 'communication.email_created', 'email', currval('communication_service.emails_id_seq'), 1,
 'communication-events', '1', convert_to(repeat('z', 380), 'UTF8'), '00-00000000000000000000000000000000-0000000000000000-00', now());
COMMIT;
";

pub(crate) async fn measure(place: &Place) -> Row {
    let mut loads = Vec::new();
    let mut references = Vec::new();
    for _ in 0..ROUNDS {
        references.push(pgbench(&place.database().await).await);
        loads.push(service(&place.database().await).await);
    }
    let rates = loads.iter().map(|load| load.per_second).collect();
    let millis = |pick: fn(&Load) -> Duration| {
        median(
            loads
                .iter()
                .map(|load| pick(load).as_secs_f64() * 1000.0)
                .collect(),
        )
    };
    Row {
        what: format!("POST /api/emails, {CLIENTS} connections, 1.7 kB of body"),
        ours: median(rates),
        reference: median(references),
        against: format!("pgbench, the same two inserts in one transaction, {CLIENTS} clients"),
        note: format!(
            "p50 {:.0} ms, p99 {:.0} ms",
            millis(|load| load.p50),
            millis(|load| load.p99)
        ),
    }
}

async fn service(url: &str) -> Load {
    let service = place::start(url, &[], &["--no-worker"]).await;
    let body = json!({
        "therapist_id": 7, "betreff": "Anfrage", "empfaenger_email": "praxis@example.org",
        "empfaenger_name": "Dr. Ada Beispiel", "inhalt_html": format!("<p>{}</p>", "x".repeat(880)),
        "inhalt_text": "y".repeat(800),
    })
    .to_string();
    let request = format!(
        "POST /api/emails HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let load = load::run(service.client.port(), request.into_bytes(), CLIENTS, TIME).await;
    let stored = "SELECT count(*) = (SELECT count(*) FROM communication_service.outbox) FROM communication_service.emails";
    assert_eq!(
        Place::number(url, &format!("SELECT ({stored})::int::bigint")).await,
        1
    );
    service.stop().await;
    load
}

async fn pgbench(url: &str) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("inserts.sql");
    std::fs::write(&script, SCRIPT).unwrap();
    let output = Command::new("pgbench")
        .args([
            "-n",
            "-M",
            "prepared",
            "-j",
            "2",
            "-c",
            &CLIENTS.to_string(),
            "-T",
            &TIME.as_secs().to_string(),
            "-f",
        ])
        .arg(&script)
        .arg(url)
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text
        .lines()
        .find(|line| line.starts_with("tps = "))
        .unwrap();
    line.split_whitespace().nth(2).unwrap().parse().unwrap()
}
