//! What a scripted server cannot do: stop reading, or end in the middle of a reply.

use super::*;
use crate::config::SmtpConfig;
use crate::message::Message;
use lettre::Address;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::Instant;

/// Bytes in flight in either direction before the writer has to wait.
const ROOM: usize = 1024;

fn server() -> Server {
    let config = SmtpConfig {
        hello_name: Some("client.example".to_owned()),
        ..SmtpConfig::default()
    };
    Server::new(&config).unwrap()
}

fn message(bytes: usize) -> Message {
    Message {
        from: Address::new("a", "example.org").unwrap(),
        to: Address::new("b", "example.org").unwrap(),
        bytes: vec![b'x'; bytes],
    }
}

/// A connection to a server that has said everything in advance and reads nothing.
async fn connection(server: &Server, replies: &[u8]) -> (Connection, DuplexStream) {
    let (ours, mut theirs) = tokio::io::duplex(ROOM);
    theirs.write_all(b"220 hi\r\n250 hi\r\n").await.unwrap();
    theirs.write_all(replies).await.unwrap();
    let wire = Wire::new(ours, SocketAddr::from(([127, 0, 0, 1], 25)), b"");
    let smtp = greet(server, wire).await.unwrap();
    let connection = Connection {
        smtp,
        has_open_envelope: false,
        pipelines: false,
        unread: 0,
    };
    (connection, theirs)
}

async fn ending(connection: &mut Connection, server: &Server, message: &Message) -> Ending {
    connection.mail(server, message).await.unwrap();
    match connection.begin_message(server, message).await {
        Ok(()) => connection.deliver(server, message).await.unwrap_err(),
        Err(ending) => ending,
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_reading_has_three_minutes() {
    let server = server();
    let (mut connection, _theirs) = connection(&server, b"250 a\r\n250 b\r\n354 c\r\n").await;
    let started = Instant::now();
    let ending = ending(&mut connection, &server, &message(10 * ROOM)).await;
    assert_eq!(
        ending,
        Ending {
            stage: Stage::Message,
            event: Event::TimedOut
        }
    );
    assert_eq!(started.elapsed().as_secs(), 180);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_ehlo_counts_at_once_though_the_server_is_silent_from_then_on() {
    let (ours, mut theirs) = tokio::io::duplex(ROOM);
    let refusal = b"220 hi\r\n554 5.7.1 not from there\r\n";
    theirs.write_all(refusal).await.unwrap();
    let wire = Wire::new(ours, SocketAddr::from(([127, 0, 0, 1], 25)), b"");
    let started = Instant::now();
    let ending = greet(&server(), wire).await.err().unwrap();
    assert!(
        matches!(&ending.event, Event::Reply(reply) if reply.code == 554),
        "{ending:?}"
    );
    assert_eq!(started.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_after_the_final_dot_has_ten_minutes() {
    let server = server();
    let (mut connection, _theirs) = connection(&server, b"250 a\r\n250 b\r\n354 c\r\n").await;
    let started = Instant::now();
    let ending = ending(&mut connection, &server, &message(10)).await;
    assert_eq!(
        ending,
        Ending {
            stage: Stage::Message,
            event: Event::TimedOut
        }
    );
    assert_eq!(started.elapsed().as_secs(), 600);
}

#[tokio::test]
async fn half_a_reply_is_a_lost_connection() {
    let server = server();
    for (replies, stage) in [
        (&b"250 a\r\n250-b\r\n"[..], Stage::Rcpt),
        (b"250 a\r\n250 b", Stage::Rcpt),
        (b"250 a\r\n250 b\r\n354", Stage::Data),
        (b"250 a\r\n250 b\r\n354 c\r\n250-queued\r\n", Stage::Message),
        (b"250 a\r\n250 b\r\n354 c\r\n250 queued", Stage::Message),
    ] {
        let (mut connection, mut theirs) = connection(&server, replies).await;
        theirs.shutdown().await.unwrap();
        let ending = ending(&mut connection, &server, &message(10)).await;
        let event = Event::Lost;
        assert_eq!(ending, Ending { stage, event });
    }
}

#[tokio::test]
async fn a_reply_in_latin_1_is_still_a_reply() {
    let server = server();
    let replies = b"250 a\r\n550 5.1.1 Empf\xe4nger unbekannt\r\n";
    let (mut connection, _theirs) = connection(&server, replies).await;
    let ending = ending(&mut connection, &server, &message(10)).await;
    let Event::Reply(reply) = ending.event else {
        panic!("not a reply: {:?}", ending.event);
    };
    assert_eq!(
        (reply.code, reply.text.as_str()),
        (550, "5.1.1 Empf?nger unbekannt")
    );
}

#[tokio::test]
async fn umlauts_in_utf_8_stay() {
    let server = server();
    let replies = "250 a\r\n550 5.1.1 Empfänger unbekannt\r\n".as_bytes();
    let (mut connection, _theirs) = connection(&server, replies).await;
    let ending = ending(&mut connection, &server, &message(10)).await;
    assert!(matches!(ending.event, Event::Reply(reply) if reply.text.contains("Empfänger")));
}

#[tokio::test]
async fn a_reply_without_text_is_a_reply() {
    let server = server();
    let (mut connection, _theirs) = connection(&server, b"250\r\n250\r\n354\r\n250\r\n").await;
    let message = message(10);
    connection.mail(&server, &message).await.unwrap();
    connection.begin_message(&server, &message).await.unwrap();
    connection.deliver(&server, &message).await.unwrap();
}

/// What the server has been sent by the time it has replied to MAIL.
async fn sent_ahead(mut connection: Connection, mut theirs: DuplexStream) -> String {
    connection.mail(&server(), &message(10)).await.unwrap();
    let mut said = [0; ROOM];
    let count = theirs.read(&mut said).await.unwrap();
    String::from_utf8_lossy(&said[..count])
        .split_once("\r\n")
        .map(|(_ehlo, said)| said.to_owned())
        .unwrap()
}

#[tokio::test]
async fn only_a_server_that_pipelines_is_sent_the_envelope_in_one_go() {
    let (server, mail) = (server(), "MAIL FROM:<a@example.org>\r\n");
    let (step_by_step, theirs) = connection(&server, b"250 a\r\n").await;
    assert_eq!(sent_ahead(step_by_step, theirs).await, mail);
    let (mut at_once, theirs) = connection(&server, b"250 a\r\n").await;
    at_once.pipelines = true;
    let all = format!("{mail}RCPT TO:<b@example.org>\r\nDATA\r\n");
    assert_eq!(sent_ahead(at_once, theirs).await, all);
}

#[tokio::test]
async fn a_server_that_waits_for_a_message_without_a_recipient_gets_no_other_mail() {
    let server = server();
    let replies = b"250 a\r\n550 b\r\n354 c\r\n250 d\r\n250 e\r\n";
    let (mut connection, _theirs) = connection(&server, replies).await;
    connection.pipelines = true;
    let refused = ending(&mut connection, &server, &message(10)).await;
    assert_eq!(refused.stage, Stage::Rcpt);
    let next = connection.mail(&server, &message(10)).await;
    assert_eq!(next, Err(lost(Stage::Mail)));
}
