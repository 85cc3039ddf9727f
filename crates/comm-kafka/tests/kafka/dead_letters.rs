//! Dead letters: as they came, with the reason and the place, and acknowledged before the partition moves on.

use crate::world::{World, away, waiting};
use comm_devkit::kafka::Message;
use comm_ports::error::StoreError;
use rdkafka::ClientConfig;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use std::time::Duration;

fn header<'a>(message: &'a Message, name: &str) -> &'a str {
    message.header(name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_between_good_requests_is_kept_as_it_came_and_stops_nothing() {
    let world = World::new().await;
    let binary = [0, 159, 146, 150];
    let headers: &[(&str, &[u8])] = &[("x-trace", &[7, 255]), ("x-trace", b""), ("y", b"z")];
    world.ask_for(5).await;
    world.put(0, &binary, headers).await;
    world
        .say(r#"{"eventType": "communication.send_email", "payload": {"email_id": "Muster"}}"#)
        .await;
    let call = r#"{"eventType": "communication.schedule_call", "payload": {"patient_id": 1, "dauer_minuten": 7}}"#;
    world.say(call).await;
    world.ask_for(6).await;
    let mut running = world.consume(waiting);
    assert_eq!((running.next().await, running.next().await), (5, 6));
    assert_eq!(running.stop().await, [] as [i64; 0]);

    let letters = world.dead_letters(3).await;
    let letter = &letters[0];
    assert_eq!(letter.payload, binary);
    assert_eq!(letter.key.as_deref(), Some("1"));
    let own = |(key, value): &(&str, &[u8])| ((*key).to_owned(), value.to_vec());
    let own: Vec<_> = headers.iter().map(own).collect();
    assert_eq!(letter.headers[..3], own[..]);
    assert_eq!(letter.headers.len(), 7);
    assert_eq!(header(letter, "dlq_topic"), world.topic);
    assert_eq!(header(letter, "dlq_partition"), "0");
    assert!(header(letter, "dlq_reason").contains("no JSON object"));
    let offsets: Vec<_> = letters.iter().map(|l| header(l, "dlq_offset")).collect();
    assert_eq!(offsets, ["1", "2", "3"]);
    let reason = header(&letters[1], "dlq_reason");
    assert!(reason.contains("payload.email_id") && !reason.contains("Muster"));
    assert!(header(&letters[2], "dlq_reason").contains("dauer_minuten must be"));
    assert_eq!(letters[2].payload, call.as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_good_or_makes_us_panic_is_a_dead_letter_and_is_not_remembered() {
    let world = World::new().await;
    for id in [5, 6, 7] {
        world.ask_for(id).await;
    }
    let mut running = world.consume(|id, nth| {
        assert_ne!(id.0, 6, "a defect");
        if id.0 == 5 {
            return Err(StoreError::Corrupt("a row".to_owned()));
        }
        waiting(id, nth)
    });
    assert_eq!((running.next().await, running.next().await), (5, 7));
    running.stop().await;
    let letters = world.dead_letters(2).await;
    assert!(header(&letters[0], "dlq_reason").contains("a stored row is not valid"));
    assert_eq!(header(&letters[1], "dlq_offset"), "1");
}

async fn make_dead_letter_topic(world: &World, key: &str, value: &str) {
    let name = world.dead_letter_topic();
    let topic = NewTopic::new(&name, 1, TopicReplication::Fixed(1)).set(key, value);
    let made = admin(world)
        .create_topics(&[topic], &AdminOptions::new())
        .await;
    assert!(made.unwrap().iter().all(Result::is_ok));
}

fn admin(world: &World) -> AdminClient<DefaultClientContext> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", world.topics.bootstrap());
    config.create().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_too_large_with_its_reason_is_kept_without_its_value() {
    let world = World::new().await;
    make_dead_letter_topic(&world, "max.message.bytes", "2000").await;
    world.put(0, &[b'x'; 5000], &[("y", b"z")]).await;
    world.ask_for(6).await;
    let mut running = world.consume(waiting);
    assert_eq!(running.next().await, 6);
    running.stop().await;
    let letters = world.dead_letters(1).await;
    assert!(letters[0].payload.is_empty());
    assert_eq!(header(&letters[0], "dlq_value_omitted"), "5000");
    assert_eq!(header(&letters[0], "y"), "z");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_partition_stands_still_until_the_dead_letter_is_acknowledged() {
    let mut world = World::new().await;
    world.config.message_timeout_ms = 500;
    // Too small for any message, even for one without a value.
    make_dead_letter_topic(&world, "max.message.bytes", "10").await;
    world.ask_for(5).await;
    world.say("Anna Muster").await;
    world.ask_for(6).await;
    let mut running = world.consume(waiting);
    assert_eq!(running.next().await, 5);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(running.stop().await, [] as [i64; 0]);

    let mut running = world.consume(waiting);
    let name = world.dead_letter_topic();
    let wide = AlterConfig::new(ResourceSpecifier::Topic(&name)).set("max.message.bytes", "100000");
    let altered = admin(&world)
        .alter_configs(&[wide], &AdminOptions::new())
        .await;
    assert!(altered.unwrap().iter().all(Result::is_ok));
    assert_eq!(running.next().await, 6);
    running.stop().await;
    assert_eq!(world.dead_letters(1).await[0].payload, b"Anna Muster");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_makes_no_dead_letter() {
    let world = World::new().await;
    world.ask_for(5).await;
    let mut running = world.consume(away);
    for _ in 0..4 {
        assert_eq!(running.next().await, 5);
    }
    running.stop().await;
    let dead = world.dead_letter_topic();
    world.topics.create(&dead, 1).await.unwrap();
    assert!(world.topics.read_all(&dead).await.unwrap().is_empty());
}
