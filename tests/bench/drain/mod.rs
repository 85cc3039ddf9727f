//! Draining the queue: against `smtp-source` into the same sink, into a slow server, and beside a
//! connection that hangs.

mod odd;
mod postfix;

use crate::place::{self, Place};
use crate::report::{Row, median};
use postfix::Sink;

const MAILS: u32 = 10_000;
const BYTES: u32 = 5_000;
const CONNECTIONS: usize = 8;
const ROUNDS: usize = 7;

pub(crate) async fn measure(place: &Place) -> Vec<Row> {
    let sink = Sink::start().await;
    let (mut ours, mut references) = (Vec::new(), Vec::new());
    let mut megabytes = 0.0_f64;
    for _ in 0..ROUNDS {
        references.push(postfix::source(&sink).await);
        let drained = drain(place, sink.port, CONNECTIONS, MAILS).await;
        ours.push(drained.per_second);
        megabytes = megabytes.max(drained.peak_megabytes);
    }
    let mut rows = vec![Row {
        what: format!(
            "Queue drain, {MAILS} mails of {} kB, {CONNECTIONS} connections",
            BYTES / 1000
        ),
        ours: median(ours),
        reference: median(references),
        against: format!("smtp-source, {CONNECTIONS} kept connections, into the same smtp-sink"),
        note: format!(
            "every outcome and its event stored; at most {megabytes:.0} MB of memory; median of {ROUNDS} rounds"
        ),
    }];
    rows.push(odd::slow_server(place).await);
    rows.push(odd::hanging_connection(place).await);
    rows
}

struct Drained {
    per_second: f64,
    peak_megabytes: f64,
}

/// From the first claim to the last outcome.
async fn drain(place: &Place, port: u16, connections: usize, mails: u32) -> Drained {
    let url = place.database().await;
    fill(&url, mails).await;
    let service = place::start(&url, &settings(port, connections), &[]).await;
    until_gone(&url, 0).await;
    let per_second = per_second(&url).await;
    let peak_megabytes = service.peak_megabytes();
    service.stop().await;
    let sent = "SELECT count(*) FROM communication_service.emails WHERE status = 'Gesendet'";
    assert_eq!(Place::number(&url, sent).await, i64::from(mails));
    Drained {
        per_second,
        peak_megabytes,
    }
}

fn settings(port: u16, connections: usize) -> Vec<(&'static str, String)> {
    vec![
        ("SMTP_PORT", port.to_string()),
        ("COMM__SMTP__CONNECTIONS", connections.to_string()),
    ]
}

/// Mails per second, by the times in their rows.
async fn per_second(url: &str) -> f64 {
    let nanos = "SELECT (1000000000 * extract(epoch FROM max(gesendet_am) - min(versucht_am)) / count(*))::bigint \
         FROM communication_service.emails WHERE status = 'Gesendet'";
    1_000_000_000.0 / f64::from(u32::try_from(Place::number(url, nanos).await).unwrap())
}

/// Waits until no mail waits and only this many are under way. Both looks are at a partial index.
async fn until_gone(url: &str, under_way: i64) {
    let left = "SELECT (SELECT count(*) FROM communication_service.emails WHERE status = 'Wird_gesendet') \
         + 1000 * (SELECT count(*) FROM (SELECT FROM communication_service.emails \
           WHERE status = 'In_Warteschlange' LIMIT 1) one)";
    Place::until_at_most(url, left, under_way).await;
}

/// Mails that are due, as `POST` would have left them. Words differ, so that nothing shrinks to nothing.
async fn fill(url: &str, mails: u32) {
    let words = BYTES / 2 / 33;
    Place::sql(
        url,
        &format!(
            "INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, empfaenger_email, \
               empfaenger_name, absender_email, absender_name, status, message_id, created_at, updated_at, sequence, \
               in_warteschlange_am, faellig_am) \
             SELECT 7, 'Anfrage', body, body, false, 'praxis@example.org', 'Dr. Ada Beispiel', \
               'noreply@example.org', 'Vermittlung', 'In_Warteschlange', n || '@example.org', now(), now(), 1, now(), now() \
             FROM generate_series(1, {mails}) n, LATERAL (SELECT string_agg(md5((n * 1000 + word)::text), ' ') AS body \
               FROM generate_series(1, {words}) word) text; ANALYZE communication_service.emails"
        ),
    )
    .await;
}
