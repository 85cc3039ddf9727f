//! `/api/kalender-feeds` and `GET /api/phone-calls/kalender.ics`. That another program can read the calendar is shown in
//! `tests/documents/kalender.rs`.

use super::support::{Woche, path};
use crate::setup::assert_problem;
use comm_tests::{Answer, DirectoryServer, World};
use reqwest::Method;
use serde_json::{Value, json};

const FEEDS: &str = "/api/kalender-feeds";

impl Woche {
    /// A new feed with these fields.
    async fn feed(&self, fields: Value) -> Value {
        self.client.post(FEEDS, &fields).await.expect(201).body
    }

    /// Reads a feed with these headers.
    async fn read(&self, feed: &Value, headers: &[(&str, &str)]) -> Answer {
        let pfad = feed["pfad"].as_str().unwrap();
        let shape = |request: reqwest::RequestBuilder| {
            headers.iter().fold(request, |request, (name, value)| {
                request.header(*name, *value)
            })
        };
        self.client.send(Method::GET, pfad, shape).await.unwrap()
    }

    /// The lines of a feed, unfolded.
    async fn lines(&self, feed: &Value) -> Vec<String> {
        let answer = self.read(feed, &[]).await.expect(200);
        let text = String::from_utf8(answer.bytes).unwrap();
        let unfolded = text.replace("\r\n ", "");
        unfolded.lines().map(str::to_owned).collect()
    }
}

/// Fails unless the lines have this one.
fn assert_line(lines: &[String], line: &str) {
    assert!(lines.iter().any(|one| one == line), "{line}\n{lines:#?}");
}

#[tokio::test]
async fn a_feed_shows_its_token_once_and_only_its_hash_is_stored() {
    let woche = Woche::start().await;
    let feed = woche.feed(json!({"bearbeiter": "Jana Muster"})).await;
    let token = feed["token"].as_str().unwrap();
    assert!(token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let pfad = format!("/api/phone-calls/kalender.ics?token={token}");
    assert_eq!(feed["pfad"], pfad);
    assert_eq!(feed["bearbeiter"], "Jana Muster");
    let stored = format!(
        "SELECT count(*) FROM communication_service.kalender_feeds WHERE token_hash = sha256('{token}')"
    );
    assert_eq!(woche.world.number(&stored).await, 1);
    let list = woche.client.get(FEEDS).await.expect(200).body;
    let shown =
        json!({"id": feed["id"], "bearbeiter": "Jana Muster", "created_at": feed["created_at"]});
    let expected = json!({
        "data": [shown], "page": 1, "limit": 20, "total": 1, "next_cursor": null,
    });
    assert_eq!(list, expected);
}

#[tokio::test]
async fn a_repeated_request_makes_no_second_feed_and_keeps_no_token() {
    let woche = Woche::start().await;
    let body = json!({"bearbeiter": "Jana Muster"});
    let first = woche.post_once(FEEDS, "k", &body).await.expect(201).body;
    let again = woche.post_once(FEEDS, "k", &body).await.expect(201).body;
    let mut without_token = first.clone();
    without_token["token"] = Value::Null;
    without_token["pfad"] = Value::Null;
    assert_eq!(again, without_token);
    let kept = format!(
        "SELECT count(*) FROM communication_service.idempotency_keys WHERE position('{}'::bytea IN body) > 0",
        first["token"].as_str().unwrap()
    );
    assert_eq!(woche.world.number(&kept).await, 0);
    let other = woche.post_once(FEEDS, "k", &json!({})).await;
    assert_problem(&other, 409, "Idempotency-Key");
    assert_eq!(woche.client.get(FEEDS).await.body["total"], 1);
}

#[tokio::test]
async fn everybodys_feed_needs_no_body_and_a_name_must_be_one() {
    let woche = Woche::start().await;
    let bare = woche.client.send(Method::POST, FEEDS, |request| request);
    let feed = bare.await.unwrap().expect(201).body;
    assert_eq!(feed["bearbeiter"], Value::Null);
    for body in [
        Value::Null,
        json!({}),
        json!({"bearbeiter": null}),
        json!({"bearbeiter": " "}),
    ] {
        assert_eq!(woche.feed(body).await["bearbeiter"], Value::Null);
    }
    for name in ["a\nb", "a\0b", &"x".repeat(256)] {
        let answer = woche.client.post(FEEDS, &json!({"bearbeiter": name})).await;
        assert_problem(&answer, 400, "bearbeiter");
    }
    let answer = woche.client.post(FEEDS, &json!({"bearbeiter": 7})).await;
    assert_problem(&answer, 400, "bearbeiter");
    assert_problem(
        &woche.client.post(FEEDS, &json!([])).await,
        400,
        "JSON object",
    );
    let plain = |request: reqwest::RequestBuilder| request.body("{}");
    let plain = woche.client.send(Method::POST, FEEDS, plain).await.unwrap();
    assert_problem(&plain, 415, "Content-Type");
}

#[tokio::test]
async fn a_revoked_feed_and_a_wrong_token_are_the_same_404() {
    let woche = Woche::start().await;
    let (feed, other) = (woche.feed(json!({})).await, woche.feed(json!({})).await);
    woche.read(&feed, &[]).await.expect(200);
    let mine = format!("{FEEDS}/{}", feed["id"]);
    let done = woche.client.delete(&mine).await.expect(200).body;
    assert_eq!(done["message"], "Calendar feed revoked successfully");
    let revoked = woche.read(&feed, &[]).await;
    assert_problem(&revoked, 404, "Calendar feed not found");
    for query in [
        "?token=falsch",
        "?token=",
        "",
        "?token=%00",
        "?token=a&token=",
    ] {
        let path = format!("/api/phone-calls/kalender.ics{query}");
        let wrong = woche.client.get(&path).await;
        assert_eq!(wrong.body, revoked.body, "{query}");
    }
    woche.read(&other, &[]).await.expect(200);
    for path in [
        mine.as_str(),
        "/api/kalender-feeds/999",
        "/api/kalender-feeds/x",
    ] {
        let gone = woche.client.delete(path).await;
        assert_problem(&gone, 404, "Calendar feed not found");
    }
    assert_eq!(woche.client.get(FEEDS).await.body["total"], 1);
}

#[tokio::test]
async fn feeds_are_listed_newest_first_by_page_and_by_cursor() {
    let woche = Woche::start().await;
    for _ in 0..3 {
        woche.feed(json!({})).await;
    }
    let ids = |list: &Value| -> Vec<i64> {
        let rows = list["data"].as_array().unwrap();
        rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
    };
    let page = woche
        .client
        .get("/api/kalender-feeds?limit=2")
        .await
        .expect(200)
        .body;
    assert_eq!((ids(&page), &page["total"]), (vec![3, 2], &json!(3)));
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = format!("/api/kalender-feeds?limit=2&cursor={cursor}");
    let rest = woche.client.get(&rest).await.expect(200).body;
    assert_eq!((ids(&rest), &rest["next_cursor"]), (vec![1], &Value::Null));
    assert!(rest.get("total").is_none());
    assert_problem(
        &woche.client.get("/api/kalender-feeds?total=alle").await,
        400,
        "total",
    );
}

#[tokio::test]
async fn the_feed_is_a_calendar_with_the_calls_of_one_or_of_all() {
    let directory = DirectoryServer::of_people().await;
    let ada = json!({"id": 7, "titel": "Dr.", "vorname": "Ada", "nachname": "Beispiel, M.A.", "telefon": "030 12345"});
    directory.knows("/api/therapists/7", ada);
    let world = World::without_kafka().await;
    let world = world.set("THERAPIST_SERVICE_URL", &directory.url());
    let woche = Woche::at("07:00", world).await;
    let slot = json!({"therapist_id": 7, "bearbeiter": "Jana Muster", "notizen": "Geheim", "geplante_zeit": "09:05"});
    woche.create(slot).await;
    woche.create(json!({"patient_id": 8})).await;
    let janas = woche.feed(json!({"bearbeiter": "Jana Muster"})).await;
    let answer = woche.read(&janas, &[]).await.expect(200);
    assert_eq!(
        answer.header("content-type"),
        "text/calendar; charset=utf-8"
    );
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    let text = String::from_utf8(answer.bytes).unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    assert!(!text.contains("Geheim"), "no free text");
    let lines = woche.lines(&janas).await;
    let utc = woche.tomorrow().replace('-', "");
    assert_line(&lines, "X-WR-CALNAME:Telefonanrufe: Jana Muster");
    assert_line(&lines, "UID:telefonanruf-1@communication-service");
    assert_line(&lines, &format!("DTSTART:{utc}T070500Z"));
    assert_line(&lines, &format!("DTEND:{utc}T071000Z"));
    assert_line(&lines, "SUMMARY:Anruf: Dr. Ada Beispiel\\, M.A.");
    let described = "DESCRIPTION:Telefon: 030 12345 (tel:03012345)\\nVersuch 1\\nAngeforderter Anruf\\n\
         Bearbeitung: Jana Muster";
    assert_line(&lines, described);
    assert_eq!(
        lines.iter().filter(|line| *line == "BEGIN:VEVENT").count(),
        1
    );
    let all = woche.feed(json!({})).await;
    let lines = woche.lines(&all).await;
    assert_line(&lines, "SUMMARY:Anruf: Patient/in 8");
    assert_eq!(
        lines.iter().filter(|line| *line == "BEGIN:VEVENT").count(),
        2
    );
}

#[tokio::test]
async fn a_move_raises_the_sequence_and_what_ends_is_shown_as_cancelled() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let feed = woche.feed(json!({})).await;
    let value = async |name: &str| {
        let lines = woche.lines(&feed).await;
        let found = lines.iter().find_map(|line| line.strip_prefix(name));
        found.unwrap_or("").to_owned()
    };
    let before: i64 = value("SEQUENCE:").await.parse().unwrap();
    let moved = json!({"geplante_zeit": "10:00"});
    woche.put(&call, moved).await.expect(200);
    let after: i64 = value("SEQUENCE:").await.parse().unwrap();
    assert!(after > before);
    assert_eq!(value("STATUS:").await, "CONFIRMED");
    woche.put(&call, json!({"notizen": "x"})).await.expect(200);
    assert_eq!(value("SEQUENCE:").await, after.to_string());
    woche.client.delete(&path(&call)).await.expect(200);
    assert_eq!(value("STATUS:").await, "CANCELLED");
    assert_eq!(value("UID:").await, "telefonanruf-1@communication-service");
    assert!(value("SUMMARY:").await.starts_with("Abgesagt: "));
    let ended: i64 = value("SEQUENCE:").await.parse().unwrap();
    assert!(ended > after);
    let long_ago = format!(
        "UPDATE communication_service.telefonanrufe SET geloescht_am = geloescht_am - interval '31 days' WHERE id = {}",
        call["id"]
    );
    woche.world.execute(&long_ago).await;
    assert_eq!(value("STATUS:").await, "");
}

#[tokio::test]
async fn a_feed_that_is_as_it_was_is_not_sent_again() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let feed = woche.feed(json!({})).await;
    let first = woche.read(&feed, &[]).await.expect(200);
    let tag = first.header("etag");
    assert!(tag.starts_with("W/\""), "{first:?}");
    let both = format!("\"other\", {tag}");
    for known in [
        vec![("if-none-match", tag)],
        vec![("if-none-match", "*")],
        vec![("if-none-match", both.as_str())],
    ] {
        let answer = woche.read(&feed, &known).await;
        assert_eq!((answer.status, answer.bytes.len()), (304, 0), "{known:?}");
        assert_eq!(answer.header("etag"), tag);
        assert_eq!(answer.header("cache-control"), "private, no-cache");
    }
    // A call that went to somebody else has left no time behind.
    let tomorrow = "Fri, 01 Jan 2100 00:00:00 GMT";
    for unknown in [
        ("if-none-match", "W/\"other\""),
        ("if-modified-since", tomorrow),
    ] {
        woche.read(&feed, &[unknown]).await.expect(200);
    }
    let moved = json!({"geplante_zeit": "10:00"});
    woche.put(&call, moved).await.expect(200);
    let changed = woche
        .read(&feed, &[("if-none-match", tag)])
        .await
        .expect(200);
    assert_ne!(changed.header("etag"), tag);
}

#[tokio::test]
async fn the_log_never_shows_a_token() {
    let woche = Woche::start().await;
    let feed = woche.feed(json!({"bearbeiter": "Ada Geheim"})).await;
    woche.read(&feed, &[]).await.expect(200);
    let twice = format!(
        "{}&token={}",
        feed["pfad"].as_str().unwrap(),
        feed["token"].as_str().unwrap()
    );
    woche.client.get(&twice).await.expect(200);
    woche.client.get(&format!("{twice}x")).await.expect(404);
    let log = woche.service.log();
    assert!(log.contains("/api/phone-calls/kalender.ics"), "{log}");
    assert!(!log.contains(feed["token"].as_str().unwrap()), "{log}");
    assert!(!log.contains("Geheim"), "{log}");
}
