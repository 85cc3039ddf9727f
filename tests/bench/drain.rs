//! Draining the queue into a sink, against `smtp-source` into the same sink.

use crate::place::{self, Place};
use crate::report::{Row, median};
use comm_devkit::smtp::{SmtpOptions, SmtpServer};
use std::time::{Duration, Instant};
use tokio::process::Command;

const MAILS: u64 = 10_000;
const BYTES: usize = 5_000;
const CONNECTIONS: usize = 8;
const ROUNDS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) async fn measure(place: &Place) -> Row {
    let mut ours = Vec::new();
    let mut references = Vec::new();
    for _ in 0..ROUNDS {
        references.push(smtp_source().await);
        ours.push(queue(&place.database().await).await);
    }
    Row {
        what: format!(
            "Queue drain, {MAILS} mails of {} kB, {CONNECTIONS} connections",
            BYTES / 1000
        ),
        ours: median(ours),
        reference: median(references),
        against: format!("smtp-source, {CONNECTIONS} kept connections, into the same sink"),
        note: "every outcome and its event stored".to_owned(),
    }
}

async fn queue(url: &str) -> f64 {
    fill(url).await;
    let sink = SmtpServer::start(SmtpOptions::sink()).await.unwrap();
    let more = [
        ("SMTP_PORT", sink.port().to_string()),
        ("COMM__SMTP__CONNECTIONS", CONNECTIONS.to_string()),
    ];
    let begun = Instant::now();
    let service = place::start(url, &more, &["--no-api"]).await;
    sink.wait_for(MAILS, PATIENCE).await.unwrap();
    let rate = per_second(begun.elapsed());
    service.stop().await;
    let sent = "SELECT count(*) FROM communication_service.emails WHERE status = 'Gesendet'";
    assert_eq!(
        Place::number(url, sent).await,
        i64::try_from(MAILS).unwrap()
    );
    rate
}

/// Mails that are due, as `POST` would have left them.
async fn fill(url: &str) {
    let (html, text) = (BYTES / 2, BYTES / 2);
    Place::sql(
        url,
        &format!(
            "INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, empfaenger_email, \
               empfaenger_name, absender_email, absender_name, status, message_id, created_at, updated_at, sequence, \
               in_warteschlange_am, faellig_am) \
             SELECT 7, 'Anfrage', repeat('x', {html}), repeat('y', {text}), false, 'praxis@example.org', 'Dr. Ada Beispiel', \
               'noreply@example.org', 'Vermittlung', 'In_Warteschlange', n || '@example.org', now(), now(), 1, now(), now() \
             FROM generate_series(1, {MAILS}) n; ANALYZE communication_service.emails"
        ),
    )
    .await;
}

async fn smtp_source() -> f64 {
    let sink = SmtpServer::start(SmtpOptions::sink()).await.unwrap();
    let begun = Instant::now();
    let status = Command::new("smtp-source")
        .args([
            "-d",
            "-s",
            &CONNECTIONS.to_string(),
            "-l",
            &BYTES.to_string(),
            "-m",
            &MAILS.to_string(),
        ])
        .args(["-f", "noreply@example.org", "-t", "praxis@example.org"])
        .arg(format!("127.0.0.1:{}", sink.port()))
        .status()
        .await
        .unwrap();
    assert!(status.success());
    sink.wait_for(MAILS, PATIENCE).await.unwrap();
    per_second(begun.elapsed())
}

fn per_second(time: Duration) -> f64 {
    f64::from(u32::try_from(MAILS).unwrap()) / time.as_secs_f64()
}
