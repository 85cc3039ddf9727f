//! Pages of up to a thousand rows are streamed: they look like small ones and cost no more memory.

use crate::setup::Api;
use comm_tests::Answer;
use reqwest::Method;
use serde_json::{Value, json};

async fn with_copies(count: usize, body: &str) -> Api {
    let api = Api::start().await;
    let template = api.create(json!({"add_legal_footer": false})).await;
    let copies = format!(
        "INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, message_id, created_at, updated_at, sequence) \
         SELECT 8, betreff, {body}, {body}, false, empfaenger_email, empfaenger_name, absender_email, absender_name, status, \
           n::text, created_at, updated_at, 1 \
         FROM communication_service.emails, generate_series(1, {count}) n WHERE id = {}",
        template["id"]
    );
    api.world.execute(&copies).await;
    api
}

async fn list(api: &Api, query: &str) -> Answer {
    api.client
        .get(&format!("/api/emails?{query}"))
        .await
        .expect(200)
}

#[tokio::test]
async fn a_large_page_is_what_small_pages_are_together() {
    let api = with_copies(130, "'Guten Tag'").await;
    let mut small = Vec::new();
    let mut cursor = String::new();
    for _ in 0..7 {
        let page = list(&api, &format!("limit=20{cursor}")).await.body;
        small.extend(page["data"].as_array().unwrap().clone());
        cursor = page["next_cursor"]
            .as_str()
            .map_or(String::new(), |next| format!("&cursor={next}"));
    }
    assert_eq!(small.len(), 131);
    for (limit, rows) in [
        (24, 24),
        (25, 25),
        (26, 26),
        (50, 50),
        (51, 51),
        (130, 130),
        (131, 131),
        (1000, 131),
    ] {
        let page = list(&api, &format!("limit={limit}")).await;
        assert_eq!(page.header("content-type"), "application/json");
        let body = page.body;
        assert_eq!(
            body["data"].as_array().unwrap()[..],
            small[..rows],
            "{limit}"
        );
        let envelope = (&body["page"], &body["limit"], &body["total"]);
        assert_eq!(envelope, (&json!(1), &json!(limit), &json!(131)), "{limit}");
        let names: Vec<_> = body.as_object().unwrap().keys().collect();
        assert_eq!(names, ["data", "limit", "next_cursor", "page", "total"]);
        if rows == 131 {
            assert_eq!(body["next_cursor"], Value::Null);
            continue;
        }
        let next = body["next_cursor"].as_str().unwrap();
        let rest = list(&api, &format!("limit=1000&cursor={next}")).await.body;
        assert_eq!(
            rest["data"].as_array().unwrap()[..],
            small[rows..],
            "behind {limit}"
        );
        assert!(rest.get("total").is_none());
    }
    let second = list(&api, "limit=60&page=2&fields=id").await.body;
    let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
    assert_eq!(
        ids(second["data"].as_array().unwrap()),
        ids(&small[60..120])
    );
    assert_eq!(
        (&second["page"], &second["total"]),
        (&json!(2), &json!(131))
    );
}

#[tokio::test]
async fn a_page_of_a_thousand_large_emails_needs_little_memory() {
    let api = with_copies(1000, "repeat('Zeile ', 20000)").await;
    list(&api, "limit=10").await;
    let before = api.service.peak_megabytes();
    let asked = api
        .client
        .send(Method::GET, "/api/emails?limit=1000", |request| request);
    let page = asked.await.unwrap().expect(200);
    assert_eq!(page.body["data"].as_array().unwrap().len(), 1000);
    assert!(
        page.body.to_string().len() > 200_000_000,
        "about 240 MB of JSON"
    );
    let grown = api.service.peak_megabytes() - before;
    assert!(grown < 100.0, "the service grew by {grown} MB");
}

#[tokio::test]
async fn an_error_in_the_middle_is_no_whole_answer() {
    let api = with_copies(60, "'Guten Tag'").await;
    // The last of 61 newest rows cannot be read.
    api.world
        .execute("UPDATE communication_service.emails SET empfaenger_email = 'kaputt' WHERE id = 1")
        .await;
    let broken = api
        .client
        .send(Method::GET, "/api/emails?limit=100", |request| request)
        .await;
    assert!(broken.is_err(), "the answer broke off");
    list(&api, "limit=20").await;
}
