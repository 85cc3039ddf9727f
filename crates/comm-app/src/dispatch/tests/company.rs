//! How attempts come to share a turn.

use super::World;
use comm_domain::outreach::Outcome;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::{Instant, advance};

async fn landed(world: &mut World) -> (usize, Duration) {
    let begun = Instant::now();
    world.flight.landed().await;
    (world.flight.landed_attempts().len(), begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn whoever_has_landed_waits_for_those_that_land_in_the_same_moment() {
    let mut world = World::new(3, 3);
    world.step().await.unwrap();
    world.server.answer(1, Outcome::Accepted);
    let server = Arc::clone(&world.server);
    tokio::spawn(async move {
        for _ in 0..50 {
            yield_now().await;
        }
        server.answer(2, Outcome::Accepted);
        server.answer(3, Outcome::Accepted);
    });
    assert_eq!(landed(&mut world).await, (3, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn it_does_not_wait_long() {
    let mut world = World::new(2, 2);
    world.step().await.unwrap();
    world.server.answer(1, Outcome::Accepted);
    let (count, waited) = landed(&mut world).await;
    assert_eq!(count, 1);
    assert!(waited <= Duration::from_millis(2), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_mail_that_takes_long() {
    let mut world = World::new(3, 5);
    world.step().await.unwrap();
    advance(Duration::from_millis(20)).await;
    // Both others began as early, and may take as long again.
    world.server.answer(1, Outcome::Accepted);
    assert_eq!(landed(&mut world).await, (1, Duration::ZERO));
    // A slow one waits for no quick one.
    world.step().await.unwrap();
    world.server.answer(2, Outcome::Accepted);
    assert_eq!(landed(&mut world).await, (1, Duration::ZERO));
    // The third still hangs; the two that are new are quick.
    world.step().await.unwrap();
    world.server.answer(4, Outcome::Accepted);
    world.server.answer(5, Outcome::Accepted);
    assert_eq!(landed(&mut world).await, (2, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_has_landed_is_kept_when_the_wait_for_company_is_broken_off() {
    let mut world = World::new(2, 2);
    world.step().await.unwrap();
    world.server.answer(1, Outcome::Accepted);
    let broken_off = tokio::select! {
        biased;
        () = world.flight.landed() => false,
        () = super::settle_down() => true,
    };
    assert!(broken_off);
    let (count, waited) = landed(&mut world).await;
    assert_eq!(count, 1);
    assert!(waited <= Duration::from_millis(2), "{waited:?}");
}
