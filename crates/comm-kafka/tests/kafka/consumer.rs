//! Consuming, with a store in memory behind the use cases.

use crate::support::{event, publish_one};
use crate::world::{World, away, send_email, waiting};
use comm_domain::outreach::EmailStatus;
use comm_kafka::KafkaPublisher;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_makes_its_email_due_once() {
    let world = World::new().await;
    world.ask_for(5).await;
    world.ask_for(6).await;
    let mut running = world.consume(waiting);
    assert_eq!((running.next().await, running.next().await), (5, 6));
    assert_eq!(running.stop().await, [] as [i64; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_that_are_not_waiting_or_unknown_are_no_reason_to_stop() {
    let world = World::new().await;
    for id in 1..=3 {
        world.ask_for(id).await;
    }
    let mut running = world.consume(|id, _| match id.0 {
        1 => Ok(None),
        2 => Ok(Some(EmailStatus::Gesendet)),
        _ => Ok(Some(EmailStatus::InWarteschlange)),
    });
    for id in 1..=3 {
        assert_eq!(running.next().await, id);
    }
    assert_eq!(running.stop().await, [] as [i64; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_other_types_our_own_included_leave_no_trace() {
    let world = World::new().await;
    world
        .say(r#"{"eventType": "match.created", "payload": {"email_id": 4}}"#)
        .await;
    let binary: &[(&str, &[u8])] = &[("ce_type", b"order.created")];
    world.put(0, &[0, 159, 146, 150], binary).await;
    let publisher = KafkaPublisher::new(&world.config).unwrap();
    let mut own = event(&world.topic, 4, 1);
    own.payload = br#"{"eventType": "email.sent", "payload": {"email_id": 4}}"#.to_vec();
    publish_one(&publisher, &own).await.unwrap();
    world.ask_for(9).await;
    let mut running = world.consume(waiting);
    assert_eq!(running.next().await, 9);
    assert_eq!(running.stop().await, [] as [i64; 0]);
    assert_eq!(world.remembered.lock().unwrap().len(), 1);
    let dead = world.dead_letter_topic();
    world.topics.create(&dead, 1).await.unwrap();
    assert!(world.topics.read_all(&dead).await.unwrap().is_empty());
}

const EVENT: &str = "0197e5a0-0000-7000-8000-000000000001";

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_repeated_does_nothing_also_for_the_next_consumer() {
    let world = World::new().await;
    for _ in 0..2 {
        world.say(&send_email(EVENT, 5)).await;
    }
    // The same request by an event of its own is another wish.
    world.ask_for(5).await;
    world.ask_for(6).await;
    let mut first = world.consume(waiting);
    let asked = [first.next().await, first.next().await, first.next().await];
    assert_eq!(asked, [5, 5, 6]);
    first.stop().await;
    world.say(&send_email(&EVENT.to_uppercase(), 5)).await;
    world.ask_for(7).await;
    let mut second = world.consume(waiting);
    assert_eq!(second.next().await, 7);
    assert_eq!(second.stop().await, [] as [i64; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_usable_event_id_a_message_is_known_by_its_place() {
    let world = World::new().await;
    for _ in 0..2 {
        world.say(&send_email("4711", 5)).await;
    }
    let mut running = world.consume(waiting);
    assert_eq!((running.next().await, running.next().await), (5, 5));
    running.stop().await;
    let keys = world.remembered.lock().unwrap().clone();
    for (key, offset) in keys.iter().zip(0..) {
        let place = format!("{}/0/{offset}@", world.topic);
        assert!(key.starts_with(&place), "{key}");
    }
    assert_eq!(keys.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_tried_again_while_the_database_is_away_and_holds_its_place() {
    let world = World::new().await;
    world.ask_for(5).await;
    world.ask_for(6).await;
    let mut running = world.consume(|id, nth| {
        if nth <= 2 {
            away(id, nth)
        } else {
            waiting(id, nth)
        }
    });
    let mut asked = Vec::new();
    for _ in 0..4 {
        asked.push(running.next().await);
    }
    assert_eq!(asked, [5, 5, 5, 6]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_consumer_of_the_group_goes_on_where_the_last_one_ended() {
    let world = World::new().await;
    world.ask_for(5).await;
    let mut first = world.consume(waiting);
    assert_eq!(first.next().await, 5);
    world.ask_for(6).await;
    assert_eq!(first.next().await, 6, "so the work for 5 is over");
    first.stop().await;
    world.ask_for(7).await;
    let mut second = world.consume(waiting);
    let again = second.next().await;
    // 6 may have been cut off between its work and its offset; 5 may not come again.
    let next = if again == 6 {
        second.next().await
    } else {
        again
    };
    assert_eq!(next, 7);
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_work_was_not_done_comes_again() {
    let world = World::new().await;
    world.ask_for(5).await;
    let mut first = world.consume(away);
    assert_eq!(first.next().await, 5);
    first.stop().await;
    let mut second = world.consume(waiting);
    assert_eq!(second.next().await, 5);
    second.stop().await;
}
