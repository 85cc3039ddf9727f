//! PostgreSQL away, and connections cut.

use crate::ledger::{
    assert_all_sent, assert_one_end_each, emails, histories, message_ids, queue, settled, taken,
};
use crate::settings::environment_of;
use comm_devkit::postgres::{Cluster, ClusterOptions, Proxy, Side, Tripwire};
use comm_devkit::smtp::SmtpOptions;
use comm_tests::{Answer, Client, PATIENCE, World, email, eventually, run_to_end};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Whose answers are lost, one after the other.
const STATEMENTS: [usize; 8] = [1, 1, 2, 2, 3, 3, 4, 4];

/// A world with a PostgreSQL server of its own, migrated.
async fn world_with(cluster: &Cluster, smtp: SmtpOptions) -> World {
    cluster.ensure_database("communication").await.unwrap();
    let url = cluster.url("communication");
    let world = World::with_smtp(smtp).await.set("DATABASE_URL", &url);
    let migrated = run_to_end(environment_of(&world, &[]), &["migrate"]).await;
    assert!(migrated.unwrap().status.success());
    world
}

fn slow() -> SmtpOptions {
    SmtpOptions {
        delay_per_mail: Duration::from_millis(20),
        ..SmtpOptions::default()
    }
}

#[tokio::test]
async fn a_database_that_goes_and_comes_back_needs_no_restart_and_loses_nothing() {
    let cluster = Cluster::start(ClusterOptions::temporary()).await.unwrap();
    let world = world_with(&cluster, slow()).await;
    let service = world.start().await;
    queue(&service.client, 40).await;
    world.smtp.wait_for(10, PATIENCE).await.unwrap();
    cluster.stop().await;

    let post = service
        .client
        .post("/api/emails", &email(Value::Null))
        .await;
    assert_away(&post);
    assert_away(&service.client.get("/api/emails").await);
    assert_away(&service.client.get("/api/emails/1").await);
    let status = json!({"status": "Entwurf"});
    assert_away(&service.client.put("/api/emails/1", &status).await);
    assert_away(&service.client.delete("/api/emails/1").await);
    assert_away(&service.client.get("/ready").await);
    service.client.get("/health").await.expect(200);

    cluster.start_again().await.unwrap();
    eventually("the service is ready again", || async {
        (service.client.get("/ready").await.status == 200).then_some(())
    })
    .await;
    queue(&service.client, 10).await;
    assert_all_sent(&service.client, &world.smtp, 50).await;
    assert_all_published(&world, &service.client, 50).await;
    assert!(service.stop().await.0.unwrap().success());
}

fn assert_away(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("retry-after"), "5");
    assert!(answer.message().contains("database"), "{}", answer.body);
}

#[tokio::test]
async fn a_service_that_starts_before_its_database_works_once_it_is_there() {
    let cluster = Cluster::start(ClusterOptions::temporary()).await.unwrap();
    let world = world_with(&cluster, SmtpOptions::default()).await;
    cluster.stop().await;
    let service = world.start().await;
    assert_away(&service.client.get("/ready").await);
    cluster.start_again().await.unwrap();
    eventually("the service is ready", || async {
        (service.client.get("/ready").await.status == 200).then_some(())
    })
    .await;
    queue(&service.client, 3).await;
    assert_all_sent(&service.client, &world.smtp, 3).await;
    assert_all_published(&world, &service.client, 3).await;
}

#[tokio::test]
async fn connections_that_are_cut_while_mails_go_out_lose_and_double_nothing() {
    let world = World::with_smtp(slow()).await;
    let world = world.set("COMM__EMAIL_QUEUE__LEASE_SECONDS", "3");
    let service = world.start().await;
    queue(&service.client, 100).await;
    let mut cut = 0;
    for moment in [10, 30, 50, 70] {
        world.smtp.wait_for(moment, PATIENCE).await.unwrap();
        cut += world.database.kill_connections().await.unwrap();
    }
    assert!(cut > 0);
    settled(&service.client).await;
    let sent = emails(&service.client, "status=Gesendet").await;
    let in_doubt = emails(&service.client, "fehlerart=ausgang_unklar").await;
    assert_eq!(sent.len() + in_doubt.len(), 100, "all are accounted for");
    // Where the answer to a claim was cut off, it is put back.
    assert_eq!(in_doubt.len(), 0);
    let taken = taken(&world.smtp);
    assert!(message_ids(&sent).is_subset(&taken));
    assert_all_published(&world, &service.client, 100).await;
}

/// The answer to a statement is lost, and with it every connection of the instance that sends: of the first statement
/// after mails were queued, which claims some of them, of the second, and so on.
#[tokio::test]
async fn whichever_answer_is_lost_no_mail_is_in_doubt() {
    let world = World::without_kafka().await;
    let world = world.set("COMM__EMAIL_QUEUE__LEASE_SECONDS", "3");
    let office = world.start_with(&["--no-worker"]).await;
    let wire = Tripwire::before(&world.database.url()).await.unwrap();
    let url = wire.url(&world.database.url());
    let world = world.set("DATABASE_URL", &url);
    let service = world.start().await;
    for nth in STATEMENTS {
        // Once a mail has gone out, the instance has its connections, and listens.
        queue(&office.client, 1).await;
        settled(&office.client).await;
        let (tell, cut) = oneshot::channel();
        wire.arm(nth, Side::After, move || tell.send(()).unwrap());
        queue(&office.client, 5).await;
        timeout(PATIENCE, cut).await.unwrap().unwrap();
        settled(&office.client).await;
    }
    assert_all_sent(&office.client, &world.smtp, 6 * STATEMENTS.len()).await;
    assert!(service.stop().await.0.unwrap().success());
}

/// The proxy stops passing anything on and closes nothing; whoever connects anew gets through.
#[tokio::test]
async fn connections_that_fall_silent_while_mails_go_out_cost_seconds_and_no_mail() {
    let world = World::with_smtp(slow()).await;
    let proxy = Proxy::before(&world.database.url()).await.unwrap();
    let url = proxy.url(&world.database.url());
    let world = world
        .set("DATABASE_URL", &url)
        .set("COMM__DATABASE__STATEMENT_TIMEOUT_MS", "2000")
        .set("COMM__EMAIL_QUEUE__LEASE_SECONDS", "12");
    let service = world.start().await;
    queue(&service.client, 100).await;
    world.smtp.wait_for(30, PATIENCE).await.unwrap();
    proxy.fall_silent();
    let begun = Instant::now();
    world.smtp.wait_for(90, PATIENCE).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(30), "{begun:?}");
    settled(&service.client).await;
    let sent = emails(&service.client, "status=Gesendet").await;
    let in_doubt = emails(&service.client, "fehlerart=ausgang_unklar").await;
    assert_eq!(sent.len() + in_doubt.len(), 100, "all are accounted for");
    assert_eq!(in_doubt.len(), 0);
    assert!(message_ids(&sent).is_subset(&taken(&world.smtp)));
    assert_all_published(&world, &service.client, 100).await;
}

/// Waits until the API's emails and the events on the topic say the same.
async fn assert_all_published(world: &World, client: &Client, count: usize) {
    let ends = world.events(2 * count).await.len();
    assert!(ends >= 2 * count);
    eventually("every email has its end on the topic", || async {
        let histories = histories(&world.topics, &world.topic).await;
        let events: usize = histories.values().map(Vec::len).sum();
        (events == 2 * count).then_some(())
    })
    .await;
    let histories = histories(&world.topics, &world.topic).await;
    assert_one_end_each(&histories, &emails(client, "").await);
}
