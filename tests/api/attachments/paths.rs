//! Files that are named by their paths.

use super::{Folder, answered, content};
use crate::setup::{Api, assert_problem};
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;

const NOT_THERE: &str = "attachments[0] must be the path of a file in the attachment folder";

#[tokio::test]
async fn a_file_in_the_folder_is_attached_by_its_path() {
    let folder = Folder::new();
    let api = folder.api().await;
    let absolute = folder.path("brief.pdf");
    let email = api
        .create(json!({"attachments": ["brief.pdf", absolute]}))
        .await;
    let brief = answered("brief.pdf", "application/pdf", 9);
    assert_eq!(email["attachments"], json!([brief, brief]));
    for place in 0..2 {
        let answer = content(&api, &email, place).await.expect(200);
        assert_eq!(answer.bytes, b"ein Brief");
    }
    let kept = api.put(
        &email,
        json!({"attachments": email["attachments"], "betreff": "Neu"}),
    );
    assert_eq!(
        kept.await.expect(200).body["attachments"],
        email["attachments"]
    );
    fs::remove_file(absolute).unwrap();
    let gone = content(&api, &email, 0).await;
    assert_problem(&gone, 404, "The file of this attachment is missing");
    let kept = api.put(
        &email,
        json!({"attachments": email["attachments"], "prioritaet": 1}),
    );
    kept.await.expect(200);
}

#[tokio::test]
async fn nothing_outside_of_the_folder_can_be_attached() {
    let folder = Folder::new();
    symlink("../geheim.txt", folder.path("link.txt")).unwrap();
    symlink("/etc", folder.path("etc")).unwrap();
    fs::create_dir(folder.path("ordner")).unwrap();
    let api = folder.api().await;
    let outside = folder.path("../geheim.txt");
    for path in [
        "../geheim.txt",
        "ordner/../../geheim.txt",
        "link.txt",
        "etc/passwd",
        "/etc/passwd",
        "ordner",
        "fehlt.pdf",
        "",
        "a\u{0}b",
        outside.to_str().unwrap(),
    ] {
        let answer = api.post(json!({"attachments": [path]})).await;
        assert_problem(&answer, 400, "");
        assert_eq!(answer.message(), NOT_THERE, "{path}");
    }
    assert_eq!(api.rows().await, 0);
    assert!(!api.service.log().contains("geheim"));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_a_413() {
    let folder = Folder::new();
    let large = fs::File::create(folder.path("gross.pdf")).unwrap();
    large.set_len(10 * 1024 * 1024 + 1).unwrap();
    let api = folder.api().await;
    let answer = api.post(json!({"attachments": ["gross.pdf"]})).await;
    assert_problem(&answer, 413, "attachments are too large");
    large.set_len(10 * 1024 * 1024).unwrap();
    api.create(json!({"attachments": ["gross.pdf"]})).await;
    let both = api
        .post(json!({"attachments": ["gross.pdf", "brief.pdf"]}))
        .await;
    assert_problem(&both, 413, "attachments are too large");
    assert_eq!(api.rows().await, 1);
}

#[tokio::test]
async fn a_folder_that_is_away_for_a_moment_is_a_503() {
    let folder = Folder::new();
    let api = folder.api().await;
    fs::rename(folder.path(""), folder.path("../weg")).unwrap();
    let answer = api.post(json!({"attachments": ["brief.pdf"]})).await;
    assert_problem(&answer, 503, "The attachment folder cannot be read");
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(api.rows().await, 0);
}

#[tokio::test]
async fn without_a_folder_a_path_is_refused() {
    let api = Api::start().await;
    let answer = api.post(json!({"attachments": ["brief.pdf"]})).await;
    let words = "attachments[0] is a path, but no attachment folder is configured";
    assert_problem(&answer, 400, words);
}
