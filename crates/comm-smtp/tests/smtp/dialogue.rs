//! Every stage with everything that may go wrong there.

use crate::support::*;
use comm_devkit::smtp::{Action, Script, Stage};
use comm_domain::outreach::{Fehlerart, Fehlergrund, Outcome};
use comm_ports::MailTransport;
use mail_parser::MessageParser;
use std::time::Duration;
use tokio::time::Instant;

/// What one mail comes to when the server does `action` at `stage`.
async fn outcome(stage: Stage, action: Action) -> Outcome {
    let server = server(strict(Script::new().always(stage, action))).await;
    transport(&strict_config(&server)).send(mail()).await
}

#[tokio::test]
async fn a_mail_goes_through_every_stage_and_arrives_whole() {
    let server = server(strict(Script::new())).await;
    let outcome = transport(&strict_config(&server)).send(mail()).await;
    assert_eq!(outcome, Outcome::Accepted);

    let received = server.wait_for(1, PATIENCE).await.unwrap();
    assert_eq!(received[0].from, "buero@example.org");
    assert_eq!(received[0].recipients, ["praxis@example.org"]);
    let read = MessageParser::default().parse(&received[0].raw).unwrap();
    let to = read.to().unwrap().first().unwrap();
    assert_eq!(to.name(), Some("Dr. \"Jo\" Öztürk, 🙂"));
    let from = read.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Büro Köln, Curavani"));
    assert_eq!(read.subject(), Some("Grüße 📞"));
    assert_eq!(read.body_text(0).unwrap(), ".Grüße\r\n..\r\n");
    assert_eq!(
        server.commands(1),
        [
            "EHLO client.example",
            "STARTTLS",
            "EHLO client.example",
            "AUTH PLAIN",
            "EHLO client.example",
            "MAIL FROM:<buero@example.org>",
            "RCPT TO:<praxis@example.org>",
            "DATA",
        ]
    );
}

#[tokio::test]
async fn a_4xx_is_temporary_at_every_stage() {
    for stage in Stage::REPLIES {
        let fehler = failure(
            outcome(
                *stage,
                Action::reply(450, "4.2.1 <praxis@example.org> is\nbusy"),
            )
            .await,
        );
        assert_eq!(fehler.art, Fehlerart::Voruebergehend, "{stage:?}");
        assert_ne!(fehler.grund, Fehlergrund::Zugang, "{stage:?}");
        assert_eq!(
            fehler.server.as_deref(),
            Some("450 4.2.1 <[Adresse]> is busy")
        );
        assert_eq!(fehler.enhanced_code.as_deref(), Some("4.2.1"));
    }
}

#[tokio::test]
async fn a_5xx_is_final_from_mail_on_and_blames_the_set_up_before() {
    for stage in Stage::REPLIES {
        let fehler = failure(outcome(*stage, Action::reply(554, "5.7.1 no")).await);
        let (art, grund) = match stage {
            Stage::Mail => (Fehlerart::Endgueltig, Fehlergrund::Absender),
            Stage::Rcpt => (Fehlerart::Endgueltig, Fehlergrund::Adresse),
            Stage::Data | Stage::Message => (Fehlerart::Endgueltig, Fehlergrund::Nachricht),
            _ => (Fehlerart::Voruebergehend, Fehlergrund::Zugang),
        };
        assert_eq!((fehler.art, fehler.grund), (art, grund), "{stage:?}");
        assert_eq!(fehler.server.as_deref(), Some("554 5.7.1 no"));
        assert_eq!(fehler.enhanced_code.as_deref(), Some("5.7.1"));
    }
}

#[tokio::test]
async fn a_lost_connection_is_in_doubt_only_after_354() {
    for stage in Stage::REPLIES.iter().chain([&Stage::Body]) {
        let expected = match stage {
            Stage::Body | Stage::Message => in_doubt(),
            _ => unreachable(),
        };
        assert_eq!(outcome(*stage, Action::drop()).await, expected, "{stage:?}");
    }
}

#[tokio::test]
async fn a_line_that_is_no_reply_counts_as_a_lost_connection() {
    for stage in Stage::REPLIES {
        for line in ["hello there", "99 beer", "999 beer", "", "2 50 ok"] {
            let expected = match stage {
                Stage::Message => in_doubt(),
                _ => unreachable(),
            };
            let outcome = outcome(*stage, Action::garbage(line)).await;
            assert_eq!(outcome, expected, "{stage:?} {line:?}");
        }
    }
}

#[tokio::test]
async fn a_good_reply_at_the_wrong_place_is_none() {
    for (stage, code, expected) in [
        (Stage::Mail, 354, unreachable()),
        (Stage::Rcpt, 354, unreachable()),
        (Stage::Data, 250, unreachable()),
        (Stage::Message, 354, in_doubt()),
    ] {
        let outcome = outcome(stage, Action::reply(code, "odd")).await;
        assert_eq!(outcome, expected, "{stage:?}");
    }
}

#[tokio::test]
async fn each_stage_has_its_own_time() {
    for stage in Stage::REPLIES.iter().chain([&Stage::Body]) {
        let script = Script::new().always(*stage, Action::hang());
        let server = server(strict(script)).await;
        let transport = transport(&strict_config(&server));
        let sending = tokio::spawn(async move { transport.send(mail()).await });
        server.wait_for_hanging(1).await;

        // From here on the clock jumps to the next timer whenever nothing else is left to do.
        tokio::time::pause();
        let started = Instant::now();
        let outcome = sending.await.unwrap();
        let (expected, seconds) = match stage {
            Stage::Body | Stage::Message => (in_doubt(), 600),
            Stage::Data => (unreachable(), 120),
            _ => (unreachable(), 60),
        };
        assert_eq!(outcome, expected, "{stage:?}");
        let waited = started.elapsed().as_secs_f64();
        assert!(
            (waited - f64::from(seconds)).abs() < 5.0,
            "{stage:?} {waited}"
        );
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_late_reply_is_a_reply() {
    for stage in Stage::REPLIES {
        let late = Action::proceed().after(Duration::from_millis(5));
        assert_eq!(outcome(*stage, late).await, Outcome::Accepted, "{stage:?}");
    }
}

#[tokio::test]
async fn replies_of_several_lines_are_one_reply() {
    let script = Script::new()
        .always(Stage::Mail, Action::reply(250, "2.1.0 yes\nindeed"))
        .always(Stage::Data, Action::reply(354, "go\non"))
        .always(Stage::Message, Action::reply(250, "2.0.0 queued\nas 17"));
    let server = server(script).await;
    let outcome = transport(&plain_config(&server)).send(mail()).await;
    assert_eq!(outcome, Outcome::Accepted);
}

#[tokio::test]
async fn nobody_listening_is_temporary() {
    let server = server(Script::new()).await;
    let config = plain_config(&server);
    server.stop().await;
    assert_eq!(transport(&config).send(mail()).await, unreachable());
    let config = comm_smtp::SmtpConfig {
        host: "host.invalid".to_owned(),
        ..config
    };
    assert_eq!(transport(&config).send(mail()).await, unreachable());
}

#[tokio::test]
async fn an_address_with_umlauts_needs_smtputf8() {
    let speaks = server(Script::new()).await;
    let outcome = transport(&plain_config(&speaks))
        .send(mail_to("jürgen@example.org"))
        .await;
    assert_eq!(outcome, Outcome::Accepted);
    assert_eq!(
        speaks.commands(1)[2],
        "MAIL FROM:<buero@example.org> SMTPUTF8"
    );
    assert_eq!(speaks.commands(1)[3], "RCPT TO:<jürgen@example.org>");

    let mut options = comm_devkit::smtp::SmtpOptions::default();
    options.extensions.retain(|line| line != "SMTPUTF8");
    let silent_server = server(options).await;
    let transport = transport(&plain_config(&silent_server));
    let refused = transport.send(mail_to("jürgen@example.org")).await;
    assert_eq!(refused, silent(Fehlerart::Endgueltig, Fehlergrund::Adresse));
    let domain_only = transport.send(mail_to("juergen@müller.de")).await;
    assert_eq!(domain_only, Outcome::Accepted);
    assert_eq!(silent_server.connections().accepted, 1);
}

#[tokio::test]
async fn a_mail_that_cannot_be_built_is_final_and_connects_to_nobody() {
    let server = server(Script::new()).await;
    let mut mail = mail();
    mail.subject = "a\r\nBcc: someone@example.org".to_owned();
    let outcome = transport(&plain_config(&server)).send(mail).await;
    assert_eq!(
        outcome,
        silent(Fehlerart::Endgueltig, Fehlergrund::NichtDarstellbar)
    );
    assert_eq!(server.connections().accepted, 0);
}

#[tokio::test]
async fn a_blank_line_in_the_reply_to_ehlo_ends_nothing_but_the_attempt() {
    let mut options = comm_devkit::smtp::SmtpOptions::default();
    options.extensions.push(" ".to_owned());
    let server = server(options).await;
    assert_eq!(
        transport(&plain_config(&server)).send(mail()).await,
        unreachable()
    );
}
