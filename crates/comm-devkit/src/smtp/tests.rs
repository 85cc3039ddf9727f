//! The server against a client that writes bytes by hand.

use super::*;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(20);

/// Sends everything at once, as PIPELINING allows, and reads until the server hangs up.
async fn talk(server: &SmtpServer, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn codes(answer: &str) -> Vec<&str> {
    answer
        .lines()
        .filter(|line| line.as_bytes()[3] == b' ')
        .map(|line| &line[..3])
        .collect()
}

#[tokio::test]
async fn several_mails_in_one_pipeline_arrive_as_they_were() {
    let server = SmtpServer::start(SmtpOptions::default()).await.unwrap();
    let dialogue = b"EHLO x\r\n\
        MAIL FROM:<a@b.de>\r\nRCPT TO:<c@d.de>\r\nRCPT TO:<e@f.de>\r\nDATA\r\n..first\r\n...\r\nend\r\n.\r\n\
        MAIL FROM:<>\r\nRCPT TO:<c@d.de>\r\nDATA\r\n.\r\nQUIT\r\n";
    let answer = talk(&server, dialogue).await;
    let expected = [
        "220", "250", "250", "250", "250", "354", "250", "250", "250", "354", "250", "221",
    ];
    assert_eq!(codes(&answer), expected);
    let mails = server.wait_for(2, PATIENCE).await.unwrap();
    assert_eq!(mails[0].from, "a@b.de");
    assert_eq!(mails[0].recipients, ["c@d.de", "e@f.de"]);
    assert_eq!(mails[0].raw, b".first\r\n..\r\nend\r\n");
    assert_eq!(
        (mails[1].from.as_str(), mails[1].raw.as_slice()),
        ("", &b""[..])
    );
    assert_eq!(server.commands(1).last().unwrap(), "QUIT");
}

#[tokio::test]
async fn commands_out_of_order_are_refused() {
    let server = SmtpServer::start(SmtpOptions::default()).await.unwrap();
    let dialogue = b"RCPT TO:<c@d.de>\r\nDATA\r\nwhat\r\nVRFY x\r\nSTARTTLS\r\nQUIT\r\n";
    let answer = talk(&server, dialogue).await;
    assert_eq!(
        codes(&answer),
        ["220", "503", "503", "500", "502", "502", "221"]
    );
}

#[tokio::test]
async fn rules_choose_by_recipient_and_refused_mails_are_not_kept() {
    let script = Script::new()
        .on(Stage::Rcpt, |context| match context.recipient {
            "no@d.de" => Action::reply(550, "5.1.1 no\nsuch user"),
            _ => Action::proceed(),
        })
        .on(Stage::Message, |context| match context.mail {
            1 => Action::reply(451, "4.3.0 later"),
            _ => Action::proceed(),
        });
    let server = SmtpServer::start(script).await.unwrap();
    let mail = "MAIL FROM:<a@b.de>\r\nRCPT TO:<no@d.de>\r\nRCPT TO:<c@d.de>\r\nDATA\r\nx\r\n.\r\n";
    let answer = talk(&server, format!("{mail}{mail}QUIT\r\n").as_bytes()).await;
    let expected = [
        "220", "250", "550", "250", "354", "451", "250", "550", "250", "354", "250", "221",
    ];
    assert_eq!(codes(&answer), expected);
    assert!(answer.contains("550-5.1.1 no\r\n550 such user\r\n"));
    assert_eq!(server.received().len(), 1);
    assert_eq!(server.received()[0].recipients, ["c@d.de"]);
}

#[tokio::test]
async fn a_catcher_keeps_the_last_mails_and_counts_all() {
    let options = SmtpOptions {
        record: Record::LastMails(2),
        ..SmtpOptions::default()
    };
    let server = SmtpServer::start(options).await.unwrap();
    for number in 0..4 {
        let mail =
            format!("MAIL FROM:<a{number}@b.de>\r\nRCPT TO:<c@d.de>\r\nDATA\r\n\r\n.\r\nQUIT\r\n");
        talk(&server, mail.as_bytes()).await;
    }
    let senders: Vec<_> = server
        .received()
        .into_iter()
        .map(|mail| mail.from)
        .collect();
    assert_eq!(senders, ["a2@b.de", "a3@b.de"]);
    assert_eq!(server.count(), 4);
    assert!(server.commands(1).is_empty());
    server.clear();
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn waiting_for_more_than_comes_ends_with_an_error() {
    let server = SmtpServer::start(SmtpOptions::sink()).await.unwrap();
    let waited = server.wait_for(1, Duration::from_millis(1)).await;
    assert!(waited.is_err());
}

#[tokio::test]
async fn a_stopped_server_frees_its_port() {
    let server = SmtpServer::start(SmtpOptions::default()).await.unwrap();
    let listen = server.addr();
    let mut client = TcpStream::connect(listen).await.unwrap();
    server.wait_for_open(1, PATIENCE).await.unwrap();
    server.stop().await;
    client.read_to_end(&mut Vec::new()).await.unwrap();
    let again = SmtpOptions {
        listen,
        ..SmtpOptions::default()
    };
    SmtpServer::start(again).await.unwrap();
}
