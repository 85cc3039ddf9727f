//! Kafka away: at the start, and later.

use crate::ledger::{assert_all_sent, assert_one_end_each, emails, histories, queue};
use comm_devkit::Place;
use comm_devkit::kafka::ApacheKafka;
use comm_tests::World;

#[tokio::test]
async fn without_kafka_everything_works_and_the_events_arrive_later_in_order() {
    let broker = ApacheKafka::start(&Place::Temporary).await.unwrap();
    let mut world = World::without_kafka()
        .await
        .set("COMM__KAFKA__MESSAGE_TIMEOUT_MS", "1000");
    world.topics = broker.topics();
    world.topics.create(&world.topic, 3).await.unwrap();
    broker.stop().await;

    let service = world.start().await;
    queue(&service.client, 20).await;
    assert_all_sent(&service.client, &world.smtp, 20).await;
    let open = "SELECT count(*) FROM communication_service.outbox WHERE published_at IS NULL";
    assert_eq!(
        world.number(open).await,
        40,
        "nothing is marked unpublished"
    );
    service.client.get("/ready").await.expect(200);
    broker.start_again().await.unwrap();
    world.assert_nothing_left_behind().await;

    // Gone again, in the middle of work.
    queue(&service.client, 20).await;
    broker.stop().await;
    queue(&service.client, 20).await;
    assert_all_sent(&service.client, &world.smtp, 60).await;
    broker.start_again().await.unwrap();
    world.assert_nothing_left_behind().await;
    // A broker that has just started may say that it has nothing.
    assert!(world.events(120).await.len() >= 120);
    let histories = histories(&world.topics, &world.topic).await;
    assert_one_end_each(&histories, &emails(&service.client, "").await);
    assert!(service.stop().await.0.unwrap().success());
}
