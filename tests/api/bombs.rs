//! Bodies that are made to cost time and memory: an answer in moments, and no more memory than a body may take.

use crate::setup::{Api, assert_problem};
use comm_tests::World;
use reqwest::Method;
use serde_json::json;

/// What 512 KiB of one thing or another may take at its worst, in a debug build, beside the allocator's own habits.
const MEGABYTES: f64 = 100.0;

fn bombs() -> Vec<(&'static str, String)> {
    let nested: String = (0..300).map(|depth| "  ".repeat(depth) + "- a\n").collect();
    let table = "|a".repeat(10_000) + "|\n" + &"|-".repeat(10_000) + "|\n" + &"|a\n".repeat(10_000);
    let reference = format!("[a]: {}\n\n{}", "x".repeat(50_000), "[a] ".repeat(20_000));
    vec![
        ("brackets", "[".repeat(100_000)),
        ("closed brackets", "[".repeat(50_000) + &"]".repeat(50_000)),
        ("links", "[a](b".repeat(20_000)),
        ("images", "![".repeat(50_000)),
        ("quotes", ">".repeat(100_000)),
        ("quoted lists", "> - ".repeat(25_000)),
        ("nested lists", nested),
        ("emphasis", "*_".repeat(50_000)),
        ("backticks", "`".repeat(100_000)),
        ("table", table),
        ("references", reference),
        ("raw tags", "<div><table><b>".repeat(6_000)),
        ("entities", "&".repeat(100_000)),
    ]
}

#[tokio::test]
async fn bombs_of_markdown_and_html_are_rendered_and_sent_in_bounded_memory() {
    let api = Api::serving(World::without_kafka().await, &[]).await;
    let before = api.service.peak_megabytes();
    let mut ids = Vec::new();
    for (name, bomb) in bombs() {
        for field in ["inhalt_markdown", "inhalt_html"] {
            let mut fields = json!({"inhalt_markdown": null, "status": "In_Warteschlange"});
            fields[field] = json!(bomb);
            let answer = api.post(fields).await;
            assert_eq!(
                answer.status,
                201,
                "{name} as {field}: {}",
                answer.message()
            );
            let shown = answer.body["inhalt_html"].as_str().unwrap().len();
            assert!(
                shown < 20 * bomb.len(),
                "{name} as {field} became {shown} bytes"
            );
            ids.push(answer.body["id"].as_i64().unwrap());
        }
    }
    for id in ids {
        api.client.wait_for_status(id, "Gesendet").await;
    }
    let grown = api.service.peak_megabytes() - before;
    assert!(grown < MEGABYTES, "{grown} MB more");
}

#[tokio::test]
async fn a_bomb_beside_a_template_is_refused_before_it_is_rendered() {
    let api = Api::start().await;
    for (name, bomb) in bombs() {
        let fields = json!({"inhalt_markdown": bomb, "vorlage": "follow_up"});
        let answer = api.post(fields).await;
        assert_problem(&answer, 400, "vorlage cannot be combined");
        assert_eq!(api.rows().await, 0, "{name}");
    }
}

/// Objects of a few bytes each, of which a tree takes a hundred times as much.
fn small_objects(bytes: usize) -> String {
    let object = "{\"a\":0},";
    let objects = object.repeat(bytes / object.len());
    format!("[{}]", objects.trim_end_matches(','))
}

#[tokio::test]
async fn a_change_of_many_small_values_is_refused_in_bounded_memory() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    let path = format!("/api/emails/{}", email["id"]);
    let before = api.service.peak_megabytes();
    for field in ["antwortinhalt", "therapist_id", "senden_ab"] {
        let body = format!("{{\"{field}\":{}}}", small_objects(8 << 20));
        let answer = api.send(Method::PUT, &path, body).await;
        assert_problem(&answer, 400, &format!("{field} must be "));
    }
    let grown = api.service.peak_megabytes() - before;
    assert!(grown < MEGABYTES, "{grown} MB more");
}

#[tokio::test]
async fn data_for_the_templates_of_a_thousand_emails_are_never_in_memory_together() {
    let api = Api::start().await;
    let one = format!(
        "{{\"vorlage\":\"follow_up\",\"vorlage_daten\":{{\"unbekannt\":{}}}}}",
        small_objects(8 << 10)
    );
    let body = format!("{{\"emails\":[{}]}}", vec![one; 1000].join(","));
    let before = api.service.peak_megabytes();
    let answer = api.send(Method::POST, "/api/emails/bulk", body).await;
    assert_eq!((answer.status, &answer.body["index"]), (400, &json!(0)));
    let grown = api.service.peak_megabytes() - before;
    assert!(grown < MEGABYTES, "{grown} MB more");
    assert_eq!(api.rows().await, 0);
}
