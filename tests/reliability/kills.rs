//! `kill -9` in the middle of sending.

use crate::ledger::{assert_one_end_each, emails, histories, message_ids, queue, settled, taken};
use comm_devkit::smtp::SmtpOptions;
use comm_tests::{PATIENCE, Seeded, World, eventually};
use std::collections::BTreeSet;
use std::time::Duration;

const MAILS: usize = 200;
/// No more than there are connections.
const IN_DOUBT_PER_KILL: usize = 8;
/// What the sessions of the processes that are killed call themselves.
const WORKER: &str = "worker";

#[tokio::test]
async fn after_three_kills_no_mail_was_sent_twice_and_every_one_is_accounted_for() {
    let mut seed = Seeded::new();
    let world = World::with_smtp(SmtpOptions {
        delay_per_mail: Duration::from_millis(50),
        ..SmtpOptions::default()
    })
    .await
    .set("COMM__EMAIL_QUEUE__LEASE_SECONDS", "3");
    let office = world.start_with(&["--no-worker"]).await;
    queue(&office.client, MAILS).await;
    let url = format!("{}?application_name={WORKER}", world.database.url());
    let world = world.set("DATABASE_URL", &url);

    let mut under_way_at_a_kill = BTreeSet::new();
    for (low, high) in [(1, 50), (60, 110), (120, 185)] {
        let moment = seed.between(low, high);
        println!("kill -9 after mail {moment}");
        let service = world.start_with(&["--no-api"]).await;
        world.smtp.wait_for(moment, PATIENCE).await.unwrap();
        service.kill().await;
        last_words_are_read(&world).await;
        let before = under_way_at_a_kill.len();
        let under_way = emails(&office.client, "status=Wird_gesendet").await;
        under_way_at_a_kill.extend(message_ids(&under_way));
        let more = under_way_at_a_kill.len() - before;
        assert!(more <= IN_DOUBT_PER_KILL, "{more} mails at once");
    }
    let service = world.start_with(&["--no-api"]).await;
    settled(&office.client).await;

    let sent = emails(&office.client, "status=Gesendet").await;
    let in_doubt = emails(&office.client, "fehlerart=ausgang_unklar").await;
    assert_eq!(sent.len() + in_doubt.len(), MAILS, "all are accounted for");
    assert_eq!(message_ids(&in_doubt), under_way_at_a_kill);
    let taken = taken(&world.smtp);
    assert!(
        message_ids(&sent).is_subset(&taken),
        "sent, but never taken"
    );
    assert!(taken.len() >= sent.len());
    for email in &in_doubt {
        assert_eq!(email["status"], "Fehlgeschlagen");
        let sentence = email["fehlermeldung"].as_str().unwrap();
        assert!(sentence.contains("bitte klären"), "{sentence}");
    }

    world.assert_nothing_left_behind().await;
    let histories = histories(&world.topics, &world.topic).await;
    assert_one_end_each(&histories, &[sent, in_doubt].concat());
    assert!(service.stop().await.0.unwrap().success());
}

/// PostgreSQL may have still to read what the dead process had sent; then it sees the end.
async fn last_words_are_read(world: &World) {
    eventually("the sessions of the dead are gone", || async {
        let left = format!(
            "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = '{WORKER}'"
        );
        (world.number(&left).await == 0).then_some(())
    })
    .await;
}
