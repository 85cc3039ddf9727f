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

/// A letter as the agency writes them, of 1 kB.
const MARKDOWN: &str = "Sehr geehrte Frau Dr. Beispiel,\n\nim Auftrag unserer **Klientin** suchen wir einen Therapieplatz \
in Ihrer Praxis. Die wichtigsten Angaben:\n\n- Versicherung: gesetzlich\n- Verfahren: Verhaltenstherapie\n- Zeiten: montags \
und mittwochs ab 16 Uhr\n\nEine Beschreibung finden Sie auf [unserer Seite](https://www.example.org/anfrage/4711). ";

/// What a client gives as the body.
#[derive(Clone, Copy)]
struct Body {
    field: &'static str,
    words: &'static str,
}

const BODIES: [Body; 2] = [
    Body {
        field: "inhalt_markdown",
        words: "1 kB of markdown, rendered and sanitised",
    },
    Body {
        field: "inhalt_text",
        words: "1 kB of `inhalt_text`",
    },
];

pub(crate) async fn measure(place: &Place) -> Vec<Row> {
    let mut rows = Vec::new();
    for body in BODIES {
        rows.push(row(place, body).await);
    }
    rows
}

async fn row(place: &Place, body: Body) -> Row {
    let (mut loads, mut references) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let url = place.database().await;
        loads.push(service(&url, body).await);
        let script = script(&url).await;
        references.push(pgbench(&place.database().await, &script, CLIENTS).await);
    }
    let rates = loads.iter().map(|load| load.per_second).collect();
    let millis = |pick: fn(&Load) -> Duration| {
        let millis = |load| pick(load).as_secs_f64() * 1000.0;
        median(loads.iter().map(millis).collect())
    };
    Row {
        what: format!("POST /api/emails, {CLIENTS} connections, {}", body.words),
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

async fn service(url: &str, body: Body) -> Load {
    let service = place::start(url, &[], &["--no-worker"]).await;
    let load = load::run(
        service.client.port(),
        load::same(request(body.field)),
        CLIENTS,
        TIME,
        None,
    )
    .await;
    let stored = "SELECT count(*) = (SELECT count(*) FROM communication_service.outbox) FROM communication_service.emails";
    assert_eq!(
        Place::number(url, &format!("SELECT ({stored})::int::bigint")).await,
        1
    );
    service.stop().await;
    load
}

/// A draft.
pub(crate) fn request(field: &str) -> Vec<u8> {
    let letter: String = MARKDOWN.chars().cycle().take(1000).collect();
    let body = json!({
        "therapist_id": 7, "betreff": "Anfrage", "empfaenger_email": "praxis@example.org",
        "empfaenger_name": "Dr. Ada Beispiel", (field): letter,
    })
    .to_string();
    load::post("/api/emails", &body)
}

/// Inserts rows that are as large as those that the service has written.
async fn script(url: &str) -> String {
    let size = async |column: &str, table: &str| {
        let sql = format!(
            "SELECT max(octet_length({column}))::bigint FROM communication_service.{table}"
        );
        Place::number(url, &sql).await
    };
    let (html, text) = (
        size("inhalt_html", "emails").await,
        size("inhalt_text", "emails").await,
    );
    let payload = size("payload", "outbox").await;
    format!(
        "BEGIN;
INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, empfaenger_email,
 empfaenger_name, absender_email, absender_name, status, message_id, created_at, updated_at, sequence)
VALUES (7, 'Anfrage', repeat('x', {html}), repeat('y', {text}), true, 'praxis@example.org', 'Dr. Ada Beispiel', 'noreply@example.org',
 'Vermittlung', 'Entwurf', gen_random_uuid()::text, now(), now(), 1);
INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, topic, key, payload, traceparent, occurred_at)
VALUES (gen_random_uuid(), 'communication.email_created', 'email', currval('communication_service.emails_id_seq'), 1,
 'communication-events', '1', convert_to(repeat('z', {payload}), 'UTF8'), '00-00000000000000000000000000000000-0000000000000000-00', now());
COMMIT;
"
    )
}

/// Transactions per second of a script with so many clients.
pub(crate) async fn pgbench(url: &str, statements: &str, clients: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("inserts.sql");
    std::fs::write(&script, statements).unwrap();
    let output = Command::new("pgbench")
        .args([
            "-n",
            "-M",
            "prepared",
            "-j",
            "2",
            "-c",
            &clients.to_string(),
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
