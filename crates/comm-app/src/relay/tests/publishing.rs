//! What is published in which order, and what happens to what Kafka does not take.

use super::*;

#[test]
fn a_wave_has_one_event_of_an_email_or_call_and_keeps_their_order() {
    let rows = vec![
        row(1, 5),
        row(2, 6),
        row(3, 5),
        row(4, 5),
        about(5, "telefonanruf", 5),
        row(6, 6),
    ];
    let ids = |wave: &Vec<OutboxRow>| wave.iter().map(|row| row.id).collect::<Vec<_>>();
    let waves: Vec<_> = waves(rows).iter().map(ids).collect();
    assert_eq!(waves, [vec![1, 2, 5], vec![3, 6], vec![4]]);
    assert!(super::super::waves(Vec::new()).is_empty());
}

#[tokio::test]
async fn acknowledged_events_are_marked_wave_by_wave() {
    let world = World::new(vec![row(1, 5), row(2, 6), row(3, 5)]);
    assert_eq!(world.step().await.unwrap(), Step::Published);
    assert_eq!(world.state().waves, [vec![1, 2], vec![3]]);
    assert_eq!(world.state().marked, [1, 2, 3]);
    assert_eq!(world.step().await.unwrap(), Step::Idle);
}

#[tokio::test]
async fn a_failed_event_keeps_back_later_ones_of_its_email_and_no_others() {
    let world = World::new(vec![row(1, 5), row(2, 6), row(3, 5), row(4, 6), row(5, 5)]);
    world.state().faults.insert(1, Fault::Away);
    assert_eq!(world.step().await.unwrap(), Step::Failed);
    assert_eq!(world.state().waves, [vec![1, 2], vec![4]], "no empty wave");
    assert_eq!(world.state().marked, [2, 4]);
    world.state().faults.clear();
    assert_eq!(world.step().await.unwrap(), Step::Published);
    assert_eq!(world.state().marked, [2, 4, 1, 3, 5]);
}

#[tokio::test]
async fn what_was_published_but_not_marked_is_published_again() {
    let world = World::new(vec![row(1, 5), row(2, 5)]);
    world.state().mark_fails = true;
    assert!(world.step().await.is_err());
    assert_eq!(
        world.state().waves,
        [[1]],
        "the next one waits for the mark"
    );
    world.state().mark_fails = false;
    world.step().await.unwrap();
    assert_eq!(world.state().waves, [[1], [1], [2]]);
    assert_eq!(world.state().marked, [1, 2]);
}

#[tokio::test]
async fn an_event_that_kafka_can_never_take_is_parked_and_holds_back_only_its_email() {
    let world = World::new(vec![
        row(1, 5),
        row(2, 5),
        row(3, 6),
        about(4, "telefonanruf", 5),
    ]);
    world.state().faults.insert(1, Fault::TooLarge);
    assert_eq!(world.step().await.unwrap(), Step::Published);
    assert_eq!(world.state().marked, [3, 4]);
    assert_eq!(world.state().parked, [(1, "too large".to_owned())]);
    assert_eq!(world.step().await.unwrap(), Step::Idle);
    assert_eq!(world.state().waves, [[1, 3, 4]], "it is not tried again");
    world.state().parked.clear();
    world.state().faults.clear();
    assert_eq!(world.step().await.unwrap(), Step::Published);
    assert_eq!(
        world.state().marked,
        [3, 4, 1, 2],
        "until a person asks for it"
    );
}

#[tokio::test]
async fn attempts_that_fail_are_counted_by_reason() {
    let world = World::new(vec![row(1, 5), row(2, 6), row(3, 7), row(4, 8)]);
    for (id, fault) in [(1, Fault::Away), (2, Fault::TooLarge), (3, Fault::Away)] {
        world.state().faults.insert(id, fault);
    }
    assert_eq!(world.step().await.unwrap(), Step::Failed);
    let counted = [("away".to_owned(), 2), ("too large".to_owned(), 1)];
    assert_eq!(world.state().failures, counted);
}

#[tokio::test(start_paused = true)]
async fn an_idle_relay_publishes_on_a_signal_and_looks_by_itself_otherwise() {
    let world = World::new(Vec::new());
    let (stop, running) = world.run().await;
    world.state().rows.push(row(1, 5));
    settle_down().await;
    assert_eq!(world.state().marked, [] as [i64; 0], "nothing told it");
    world.signals.raise(Signal::Outbox);
    settle_down().await;
    assert_eq!(world.state().marked, [1]);
    world.state().rows.push(row(2, 5));
    pass(6).await;
    assert_eq!(world.state().marked, [1, 2]);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn while_kafka_is_away_the_pauses_grow_to_thirty_seconds_and_the_lock_is_kept() {
    let world = World::new(vec![row(1, 5)]);
    world.state().faults.insert(1, Fault::Away);
    let (stop, running) = world.run().await;
    pass(120).await;
    let attempts = world.state().waves.len();
    let asked = world.state().asked;
    assert!(
        (9..=20).contains(&attempts),
        "{attempts} attempts in two minutes"
    );
    // The lock is lost after 15 seconds without a word; a pause is cut so that it is at most 10.
    assert!(asked >= 120 / 10, "{asked} heartbeats");
    world.state().faults.clear();
    pass(31).await;
    assert_eq!(world.state().marked, [1]);
    assert_eq!(world.state().attempts, 1, "it led all the time");
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn old_events_are_removed_in_batches_and_then_once_an_hour() {
    let world = World::new(Vec::new());
    world.state().purgeable = 1500;
    let (stop, running) = world.run().await;
    pass(20).await;
    assert_eq!(world.state().purged, [1000, 500, 0]);
    for _ in 0..2 {
        advance(Duration::from_secs(1800)).await;
        settle_down().await;
    }
    pass(6).await;
    assert_eq!(world.state().purged, [1000, 500, 0, 0]);
    stop.cancel();
    running.await.unwrap();
}
