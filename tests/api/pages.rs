//! Pages of `GET /api/emails`: by number and by cursor.

use crate::setup::Api;
use serde_json::{Value, json};

#[tokio::test]
async fn page_and_limit_are_brought_into_their_bounds() {
    let api = Api::start().await;
    for _ in 0..3 {
        api.create(json!({})).await;
    }
    let cases = [
        ("", 1, 20, 3),
        ("?page=0&limit=0", 1, 1, 1),
        ("?page=-5&limit=-5", 1, 1, 1),
        ("?limit=5000", 1, 1000, 3),
        ("?limit=99999999999999999999", 1, 1000, 3),
        ("?limit=-99999999999999999999", 1, 1, 1),
        ("?page=2&limit=2", 2, 2, 1),
        ("?page=3&limit=2", 3, 2, 0),
        ("?page=9223372036854775807&limit=1000", i64::MAX, 1000, 0),
    ];
    for (query, page, limit, rows) in cases {
        let list = api
            .client
            .get(&format!("/api/emails{query}"))
            .await
            .expect(200)
            .body;
        assert_eq!(
            (&list["page"], &list["limit"]),
            (&json!(page), &json!(limit)),
            "{query}"
        );
        assert_eq!(list["data"].as_array().unwrap().len(), rows, "{query}");
        assert_eq!(list["total"], 3, "{query}");
        assert!(list.get("total_is_capped").is_none());
    }
}

#[tokio::test]
async fn an_empty_list_has_the_envelope_of_the_contract() {
    let api = Api::start().await;
    let list = api.client.get("/api/emails").await.expect(200).body;
    let envelope = json!({"data": [], "page": 1, "limit": 20, "total": 0, "next_cursor": null});
    assert_eq!(list, envelope);
}

#[tokio::test]
async fn walking_by_cursor_shows_what_walking_by_page_shows_newest_first() {
    let api = Api::start().await;
    for number in 0..7 {
        api.create(json!({"betreff": format!("Nummer {number}")}))
            .await;
    }
    // Some share an instant, so that ties are decided by the id.
    let same = "UPDATE communication_service.emails SET created_at = '2026-01-31' WHERE id IN (2, 3, 4, 6)";
    api.world.execute(same).await;
    let newest_first = json!([7, 5, 1, 6, 4, 3, 2]);

    for limit in [1, 2, 3, 7, 20] {
        let mut by_page = Vec::new();
        for page in 1..=8 {
            let list = api
                .client
                .get(&format!("/api/emails?limit={limit}&page={page}"))
                .await;
            by_page.extend(ids(&list.body));
        }
        assert_eq!(json!(by_page), newest_first, "by pages of {limit}");
        assert_eq!(
            json!(by_cursor(&api, limit).await),
            newest_first,
            "by cursor, {limit}"
        );
    }
}

async fn by_cursor(api: &Api, limit: i64) -> Vec<Value> {
    let mut seen = Vec::new();
    let mut list = api
        .client
        .get(&format!("/api/emails?limit={limit}"))
        .await
        .body;
    loop {
        seen.extend(ids(&list));
        let Some(cursor) = list["next_cursor"].as_str() else {
            assert_eq!(list["next_cursor"], Value::Null);
            return seen;
        };
        let next = format!("/api/emails?limit={limit}&cursor={cursor}");
        list = api.client.get(&next).await.expect(200).body;
        assert!(list.get("total").is_none(), "no total with a cursor");
        assert_eq!(list["limit"], limit);
    }
}

fn ids(list: &Value) -> Vec<Value> {
    let rows = list["data"].as_array().unwrap();
    rows.iter().map(|row| row["id"].clone()).collect()
}

#[tokio::test]
async fn a_cursor_keeps_the_filter_and_is_not_disturbed_by_newer_emails() {
    let api = Api::start().await;
    for therapist_id in [1, 2, 1, 2, 1] {
        api.create(json!({"therapist_id": therapist_id})).await;
    }
    let first = api
        .client
        .get("/api/emails?therapist_id=1&limit=2")
        .await
        .body;
    assert_eq!(json!(ids(&first)), json!([5, 3]));
    api.create(json!({"therapist_id": 1})).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = format!("/api/emails?therapist_id=1&limit=2&cursor={cursor}");
    let next = api.client.get(&next).await.body;
    assert_eq!(json!(ids(&next)), json!([1]));
    assert_eq!(next["next_cursor"], Value::Null);
}

#[tokio::test]
async fn a_total_above_ten_thousand_is_capped() {
    let api = Api::start().await;
    let template = api.create(json!({})).await;
    let copies = format!(
        "INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, \
         legal_footer, empfaenger_email, empfaenger_name, absender_email, absender_name, status, \
         message_id, created_at, updated_at, sequence) \
         SELECT 8, betreff, '', '', false, empfaenger_email, empfaenger_name, absender_email, \
         absender_name, status, n::text, created_at, updated_at, 1 \
         FROM communication_service.emails, generate_series(1, 10000) n WHERE id = {}",
        template["id"]
    );
    api.world.execute(&copies).await;
    let exact = api
        .client
        .get("/api/emails?limit=1&therapist_id=8")
        .await
        .body;
    assert_eq!(
        (&exact["total"], exact.get("total_is_capped")),
        (&json!(10_000), None)
    );
    let capped = api.client.get("/api/emails?limit=1").await.body;
    assert_eq!(
        (&capped["total"], &capped["total_is_capped"]),
        (&json!(10_000), &json!(true))
    );
}
