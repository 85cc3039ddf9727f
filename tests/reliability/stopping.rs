//! SIGTERM: what is under way ends in order, within ten seconds.

use crate::ledger::{emails, message_ids, queue, queue_to, settled, taken};
use crate::settings::environment_of;
use comm_devkit::smtp::{Action, Context, Script, SmtpOptions, Stage};
use comm_tests::{Client, PATIENCE, Service, World, eventually};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const PROMISE: Duration = Duration::from_secs(10);

/// Fails unless it ends in order and as fast as promised.
async fn stop(service: Service) {
    let (status, took) = service.stop().await;
    assert!(status.unwrap().success(), "{status:?} after {took:?}");
    assert!(took < PROMISE, "{took:?}");
}

/// Hangs at a stage for mails to this address, as long as `moody` is true.
fn hang(script: Script, stage: Stage, address: &'static str, moody: &Arc<AtomicBool>) -> Script {
    let moody = Arc::clone(moody);
    script.on(stage, move |context: &Context<'_>| {
        let hangs = context.recipient == address && moody.load(Ordering::Relaxed);
        if hangs {
            Action::hang()
        } else {
            Action::proceed()
        }
    })
}

#[tokio::test]
async fn what_has_not_reached_354_goes_back_and_what_has_is_in_doubt() {
    let moody = Arc::new(AtomicBool::new(true));
    let script = hang(Script::new(), Stage::Rcpt, "rcpt@example.org", &moody);
    let script = hang(script, Stage::Data, "data@example.org", &moody);
    let script = hang(script, Stage::Body, "body@example.org", &moody);
    let script = hang(script, Stage::Message, "dot@example.org", &moody);
    let script = script.on(Stage::Message, |context| {
        let slow = context.recipient == "slow@example.org";
        Action::proceed().after(Duration::from_secs(if slow { 2 } else { 0 }))
    });
    let world = World::with_smtp(script).await;
    let service = world.start().await;
    for stage in ["rcpt", "data", "body", "dot", "slow"] {
        queue_to(&service.client, &format!("{stage}@example.org")).await;
    }
    world.smtp.wait_for_hanging(4).await;
    world.smtp.wait_for(2, PATIENCE).await.unwrap();
    stop(service).await;

    moody.store(false, Ordering::Relaxed);
    let office = world.start_with(&["--no-worker"]).await;
    let waiting = emails(&office.client, "status=In_Warteschlange").await;
    assert_eq!(
        addresses(&waiting),
        ["data@example.org", "rcpt@example.org"]
    );
    for email in &waiting {
        assert_eq!(
            (&email["fehlerart"], &email["wiederholungsanzahl"]),
            (&json!(null), &json!(0))
        );
    }
    let in_doubt = emails(&office.client, "fehlerart=ausgang_unklar").await;
    assert_eq!(
        addresses(&in_doubt),
        ["body@example.org", "dot@example.org"]
    );
    let sent = emails(&office.client, "status=Gesendet").await;
    assert_eq!(addresses(&sent), ["slow@example.org"]);

    let service = world.start_with(&["--no-api"]).await;
    settled(&office.client).await;
    let sent = emails(&office.client, "status=Gesendet").await;
    assert_eq!(
        addresses(&sent),
        ["data@example.org", "rcpt@example.org", "slow@example.org"]
    );
    let still = emails(&office.client, "fehlerart=ausgang_unklar").await;
    assert_eq!(message_ids(&still), message_ids(&in_doubt));
    assert!(message_ids(&sent).is_subset(&taken(&world.smtp)));
    world.assert_nothing_left_behind().await;
    stop(service).await;
    stop(office).await;
}

fn addresses(emails: &[Value]) -> Vec<&str> {
    let mut addresses: Vec<&str> = emails
        .iter()
        .filter_map(|email| email["empfaenger_email"].as_str())
        .collect();
    addresses.sort_unstable();
    addresses
}

#[tokio::test]
async fn a_service_with_nothing_to_do_ends_as_promised() {
    let world = World::new().await;
    stop(world.start().await).await;
    stop(world.start_with(&["--no-api"]).await).await;
    stop(world.start_with(&["--no-worker"]).await).await;
}

#[tokio::test]
async fn events_that_wait_for_kafka_do_not_delay_the_end() {
    let world = World::without_kafka().await;
    let service = world.start().await;
    queue(&service.client, 5).await;
    settled(&service.client).await;
    eventually("the relay tries to publish", || async {
        let log = service.log();
        log.contains("This instance publishes the events")
            .then_some(())
    })
    .await;
    stop(service).await;
    let open = "SELECT count(*) FROM communication_service.outbox WHERE published_at IS NULL";
    assert_eq!(world.number(open).await, 10);
}

#[tokio::test]
async fn a_database_that_is_away_does_not_delay_the_end() {
    let world = World::without_kafka().await;
    let away = [("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")];
    let service = Service::start(environment_of(&world, &away), &[]).await;
    stop(service).await;
}

#[tokio::test]
async fn a_service_that_waits_for_its_database_to_migrate_it_can_be_stopped() {
    let world = World::without_kafka().await;
    let away = [
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none"),
        ("COMM__DATABASE__MIGRATE_ON_START", "true"),
    ];
    let service = Service::start(environment_of(&world, &away), &["--no-api"]).await;
    stop(service).await;
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() {
    let world = World::with_smtp(SmtpOptions::default()).await;
    let service = world.start_with(&["--no-worker"]).await;
    let id = queue_to(&service.client, "praxis@example.org").await;
    let mut blocker = world.database.connect().await.unwrap();
    let lock = blocker.transaction().await.unwrap();
    let row = "SELECT 1 FROM communication_service.emails FOR UPDATE";
    lock.execute(row, &[]).await.unwrap();
    let (client, path) = (service.client.clone(), format!("/api/emails/{id}"));
    let request = tokio::spawn(async move {
        let change = json!({"status": "Entwurf"});
        client.put(&path, &change).await
    });
    eventually("the request waits for the row", || async {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        (world.number(waiting).await == 1).then_some(())
    })
    .await;
    service.ask_to_stop();
    eventually("the API takes no new connection", || async {
        let stranger = Client::new(service.client.port());
        (!stranger.is_healthy().await).then_some(())
    })
    .await;
    lock.rollback().await.unwrap();
    let answer = request.await.unwrap().expect(200);
    assert_eq!(answer.body["status"], "Entwurf");
    stop(service).await;
}
