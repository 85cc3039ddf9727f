//! Attachments in mails.

use super::{Folder, file};
use crate::setup::Api;
use comm_devkit::smtp::ReceivedMail;
use comm_tests::{PATIENCE, World};
use mail_parser::{MessageParser, MimeHeaders};
use serde_json::{Value, json};
use std::fs;

const QUEUED: &str = "In_Warteschlange";

fn files(mail: &ReceivedMail) -> Vec<(String, Vec<u8>)> {
    let message = MessageParser::default().parse(&mail.raw).unwrap();
    let files = message.attachments();
    files
        .map(|part| {
            (
                part.attachment_name().unwrap().to_owned(),
                part.contents().to_vec(),
            )
        })
        .collect()
}

async fn sent(api: &Api, email: &Value) {
    let id = email["id"].as_i64().unwrap();
    api.client.wait_for_status(id, "Gesendet").await;
}

async fn failed(api: &Api, email: &Value) -> Value {
    let id = email["id"].as_i64().unwrap();
    api.client.wait_for_status(id, "Fehlgeschlagen").await
}

#[tokio::test]
async fn a_mail_arrives_with_the_files_of_the_request_and_of_the_folder() {
    let folder = Folder::new();
    let api = Api::serving(folder.world().await, &[]).await;
    let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    let attachments = json!([file("Befund „Müller“.pdf", &bytes), "brief.pdf"]);
    let email = api
        .create(json!({"attachments": attachments, "status": QUEUED}))
        .await;
    sent(&api, &email).await;
    let mails = api.world.smtp.wait_for(1, PATIENCE).await.unwrap();
    let expected = [
        ("Befund „Müller“.pdf".to_owned(), bytes),
        ("brief.pdf".to_owned(), b"ein Brief".to_vec()),
    ];
    assert_eq!(files(&mails[0]), expected);
    let message = MessageParser::default().parse(&mails[0].raw).unwrap();
    assert!(message.body_html(0).unwrap().contains("<h1>Guten Tag</h1>"));
}

#[tokio::test]
async fn a_mail_whose_file_is_gone_fails_for_good_and_is_sent_once_it_is_back() {
    let folder = Folder::new();
    let api = Api::serving(folder.world().await, &[]).await;
    let email = api.create(json!({"attachments": ["brief.pdf"]})).await;
    fs::remove_file(folder.path("brief.pdf")).unwrap();
    api.put(&email, json!({"status": QUEUED})).await.expect(200);
    let failure = failed(&api, &email).await;
    assert_eq!(failure["fehlerart"], "endgueltig");
    assert_eq!(
        failure["fehlermeldung"],
        "Die Datei eines Anhangs ist nicht mehr vorhanden; bitte die Datei wieder bereitstellen oder \
         den Anhang ersetzen und erneut senden. Anhang: brief.pdf"
    );
    assert!(
        !api.service.log().contains("brief.pdf"),
        "a file's name may be about a person"
    );
    fs::write(folder.path("brief.pdf"), "neu").unwrap();
    api.put(&email, json!({"status": QUEUED})).await.expect(200);
    sent(&api, &email).await;
    let mails = api.world.smtp.wait_for(1, PATIENCE).await.unwrap();
    assert_eq!(mails.len(), 1, "never sent without it");
    assert_eq!(
        files(&mails[0]),
        [("brief.pdf".to_owned(), b"neu".to_vec())]
    );
}

#[tokio::test]
async fn a_file_that_has_grown_or_become_a_link_is_not_sent() {
    let folder = Folder::new();
    let api = Api::serving(folder.world().await, &[]).await;
    let attachments = json!(["brief.pdf", file("a", vec![0; 5_000_000])]);
    let email = api.create(json!({"attachments": attachments})).await;
    let brief = fs::File::create(folder.path("brief.pdf")).unwrap();
    brief.set_len(10 * 1024 * 1024 + 1).unwrap();
    api.put(&email, json!({"status": QUEUED})).await.expect(200);
    let failure = failed(&api, &email).await;
    assert_eq!(failure["fehlerart"], "endgueltig");
    let words = failure["fehlermeldung"].as_str().unwrap();
    assert!(
        words.starts_with("Die Anhänge sind zusammen größer als 10 MiB"),
        "{words}"
    );

    fs::remove_file(folder.path("brief.pdf")).unwrap();
    std::os::unix::fs::symlink("../geheim.txt", folder.path("brief.pdf")).unwrap();
    api.put(&email, json!({"status": QUEUED})).await.expect(200);
    let failure = failed(&api, &email).await;
    let words = failure["fehlermeldung"].as_str().unwrap();
    assert!(words.starts_with("Die Datei eines Anhangs"), "{words}");
    assert_eq!(api.world.smtp.connections().accepted, 0);
}

#[tokio::test]
async fn eight_mails_of_ten_mebibytes_at_once_are_sent_in_bounded_memory() {
    let api = Api::serving(World::without_kafka().await, &[]).await;
    let attachments = json!([file("a.bin", vec![7; 10 * 1024 * 1024])]);
    let mut drafts = Vec::new();
    for _ in 0..8 {
        drafts.push(api.create(json!({"attachments": attachments})).await);
    }
    let before = api.service.peak_megabytes();
    let sql =
        "UPDATE communication_service.emails SET status = 'In_Warteschlange', faellig_am = now()";
    api.world.execute(sql).await;
    let last = api.create(json!({"status": QUEUED})).await;
    for email in drafts.iter().chain([&last]) {
        sent(&api, email).await;
    }
    let (after, before) = (api.service.peak_megabytes(), before);
    println!("{before} MB before, {after} MB at most");
    assert!(after < 500.0, "{after} MB");
}
