//! What a scripted server cannot do: stop reading, or end in the middle of a reply.

use super::*;
use crate::config::SmtpConfig;
use crate::message::Message;
use lettre::Address;
use std::net::SocketAddr;
use tokio::io::{AsyncWriteExt, DuplexStream};
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
    let has_open_envelope = false;
    (
        Connection {
            smtp,
            has_open_envelope,
        },
        theirs,
    )
}

async fn ending(connection: &mut Connection, server: &Server, message: &Message) -> Ending {
    connection.mail(server, message).await.unwrap();
    connection.deliver(server, message).await.unwrap_err()
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
    connection.deliver(&server, &message).await.unwrap();
}
