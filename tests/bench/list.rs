//! `GET /api/emails` at a million rows against the same at ten thousand: page 1 and behind a cursor.

use crate::place::{self, Place};
use crate::report::{Row, median};
use comm_tests::{Client, Service};
use serde_json::Value;
use std::time::Instant;

const SMALL: u32 = 10_000;
const LARGE: u32 = 1_000_000;
const ROUNDS: usize = 5;
const REQUESTS: usize = 40;

/// Filters whose rows are as frequent in both tables. `q` looks for words of every, every 20th and hardly any email.
const FILTERS: &[&str] = &[
    "",
    "therapist_id=8",
    "patient_id=11",
    "recipient_type=patient",
    "status=Gesendet",
    "status=Fehlgeschlagen",
    "fehlerart=endgueltig",
    "antwort_erhalten=true",
    "therapeutenanfrage_id=20",
    "created_from=2026-01-02&created_to=2026-01-05",
    "q=anfrage",
    "q=wolf",
    "q=777",
    "q=nirgends",
    "q=ada%20wolf&status=Gesendet",
];

struct Table {
    service: Service,
    /// A cursor in the middle.
    cursor: String,
}

pub(crate) async fn measure(place: &Place) -> Vec<Row> {
    let (small, large) = (table(place, SMALL).await, table(place, LARGE).await);
    let mut rows = Vec::new();
    for filter in FILTERS {
        rows.push(row(filter, (&small, ""), (&large, "")).await);
        let cursors = [&small, &large].map(|table| format!("&cursor={}", table.cursor));
        rows.push(row(filter, (&small, &cursors[0]), (&large, &cursors[1])).await);
    }
    small.service.stop().await;
    large.service.stop().await;
    rows
}

async fn table(place: &Place, rows: u32) -> Table {
    let url = place.database().await;
    Place::sql(&url, &fill(rows)).await;
    Place::sql(&url, "VACUUM ANALYZE communication_service.emails").await;
    let service = place::start(&url, &[], &["--no-worker"]).await;
    let middle = format!("/api/emails?limit=1&fields=id&page={}", rows / 2);
    let page = service.client.get(&middle).await.expect(200).body;
    let cursor = page.get("next_cursor").and_then(Value::as_str);
    let cursor = cursor.unwrap().to_owned();
    Table { service, cursor }
}

async fn row(filter: &str, small: (&Table, &str), large: (&Table, &str)) -> Row {
    let path = |cursor: &str| format!("/api/emails?{filter}{cursor}");
    let (mut references, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        references.push(millis(&small.0.service.client, &path(small.1)).await);
        ours.push(millis(&large.0.service.client, &path(large.1)).await);
    }
    let (reference, ours) = (median(references), median(ours));
    let place = if large.1.is_empty() {
        "page 1"
    } else {
        "by cursor"
    };
    Row {
        what: format!("List of 20, `{filter}`, {place}, {LARGE} rows"),
        ours: 1000.0 / ours,
        reference: 1000.0 / reference,
        against: format!("the same, {SMALL} rows"),
        note: format!("{ours:.1} ms against {reference:.1} ms"),
    }
}

/// The median of some requests, one after the other.
async fn millis(client: &Client, path: &str) -> f64 {
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let begun = Instant::now();
        client.get(path).await.expect(200);
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    median(times)
}

/// One email every 30 seconds up to the end of January, of 1.7 kB each.
fn fill(rows: u32) -> String {
    format!(
        "INSERT INTO communication_service.emails (therapist_id, patient_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, fehlerart, antwort_erhalten, \
           therapeutenanfrage_id, message_id, created_at, updated_at, sequence, gesendet_am, versucht_am) \
         SELECT CASE WHEN n % 10 > 0 THEN n % 500 END, CASE WHEN n % 10 = 0 THEN n % 5000 + 1 END, 'Anfrage ' || n, \
           repeat('x', 900), repeat('y', 800), true, 'praxis' || n % 20000 || '@example.org', \
           'Dr. ' || (ARRAY['Ada', 'Eva', 'Uwe'])[n % 3 + 1] || ' ' || CASE n % 20 WHEN 7 THEN 'Wolf' ELSE 'Klein' END, \
           'a@example.org', 'Vermittlung', CASE WHEN n % 100 = 0 THEN 'Fehlgeschlagen' WHEN n % 100 = 1 THEN 'Entwurf' ELSE 'Gesendet' END, \
           CASE WHEN n % 100 = 0 THEN 'endgueltig' END, n % 4 = 3, n / 30 + 1, n::text, at, at, 1, at, at \
         FROM generate_series(1, {rows}) n, \
           LATERAL (SELECT timestamptz '2026-02-01' - ({rows} - n) * interval '30 seconds' AS at) moment"
    )
}
