//! `POST /api/emails` with `vorlage`: an email that a template writes, until it has been sent and read.

use crate::setup::{Api, assert_problem, path};
use comm_devkit::smtp::ReceivedMail;
use comm_tests::{Answer, World};
use mail_parser::{MessageParser, MimeHeaders as _};
use reqwest::Method;
use serde_json::{Value, json};

/// A request for a follow-up; `null` takes a field away.
fn follow_up(changes: Value) -> Value {
    let mut body = json!({
        "betreff": null,
        "inhalt_markdown": null,
        "vorlage": "follow_up",
        "vorlage_daten": {
            "anrede": "Sehr geehrte Frau Dr. Müller",
            "anfrage_vom": "2026-03-05",
            "ansprechpartner": "Eva Muster",
        },
    });
    if let (Value::Object(body), Value::Object(changes)) = (&mut body, changes) {
        body.extend(changes);
    }
    body
}

async fn post(api: &Api, changes: Value) -> Answer {
    api.post(follow_up(changes)).await
}

fn part<'a>(email: &'a Value, name: &str) -> &'a str {
    email[name].as_str().unwrap()
}

#[tokio::test]
async fn every_template_writes_an_email() {
    let api = Api::start().await;
    let list = api.client.get("/api/vorlagen").await.expect(200).body;
    for vorlage in list["data"].as_array().unwrap() {
        let name = vorlage["name"].as_str().unwrap();
        let shown = api
            .client
            .post(&format!("/api/vorlagen/{name}/vorschau"), &json!({}))
            .await;
        let shown = shown.expect(200).body;
        let fields = json!({"vorlage": name, "vorlage_daten": vorlage["beispieldaten"]});
        let email = post(&api, fields).await.expect(201).body;
        assert_eq!(email["vorlage"], name);
        for part in ["betreff", "inhalt_html", "inhalt_text"] {
            assert_eq!(email[part], shown[part], "{name}");
        }
        assert_eq!(api.get(&email).await, email);
    }
    assert_eq!(api.rows().await, 4);
}

#[tokio::test]
async fn the_subject_is_the_templates_unless_the_client_has_one() {
    let api = Api::start().await;
    for (given, expected) in [
        (json!(null), "Erinnerung: unsere Anfrage vom 5. März 2026"),
        (json!(""), "Erinnerung: unsere Anfrage vom 5. März 2026"),
        (json!("Noch einmal"), "Noch einmal"),
    ] {
        let email = post(&api, json!({"betreff": given})).await.expect(201).body;
        assert_eq!(email["betreff"], expected);
    }
    for wrong in [json!(" "), json!("a\nb"), json!("x".repeat(256)), json!(5)] {
        assert_problem(&post(&api, json!({"betreff": wrong})).await, 400, "betreff");
    }
}

/// Nothing of these is stored.
async fn assert_refused(api: &Api, cases: impl IntoIterator<Item = (Value, &str)>) {
    for (fields, words) in cases {
        assert_problem(&post(api, fields).await, 400, words);
    }
    assert_eq!(api.rows().await, 0);
}

#[tokio::test]
async fn what_goes_with_no_template_is_refused() {
    let beside = "vorlage cannot be combined with inhalt_markdown, inhalt_html or inhalt_text";
    let names = "vorlage must be one of: batch_request, confirmation, follow_up, initial_contact";
    let no_object = "vorlage_daten must be an object";
    let without = json!({"vorlage": null, "inhalt_text": "x", "betreff": "x"});
    let cases = [
        (json!({"inhalt_markdown": "x"}), beside),
        (json!({"inhalt_html": "<p>x</p>"}), beside),
        (json!({"inhalt_text": "x"}), beside),
        (json!({"vorlage": "basis"}), names),
        (json!({"vorlage": "follow_up/../basis"}), names),
        (json!({"vorlage": "{{ 7 * 7 }}"}), names),
        (without, "vorlage_daten are given without vorlage"),
        (json!({"vorlage_daten": []}), no_object),
        (json!({"vorlage_daten": "{}"}), no_object),
    ];
    assert_refused(&Api::start().await, cases).await;
}

#[tokio::test]
async fn data_that_do_not_fit_are_named() {
    let good = &follow_up(json!({}))["vorlage_daten"];
    let with = |name: &str, value: Value| {
        let mut daten = good.clone();
        daten[name] = value;
        json!({"vorlage_daten": daten})
    };
    let patienten = json!([{"kuerzel": "A.", "alter": 200, "anliegen": "x", "krankenkasse": "x", "verfuegbarkeit": "x"}]);
    let batch = json!({"anrede": "x", "ansprechpartner": "x", "patienten": patienten});
    let cases = [
        (json!({"vorlage_daten": null}), "anrede is required"),
        (with("anrede", json!(null)), "anrede is required"),
        (
            with("Anrede", json!("x")),
            "Anrede is not known to this template, which has anrede, anfrage_vom,",
        ),
        (
            with("anfrage_vom", json!("5.3.2026")),
            "anfrage_vom must be a date such as 2026-01-31",
        ),
        (
            with("anzahl_personen", json!("3")),
            "anzahl_personen must be a whole number from 1 to 10000",
        ),
        (
            with("anrede", json!("a\r\nBcc: x@example.org")),
            "anrede must be one line",
        ),
        (
            json!({"vorlage": "batch_request"}),
            "anfrage_vom is not known",
        ),
        (
            json!({"vorlage": "batch_request", "vorlage_daten": batch}),
            "patienten[0].alter must be a whole number from 0 to 120",
        ),
    ];
    let cases = cases.map(|(fields, words)| (fields, format!("vorlage_daten.{words}")));
    let cases = cases
        .iter()
        .map(|(fields, words)| (fields.clone(), words.as_str()));
    assert_refused(&Api::start().await, cases).await;
}

#[tokio::test]
async fn data_of_any_size_and_depth_are_refused_in_bounded_memory() {
    let api = Api::start().await;
    let with_data = |daten: String| {
        let body = comm_tests::email(follow_up(json!({"vorlage_daten": 0}))).to_string();
        body.replace("\"vorlage_daten\":0", &format!("\"vorlage_daten\":{daten}"))
    };
    let before = api.service.peak_megabytes();
    let large = format!("[{}0]", "[],".repeat(5 * 1024 * 1024));
    let deep = format!("{{\"anrede\":{}{}}}", "[".repeat(100), "]".repeat(100));
    let deeper = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let many = (0..40_000)
        .map(|number| format!("\"x{number}\":0"))
        .collect::<Vec<_>>();
    let many = format!("{{{}}}", many.join(","));
    for (daten, status, words) in [
        (
            large,
            413,
            "vorlage_daten is too large: at most 524288 bytes",
        ),
        (deep, 400, "vorlage_daten.anrede must be one line"),
        (deeper, 400, ""),
        (many, 400, "vorlage_daten.x0 is not known"),
    ] {
        assert_problem(&api.post_bytes(with_data(daten)).await, status, words);
    }
    let grown = api.service.peak_megabytes() - before;
    assert!(grown < 100.0, "{grown} MB more");
    assert_eq!(api.rows().await, 0);
}

#[tokio::test]
async fn values_are_text_and_never_markup_or_a_template() {
    let api = Api::start().await;
    let value = "<script>alert(1)</script>{{ 7 * 7 }}{% include \"basis.html\" %}";
    let fields = json!({"vorlage_daten": {"anrede": value, "anfrage_vom": "2026-03-05", "ansprechpartner": value}});
    let email = post(&api, fields).await.expect(201).body;
    let (html, text) = (part(&email, "inhalt_html"), part(&email, "inhalt_text"));
    assert!(
        html.contains("&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}{% include"),
        "{html}"
    );
    assert!(!html.contains("<script"), "{html}");
    assert_eq!(text.matches(value).count(), 2, "{text}");
}

#[tokio::test]
async fn an_email_of_a_template_can_be_sent_back_whole_and_its_template_is_fixed() {
    let api = Api::start().await;
    let email = post(&api, json!({})).await.expect(201).body;
    assert_eq!(api.put(&email, email.clone()).await.expect(200).body, email);
    let other = json!({"vorlage": "confirmation"});
    assert_problem(&api.put(&email, other).await, 409, "vorlage");
}

#[tokio::test]
async fn a_changed_email_keeps_its_frame_and_both_parts_agree() {
    let world = World::without_kafka().await;
    let world = world
        .set("COMPANY_NAME", "Beispiel & Partner GmbH")
        .set("COMPANY_CEO", "Erika Musterfrau");
    let api = Api::serving(world, &["--no-worker"]).await;
    let email = post(&api, json!({})).await.expect(201).body;
    let html =
        part(&email, "inhalt_html").replace("Sicher haben Sie viel zu tun", "Sie haben zu tun");
    let mut whole = email.clone();
    whole["inhalt_html"] = json!(html);
    let changed = api.put(&email, whole).await.expect(200).body;
    let (html, text) = (part(&changed, "inhalt_html"), part(&changed, "inhalt_text"));
    assert!(
        html.starts_with("<!doctype html>") && html.contains("<style>"),
        "{html}"
    );
    assert!(html.contains("class=\"karte\""), "{html}");
    for part in [html, text] {
        assert!(part.contains("Sie haben zu tun"), "{part}");
        assert_eq!(part.matches("Erika Musterfrau").count(), 1, "{part}");
    }
    assert_eq!(changed["vorlage"], "follow_up");
    let text = api
        .put(&email, json!({"inhalt_text": "Ganz neu"}))
        .await
        .expect(200)
        .body;
    assert!(part(&text, "inhalt_html").starts_with("<p>Ganz neu</p>"));
}

#[tokio::test]
async fn a_repeated_request_writes_one_email() {
    let api = Api::start().await;
    let body = comm_tests::email(follow_up(json!({}))).to_string();
    let send = || async {
        let sent = api.client.send(Method::POST, "/api/emails", |request| {
            request
                .header("content-type", "application/json")
                .header("idempotency-key", "a")
                .body(body.clone())
        });
        sent.await.unwrap().expect(201).body
    };
    assert_eq!(send().await, send().await);
    assert_eq!(api.rows().await, 1);
}

#[tokio::test]
async fn the_mail_that_arrives_has_its_frame_styles_at_the_elements_and_the_footer_once() {
    let world = World::without_kafka().await;
    let world = world
        .set("COMPANY_NAME", "Beispiel Vermittlung GmbH")
        .set("COMPANY_CEO", "Erika Musterfrau");
    let api = Api::serving(world, &[]).await;
    let email = post(&api, json!({"status": "In_Warteschlange"}))
        .await
        .expect(201)
        .body;
    let sent = api
        .client
        .wait_for_status(email["id"].as_i64().unwrap(), "Gesendet")
        .await;
    let mails = api
        .world
        .smtp
        .wait_for(1, comm_tests::PATIENCE)
        .await
        .unwrap();
    assert_is_framed(mails.first().unwrap(), &sent);
    let html = part(&sent, "inhalt_html");
    let (body, _) = html
        .split_once("<body>")
        .unwrap()
        .1
        .split_once("legal-footer")
        .unwrap();
    assert!(
        !body.contains("style="),
        "answers have no inlined styles: {body}"
    );
    assert_eq!(
        api.client.get(&path(&sent)).await.body["status"],
        "Gesendet"
    );
}

fn assert_is_framed(mail: &ReceivedMail, sent: &Value) {
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    let kind = parsed.content_type().unwrap();
    assert_eq!(
        (kind.ctype(), kind.subtype()),
        ("multipart", Some("alternative"))
    );
    assert_eq!(
        parsed.subject(),
        Some("Erinnerung: unsere Anfrage vom 5. März 2026")
    );
    assert_eq!((parsed.text_body.len(), parsed.html_body.len()), (1, 1));
    let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim(), part(sent, "inhalt_text").trim());
    let html = parsed.body_html(0).unwrap().replace("\r\n", "\n");
    assert!(
        html.starts_with("<!DOCTYPE html><html lang=\"de\">"),
        "{html}"
    );
    for framed in [
        "<td class=\"kopf\" align=\"left\" style=\"padding: 20px 32px;",
        "<p style=\"margin: 0 0 16px 0;\">Sehr geehrte Frau Dr. Müller,</p>",
        "@media (max-width: 480px)",
    ] {
        assert!(html.contains(framed), "{framed} is not in {html}");
    }
    for part in [html.as_str(), text.as_str()] {
        assert_eq!(part.matches("Erika Musterfrau").count(), 1, "{part}");
    }
    assert_eq!(html.matches("class=\"legal-footer\"").count(), 1);
}
