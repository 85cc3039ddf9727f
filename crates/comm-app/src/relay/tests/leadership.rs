//! Who leads, what a leader that has lost its lock leaves alone, and what its successor waits for.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_relay_that_has_lost_its_lock_publishes_no_further_wave() {
    let world = World::new(vec![row(1, 5), row(2, 5), row(3, 5)]);
    world.state().holds = false;
    let mut leadership = leadership(&world.state);
    advance(Duration::from_secs(6)).await;
    assert!(world.relay.step(&mut leadership).await.is_err());
    assert!(world.state().waves.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_has_lost_its_lock_asks_for_it_again() {
    let world = World::new(vec![row(1, 5)]);
    world.state().lose_after = Some(1);
    let (stop, running) = world.run().await;
    world.state().leading = false;
    pass(30).await;
    world.state().rows.push(row(2, 5));
    world.signals.raise(Signal::Outbox);
    pass(30).await;
    assert_eq!(world.state().waves, [[1]], "another instance leads");
    assert!(world.state().attempts >= 5);
    world.state().holds = true;
    world.state().leading = true;
    pass(6).await;
    assert_eq!(
        world.state().marked,
        [1, 2],
        "the first once more: it was never marked"
    );
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_lost_while_kafka_is_slow_ends_the_batch_and_nothing_is_marked() {
    let world = World::new(vec![row(1, 5), row(2, 5)]);
    world.state().silent = true;
    let (stop, running) = world.run().await;
    pass(12).await;
    assert!(
        !world.state().abandoned,
        "a slow broker is no reason to give up"
    );
    let heartbeats = world.state().asked;
    assert!(
        heartbeats >= 2,
        "{heartbeats}: the session would have been ended"
    );
    world.state().holds = false;
    world.state().leading = false;
    pass(6).await;
    assert!(world.state().abandoned);
    assert_eq!(world.state().waves, [[1]]);
    assert_eq!(world.state().marked, [] as [i64; 0]);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_after_the_lock_was_lost_is_not_marked() {
    let world = World::new(vec![row(1, 5), row(2, 5)]);
    world.state().lose_after = Some(1);
    assert!(world.step().await.is_err());
    assert_eq!(world.state().waves, [[1]]);
    assert_eq!(world.state().marked, [] as [i64; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_successor_waits_until_what_the_leader_before_has_sent_can_no_longer_arrive() {
    let world = World::new(vec![row(1, 5)]);
    world.state().in_flight_before = Duration::from_secs(8);
    let (stop, running) = world.run().await;
    pass(7).await;
    assert!(world.state().waves.is_empty());
    pass(2).await;
    assert_eq!(world.state().marked, [1]);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn whatever_is_sent_is_announced_for_as_long_as_it_may_arrive() {
    let world = World::new(vec![row(1, 5)]);
    let mut leadership = leadership(&world.state);
    assert!(leadership.holds().await);
    world.relay.step(&mut leadership).await.unwrap();
    let eleven = Duration::from_secs(11);
    assert_eq!(
        world.state().announced,
        [eleven],
        "a fresh leader is believed"
    );
    advance(Duration::from_secs(2)).await;
    assert!(leadership.holds().await);
    assert_eq!(world.state().announced, [eleven, Duration::ZERO]);
    advance(Duration::from_secs(2)).await;
    assert!(leadership.holds_for_sending().await);
    assert_eq!(world.state().announced, [eleven, Duration::ZERO, eleven]);
}

#[tokio::test(start_paused = true)]
async fn an_orderly_end_gives_the_leadership_up_and_one_with_events_on_their_way_does_not() {
    for silent in [false, true] {
        let world = World::new(vec![row(1, 5)]);
        world.state().silent = silent;
        let (stop, running) = world.run().await;
        stop.cancel();
        pass(3).await;
        running.await.unwrap();
        assert_eq!(world.state().released, !silent);
    }
}
