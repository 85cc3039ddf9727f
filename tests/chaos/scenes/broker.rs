//! Kafka away: mails go out all the same, and every event is there in the end.

use crate::quiet::Ending;
use crate::stage::{Set, Stage};
use comm_devkit::Place;
use comm_devkit::kafka::ApacheKafka;
use comm_tests::World;
use std::time::Duration;

async fn set_with(broker: &ApacheKafka, stage: Stage) -> Set {
    let mut world = World::without_kafka().await;
    world.topics = broker.topics();
    world.topics.create(&world.topic, 3).await.unwrap();
    stage.with_world(world)
}

pub(crate) async fn away_from_the_start(stage: Stage) -> Ending {
    let broker = ApacheKafka::start(&Place::Temporary).await.unwrap();
    let mut set = set_with(&broker, stage).await;
    broker.stop().await;
    set.start(&[&[], &[]]).await;
    let mails = set.length.pick(60, 500);
    set.traffic.queue(mails).await;
    // All of them are sent before Kafka is there.
    set.mails(u64::try_from(mails).unwrap()).await;
    broker.start_again().await.unwrap();
    set.ends_with_doubts(0).await
}

pub(crate) async fn stopped_under_load(stage: Stage) -> Ending {
    let broker = ApacheKafka::start(&Place::Temporary).await.unwrap();
    let mut set = set_with(&broker, stage).await;
    set.start(&[&[], &[]]).await;
    let (burst, minutes) = set.length.pick((30, 0), (200, 1));
    for crash in [false, true].into_iter().take(set.length.pick(1, 2)) {
        let load = set.traffic.start(2 * burst);
        let moment = set.world.smtp.count() + set.choices.between(1, 20);
        set.mails(moment).await;
        match crash {
            false => broker.stop().await,
            true => broker.kill().await,
        }
        load.await.unwrap();
        // The outage itself: mails were and are queued while it lasts.
        tokio::time::sleep(Duration::from_secs(60 * minutes)).await;
        set.traffic.queue(burst).await;
        broker.start_again().await.unwrap();
    }
    set.ends_with_doubts(0).await
}
