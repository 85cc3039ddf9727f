//! `GET /api/vorlagen` and `POST /api/vorlagen/{name}/vorschau`: which templates there are, and what they would say.

use crate::setup::{Api, assert_problem};
use comm_tests::{Answer, World, run_to_end};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const NAMES: [&str; 4] = [
    "batch_request",
    "confirmation",
    "follow_up",
    "initial_contact",
];

async fn preview(api: &Api, name: &str, body: Value) -> Answer {
    let path = format!("/api/vorlagen/{name}/vorschau");
    api.client.post(&path, &body).await
}

#[tokio::test]
async fn the_templates_are_listed_with_their_variables_and_sample_data() {
    let api = Api::start().await;
    let list = api.client.get("/api/vorlagen").await.expect(200).body;
    let names: Vec<&str> = rows(&list)
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, NAMES);
    assert_eq!(
        (
            &list["page"],
            &list["limit"],
            &list["total"],
            &list["next_cursor"]
        ),
        (&json!(1), &json!(20), &json!(4), &Value::Null)
    );
    let batch_request = &rows(&list)[0];
    insta::assert_json_snapshot!(batch_request);
}

fn rows(list: &Value) -> &Vec<Value> {
    list["data"].as_array().unwrap()
}

#[tokio::test]
async fn the_list_has_pages_like_every_list() {
    let api = Api::start().await;
    let second = api
        .client
        .get("/api/vorlagen?page=2&limit=3")
        .await
        .expect(200)
        .body;
    assert_eq!(rows(&second)[0]["name"], "initial_contact");
    assert_eq!(
        (second["page"].clone(), second["total"].clone()),
        (json!(2), json!(4))
    );
    let first = api
        .client
        .get("/api/vorlagen?limit=3")
        .await
        .expect(200)
        .body;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = api
        .client
        .get(&format!("/api/vorlagen?limit=3&cursor={cursor}"))
        .await;
    assert_eq!(rows(&rest.expect(200).body), rows(&second));
    assert_problem(&api.client.get("/api/vorlagen?page=x").await, 400, "page");
}

#[tokio::test]
async fn a_template_is_shown_with_its_sample_data_or_with_given_ones() {
    let api = Api::start().await;
    let list = api.client.get("/api/vorlagen").await.expect(200).body;
    for vorlage in rows(&list) {
        let name = vorlage["name"].as_str().unwrap();
        let sample = preview(&api, name, json!({})).await.expect(200).body;
        assert_eq!(sample["vorlage"], name);
        assert_eq!(sample["vorlage_daten"], vorlage["beispieldaten"]);
        for part in ["betreff", "inhalt_html", "inhalt_text"] {
            assert!(!sample[part].as_str().unwrap().is_empty(), "{name} {part}");
        }
        let given = json!({"vorlage_daten": vorlage["beispieldaten"]});
        assert_eq!(preview(&api, name, given).await.expect(200).body, sample);
        // Neither a body nor its type is needed.
        let path = format!("/api/vorlagen/{name}/vorschau");
        let bare = api
            .client
            .send(Method::POST, &path, |request| request)
            .await;
        assert_eq!(bare.unwrap().expect(200).body, sample);
    }
    let daten =
        json!({"anrede": "Hallo Ada", "anfrage_vom": "2026-03-05", "ansprechpartner": "Eva"});
    let shown = preview(&api, "follow_up", json!({"vorlage_daten": daten})).await;
    let shown = shown.expect(200).body;
    assert_eq!(
        shown["betreff"],
        "Erinnerung: unsere Anfrage vom 5. März 2026"
    );
    assert!(
        shown["inhalt_text"]
            .as_str()
            .unwrap()
            .starts_with("Hallo Ada,\n\nam 5. März 2026")
    );
    assert_eq!(api.rows().await, 0, "nothing is stored");
}

#[tokio::test]
async fn the_footer_is_shown_once_unless_it_is_not_wanted() {
    let world = World::without_kafka().await;
    let world = world.set("COMPANY_CEO", "Erika Musterfrau");
    let api = Api::serving(world, &["--no-worker"]).await;
    for (flag, count) in [(Value::Null, 1), (json!(true), 1), (json!(false), 0)] {
        let shown = preview(&api, "follow_up", json!({"add_legal_footer": flag})).await;
        let shown = shown.expect(200).body;
        for part in ["inhalt_html", "inhalt_text"] {
            let body = shown[part].as_str().unwrap();
            assert_eq!(body.matches("Erika Musterfrau").count(), count, "{body}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_with_a_reason() {
    let api = Api::start().await;
    for name in ["basis", "Follow_up", "..%2Fbasis", "%00", "nichts"] {
        assert_problem(
            &preview(&api, name, json!({})).await,
            404,
            "Template not found",
        );
    }
    let cases = [
        (
            json!({"vorlage_daten": {}}),
            "vorlage_daten.anrede is required",
        ),
        (
            json!({"vorlage_daten": {"anrde": "x"}}),
            "vorlage_daten.anrde is not known",
        ),
        (
            json!({"vorlage_daten": {"anrede": ["x"]}}),
            "vorlage_daten.anrede must be one line",
        ),
        (
            json!({"vorlage_daten": []}),
            "vorlage_daten must be an object",
        ),
        (
            json!({"vorlage_daten": "x"}),
            "vorlage_daten must be an object",
        ),
        (
            json!({"add_legal_footer": "ja"}),
            "add_legal_footer must be a boolean",
        ),
        (json!([]), "The request body must be a JSON object"),
    ];
    for (body, words) in cases {
        assert_problem(&preview(&api, "follow_up", body).await, 400, words);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_a_reason() {
    let api = Api::start().await;
    let path = "/api/vorlagen/follow_up/vorschau";
    assert_problem(
        &api.send(Method::POST, path, "{").await,
        400,
        "not a valid JSON",
    );
    let text = api
        .client
        .send(Method::POST, path, |request| request.body("a=b"))
        .await;
    assert_problem(&text.unwrap(), 415, "application/json");
    let large = format!("{{\"x\": \"{}\"}}", "a".repeat(1024 * 1024));
    assert_problem(
        &api.send(Method::POST, path, large).await,
        413,
        "1048576 bytes",
    );
    for (path, method, allow) in [
        ("/api/vorlagen", Method::POST, "GET"),
        ("/api/vorlagen/follow_up/vorschau", Method::GET, "POST"),
    ] {
        assert_problem(&api.send(method, path, "{}").await, 405, allow);
    }
}

/// The templates of the repository in a folder of their own.
fn folder() -> TempDir {
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/email");
    let folder = tempfile::tempdir().unwrap();
    for name in NAMES {
        fs::create_dir(folder.path().join(name)).unwrap();
        for file in ["betreff.txt", "inhalt.html", "inhalt.txt", "schema.json"] {
            let path = Path::new(name).join(file);
            fs::copy(original.join(&path), folder.path().join(&path)).unwrap();
        }
    }
    for file in ["basis.html", "basis.txt"] {
        fs::copy(original.join(file), folder.path().join(file)).unwrap();
    }
    folder
}

#[tokio::test]
async fn templates_in_a_folder_count_as_soon_as_they_are_changed() {
    let folder = folder();
    let world = World::without_kafka().await;
    let world = world.set("COMM__TEMPLATES__FOLDER", folder.path().to_str().unwrap());
    let api = Api::serving(world, &["--no-worker"]).await;
    let subject = || async {
        let answer = preview(&api, "follow_up", json!({})).await;
        (answer.status, answer.body["betreff"].clone())
    };
    assert_eq!(subject().await.0, 200);
    let file = folder.path().join("follow_up/betreff.txt");
    fs::write(&file, "Hallo {{ anrede }}").unwrap();
    let changed = (200, json!("Hallo Sehr geehrte Frau Dr. Beispiel"));
    assert_eq!(subject().await, changed);

    fs::write(&file, "{{ anrde }}").unwrap();
    let broken = preview(&api, "follow_up", json!({})).await;
    assert_problem(&broken, 500, "trace_id");
    assert!(
        !broken.body.to_string().contains("anrde"),
        "{}",
        broken.body
    );
    assert!(
        api.service.log().contains("follow_up/betreff.txt:1"),
        "the log says where"
    );

    fs::write(&file, "Hallo {{ anrede }}").unwrap();
    assert_eq!(subject().await, changed);
}

#[tokio::test]
async fn templates_that_cannot_be_used_stop_the_start() {
    let folder = folder();
    fs::write(folder.path().join("basis.html"), "{% block inhalt").unwrap();
    for (path, words) in [
        (folder.path(), "basis.html"),
        (Path::new("nowhere"), "basis.html"),
    ] {
        let environment = [
            ("DATABASE_URL", "postgresql://localhost/x"),
            ("COMM__TEMPLATES__FOLDER", path.to_str().unwrap()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let output = run_to_end(environment.to_vec(), &["check-config"])
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains("templates") && said.contains(words), "{said}");
    }
}
