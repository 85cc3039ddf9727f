//! What becomes of the bodies that a client gives, at `POST` and at `PUT`.

use crate::setup::{Api, assert_problem};
use comm_tests::World;
use serde_json::{Value, json};

#[tokio::test]
async fn markdown_becomes_plain_html() {
    let api = Api::start().await;
    let cases = [
        ("# Heading", "<h1>Heading</h1>"),
        (
            "**x** *y* ~~z~~",
            "<strong>x</strong> <em>y</em> <del>z</del>",
        ),
        ("eins\nzwei", "eins<br>\nzwei"),
        (
            "[Seite](https://example.com)",
            "<a href=\"https://example.com\">Seite</a>",
        ),
        (
            "siehe https://example.com.",
            "<a href=\"https://example.com\">https://example.com</a>.",
        ),
        ("| a |\n|---|\n| b |", "<td>b</td>"),
        ("a <b class=\"k\">b</b>", "<b class=\"k\">b</b>"),
    ];
    for (markdown, html) in cases {
        let email = api.create(json!({"inhalt_markdown": markdown})).await;
        assert_contains(&email["inhalt_html"], html);
    }
}

#[tokio::test]
async fn html_keeps_its_looks_and_loses_what_runs() {
    let api = Api::start().await;
    let html = "<script>alert(1)</script><p class=\"gross\" style=\"color: #333333; position: fixed\" \
        onclick=\"x()\">Text <a href=\"javascript:x()\">eins</a> \
        <a href=\"https://example.com\" target=\"_blank\">zwei</a></p>\
        <iframe src=\"https://example.com\"></iframe><svg onload=\"x()\"></svg>";
    let email = api
        .create(json!({"inhalt_markdown": null, "inhalt_html": html}))
        .await;
    let kept = &email["inhalt_html"];
    for wanted in [
        "class=\"gross\"",
        "color:#333333",
        "<a href=\"https://example.com\">zwei</a>",
        "eins",
    ] {
        assert_contains(kept, wanted);
    }
    for unwanted in [
        "script", "alert", "onclick", "position", "target", "iframe", "svg",
    ] {
        assert!(!kept.as_str().unwrap().contains(unwanted), "{kept}");
    }
    assert_contains(&email["inhalt_text"], "zwei (https://example.com)");
}

#[tokio::test]
async fn a_missing_part_is_made_from_the_other_and_markdown_wins() {
    let api = Api::start().await;
    let only = |html: Value, text: Value| json!({"inhalt_markdown": null, "inhalt_html": html, "inhalt_text": text});
    let email = api
        .create(only(json!("<p>Hallo <b>Welt</b></p>"), json!(null)))
        .await;
    assert_eq!(email["inhalt_text"], "Hallo Welt");
    let email = api.create(only(json!(null), json!("a < b\nzwei"))).await;
    assert_eq!(email["inhalt_html"], "<p>a &lt; b<br>\nzwei</p>");
    let email = api.create(only(json!("<p>HTML</p>"), json!("Text"))).await;
    assert_eq!(parts(&email), ("<p>HTML</p>", "Text"));
    let all = json!({"inhalt_markdown": "eins", "inhalt_html": "zwei", "inhalt_text": "drei"});
    assert_eq!(parts(&api.create(all).await), ("<p>eins</p>", "eins"));
}

#[tokio::test]
async fn a_body_of_which_nothing_is_left_is_no_body() {
    let api = Api::start().await;
    for html in [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        "<!-- nichts -->",
    ] {
        let answer = api
            .post(json!({"inhalt_markdown": null, "inhalt_html": html}))
            .await;
        assert_problem(
            &answer,
            400,
            "Either inhalt_html, inhalt_text, or inhalt_markdown is required",
        );
    }
    assert_eq!(api.rows().await, 0);
    let email = api.create(json!({})).await;
    let answer = api
        .put(&email, json!({"inhalt_html": "<script>alert(1)</script>"}))
        .await;
    assert_problem(&answer, 400, "inhalt_html");
    assert_eq!(api.get(&email).await, email);
    let picture =
        json!({"inhalt_markdown": null, "inhalt_html": "<img src=\"https://example.com/a.png\">"});
    api.create(picture).await;
}

#[tokio::test]
async fn the_footer_stands_once_in_both_parts_unless_it_is_not_wanted() {
    let world = World::without_kafka()
        .await
        .set("COMPANY_NAME", "Beispiel GmbH");
    let api = Api::serving(world, &["--no-worker"]).await;
    let email = api.create(json!({})).await;
    assert_footers(&email, 1);

    let again = json!({"inhalt_markdown": null, "inhalt_html": email["inhalt_html"], "inhalt_text": email["inhalt_text"]});
    let copy = api.create(again).await;
    assert_eq!(parts(&copy), parts(&email));
    assert_footers(&copy, 1);
    let stored = "SELECT count(*) FROM communication_service.emails \
         WHERE concat(inhalt_html, inhalt_text) LIKE '%Beispiel GmbH%'";
    assert_eq!(api.world.number(stored).await, 0);

    let bare = api.create(json!({"add_legal_footer": false})).await;
    assert_footers(&bare, 0);
    assert_eq!(
        bare["inhalt_html"],
        "<h1>Guten Tag</h1>\n<p>wir suchen einen <strong>Therapieplatz</strong>.</p>"
    );
}

fn assert_footers(email: &Value, count: usize) {
    for part in ["inhalt_html", "inhalt_text"] {
        let body = email[part].as_str().unwrap();
        assert_eq!(body.matches("Beispiel GmbH").count(), count, "{body}");
    }
}

#[tokio::test]
async fn a_part_that_was_made_from_the_other_follows_it_and_a_written_one_stays() {
    let api = Api::start().await;
    let made = json!({"inhalt_markdown": null, "inhalt_html": "<p>alt</p>"});
    let email = api.create(made).await;
    let changed = api
        .put(&email, json!({"inhalt_html": "<p>neu</p>"}))
        .await
        .expect(200)
        .body;
    assert_eq!(parts(&changed), ("<p>neu</p>", "neu"));
    // Whole object sent back, one part edited: the same.
    let mut whole = changed.clone();
    whole["inhalt_html"] = json!("<p>neuer</p>");
    let changed = api.put(&email, whole).await.expect(200).body;
    assert_eq!(parts(&changed), ("<p>neuer</p>", "neuer"));

    let written =
        json!({"inhalt_markdown": null, "inhalt_html": "<p>alt</p>", "inhalt_text": "von Hand"});
    let email = api.create(written).await;
    let changed = api
        .put(&email, json!({"inhalt_html": "<p>neu</p>"}))
        .await
        .expect(200)
        .body;
    assert_eq!(parts(&changed), ("<p>neu</p>", "von Hand"));
    let changed = api
        .put(&email, json!({"inhalt_text": "noch einmal"}))
        .await
        .expect(200)
        .body;
    assert_eq!(parts(&changed), ("<p>neu</p>", "noch einmal"));
    let changed = api
        .put(&email, json!({"inhalt_markdown": "*frisch*"}))
        .await
        .expect(200)
        .body;
    assert_eq!(parts(&changed), ("<p><em>frisch</em></p>", "frisch"));

    let email = api
        .create(json!({"inhalt_markdown": null, "inhalt_text": "alt"}))
        .await;
    let changed = api
        .put(&email, json!({"inhalt_text": "neu"}))
        .await
        .expect(200)
        .body;
    assert_eq!(parts(&changed), ("<p>neu</p>", "neu"));
}

#[tokio::test]
async fn an_edited_body_with_its_footer_has_the_footer_once() {
    let world = World::without_kafka()
        .await
        .set("COMPANY_NAME", "Beispiel GmbH");
    let api = Api::serving(world, &["--no-worker"]).await;
    let email = api.create(json!({})).await;
    let html = email["inhalt_html"]
        .as_str()
        .unwrap()
        .replace("Guten Tag", "Guten Abend");
    let changed = api
        .put(&email, json!({"inhalt_html": html}))
        .await
        .expect(200)
        .body;
    assert_footers(&changed, 1);
    assert_eq!(changed["inhalt_html"], html);
    assert_contains(&changed["inhalt_text"], "Guten Abend");
}

fn parts(email: &Value) -> (&str, &str) {
    let part = |name: &str| email[name].as_str().unwrap();
    (part("inhalt_html"), part("inhalt_text"))
}

fn assert_contains(value: &Value, wanted: &str) {
    let text = value.as_str().unwrap();
    assert!(text.contains(wanted), "{wanted:?} is not in {text:?}");
}
