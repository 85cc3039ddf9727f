//! Calling off what is under way.

use crate::support::*;
use comm_devkit::smtp::{Action, Script, Stage};
use comm_domain::outreach::{Fehler, Fehlergrund, Outcome};
use comm_ports::MailTransport;
use std::sync::Arc;

#[tokio::test]
async fn before_354_the_mail_is_called_off_and_after_it_in_doubt() {
    for stage in Stage::REPLIES.iter().chain([&Stage::Body]) {
        let server = server(strict(Script::new().always(*stage, Action::hang()))).await;
        let transport = transport(&strict_config(&server));
        let sending = {
            let transport = Arc::clone(&transport);
            tokio::spawn(async move { transport.send(mail()).await })
        };
        server.wait_for_hanging(1).await;
        transport.interrupt();
        let expected = match stage {
            Stage::Body | Stage::Message => {
                Outcome::Failed(Fehler::in_doubt(Fehlergrund::Abgebrochen))
            }
            _ => Outcome::CalledOff,
        };
        assert_eq!(sending.await.unwrap(), expected, "{stage:?}");
        server.wait_for_open(0, PATIENCE).await.unwrap();
    }
}

#[tokio::test]
async fn who_waits_for_a_connection_is_called_off_too() {
    let server = server(Script::new().always(Stage::Rcpt, Action::hang())).await;
    let mut config = plain_config(&server);
    config.connections = 1;
    let transport = transport(&config);
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let transport = Arc::clone(&transport);
        sending.spawn(async move { transport.send(mail()).await });
    }
    server.wait_for_hanging(1).await;
    transport.interrupt();
    assert_eq!(sending.join_all().await, vec![Outcome::CalledOff; 3]);
    assert_eq!(server.connections().accepted, 1);
}

#[tokio::test]
async fn later_mails_are_called_off_and_kept_connections_closed_with_quit() {
    let server = server(Script::new()).await;
    let transport = transport(&plain_config(&server));
    assert_eq!(transport.send(mail()).await, Outcome::Accepted);
    transport.interrupt();
    server.wait_for_open(0, PATIENCE).await.unwrap();
    assert_eq!(server.commands(1).last().unwrap(), "QUIT");
    assert_eq!(transport.send(mail()).await, Outcome::CalledOff);
    assert_eq!(server.connections().accepted, 1);
}
