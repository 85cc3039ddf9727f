//! What a mail server says, or does not say, and what becomes of the email and its event.

use crate::ledger::{histories, queue_to};
use comm_devkit::smtp::{Action, Script, SmtpOptions, Stage};
use comm_tests::{Service, World, email, eventually};
use serde_json::{Value, json};
use std::time::Duration;

/// One mail and its `email.failed`, once it has failed.
async fn failed(world: &World, service: &Service) -> (Value, Value) {
    let id = queue_to(&service.client, "praxis@example.org").await;
    let email = service.client.wait_for_status(id, "Fehlgeschlagen").await;
    world.events(2).await;
    let event = histories(&world.topics, &world.topic).await[&id][1].clone();
    assert_eq!(event["eventType"], "email.failed");
    assert_eq!(event["payload"]["fehlerart"], email["fehlerart"]);
    assert_eq!(event["payload"]["email_data"]["status"], "Fehlgeschlagen");
    (email, event)
}

fn sentence(email: &Value) -> &str {
    email["fehlermeldung"].as_str().unwrap()
}

#[tokio::test]
async fn a_reply_lost_after_the_final_dot_leaves_the_mail_in_doubt_and_it_is_not_sent_again() {
    let world = World::with_smtp(Script::new().always(Stage::Message, Action::drop())).await;
    let service = world.start().await;
    let (email, event) = failed(&world, &service).await;
    assert_eq!(email["fehlerart"], "ausgang_unklar");
    assert!(sentence(&email).contains("bitte klären"), "{email}");
    assert_eq!(event["payload"].get("status_code"), None);
    world.assert_nothing_left_behind().await;
    assert_eq!(world.smtp.count(), 1);
}

#[tokio::test]
async fn a_refused_recipient_is_final_and_only_the_row_has_the_servers_words() {
    let refusal = Action::reply(550, "5.1.1 <praxis@example.org>: mailbox is unbekannt");
    let world = World::with_smtp(Script::new().always(Stage::Rcpt, refusal)).await;
    let service = world.start().await;
    let (email, event) = failed(&world, &service).await;
    assert_eq!(email["fehlerart"], "endgueltig");
    let sentence = sentence(&email);
    assert!(
        sentence.contains("550 5.1.1 <[Adresse]>: mailbox is unbekannt"),
        "{sentence}"
    );
    assert!(!sentence.contains("praxis@example.org"), "{sentence}");
    assert_eq!(event["payload"]["status_code"], "5.1.1");
    assert!(!event.to_string().contains("unbekannt"), "{event}");
    assert!(!service.log().contains("unbekannt"));
}

#[tokio::test]
async fn one_of_eight_connections_that_hangs_after_data_costs_the_others_no_mail() {
    const MAILS: usize = 80;
    let world = World::with_smtp(Script::new().once(Stage::Message, Action::hang())).await;
    let world = world.set("COMM__SMTP__CONNECTIONS", "8");
    let office = world.start_with(&["--no-worker"]).await;
    for _ in 0..MAILS {
        let queued = email(json!({"status": "In_Warteschlange"}));
        office.client.post("/api/emails", &queued).await.expect(201);
    }
    let worker = world.start_with(&["--no-api"]).await;
    // It hangs until the end, and all that went by other connections meanwhile counts.
    world.smtp.wait_for_hanging(1).await;
    let sent = "SELECT count(*) FROM communication_service.emails WHERE status = 'Gesendet'";
    let others = i64::try_from(MAILS - 1).unwrap();
    eventually("all others are sent", || async {
        (world.number(sent).await == others).then_some(())
    })
    .await;
    let under_way =
        "SELECT count(*) FROM communication_service.emails WHERE status = 'Wird_gesendet'";
    assert_eq!(world.number(under_way).await, 1);
    assert!(world.smtp.connections().accepted <= 8);
    drop(worker);
}

/// A mail server that takes its time for every mail, and as many mails that wait for it.
async fn waiting(connections: &str, script: Script, mails: usize) -> World {
    let smtp = SmtpOptions {
        script,
        delay_per_mail: Duration::from_millis(50),
        ..SmtpOptions::default()
    };
    let world = World::with_smtp(smtp).await;
    let world = world.set("COMM__SMTP__CONNECTIONS", connections);
    let office = world.start_with(&["--no-worker"]).await;
    let queued = email(json!({"status": "In_Warteschlange"}));
    let all = json!({"emails": vec![queued; mails]});
    let stored = office.client.post("/api/emails/bulk", &all).await;
    stored.expect(201);
    office.stop().await;
    world
}

#[tokio::test]
async fn beside_one_that_hangs_the_other_seven_send_as_much_as_seven_alone() {
    const COUNTED: u64 = 200;
    let hangs = Script::new().once(Stage::Message, Action::hang());
    let beside = waiting("8", hangs, 600).await;
    let alone = waiting("7", Script::new(), 600).await;
    let workers = tokio::join!(
        beside.start_with(&["--no-api"]),
        alone.start_with(&["--no-api"])
    );
    beside.smtp.wait_for_hanging(1).await;
    // Both over the same time on the same machine.
    let begun = [beside.smtp.count(), alone.smtp.count()];
    eventually("seven alone have sent them", || async {
        (alone.smtp.count() >= begun[1] + COUNTED).then_some(())
    })
    .await;
    let others = beside.smtp.count() - begun[0];
    assert!(others >= COUNTED * 8 / 10, "{others} of {COUNTED}");
    drop(workers);
}
