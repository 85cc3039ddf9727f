//! The relay's leader dies, or stands still: another instance publishes in time, and nothing is lost or
//! out of order.

use crate::ledger::{Histories, histories};
use comm_tests::{Service, World, email, eventually};
use serde_json::json;
use std::time::{Duration, Instant};

const LEADS: &str = "This instance publishes the events";
const LOST: &str = "This instance no longer publishes the events";

const WAITS: &str = "Waiting for what the leader before may have on its way";

/// Two instances: the one that leads, and the other.
async fn two(world: &World) -> (Service, Service) {
    let leader = world.start().await;
    eventually("the first leads", || async {
        leader.log().contains(LEADS).then_some(())
    })
    .await;
    (leader, world.start().await)
}

/// Stores drafts, each of which has one event.
async fn drafts(service: &Service, count: usize) {
    for _ in 0..count {
        let body = email(json!({}));
        service.client.post("/api/emails", &body).await.expect(201);
    }
}

/// Publishes drafts by a leader, takes it out, stores more at the other instance, and says how long it took
/// until they were on the topic.
async fn take_over(
    world: &World,
    leader: &Service,
    other: &Service,
    take_out: impl FnOnce(),
) -> Duration {
    drafts(leader, 20).await;
    world.events(20).await;
    // Under way when it happens: some of these are published, some are not.
    drafts(leader, 20).await;
    let begun = Instant::now();
    take_out();
    drafts(other, 20).await;
    world.events(60).await;
    eventually("all are published", || async {
        let open = "SELECT count(*) FROM communication_service.outbox WHERE published_at IS NULL";
        (world.number(open).await == 0).then_some(())
    })
    .await;
    begun.elapsed()
}

fn assert_whole(histories: &Histories, count: usize) {
    assert_eq!(histories.len(), count);
    for history in histories.values() {
        assert_eq!(history.len(), 1, "{history:#?}");
    }
}

#[tokio::test]
async fn within_fifteen_seconds_of_kill_9_another_instance_publishes() {
    let world = World::new().await;
    let (leader, other) = two(&world).await;
    let took = take_over(&world, &leader, &other, || leader.end_now()).await;
    assert!(took < Duration::from_secs(15), "{took:?}");
    let waited = other.log().matches(WAITS).count();
    assert_eq!(waited, 1, "it let what was under way arrive");
    assert_whole(&histories(&world.topics, &world.topic).await, 60);
}

#[tokio::test]
async fn within_thirty_seconds_of_a_freeze_another_instance_publishes_and_the_old_leader_steps_back()
 {
    let world = World::new().await;
    let (leader, other) = two(&world).await;
    let took = take_over(&world, &leader, &other, || leader.freeze()).await;
    assert!(took < Duration::from_secs(30), "{took:?}");
    leader.thaw();
    eventually("it notices that it leads no more", || async {
        leader.log().contains(LOST).then_some(())
    })
    .await;
    drafts(&leader, 10).await;
    world.events(70).await;
    world.assert_nothing_left_behind().await;
    assert_whole(&histories(&world.topics, &world.topic).await, 70);
    assert!(
        !other.log().contains(WAITS),
        "it was over when the lock was"
    );
    let led = leader.log().matches(LEADS).count();
    assert_eq!(led, 1, "it does not lead again while another does");
    for service in [leader, other] {
        assert!(service.stop().await.0.unwrap().success());
    }
}

#[tokio::test]
async fn after_an_orderly_end_another_instance_publishes_without_waiting() {
    let world = World::new().await;
    let (leader, other) = two(&world).await;
    drafts(&leader, 5).await;
    world.events(5).await;
    assert!(leader.stop().await.0.unwrap().success());
    let begun = Instant::now();
    drafts(&other, 5).await;
    world.events(10).await;
    // It asks for the lock every five seconds.
    assert!(
        begun.elapsed() < Duration::from_secs(9),
        "{:?}",
        begun.elapsed()
    );
    assert_whole(&histories(&world.topics, &world.topic).await, 10);
}
