//! Servers that are not as quick as they might be.

use super::{CONNECTIONS, MAILS, drain, fill, per_second, settings, until_gone};
use crate::place::{self, Place};
use crate::report::{Row, median};
use comm_devkit::smtp::{Action, Script, SmtpOptions, SmtpServer, Stage};
use std::time::Duration;

const DELAY: Duration = Duration::from_millis(50);
const MANY: usize = 32;
const ROUNDS: usize = 3;

/// Each mail takes the server 50 ms.
pub(super) async fn slow_server(place: &Place) -> Row {
    let options = SmtpOptions {
        delay_per_mail: DELAY,
        ..SmtpOptions::sink()
    };
    let server = SmtpServer::start(options).await.unwrap();
    let drained = drain(place, server.port(), MANY, MAILS / 2).await;
    Row {
        what: format!("The same over {MANY} connections to a server that takes 50 ms a mail"),
        ours: drained.per_second,
        reference: 32.0 / DELAY.as_secs_f64(),
        against: "what the server can take".to_owned(),
        note: format!("{} mails", MAILS / 2),
    }
}

/// One of the connections hangs after DATA for as long as the others work.
pub(super) async fn hanging_connection(place: &Place) -> Row {
    let (mut ours, mut references) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let server = SmtpServer::start(SmtpOptions::sink()).await.unwrap();
        references.push(
            drain(place, server.port(), CONNECTIONS - 1, MAILS)
                .await
                .per_second,
        );
        ours.push(beside_a_hanging_one(&place.database().await).await);
    }
    Row {
        what: format!("The same, while one of {CONNECTIONS} connections hangs after DATA"),
        ours: median(ours),
        reference: median(references),
        against: format!(
            "{} connections, none of which hangs, into the same sink",
            CONNECTIONS - 1
        ),
        note: format!("median of {ROUNDS} rounds"),
    }
}

async fn beside_a_hanging_one(url: &str) -> f64 {
    fill(url, MAILS).await;
    let options = SmtpOptions {
        script: Script::new().once(Stage::Message, Action::hang()),
        ..SmtpOptions::sink()
    };
    let server = SmtpServer::start(options).await.unwrap();
    let service = place::start(url, &settings(server.port(), CONNECTIONS), &[]).await;
    until_gone(url, 1).await;
    service.kill().await;
    per_second(url).await
}
