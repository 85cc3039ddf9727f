//! Encryption and authentication: nothing confidential leaves over a connection that is not trusted.

use crate::support::*;
use comm_devkit::smtp::{Action, Credentials, Encryption, Script, SmtpOptions, SmtpServer, Stage};
use comm_domain::outreach::{Fehlerart, Fehlergrund, Outcome};
use comm_ports::MailTransport;
use comm_smtp::{SmtpConfig, TlsMode};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

fn access() -> Outcome {
    silent(Fehlerart::Voruebergehend, Fehlergrund::Zugang)
}

fn implicit(certificate: &Certificate) -> SmtpOptions {
    SmtpOptions {
        encryption: Encryption::Implicit(Arc::clone(&certificate.server)),
        ..strict(Script::new())
    }
}

fn implicit_config(server: &SmtpServer) -> SmtpConfig {
    SmtpConfig {
        tls: TlsMode::Implicit,
        ..strict_config(server)
    }
}

#[tokio::test]
async fn implicit_tls_carries_name_password_and_mails() {
    let server = server(implicit(&TRUSTED)).await;
    let transport = transport(&implicit_config(&server));
    for _ in 0..2 {
        assert_eq!(transport.send(mail()).await, Outcome::Accepted);
    }
    assert_eq!(server.connections().accepted, 1);
    assert_eq!(
        server.commands(1)[..2],
        ["EHLO client.example", "AUTH PLAIN"]
    );
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_or_names_another_host_is_refused() {
    let stranger = Certificate::of("localhost");
    let other_name = Certificate::of("mail.example.org");
    for certificate in [&stranger, &other_name] {
        for mode in [TlsMode::StartTls, TlsMode::Implicit] {
            let encryption = match mode {
                TlsMode::StartTls => Encryption::StartTls(Arc::clone(&certificate.server)),
                _ => Encryption::Implicit(Arc::clone(&certificate.server)),
            };
            let server = server(SmtpOptions {
                encryption,
                ..strict(Script::new())
            })
            .await;
            let ca_file = match std::ptr::eq(certificate, &other_name) {
                true => other_name.file.path(),
                false => TRUSTED.file.path(),
            };
            let config = SmtpConfig {
                tls: mode,
                ca_file: Some(ca_file.to_owned()),
                ..strict_config(&server)
            };
            assert_eq!(transport(&config).send(mail()).await, access(), "{mode:?}");
            let commands = server.commands(1).join(" ");
            assert!(!commands.contains("AUTH") && !commands.contains("MAIL"));
            assert_eq!(server.count(), 0);
        }
    }
}

#[tokio::test]
async fn without_starttls_neither_password_nor_mail_leaves() {
    let options = SmtpOptions {
        encryption: Encryption::None,
        ..strict(Script::new())
    };
    let server = server(options).await;
    let outcome = transport(&strict_config(&server)).send(mail()).await;
    assert_eq!(outcome, access());
    assert_eq!(server.commands(1), ["EHLO client.example"]);
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn tls_with_a_server_that_speaks_plain_text_is_a_matter_of_the_set_up() {
    let server = server(Script::new()).await;
    let outcome = transport(&implicit_config(&server)).send(mail()).await;
    assert_eq!(outcome, access());
}

#[tokio::test]
async fn a_wrong_password_is_a_matter_of_the_set_up_with_the_servers_words() {
    let server = server(strict(Script::new())).await;
    let config = SmtpConfig {
        password: Some("falsch".into()),
        ..strict_config(&server)
    };
    let fehler = failure(transport(&config).send(mail()).await);
    assert_eq!(
        (fehler.art, fehler.grund),
        (Fehlerart::Voruebergehend, Fehlergrund::Zugang)
    );
    assert_eq!(fehler.enhanced_code.as_deref(), Some("5.7.8"));
    assert!(!server.commands(1).join(" ").contains("MAIL"));
}

#[tokio::test]
async fn login_is_used_where_plain_is_not_offered_and_nothing_where_neither_is() {
    for (mechanisms, expected) in [("LOGIN", Outcome::Accepted), ("CRAM-MD5", access())] {
        let credentials = Some(Credentials {
            mechanisms,
            ..Credentials::new(USER, PASSWORD)
        });
        let server = server(SmtpOptions {
            credentials,
            ..strict(Script::new())
        })
        .await;
        assert_eq!(
            transport(&strict_config(&server)).send(mail()).await,
            expected
        );
    }
}

#[tokio::test]
async fn a_reply_that_was_slipped_in_behind_starttls_is_not_believed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut plain = BufReader::new(stream);
        let mut line = String::new();
        plain.write_all(b"220 hi\r\n").await.unwrap();
        plain.read_line(&mut line).await.unwrap();
        plain
            .write_all(b"250-hi\r\n250 STARTTLS\r\n")
            .await
            .unwrap();
        plain.read_line(&mut line).await.unwrap();
        let forged = b"220 go\r\n250-hi\r\n250 AUTH PLAIN\r\n235 in\r\n";
        plain.write_all(forged).await.unwrap();
        let acceptor = TlsAcceptor::from(Arc::clone(&TRUSTED.server));
        let mut encrypted = BufReader::new(acceptor.accept(plain.into_inner()).await.unwrap());
        line.clear();
        encrypted.read_line(&mut line).await.unwrap();
        encrypted
            .write_all(b"554 5.0.0 the true server\r\n")
            .await
            .unwrap();
        line
    });
    let config = SmtpConfig {
        host: "localhost".to_owned(),
        port,
        username: Some(USER.to_owned()),
        password: Some(PASSWORD.into()),
        tls: TlsMode::StartTls,
        ca_file: Some(TRUSTED.file.path().to_owned()),
        ..SmtpConfig::default()
    };
    let fehler = failure(transport(&config).send(mail()).await);
    assert_eq!(fehler.server.as_deref(), Some("554 5.0.0 the true server"));
    // Had the forged replies been believed, this one would have been taken for the reply to MAIL.
    assert_eq!(fehler.grund, Fehlergrund::Zugang);
    assert!(server.await.unwrap().starts_with("EHLO"));
}

#[tokio::test]
async fn a_password_over_loopback_may_go_in_clear() {
    let options = SmtpOptions {
        encryption: Encryption::None,
        ..strict(Script::new())
    };
    let server = server(options).await;
    let config = SmtpConfig {
        tls: TlsMode::None,
        ca_file: None,
        ..strict_config(&server)
    };
    assert_eq!(transport(&config).send(mail()).await, Outcome::Accepted);
}

#[tokio::test]
async fn a_refused_password_is_tried_again_with_the_next_mail() {
    let script = Script::new().once(Stage::Auth, Action::reply(454, "4.7.0 later"));
    let server = server(strict(script)).await;
    let transport = transport(&strict_config(&server));
    let fehler = failure(transport.send(mail()).await);
    assert_eq!(fehler.grund, Fehlergrund::NichtErreichbar);
    assert_eq!(transport.send(mail()).await, Outcome::Accepted);
}
