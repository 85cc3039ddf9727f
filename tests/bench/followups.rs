//! The follow-ups of 100,000 silent emails to 5,000 therapists, tried and then carried out by one request each.

use crate::place::{self, Place};
use crate::report::{Figure, median};
use comm_tests::Service;
use reqwest::Method;
use std::time::{Duration, Instant};

const EMAILS: u32 = 100_000;
const THERAPISTS: u32 = 5_000;
const ROUNDS: usize = 3;
/// A debug build takes its time.
const PATIENCE: Duration = Duration::from_secs(600);

/// What one round has measured: seconds, and megabytes.
struct Round {
    dry: f64,
    real: f64,
    megabytes: f64,
}

pub(crate) async fn measure(place: &Place) -> Vec<String> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(round(place).await);
    }
    let figures = |pick: fn(&Round) -> f64| median(rounds.iter().map(pick).collect());
    let what = format!("{EMAILS} silent emails to {THERAPISTS} therapists");
    let figures = [
        Figure {
            what: format!("POST /api/follow-ups/run?dry_run=true, {what}"),
            measured: format!("{:.1} s (median of {ROUNDS})", figures(|round| round.dry)),
            target: "under 10 s",
        },
        Figure {
            what: format!("POST /api/follow-ups/run, {what}, {THERAPISTS} calls"),
            measured: format!("{:.1} s (median of {ROUNDS})", figures(|round| round.real)),
            target: "under 20 s",
        },
        Figure {
            what: "Resident memory of the instance that did both".to_owned(),
            measured: format!("at most {:.0} MB", figures(|round| round.megabytes)),
            target: "under 100 MB",
        },
    ];
    figures.iter().map(ToString::to_string).collect()
}

async fn round(place: &Place) -> Round {
    let url = place.database().await;
    Place::sql(&url, &fill()).await;
    // As autovacuum leaves them: it does not look at empty tables.
    Place::sql(&url, "VACUUM ANALYZE communication_service.emails").await;
    let history = [(
        "COMM__FOLLOWUP__NOT_BEFORE",
        "2020-01-01T00:00:00Z".to_owned(),
    )];
    let service = place::start(&url, &history, &["--no-worker"]).await;
    let dry = seconds(&service, "/api/follow-ups/run?dry_run=true").await;
    assert_eq!(Place::number(&url, CALLS).await, 0);
    let real = seconds(&service, "/api/follow-ups/run").await;
    assert_eq!(Place::number(&url, CALLS).await, i64::from(THERAPISTS));
    assert_eq!(Place::number(&url, DECISIONS).await, i64::from(EMAILS));
    let megabytes = service.peak_megabytes();
    service.stop().await;
    Round {
        dry,
        real,
        megabytes,
    }
}

const CALLS: &str = "SELECT count(*) FROM communication_service.telefonanrufe";
const DECISIONS: &str =
    "SELECT count(*) FROM communication_service.nachverfolgungen WHERE endgueltig";

/// From the request to the last byte of its report.
async fn seconds(service: &Service, path: &str) -> f64 {
    let begun = Instant::now();
    let answer = service
        .client
        .send(Method::POST, path, |request| request.timeout(PATIENCE));
    answer.await.unwrap().expect(200);
    begun.elapsed().as_secs_f64()
}

/// 20 emails to each therapist, sent one to three weeks ago. Nobody has stated hours.
fn fill() -> String {
    format!(
        "INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, message_id, created_at, updated_at, \
           sequence, gesendet_am, versucht_am) \
         SELECT 1 + n % {THERAPISTS}, 'Anfrage', '<p>Guten Tag</p>', 'Guten Tag', true, \
           'praxis' || n % {THERAPISTS} || '@example.org', 'Dr. Ada Beispiel', 'a@example.org', 'Vermittlung', 'Gesendet', \
           n::text, at, at, 2, at, at \
         FROM generate_series(1, {EMAILS}) AS n, LATERAL (SELECT now() - interval '8 days' - n * interval '10 seconds' AS at) AS moment"
    )
}
