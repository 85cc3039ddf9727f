//! `attachments` of a `PUT`.

use super::{answered, content, file};
use crate::setup::{Api, assert_problem};
use serde_json::json;

#[tokio::test]
async fn a_client_may_send_the_whole_email_back() {
    let api = Api::start().await;
    for status in ["Entwurf", "In_Warteschlange"] {
        let files = json!([file("a.pdf", "aa"), file("a.pdf", "bb"), file("b.pdf", "c")]);
        let email = api
            .create(json!({"attachments": files, "status": status}))
            .await;
        let same = api.put(&email, email.clone()).await.expect(200).body;
        assert_eq!(same, email);
        for (place, bytes) in ["aa", "bb", "c"].iter().enumerate() {
            let answer = content(&api, &email, place).await.expect(200);
            assert_eq!(answer.bytes, bytes.as_bytes());
        }
        for kept in [json!({}), json!({"attachments": null})] {
            assert_eq!(api.put(&email, kept).await.expect(200).body, email);
        }
    }
}

#[tokio::test]
async fn a_draft_keeps_what_is_sent_back_and_takes_what_is_new() {
    let api = Api::start().await;
    let files = json!([file("a.pdf", "aa"), file("b.pdf", "bbb")]);
    let email = api.create(json!({"attachments": files})).await;
    let changed = json!([file("c.pdf", "c"), email["attachments"][1]]);
    let changed = api
        .put(&email, json!({"attachments": changed}))
        .await
        .expect(200)
        .body;
    let expected = json!([
        answered("c.pdf", "application/pdf", 1),
        answered("b.pdf", "application/pdf", 3)
    ]);
    assert_eq!(changed["attachments"], expected);
    assert!(changed["updated_at"].as_str() > email["updated_at"].as_str());
    assert_eq!(content(&api, &email, 0).await.expect(200).bytes, b"c");
    assert_eq!(content(&api, &email, 1).await.expect(200).bytes, b"bbb");
    let emptied = api
        .put(&email, json!({"attachments": []}))
        .await
        .expect(200)
        .body;
    assert_eq!(emptied["attachments"], json!([]));
    let sql = "SELECT count(*) FROM communication_service.anhang_inhalte";
    assert_eq!(api.world.number(sql).await, 0);
}

#[tokio::test]
async fn an_entry_without_content_that_was_never_answered_is_a_conflict() {
    let api = Api::start().await;
    let email = api
        .create(json!({"attachments": [file("a.pdf", "aa")]}))
        .await;
    for wrong in [
        answered("b.pdf", "application/pdf", 2),
        answered("a.pdf", "text/plain", 2),
        answered("a.pdf", "application/pdf", 3),
    ] {
        let answer = api.put(&email, json!({"attachments": [wrong]})).await;
        assert_problem(&answer, 409, "attachments[0].content_base64 is required");
    }
    assert_eq!(api.get(&email).await, email);
}

#[tokio::test]
async fn attachments_of_what_is_no_draft_cannot_be_changed() {
    let api = Api::start().await;
    let files = json!([file("a.pdf", "aa")]);
    let email = api
        .create(json!({"attachments": files, "status": "In_Warteschlange"}))
        .await;
    let frozen = "attachments cannot be changed while status is 'In_Warteschlange'";
    for changed in [json!([]), json!([file("b.pdf", "b")])] {
        let answer = api.put(&email, json!({"attachments": changed})).await;
        assert_problem(&answer, 409, frozen);
    }
    let recalled = json!({"status": "Entwurf", "attachments": []});
    let recalled = api.put(&email, recalled).await.expect(200).body;
    assert_eq!(recalled["attachments"], json!([]));
}
