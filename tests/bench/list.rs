//! `GET /api/emails` and `GET /api/phone-calls` at a million rows against the same at ten thousand: page 1 and behind a
//! cursor. What has 1,000 rows in the small table has 1,000 in the large one, so that the size of the table is all that differs: on page 1
//! up to 10,001 matching emails are counted, whatever the table.

use crate::call_list::ANRUFE;
use crate::place::{self, Place};
use crate::report::{Figure, Row, median};
use comm_tests::{Client, Service};
use serde_json::Value;
use std::time::Instant;

const SMALL: u32 = 10_000;
const LARGE: u32 = 1_000_000;
const REQUESTS: usize = 200;

/// Nearly all, 1,000, 5,760 (two days), ten, or no emails of either table.
const FILTERS: &[&str] = &[
    "",
    "therapist_id=8",
    "patient_id=9",
    "recipient_type=therapist",
    "recipient_type=patient",
    "status=Gesendet",
    "status=Fehlgeschlagen",
    "fehlerart=endgueltig",
    "antwort_erhalten=true",
    "antwort_erhalten=false",
    "therapeutenanfrage_id=20",
    "created_from=2026-01-30&created_to=2026-01-31",
    "created_from=2025-03-01",
    "q=anfrage",
    "q=wolf",
    "q=selten",
    "q=nirgends",
    "q=ada%20wolf",
    "q=anfrage&status=Fehlgeschlagen",
    "q=wolf&status=Gesendet",
];
/// Words of every, every third, every fifth, every 20th and every 60th email, which only the large table has in number;
/// `ada` and `uwe` never meet.
const WORDS: &[&str] = &[
    "q=anfrage",
    "q=ada",
    "q=lang",
    "q=fuchs",
    "q=eva%20fuchs",
    "q=ada%20anfrage",
    "q=anfrage&status=Gesendet",
    "q=fuchs&status=Gesendet",
    "q=fuchs&status=Fehlgeschlagen",
    "q=ada%20uwe",
    "q=ada%20uwe&status=Gesendet",
    "q=uwe%20ada%20anfrage",
];

/// A list, and what stands in it.
pub(crate) struct Liste {
    pub(crate) path: &'static str,
    pub(crate) filters: &'static [&'static str],
    pub(crate) fill: fn(u32) -> String,
}

const EMAILS: Liste = Liste {
    path: "/api/emails",
    filters: FILTERS,
    fill,
};

struct Table {
    service: Service,
    path: &'static str,
    /// A cursor in the middle.
    cursor: String,
}

pub(crate) async fn measure(place: &Place) -> Vec<String> {
    let (small, large) = tables(place, &EMAILS).await;
    let mut rows = compared(&EMAILS, &small, &large).await;
    for words in WORDS {
        rows.push(figure(words, &large).await.to_string());
    }
    small.service.stop().await;
    large.service.stop().await;
    let (small, large) = tables(place, &ANRUFE).await;
    rows.extend(compared(&ANRUFE, &small, &large).await);
    small.service.stop().await;
    large.service.stop().await;
    rows
}

async fn tables(place: &Place, liste: &Liste) -> (Table, Table) {
    (
        table(place, liste, SMALL).await,
        table(place, liste, LARGE).await,
    )
}

async fn compared(liste: &Liste, small: &Table, large: &Table) -> Vec<String> {
    let mut rows = Vec::new();
    for filter in liste.filters {
        rows.push(row(filter, (small, ""), (large, "")).await.to_string());
        let cursors = [small, large].map(|table| format!("&cursor={}", table.cursor));
        let cursors = ((small, &*cursors[0]), (large, &*cursors[1]));
        rows.push(row(filter, cursors.0, cursors.1).await.to_string());
    }
    rows
}

async fn table(place: &Place, liste: &Liste, rows: u32) -> Table {
    let url = place.database().await;
    Place::sql(&url, &(liste.fill)(rows)).await;
    Place::sql(&url, "VACUUM ANALYZE").await;
    if rows == LARGE && liste.path == EMAILS.path {
        take_up_frequent_words(&url).await;
        Place::sql(&url, "VACUUM ANALYZE").await;
    }
    let service = place::start(&url, &[], &["--no-worker"]).await;
    let path = liste.path;
    let middle = format!("{path}?limit=1&fields=id&page={}", rows / 2);
    let page = service.client.get(&middle).await.expect(200).body;
    let cursor = page.get("next_cursor").and_then(Value::as_str);
    let cursor = cursor.unwrap().to_owned();
    Table {
        service,
        path,
        cursor,
    }
}

/// As an instance with workers does by itself.
async fn take_up_frequent_words(url: &str) {
    let settings = [("COMM__CALLS__DAILY_AT", String::new())];
    let service = place::start(url, &settings, &[]).await;
    let open = "SELECT 2 - count(*) FROM communication_service.haeufige_suchworte WHERE wort IN ('ada', 'uwe')";
    Place::until_at_most(url, open, 0).await;
    service.stop().await;
}

async fn row(filter: &str, small: (&Table, &str), large: (&Table, &str)) -> Row {
    let list = large.0.path;
    let path = |cursor: &str| format!("{list}?{filter}{cursor}");
    let (mut references, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..REQUESTS {
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
        what: format!("`GET {list}`, 20 rows, `{filter}`, {place}, {LARGE} rows"),
        ours: 1000.0 / ours,
        reference: 1000.0 / reference,
        against: format!("the same, {SMALL} rows"),
        note: format!("{ours:.1} ms against {reference:.1} ms"),
    }
}

async fn figure(words: &str, large: &Table) -> Figure {
    let path = format!("/api/emails?{words}");
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        times.push(millis(&large.service.client, &path).await);
    }
    Figure {
        what: format!("List of 20, `{words}`, page 1, {LARGE} rows"),
        measured: format!("{:.1} ms (median)", median(times)),
        target: "under 20 ms",
    }
}

async fn millis(client: &Client, path: &str) -> f64 {
    let begun = Instant::now();
    client.get(path).await.expect(200);
    begun.elapsed().as_secs_f64() * 1000.0
}

/// One email every 30 seconds up to the end of January, of 1.7 kB each.
fn fill(rows: u32) -> String {
    format!(
        "INSERT INTO communication_service.emails (therapist_id, patient_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, fehlerart, antwort_erhalten, \
           therapeutenanfrage_id, message_id, created_at, updated_at, sequence, gesendet_am, versucht_am) \
         SELECT CASE nth WHEN 0 THEN NULL WHEN 1 THEN 8 ELSE n % 500 + 100 END, CASE nth WHEN 0 THEN 9 END, \
           'Anfrage ' || n || CASE WHEN n % {tenth} = 6 THEN ' selten' ELSE '' END || CASE WHEN n % 5 = 2 THEN ' lang' ELSE '' END, \
           repeat('x', 900), repeat('y', 800), true, 'praxis' || n % 20000 || '@example.org', \
           'Dr. ' || (ARRAY['Ada', 'Eva', 'Uwe'])[n % 3 + 1] || CASE nth WHEN 5 THEN ' Wolf' ELSE '' END \
             || CASE n % 20 WHEN 7 THEN ' Fuchs' ELSE ' Klein' END, \
           'a@example.org', 'Vermittlung', CASE nth WHEN 2 THEN 'Fehlgeschlagen' ELSE 'Gesendet' END, \
           CASE nth WHEN 2 THEN 'endgueltig' END, nth = 3, CASE nth WHEN 4 THEN 20 ELSE n / 30 + 100 END, \
           n::text, at, at, 1, at, at \
         FROM generate_series(1, {rows}) n, LATERAL (SELECT n % {step} AS nth, \
           timestamptz '2026-02-01' - ({rows} - n) * interval '30 seconds' AS at) moment",
        tenth = rows / 10,
        step = rows / 1000,
    )
}
