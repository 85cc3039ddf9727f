//! `GET /api/emails`: words, times, bundles, answers, and which fields a row has.

use crate::setup::{Api, assert_problem};
use comm_tests::World;
use serde_json::{Value, json};

async fn ids(api: &Api, query: &str) -> Vec<i64> {
    let list = api.client.get(&format!("/api/emails?{query}")).await;
    let list = list.expect(200).body;
    let rows = list["data"].as_array().unwrap().iter();
    let ids: Vec<i64> = rows.map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!(list["total"], ids.len(), "{query}");
    ids
}

#[tokio::test]
async fn q_finds_whole_words_of_subject_and_recipient() {
    let api = Api::start().await;
    let people = [
        (
            "Anfrage für Therapieplatz",
            "Dr. Jürgen Müller",
            "praxis@mueller-berlin.example",
        ),
        (
            "Rückfrage (dringend)",
            "Ida Müller-Lüdenscheidt",
            "ida.m@example.org",
        ),
        ("Anfrage", "Praxis am Park", "info@example.org"),
    ];
    for (betreff, name, address) in people {
        let fields =
            json!({"betreff": betreff, "empfaenger_name": name, "empfaenger_email": address});
        api.create(fields).await;
    }
    let cases: [(&str, &[i64]); 14] = [
        ("q=anfrage", &[3, 1]),
        ("q=ANFRAGE%20therapieplatz", &[1]),
        ("q=therapieplatz,anfrage", &[1]),
        ("q=m%C3%BCller", &[2, 1]),
        ("q=M%C3%9CLLER", &[2, 1]),
        ("q=l%C3%BCdenscheidt", &[2]),
        ("q=ida.m@example.org", &[2]),
        ("q=example.org", &[3, 2]),
        ("q=berlin", &[1]),
        ("q=praxis", &[3, 1]),
        ("q=anfr", &[]),
        ("q=anfrage%20dringend", &[]),
        ("q=%25", &[]),
        ("q=", &[3, 2, 1]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&api, query).await, expected, "{query}");
    }
    api.put(&json!({"id": 1}), json!({"betreff": "Zweiter Versuch"}))
        .await
        .expect(200);
    assert_eq!(
        ids(&api, "q=anfrage").await,
        [3],
        "what is edited is found as it is now"
    );
    assert_eq!(ids(&api, "q=versuch&status=Entwurf").await, [1]);
    assert_eq!(ids(&api, "q=versuch&status=Gesendet").await, [0_i64; 0]);
    api.client.delete("/api/emails/3").await.expect(200);
    assert_eq!(ids(&api, "q=example").await, [2, 1]);
}

#[tokio::test]
async fn what_q_cannot_be_is_refused_and_what_looks_like_a_query_language_is_words() {
    let api = Api::start().await;
    api.create(json!({"betreff": "a & b | !c <-> d:*"})).await;
    for query in [
        "a%20%26%20b",
        "%21c",
        "d%3A%2A",
        "%27%27b%27%27%5C",
        "c%20%3C-%3E%20d",
    ] {
        assert_eq!(ids(&api, &format!("q={query}")).await, [1], "{query}");
    }
    let long = format!("/api/emails?q={}", "a".repeat(256));
    assert_problem(&api.client.get(&long).await, 400, "q must have at most 255");
    assert_problem(
        &api.client.get("/api/emails?q=a%00b").await,
        400,
        "q must not",
    );
    ids(&api, &format!("q={}", "a".repeat(255))).await;
}

/// Words that are everywhere, here and there, and hardly anywhere take different ways; what they find is the same.
#[tokio::test]
async fn frequent_and_rare_words_are_found_page_by_page() {
    let api = Api::start().await;
    let template = api.create(json!({"betreff": "Vorlage"})).await;
    api.world.execute(&copies(&template, 2_500)).await;
    let cases = [
        ("alle", 1),
        ("oft", 10),
        ("selten", 700),
        ("einmal", 2_500),
        ("nie", 9_999),
    ];
    for (word, every) in cases {
        for filter in ["", "&status=Entwurf", "&therapist_id=8"] {
            let expected: Vec<i64> = (1..=2_500)
                .rev()
                .filter(|n| n % every == 0 && (filter != "&therapist_id=8" || n % 50 == 0))
                .collect();
            let path = format!("/api/emails?q={word}{filter}&limit=40&fields=message_id");
            let mut found = Vec::new();
            let mut page = api.client.get(&path).await.expect(200).body;
            assert_eq!(page["total"], expected.len(), "{path}");
            loop {
                let rows = page["data"].as_array().unwrap().iter();
                found.extend(
                    rows.map(|row| row["message_id"].as_str().unwrap().parse::<i64>().unwrap()),
                );
                let Some(cursor) = page["next_cursor"].as_str() else {
                    break;
                };
                page = api
                    .client
                    .get(&format!("{path}&cursor={cursor}"))
                    .await
                    .expect(200)
                    .body;
            }
            assert_eq!(found, expected, "{path}");
        }
    }
    let second = api
        .client
        .get("/api/emails?q=alle&limit=1000&page=3&fields=message_id")
        .await;
    assert_eq!(
        second.expect(200).body["data"].as_array().unwrap().len(),
        500
    );
}

/// As many emails with words of different frequency; the Message-ID is a number.
fn copies(template: &Value, count: usize) -> String {
    format!(
        "INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, message_id, created_at, updated_at, sequence) \
         SELECT CASE WHEN n % 50 = 0 THEN 8 ELSE 9 END, concat_ws(' ', 'alle', CASE WHEN n % 10 = 0 THEN 'oft' END, \
             CASE WHEN n % 700 = 0 THEN 'selten' END, CASE WHEN n = 2500 THEN 'einmal' END), \
           inhalt_html, inhalt_text, false, empfaenger_email, empfaenger_name, absender_email, absender_name, \
           status, n::text, created_at + n * interval '1 second', updated_at, 1 \
         FROM communication_service.emails, generate_series(1, {count}) n WHERE id = {}",
        template["id"]
    )
}

#[tokio::test]
async fn answers_and_bundles_are_filters() {
    let api = Api::start().await;
    let first = api.create(json!({"therapeutenanfrage_id": 31})).await;
    api.create(json!({"therapeutenanfrage_id": 32})).await;
    api.create(json!({})).await;
    api.put(&first, json!({"antwort_erhalten": true}))
        .await
        .expect(200);
    let cases: [(&str, &[i64]); 6] = [
        ("antwort_erhalten=true", &[1]),
        ("antwort_erhalten=false", &[3, 2]),
        ("therapeutenanfrage_id=32", &[2]),
        ("therapeutenanfrage_id=0", &[3, 2, 1]),
        ("therapeutenanfrage_id=31&antwort_erhalten=false", &[]),
        (
            "therapeutenanfrage_id=31&antwort_erhalten=true&status=Entwurf",
            &[1],
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&api, query).await, expected, "{query}");
    }
    for value in ["ja", "1", "TRUE", "null"] {
        let query = format!("/api/emails?antwort_erhalten={value}");
        let words = "antwort_erhalten must be one of 'true', 'false'";
        assert_problem(&api.client.get(&query).await, 400, words);
    }
}

#[tokio::test]
async fn times_of_creation_are_limits_that_belong_to_what_they_limit() {
    let world = World::without_kafka().await;
    let world = world.set("COMM__SERVICE__TIME_ZONE", "Europe/Berlin");
    let api = Api::serving(world, &["--no-worker"]).await;
    // The day of 2026-07-01 in Berlin, and the moments around it.
    let times = [
        "2026-06-30T21:59:59.999999Z",
        "2026-06-30T22:00:00Z",
        "2026-07-01T21:59:59.999999Z",
        "2026-07-01T22:00:00Z",
    ];
    for (index, time) in times.iter().enumerate() {
        api.create(json!({})).await;
        let id = index + 1;
        let set = format!(
            "UPDATE communication_service.emails SET created_at = '{time}' WHERE id = {id}"
        );
        api.world.execute(&set).await;
    }
    let cases: [(&str, &[i64]); 11] = [
        ("created_from=2026-07-01&created_to=2026-07-01", &[3, 2]),
        ("created_from=2026-07-02", &[4]),
        ("created_to=2026-06-30", &[1]),
        ("created_from=2026-06-30T22:00:00Z", &[4, 3, 2]),
        ("created_from=2026-06-30T22:00:00.000001Z", &[4, 3]),
        ("created_to=2026-06-30T22:00:00", &[2, 1]),
        ("created_to=2026-06-30T21:59:59.999999", &[1]),
        ("created_from=2026-07-01T00:00:00%2B02:00", &[4, 3, 2]),
        ("created_from=2026-07-01T00:00:00+02:00", &[4, 3, 2]),
        ("created_from=2026-07-02&created_to=2026-07-01", &[]),
        ("created_from=&created_to=9999-12-31", &[4, 3, 2, 1]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&api, query).await, expected, "{query}");
    }
    for name in ["created_from", "created_to"] {
        for value in [
            "gestern",
            "2026-02-30",
            "2026-13-01T00:00:00Z",
            "01.07.2026",
            "1",
            "%00",
            "-2026-01-01",
        ] {
            let answer = api.client.get(&format!("/api/emails?{name}={value}")).await;
            assert_problem(&answer, 400, &format!("{name} must be a timestamp"));
        }
    }
}

#[tokio::test]
async fn fields_narrow_the_row_to_what_is_asked_for() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    let rows = |list: Value| list["data"].clone();
    for fields in [
        "id,betreff",
        " betreff , id ,,",
        "id,id,betreff",
        "id&fields=betreff",
    ] {
        let list = api
            .client
            .get(&format!("/api/emails?fields={fields}"))
            .await
            .expect(200);
        assert_eq!(
            rows(list.body),
            json!([{"id": 1, "betreff": "Anfrage"}]),
            "{fields}"
        );
    }
    let all: Vec<String> = email.as_object().unwrap().keys().cloned().collect();
    for name in &all {
        let list = api
            .client
            .get(&format!("/api/emails?fields={name}"))
            .await
            .expect(200);
        assert_eq!(rows(list.body), json!([{name: email[name]}]), "{name}");
    }
    for everything in [String::new(), ",".to_owned(), all.join(",")] {
        let list = api
            .client
            .get(&format!("/api/emails?fields={everything}"))
            .await
            .expect(200);
        assert_eq!(rows(list.body), json!([email]));
    }
    for wrong in ["farbe", "id,suchworte", "Betreff"] {
        let answer = api.client.get(&format!("/api/emails?fields={wrong}")).await;
        assert_problem(&answer, 400, "fields must be a list of: id, therapist_id");
    }
}

#[tokio::test]
async fn a_total_is_counted_to_the_end_on_request() {
    let api = Api::start().await;
    let template = api.create(json!({"betreff": "Vorlage"})).await;
    api.world.execute(&copies(&template, 10_500)).await;
    let total = |query: &'static str| {
        let client = api.client.clone();
        async move {
            let path = format!("/api/emails?limit=1&fields=id&{query}");
            let list = client.get(&path).await.expect(200).body;
            (list["total"].clone(), list.get("total_is_capped").cloned())
        }
    };
    for query in ["", "status=Entwurf", "q=alle"] {
        assert_eq!(
            total(query).await,
            (json!(10_000), Some(json!(true))),
            "{query}"
        );
    }
    assert_eq!(total("total=exact").await, (json!(10_501), None));
    assert_eq!(total("total=exact&q=alle").await, (json!(10_500), None));
    assert_eq!(total("total=exact&q=oft").await, (json!(1_050), None));
    assert_eq!(total("total=").await, (json!(10_000), Some(json!(true))));
    for wrong in ["genau", "Exact", "1"] {
        let answer = api.client.get(&format!("/api/emails?total={wrong}")).await;
        assert_problem(&answer, 400, "total must be 'exact'");
    }
    let first = api.client.get("/api/emails?limit=1").await.body;
    let next = format!(
        "/api/emails?total=exact&cursor={}",
        first["next_cursor"].as_str().unwrap()
    );
    assert!(
        api.client
            .get(&next)
            .await
            .expect(200)
            .body
            .get("total")
            .is_none()
    );
}
