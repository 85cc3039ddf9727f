//! Attachments (contract, 'Attachments'): what is stored, answered, refused and sent.

mod edit;
mod hostile;
mod paths;
mod sending;

use crate::setup::{Api, path};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use comm_tests::{Answer, World, email};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn base64(content: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(content)
}

fn file(filename: &str, content: impl AsRef<[u8]>) -> Value {
    json!({"filename": filename, "content_type": "application/pdf", "content_base64": base64(content)})
}

fn answered(filename: &str, content_type: &str, size: usize) -> Value {
    json!({"filename": filename, "content_type": content_type, "size": size})
}

async fn content(api: &Api, email: &Value, place: usize) -> Answer {
    let path = format!("{}/attachments/{place}", path(email));
    api.client.get(&path).await
}

/// A folder with `brief.pdf`, and beside it a file that is nobody's business.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::create_dir(folder.path("")).unwrap();
        fs::write(folder.path("brief.pdf"), "ein Brief").unwrap();
        fs::write(folder.path("../geheim.txt"), "geheim").unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("anhaenge").join(name)
    }

    async fn world(&self) -> World {
        let path = self.path("");
        let path = path.to_str().unwrap();
        let world = World::without_kafka().await;
        world.set("COMM__ATTACHMENTS__FOLDER", path)
    }

    async fn api(&self) -> Api {
        Api::serving(self.world().await, &["--no-worker"]).await
    }
}

#[tokio::test]
async fn attachments_are_listed_without_their_content_which_has_a_path_of_its_own() {
    let api = Api::start().await;
    let any_bytes: Vec<u8> = (0..=255).collect();
    let mut typeless = file("notiz.txt", "");
    typeless["content_type"] = Value::Null;
    let attachments = json!([file("Über Ö.pdf", &any_bytes), typeless]);
    let email = api.create(json!({"attachments": attachments})).await;
    let expected = json!([
        answered("Über Ö.pdf", "application/pdf", 256),
        answered("notiz.txt", "text/plain", 0)
    ]);
    assert_eq!(email["attachments"], expected);
    assert_eq!(api.get(&email).await, email);
    let list = api.client.get("/api/emails").await.expect(200).body;
    assert_eq!(list["data"][0], email);

    let first = content(&api, &email, 0).await.expect(200);
    assert_eq!(first.bytes, any_bytes);
    assert_eq!(first.header("content-type"), "application/pdf");
    assert_eq!(
        first.header("content-disposition"),
        "attachment; filename*=UTF-8''%C3%9Cber%20%C3%96.pdf"
    );
    assert_eq!(first.header("x-content-type-options"), "nosniff");
    assert!(content(&api, &email, 1).await.expect(200).bytes.is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_a_404() {
    let api = Api::start().await;
    let email = api
        .create(json!({"attachments": [file("a.pdf", "a")]}))
        .await;
    for place in ["1", "-1", "x", "0x0", "99999999999999999999"] {
        let path = format!("{}/attachments/{place}", path(&email));
        let answer = api.client.get(&path).await.expect(404);
        assert_eq!(answer.message(), "Attachment not found", "{place}");
    }
    let unknown = api.client.get("/api/emails/99/attachments/0").await;
    assert_eq!(unknown.expect(404).message(), "Email not found");
    let place = format!("{}/attachments/0", path(&email));
    api.client.post(&place, &json!({})).await.expect(405);
}

#[tokio::test]
async fn an_attachment_goes_with_its_email() {
    let api = Api::start().await;
    let draft = api
        .create(json!({"attachments": [file("a.pdf", "a")]}))
        .await;
    let sent = api
        .create(json!({"attachments": [file("a.pdf", "a")]}))
        .await;
    api.put(&sent, json!({"status": "Gesendet"}))
        .await
        .expect(200);
    for email in [&draft, &sent] {
        api.client.delete(&path(email)).await.expect(200);
        content(&api, email, 0).await.expect(404);
    }
    let sql = "SELECT count(*) FROM communication_service.anhang_inhalte";
    assert_eq!(api.world.number(sql).await, 1, "that of the hidden email");
}

#[tokio::test]
async fn each_email_of_a_bulk_request_has_its_own() {
    let folder = Folder::new();
    let api = folder.api().await;
    let emails = [
        email(json!({"attachments": [file("a.pdf", "a"), file("b.pdf", "b")]})),
        email(json!({})),
        email(json!({"attachments": ["brief.pdf", file("c.pdf", "c")]})),
    ];
    let bulk = async |emails: Value| {
        let body = json!({"emails": emails});
        api.client.post("/api/emails/bulk", &body).await
    };
    let stored = bulk(json!(emails)).await.expect(201).body;
    let [first, second, third] = [0, 1, 2].map(|place| &stored["data"][place]);
    assert_eq!(content(&api, first, 1).await.expect(200).bytes, b"b");
    assert_eq!(second["attachments"], json!([]));
    assert_eq!(
        content(&api, third, 0).await.expect(200).bytes,
        b"ein Brief"
    );
    assert_eq!(content(&api, third, 1).await.expect(200).bytes, b"c");
    assert_eq!(&api.get(third).await, third);

    let wrong = email(json!({"attachments": [file("d.pdf", "d"), "../geheim.txt"]}));
    let refused = bulk(json!([emails[0], wrong])).await;
    assert_eq!((refused.status, &refused.body["index"]), (400, &json!(1)));
    assert_eq!(api.rows().await, 3);
}

#[tokio::test]
async fn base64_may_have_line_ends_and_no_padding() {
    let api = Api::start().await;
    for text in ["YWJjZA==", "YWJjZA", "YWJj\r\nZA==\r\n"] {
        let attachment = json!({"filename": "a.txt", "content_base64": text});
        let email = api.create(json!({"attachments": [attachment]})).await;
        let answer = content(&api, &email, 0).await.expect(200);
        assert_eq!(answer.bytes, b"abcd", "{text:?}");
    }
}

#[tokio::test]
async fn a_repeated_request_stores_its_attachments_once() {
    let api = Api::start().await;
    let body = comm_tests::email(json!({"attachments": [file("a.pdf", "a")]}));
    let mut answers = Vec::new();
    for _ in 0..2 {
        let sent = api
            .client
            .send(reqwest::Method::POST, "/api/emails", |request| {
                request.header("Idempotency-Key", "k").json(&body)
            });
        answers.push(sent.await.unwrap().expect(201).body);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(
        answers[0]["attachments"],
        json!([answered("a.pdf", "application/pdf", 1)])
    );
    assert_eq!(content(&api, &answers[0], 0).await.expect(200).bytes, b"a");
    assert_eq!(api.rows().await, 1);
}
