//! Mails with files.

use super::{assert_fits_every_server, mail};
use crate::message::{Message, Unbuildable};
use comm_ports::{OutgoingAttachment, OutgoingMail};
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

fn file(filename: &str, content: impl Into<Vec<u8>>) -> OutgoingAttachment {
    OutgoingAttachment {
        filename: filename.to_owned(),
        content_type: "application/pdf".to_owned(),
        content: content.into(),
    }
}

fn bytes(attachments: Vec<OutgoingAttachment>) -> Vec<u8> {
    let mail = OutgoingMail {
        attachments,
        ..mail()
    };
    Message::build(mail, None).unwrap().bytes
}

#[test]
fn the_whole_mail_with_two_files_looks_like_this() {
    let files = vec![
        file(
            "Ärztliche Bescheinigung für Frau Ö. – Seite 1 von 2 (Kopie, nur zur Kenntnis).pdf",
            "ä\n.\n",
        ),
        file("a \"b\"; c.txt", ""),
    ];
    let text = String::from_utf8(bytes(files)).unwrap();
    insta::assert_snapshot!(text.replace("\r\n", "\n"));
}

#[test]
fn another_library_reads_the_texts_and_the_files() {
    let any_bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let raw = bytes(vec![
        file("Befund.pdf", any_bytes.clone()),
        file("leer", ""),
    ]);
    assert_fits_every_server(&raw);
    let read = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(read.content_type().unwrap().subtype(), Some("mixed"));
    assert!(read.body_text(0).unwrap().starts_with("Grüße"));
    assert!(read.body_html(0).unwrap().starts_with("<p>Grüße"));
    let files: Vec<_> = read
        .attachments()
        .map(|part| (part.attachment_name().unwrap(), part.contents()))
        .collect();
    assert_eq!(files, [("Befund.pdf", &any_bytes[..]), ("leer", &[][..])]);
    let kind = read.attachments().next().unwrap().content_type().unwrap();
    assert_eq!((kind.ctype(), kind.subtype()), ("application", Some("pdf")));
}

#[test]
fn every_attempt_makes_the_same_bytes() {
    let build = || bytes(vec![file("a.pdf", "x")]);
    assert_eq!(build(), build());
}

#[test]
fn what_is_no_media_type_is_no_mail() {
    let mut attachment = file("a", "x");
    attachment.content_type = "pdf\r\nBcc: x@y.de".to_owned();
    let mail = OutgoingMail {
        attachments: vec![attachment],
        ..mail()
    };
    let refusal = Message::build(mail, None).unwrap_err();
    assert_eq!(refusal, Unbuildable("type of an attachment"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_name_arrives(filename in "[^\\p{C}/\\\\\u{2028}\u{2029}]{1,255}") {
        prop_assume!(!filename.trim().is_empty());
        let raw = bytes(vec![file(&filename, "x")]);
        assert_fits_every_server(&raw);
        let read = MessageParser::default().parse(&raw).unwrap();
        let names: Vec<_> = read.attachments().map(|part| part.attachment_name().unwrap()).collect();
        prop_assert_eq!(names, [filename.as_str()]);
    }
}
