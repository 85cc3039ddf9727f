//! What we build, read back by another library.

mod attachments;

use super::*;
use chrono::{DateTime, TimeZone, Utc};
use comm_domain::Mailbox as Person;
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

fn person(name: &str, address: &str) -> Person {
    let address = EmailAddress::parse("empfaenger_email", address).unwrap();
    Person::parse(address, "empfaenger_name", name).unwrap()
}

fn date() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 3, 4, 5, 6).unwrap()
}

fn mail() -> OutgoingMail {
    OutgoingMail {
        message_id: "018f-1@example.org".to_owned(),
        date: date(),
        from: person("Curavani \"Büro\", Köln", "info@example.org"),
        to: person("Müller-Lüdenscheidt, Jürgen 🙂", "praxis@müller.de"),
        subject: "Anfrage für Frau Ö. – bitte um Rückruf 📞".to_owned(),
        html: "<p>Grüße &amp; <a href=\"https://example.org/?a=1\">mehr</a></p>\n".to_owned(),
        text: "Grüße\n.\n..zwei Punkte\nEnde ".to_owned(),
        attachments: Vec::new(),
        origin: Origin::Person,
    }
}

fn header(bytes: &[u8], name: &str) -> String {
    let message = MessageParser::default().parse(bytes).unwrap();
    message.header(name).unwrap().as_text().unwrap().to_owned()
}

fn assert_fits_every_server(bytes: &[u8]) {
    assert!(bytes.is_ascii());
    let text = std::str::from_utf8(bytes).unwrap();
    for line in text.split("\r\n") {
        assert!(line.len() <= 998, "{} bytes", line.len());
        assert!(!line.contains(['\r', '\n']));
    }
}

#[test]
fn the_whole_mail_looks_like_this() {
    let message = Message::build(mail(), None).unwrap();
    let text = String::from_utf8(message.bytes).unwrap();
    insta::assert_snapshot!(text.replace("\r\n", "\n"));
}

#[test]
fn another_library_reads_the_same_mail() {
    let bytes = Message::build(mail(), None).unwrap().bytes;
    assert_fits_every_server(&bytes);
    let read = MessageParser::default().parse(&bytes).unwrap();

    let from = read.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Curavani \"Büro\", Köln"));
    assert_eq!(from.address(), Some("info@example.org"));
    let to = read.to().unwrap();
    assert_eq!(to.iter().count(), 1);
    let to = to.first().unwrap();
    assert_eq!(to.name(), Some("Müller-Lüdenscheidt, Jürgen 🙂"));
    assert_eq!(to.address(), Some("praxis@xn--mller-kva.de"));
    assert_eq!(
        read.subject(),
        Some("Anfrage für Frau Ö. – bitte um Rückruf 📞")
    );
    assert_eq!(read.message_id(), Some("018f-1@example.org"));
    assert_eq!(read.date().unwrap().to_timestamp(), date().timestamp());
    assert_eq!(
        read.body_text(0).unwrap(),
        "Grüße\r\n.\r\n..zwei Punkte\r\nEnde "
    );
    assert_eq!(
        read.body_html(0).unwrap(),
        mail().html.replace('\n', "\r\n")
    );
    let content_type = read.content_type().unwrap();
    assert_eq!(content_type.subtype(), Some("alternative"));
    let kinds: Vec<_> = read
        .parts
        .iter()
        .skip(1)
        .map(|part| {
            let kind = part.content_type().unwrap();
            (kind.subtype().unwrap(), kind.attribute("charset").unwrap())
        })
        .collect();
    assert_eq!(kinds, [("plain", "utf-8"), ("html", "utf-8")]);
    assert_eq!(header(&bytes, "MIME-Version"), "1.0");
}

#[test]
fn every_attempt_makes_the_same_bytes() {
    let build = || Message::build(mail(), None).unwrap().bytes;
    assert_eq!(build(), build());
}

#[test]
fn only_what_the_service_begins_by_itself_says_so() {
    let header = |origin| {
        let mail = OutgoingMail { origin, ..mail() };
        let bytes = Message::build(mail, None).unwrap().bytes;
        let read = MessageParser::default().parse(&bytes).unwrap();
        let value = read
            .header("Auto-Submitted")
            .and_then(|value| value.as_text());
        value.map(str::to_owned)
    };
    assert_eq!(header(Origin::Person), None);
    assert_eq!(header(Origin::Service).as_deref(), Some("auto-generated"));
}

#[test]
fn names_of_every_kind_arrive() {
    for name in [
        "Anna",
        "Anna Maria",
        "Dr. med. A. B.",
        "a, b; c",
        "\"x\" \\ y",
        "<a@b.de>",
        "a@b.de",
        "Ö",
        "🙂🙂",
        "日本語 テスト",
        "(Kommentar)",
        "=?utf-8?q?x?=",
    ] {
        let mut mail = mail();
        mail.to = person(name, "a@example.org");
        let bytes = Message::build(mail, None).unwrap().bytes;
        assert_fits_every_server(&bytes);
        let read = MessageParser::default().parse(&bytes).unwrap();
        let to = read.to().unwrap();
        assert_eq!(to.iter().count(), 1, "{name}");
        assert_eq!(to.first().unwrap().name(), Some(name));
        assert_eq!(to.first().unwrap().address(), Some("a@example.org"));
    }
}

#[test]
fn subjects_of_255_characters_arrive() {
    for letter in ["a", "ü", "🙂", "wort "] {
        let mut mail = mail();
        mail.subject = letter.chars().cycle().take(254).collect::<String>() + "!";
        let subject = mail.subject.clone();
        let bytes = Message::build(mail, None).unwrap().bytes;
        assert_fits_every_server(&bytes);
        let read = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(read.subject(), Some(subject.as_str()));
    }
}

#[test]
fn only_a_local_part_with_umlauts_needs_smtputf8() {
    let needs = |mail: &OutgoingMail| {
        let message = Message::build(mail.clone(), None).unwrap();
        message.needs_smtp_utf8()
    };
    let mut mail = mail();
    assert_eq!(needs(&mail), None);
    mail.to = person("J", "jürgen@müller.de");
    assert_eq!(needs(&mail), Some(Stage::Rcpt));
    mail.from = person("J", "jürgen@example.org");
    assert_eq!(needs(&mail), Some(Stage::Mail));
}

#[test]
fn what_would_break_a_header_is_no_mail() {
    let broken = |change: fn(&mut OutgoingMail)| {
        let mut mail = mail();
        change(&mut mail);
        Message::build(mail, None).unwrap_err()
    };
    assert_eq!(
        broken(|mail| mail.subject = "a\r\nBcc: x@y.de".into()),
        Unbuildable("subject")
    );
    assert_eq!(
        broken(|mail| mail.subject = "a\nb".into()),
        Unbuildable("subject")
    );
    for id in [
        "",
        "no-at",
        "a@b\r\nBcc: x@y.de",
        "a@b> <c@d",
        "ä@b",
        "a b@c",
    ] {
        let mut mail = mail();
        mail.message_id = id.to_owned();
        assert_eq!(
            Message::build(mail, None).unwrap_err(),
            Unbuildable("Message-ID"),
            "{id}"
        );
    }
    assert_eq!(
        broken(|mail| mail.message_id = format!("{}@b", "a".repeat(250))),
        Unbuildable("Message-ID")
    );
    assert_eq!(
        broken(|mail| mail.date = DateTime::<Utc>::MIN_UTC),
        Unbuildable("date")
    );
    assert_eq!(
        broken(|mail| mail.date = DateTime::<Utc>::MAX_UTC),
        Unbuildable("date")
    );
}

#[test]
fn half_a_megabyte_of_line_ends_takes_no_time() {
    let mut mail = mail();
    mail.text = "\n".repeat(512 * 1024);
    let started = std::time::Instant::now();
    Message::build(mail, None).unwrap();
    assert!(started.elapsed() < std::time::Duration::from_secs(3));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_arrives(text in "(\\PC|[\r\n\t=._-]){0,200}", html in "(\\PC|[\n<>=]){0,200}") {
        let mut mail = mail();
        mail.text = text.clone();
        mail.html = html;
        let bytes = Message::build(mail, None).unwrap().bytes;
        assert_fits_every_server(&bytes);
        let read = MessageParser::default().parse(&bytes).unwrap();
        let lines = |text: &str| text.replace("\r\n", "\n");
        prop_assert_eq!(lines(&read.body_text(0).unwrap()), lines(&text));
    }

    #[test]
    fn any_name_and_subject_leave_the_headers_whole(name in "\\PC{1,255}", subject in "\\PC{1,255}") {
        let address = EmailAddress::parse("empfaenger_email", "a@example.org").unwrap();
        let parsed = Person::parse(address, "empfaenger_name", &name);
        prop_assume!(parsed.is_ok());
        let mut mail = mail();
        mail.to = parsed.unwrap();
        mail.subject = subject;
        let bytes = Message::build(mail, None).unwrap().bytes;
        assert_fits_every_server(&bytes);
        let read = MessageParser::default().parse(&bytes).unwrap();
        let to = read.to().unwrap();
        prop_assert_eq!(to.iter().count(), 1);
        prop_assert_eq!(to.first().unwrap().address(), Some("a@example.org"));
        let names: Vec<_> = read.headers().iter().map(|header| header.name().to_lowercase()).collect();
        prop_assert_eq!(names, ["message-id", "date", "from", "to", "subject", "mime-version", "content-type"]);
    }
}
