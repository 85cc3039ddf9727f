//! Bad input: the contract's answer, nothing stored, and bounded memory.

use super::{base64, file};
use crate::setup::{Api, assert_problem};
use comm_tests::Answer;
use serde_json::{Value, json};

const MEBIBYTE: usize = 1024 * 1024;

async fn refused(api: &Api, attachments: Value) -> Answer {
    api.post(json!({"attachments": attachments})).await
}

#[tokio::test]
async fn a_wrong_entry_is_named_with_its_place() {
    let api = Api::start().await;
    let good = || file("a.pdf", "a");
    let with = |member: &str, value: Value| {
        let mut entry = good();
        entry[member] = value;
        entry
    };
    let content = "attachments[1].content_base64 must be base64";
    let name = "attachments[1].filename must";
    let kind = "attachments[1].content_type must be";
    let cases = [
        (with("content_base64", json!("###")), content),
        (with("content_base64", json!("Y")), content),
        (with("content_base64", json!("YWJj-_")), content),
        (with("content_base64", json!(5)), content),
        (
            with("content_base64", Value::Null),
            "attachments[1].content_base64 is required",
        ),
        (
            with("filename", Value::Null),
            "attachments[1].filename is required",
        ),
        (with("filename", json!("../../etc/passwd")), name),
        (with("filename", json!("a\r\nBcc: x@example.net")), name),
        (with("filename", json!("a\\b")), name),
        (with("filename", json!("")), name),
        (with("filename", json!("x".repeat(256))), name),
        (with("filename", json!(7)), name),
        (with("content_type", json!("multipart/mixed")), kind),
        (with("content_type", json!("message/rfc822")), kind),
        (with("content_type", json!("pdf")), kind),
        (
            with("content_type", json!("a/b\r\nBcc: x@example.net")),
            kind,
        ),
        (
            json!(5),
            "attachments[1] must be an object with filename and content_base64, or a path",
        ),
        (json!([]), "attachments[1] must be an object"),
    ];
    for (wrong, words) in cases {
        let answer = refused(&api, json!([good(), wrong])).await;
        assert_problem(&answer, 400, words);
    }
    let many = refused(&api, json!(vec![good(); 101])).await;
    assert_problem(
        &many,
        400,
        "attachments must be a list of at most 100 entries",
    );
    assert_eq!(api.rows().await, 0);
}

#[tokio::test]
async fn together_they_may_have_ten_mebibytes() {
    let api = Api::start().await;
    let half = file("a.bin", vec![7; 5 * MEBIBYTE]);
    let whole = json!({"attachments": [half, half]});
    let email = api.create(whole.clone()).await;
    assert_eq!(email["attachments"][1]["size"], 5 * MEBIBYTE);
    let more = refused(&api, json!([half, half, file("b", "b")])).await;
    assert_problem(
        &more,
        413,
        "attachments are too large: together at most 10485760 bytes",
    );
    let more = json!([
        email["attachments"][0],
        email["attachments"][1],
        file("b", "b")
    ]);
    let more = api.put(&email, json!({"attachments": more})).await;
    assert_problem(&more, 413, "attachments are too large");
    assert_eq!(api.rows().await, 1);
}

/// Debug builds decode and copy like release builds; what differs is the allocator's appetite.
#[tokio::test]
async fn thirty_megabytes_of_base64_and_floods_of_entries_are_refused_in_bounded_memory() {
    let api = Api::start().await;
    let before = api.service.peak_megabytes();
    let huge = json!([{"filename": "a", "content_base64": base64(vec![7; 23 * MEBIBYTE])}]);
    assert_problem(&refused(&api, huge).await, 413, "request body is too large");
    let entries = "0,".repeat(7 * MEBIBYTE);
    let flood = format!("{{\"attachments\": [{entries}0]}}");
    assert_problem(&api.post_bytes(flood).await, 400, "attachments");
    let paths = "\"\",".repeat(5 * MEBIBYTE);
    let flood = format!("{{\"attachments\": [{paths}\"\"]}}");
    assert_problem(&api.post_bytes(flood).await, 400, "at most 100 entries");
    let deep = format!("{{\"attachments\": {}", "[".repeat(15 * MEBIBYTE));
    assert_problem(&api.post_bytes(deep).await, 400, "");
    let grown = api.service.peak_megabytes() - before;
    assert!(grown < 100.0, "{grown} MB more");
    assert_eq!(api.rows().await, 0);
    let contents = "SELECT count(*) FROM communication_service.anhang_inhalte";
    assert_eq!(api.world.number(contents).await, 0);
}
