//! Connections between mails: kept, replaced, bounded.

use crate::support::*;
use comm_devkit::smtp::{Action, AfterMail, Script, SmtpOptions, Stage};
use comm_domain::outreach::{Fehlerart, Outcome};
use comm_ports::MailTransport;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn one_connection_carries_many_mails_and_nothing_else() {
    let server = server(Script::new()).await;
    let transport = transport(&plain_config(&server));
    for _ in 0..3 {
        assert_eq!(transport.send(mail()).await, Outcome::Accepted);
    }
    assert_eq!(server.connections().accepted, 1);
    let verbs: Vec<_> = server
        .commands(1)
        .iter()
        .map(|line| line[..4].to_owned())
        .collect();
    let one = ["MAIL", "RCPT", "DATA"];
    assert_eq!(verbs, [&["EHLO", "EHLO"], &one[..], &one, &one].concat());
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced_unseen() {
    let server = server(SmtpOptions {
        after_mail: AfterMail::Close,
        ..SmtpOptions::default()
    })
    .await;
    let transport = transport(&plain_config(&server));
    for _ in 0..3 {
        assert_eq!(transport.send(mail()).await, Outcome::Accepted);
        server.wait_for_open(0, PATIENCE).await.unwrap();
    }
    assert_eq!(server.connections().accepted, 3);
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_421_or_a_line_of_garbage_to_mail_on_a_kept_connection_is_not_the_mails_fault() {
    for action in [
        Action::reply(421, "4.4.2 idle"),
        Action::garbage("??"),
        Action::drop(),
    ] {
        let script = Script::new().on(Stage::Mail, move |context| match context.mail {
            2 => action.clone(),
            _ => Action::proceed(),
        });
        let server = server(script).await;
        let transport = transport(&plain_config(&server));
        assert_eq!(transport.send(mail()).await, Outcome::Accepted);
        assert_eq!(transport.send(mail()).await, Outcome::Accepted);
        assert_eq!(server.connections().accepted, 2);
    }
}

#[tokio::test]
async fn a_kept_connection_is_replaced_once_only() {
    let script = Script::new().on(Stage::Mail, |context| match context.mail {
        1 => Action::proceed(),
        _ => Action::drop(),
    });
    let server = server(script).await;
    let transport = transport(&plain_config(&server));
    assert_eq!(transport.send(mail()).await, Outcome::Accepted);
    assert_eq!(transport.send(mail()).await, unreachable());
    assert_eq!(server.connections().accepted, 2);
}

#[tokio::test]
async fn a_fresh_connection_is_never_replaced() {
    let server = server(Script::new().always(Stage::Mail, Action::drop())).await;
    let outcome = transport(&plain_config(&server)).send(mail()).await;
    assert_eq!(outcome, unreachable());
    assert_eq!(server.connections().accepted, 1);
}

#[tokio::test]
async fn a_kept_connection_that_is_lost_after_mail_is_not_tried_again() {
    let script = Script::new().on(Stage::Rcpt, |context| match context.mail {
        2 => Action::drop(),
        _ => Action::proceed(),
    });
    let server = server(script).await;
    let transport = transport(&plain_config(&server));
    assert_eq!(transport.send(mail()).await, Outcome::Accepted);
    assert_eq!(transport.send(mail()).await, unreachable());
    assert_eq!(server.connections().accepted, 1);
}

#[tokio::test]
async fn a_refused_recipient_leaves_the_connection_for_the_next_after_rset() {
    let script = Script::new().on(Stage::Rcpt, |context| match context.recipient {
        "nobody@example.org" => Action::reply(550, "5.1.1 no such user"),
        _ => Action::proceed(),
    });
    let server = server(script).await;
    let transport = transport(&plain_config(&server));
    let refused = failure(transport.send(mail_to("nobody@example.org")).await);
    assert_eq!(refused.art, Fehlerart::Endgueltig);
    assert_eq!(transport.send(mail()).await, Outcome::Accepted);
    assert_eq!(server.connections().accepted, 1);
    let commands = server.commands(1).join(" ");
    assert_eq!(commands.matches("RSET").count(), 1);
    assert!(commands.contains("RCPT TO:<nobody@example.org> DATA RSET MAIL"));
}

#[tokio::test]
async fn a_server_that_does_not_pipeline_is_asked_one_thing_at_a_time() {
    let script = Script::new().on(Stage::Rcpt, |context| match context.recipient {
        "nobody@example.org" => Action::reply(550, "5.1.1 no such user"),
        _ => Action::proceed(),
    });
    let server = server(SmtpOptions {
        extensions: vec!["SIZE 1000000".to_owned()],
        ..SmtpOptions::scripted(script)
    })
    .await;
    let transport = transport(&plain_config(&server));
    let refused = failure(transport.send(mail_to("nobody@example.org")).await);
    assert_eq!(refused.art, Fehlerart::Endgueltig);
    assert_eq!(transport.send(mail()).await, Outcome::Accepted);
    assert_eq!(server.connections().accepted, 1);
    let commands = server.commands(1).join(" ");
    assert!(commands.contains("RCPT TO:<nobody@example.org> RSET MAIL"));
}

#[tokio::test]
async fn a_connection_that_cannot_be_reset_is_replaced() {
    let script = Script::new()
        .once(Stage::Rcpt, Action::reply(550, "5.1.1 no such user"))
        .always(Stage::Rset, Action::reply(502, "5.5.1 what?"));
    let server = server(script).await;
    let transport = transport(&plain_config(&server));
    failure(transport.send(mail()).await);
    assert_eq!(transport.send(mail()).await, Outcome::Accepted);
    assert_eq!(server.connections().accepted, 2);
}

#[tokio::test]
async fn a_connection_whose_replies_cannot_be_trusted_is_not_kept() {
    for (stage, action) in [
        (Stage::Rcpt, Action::garbage("??")),
        (Stage::Data, Action::reply(250, "odd")),
        (Stage::Message, Action::garbage("??")),
        (
            Stage::Mail,
            Action::reply(450, "4.7.0 enough for this connection"),
        ),
    ] {
        let server = server(Script::new().once(stage, action)).await;
        let transport = transport(&plain_config(&server));
        failure(transport.send(mail()).await);
        assert_eq!(transport.send(mail()).await, Outcome::Accepted);
        assert_eq!(server.connections().accepted, 2, "{stage:?}");
    }
}

#[tokio::test]
async fn no_more_connections_are_open_than_configured() {
    let delay_per_mail = Duration::from_millis(2);
    let server = server(SmtpOptions {
        delay_per_mail,
        ..SmtpOptions::default()
    })
    .await;
    let mut config = plain_config(&server);
    config.connections = 3;
    let transport = transport(&config);
    assert_eq!(transport.connections(), 3);
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let transport = Arc::clone(&transport);
        sending.spawn(async move { transport.send(mail()).await });
    }
    assert!(
        sending
            .join_all()
            .await
            .iter()
            .all(|outcome| *outcome == Outcome::Accepted)
    );
    assert_eq!(server.count(), 60);
    assert_eq!(server.connections().accepted, 3);
    assert_eq!(server.connections().peak, 3);
}

#[tokio::test]
async fn an_unused_connection_is_closed_with_quit() {
    let server = server(Script::new()).await;
    let mut config = plain_config(&server);
    config.timeouts.idle = Duration::from_millis(20);
    let transport = transport(&config);
    for number in 1..=2 {
        assert_eq!(transport.send(mail()).await, Outcome::Accepted);
        server.wait_for_open(0, PATIENCE).await.unwrap();
        assert_eq!(server.commands(number).last().unwrap(), "QUIT");
    }
}

#[tokio::test]
async fn a_send_that_is_dropped_half_way_takes_its_connection_with_it() {
    let script = Script::new().on(Stage::Message, |context| match context.mail {
        2 => Action::hang(),
        _ => Action::proceed(),
    });
    let server = server(script).await;
    let transport = transport(&plain_config(&server));
    assert_eq!(transport.send(mail()).await, Outcome::Accepted);
    let second = {
        let transport = Arc::clone(&transport);
        tokio::spawn(async move { transport.send(mail()).await })
    };
    server.wait_for_hanging(1).await;
    second.abort();
    assert!(second.await.unwrap_err().is_cancelled());
    server.wait_for_open(0, PATIENCE).await.unwrap();
    assert_eq!(transport.send(mail()).await, Outcome::Accepted);
    assert_eq!(server.connections().accepted, 2);
}
