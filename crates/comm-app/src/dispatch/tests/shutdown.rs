//! Working by itself, and ending in order. Time is paused: it passes only where a test lets it.

use super::{World, settings, settle_down};
use crate::dispatch::QueueSettings;
use crate::testing::message_id;
use comm_domain::outreach::EmailStatus::{Fehlgeschlagen, Gesendet, InWarteschlange};
use comm_domain::outreach::{EmailStatus, Fehlerart, Outcome};
use comm_ports::testing::build;
use comm_ports::{Signal, Signals};
use std::time::Duration;
use tokio::time::{Instant, advance};

fn queue_one_more(world: &World, id: i64) {
    let email = build::email(id, EmailStatus::InWarteschlange);
    world.queue.state().waiting.push_back(email);
}

#[tokio::test(start_paused = true)]
async fn a_signal_wakes_the_worker_at_once_and_the_clock_wakes_it_otherwise() {
    let world = World::new(2, 0);
    let (stop, running) = world.run().await;
    let began = Instant::now();
    queue_one_more(&world, 1);
    world.signals.raise(Signal::Queue);
    settle_down().await;
    assert_eq!(world.server.under_way(), [message_id(1)]);
    assert_eq!(began.elapsed(), Duration::ZERO);
    queue_one_more(&world, 2);
    advance(Duration::from_secs(61)).await;
    settle_down().await;
    assert_eq!(world.server.under_way(), [1, 2].map(message_id));
    world.server.answer(1, Outcome::Accepted);
    world.server.answer(2, Outcome::Accepted);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn looking_after_leases_is_no_look_at_the_queue() {
    let world = World::new(2, 0);
    let (stop, running) = world.run().await;
    queue_one_more(&world, 1);
    for _ in 0..59 {
        advance(Duration::from_secs(1)).await;
        settle_down().await;
    }
    assert_eq!(world.server.under_way(), [] as [&str; 0]);
    advance(Duration::from_secs(2)).await;
    settle_down().await;
    assert_eq!(world.server.under_way(), [message_id(1)]);
    world.server.answer(1, Outcome::Accepted);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_has_landed_makes_room_for_the_next_at_once() {
    let world = World::new(1, 3);
    let (stop, running) = world.run().await;
    for id in 1..=3 {
        assert_eq!(world.server.under_way(), [message_id(id)]);
        world.server.answer(id, Outcome::Accepted);
        settle_down().await;
    }
    assert_eq!(world.queue.saved(), [1, 2, 3].map(|id| (id, Gesendet)));
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_is_asked_again_after_a_while() {
    let world = World::new(1, 1);
    world.queue.state().away = 3;
    let (stop, running) = world.run().await;
    assert_eq!(world.server.under_way(), [] as [&str; 0]);
    for _ in 0..20 {
        advance(Duration::from_millis(100)).await;
        settle_down().await;
    }
    assert_eq!(world.server.under_way(), [message_id(1)]);
    world.server.answer(1, Outcome::Accepted);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn told_to_stop_it_claims_nothing_more_and_finishes_what_is_under_way() {
    let world = World::new(2, 5);
    let (stop, running) = world.run().await;
    let began = Instant::now();
    stop.cancel();
    settle_down().await;
    world.server.answer(1, Outcome::Accepted);
    settle_down().await;
    advance(Duration::from_millis(2)).await;
    settle_down().await;
    assert_eq!(
        world.queue.saved(),
        [(1, Gesendet)],
        "stored as it comes in"
    );
    world.server.answer(2, Outcome::Accepted);
    running.await.unwrap();
    assert_eq!(world.queue.saved(), [(1, Gesendet), (2, Gesendet)]);
    assert_eq!(world.queue.state().waiting.len(), 3);
    assert!(
        began.elapsed() < Duration::from_millis(10),
        "it does not sit the grace out"
    );
}

#[tokio::test(start_paused = true)]
async fn after_the_grace_what_has_not_left_goes_back_and_what_has_is_in_doubt() {
    let world = World::new(3, 3);
    world.server.past_354.lock().unwrap().insert(2);
    let (stop, running) = world.run().await;
    let began = Instant::now();
    stop.cancel();
    running.await.unwrap();
    let interrupted = world.server.interrupted.lock().unwrap().unwrap();
    assert_eq!(interrupted - began, Duration::from_secs(8));
    let expected = [
        (1, InWarteschlange),
        (2, Fehlgeschlagen),
        (3, InWarteschlange),
    ];
    assert_eq!(world.queue.saved(), expected);
    let state = world.queue.state();
    let doubted = state.saved.iter().find(|email| email.id.0 == 2).unwrap();
    assert_eq!(doubted.fehlerart, Some(Fehlerart::AusgangUnklar));
    let returned = state.saved.iter().find(|email| email.id.0 == 1).unwrap();
    assert_eq!(returned.wiederholungsanzahl, 0, "no attempt was counted");
    assert!(
        world
            .signals
            .raised
            .lock()
            .unwrap()
            .contains(&Signal::Queue),
        "another instance can send it at once"
    );
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_never_ends_costs_no_other_its_outcome_nor_the_end() {
    let world = World::new(3, 3);
    world.server.stuck.lock().unwrap().insert(2);
    let (stop, running) = world.run().await;
    let began = Instant::now();
    stop.cancel();
    running.await.unwrap();
    assert_eq!(
        world.queue.saved(),
        [(1, InWarteschlange), (3, InWarteschlange)]
    );
    assert!(
        began.elapsed() <= Duration::from_millis(9_600),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_database_that_comes_back_in_time_still_gets_the_outcomes() {
    let world = World::new(1, 1);
    let (stop, running) = world.run().await;
    world.queue.state().away = 5;
    stop.cancel();
    settle_down().await;
    world.server.answer(1, Outcome::Accepted);
    running.await.unwrap();
    assert_eq!(world.queue.saved(), [(1, Gesendet)]);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_stays_away_does_not_keep_the_process_from_ending() {
    let world = World::new(1, 1);
    let (stop, running) = world.run().await;
    world.queue.state().away = usize::MAX;
    world.server.answer(1, Outcome::Accepted);
    let began = Instant::now();
    stop.cancel();
    running.await.unwrap();
    assert!(
        began.elapsed() <= Duration::from_millis(9_600),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn the_grace_counts_from_the_wish_to_stop_however_long_the_turn_takes() {
    let world = World::slow(2, 1, Duration::from_secs(5));
    let (stop, running) = world.run().await;
    advance(Duration::from_secs(6)).await;
    settle_down().await;
    assert_eq!(world.server.under_way(), [message_id(1)]);
    // The next turn is under way, and hangs in the database.
    world.signals.raise(Signal::Queue);
    settle_down().await;
    let began = Instant::now();
    stop.cancel();
    running.await.unwrap();
    let interrupted = world.server.interrupted.lock().unwrap().unwrap();
    assert_eq!(interrupted - began, Duration::from_secs(8));
}

#[tokio::test(start_paused = true)]
async fn claims_of_which_no_answer_came_are_put_back_at_the_end() {
    let mut world = World::new(1, 1);
    world.queue.state().away = 1;
    assert!(world.step().await.is_err());
    let flight = std::mem::take(&mut world.flight);
    world.dispatch.finish(flight, Instant::now()).await;
    assert_eq!(world.queue.calls(), ["release 1", "doubted 1", "commit"]);
}

#[tokio::test(start_paused = true)]
async fn short_leases_are_renewed_until_the_end() {
    let short = QueueSettings {
        lease_seconds: 9,
        ..settings()
    };
    let world = World::with(1, 1, short);
    let (stop, running) = world.run().await;
    stop.cancel();
    settle_down().await;
    world.queue.state().calls.clear();
    for _ in 0..7 {
        advance(Duration::from_secs(1)).await;
        settle_down().await;
    }
    assert_eq!(world.queue.calls(), ["renew", "renew"]);
    world.server.answer(1, Outcome::Accepted);
    running.await.unwrap();
    assert_eq!(world.queue.saved(), [(1, Gesendet)]);
}
