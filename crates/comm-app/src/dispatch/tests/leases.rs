//! Renewing leases, and giving up those of instances that are gone.

use super::queue::under_way;
use super::{World, settings, settle_down};
use crate::dispatch::{AfterCrash, QueueSettings};
use comm_domain::outreach::{EmailStatus, Fehlerart, Outcome};
use comm_ports::Signal;
use comm_ports::testing::build;
use std::time::Duration;
use tokio::time::advance;

#[tokio::test]
async fn expired_leases_are_given_up_after_our_own_were_renewed() {
    let mut world = World::new(1, 1);
    world.step().await.unwrap();
    world.queue.state().calls.clear();
    world.queue.state().expired = vec![under_way(build::email(9, EmailStatus::InWarteschlange))];
    world.dispatch.reap(&mut world.flight).await;
    assert_eq!(
        world.queue.calls(),
        ["renew", "expired", "save 9", "commit", "expired", "commit"]
    );
    assert_eq!(world.queue.state().renewed, world.flight.sperren());
    let state = world.queue.state();
    let email = state.saved.first().unwrap();
    assert_eq!(email.status, EmailStatus::Fehlgeschlagen);
    assert_eq!(email.fehlerart, Some(Fehlerart::AusgangUnklar));
    assert_eq!(*world.signals.raised.lock().unwrap(), [Signal::Outbox]);
}

#[tokio::test]
async fn a_mail_whose_sender_died_is_sent_again_where_that_is_wished() {
    let resend = QueueSettings {
        after_crash: AfterCrash::Resend,
        ..settings()
    };
    let mut world = World::with(1, 0, resend);
    world.queue.state().expired = vec![under_way(build::email(9, EmailStatus::InWarteschlange))];
    world.dispatch.reap(&mut world.flight).await;
    let state = world.queue.state();
    let email = state.saved.first().unwrap();
    assert_eq!(email.status, EmailStatus::InWarteschlange);
    assert_eq!(email.wiederholungsanzahl, 1, "it has a cap");
    let raised = world.signals.raised.lock().unwrap();
    assert!(raised.contains(&Signal::Queue), "{raised:?}");
}

#[tokio::test]
async fn no_lease_is_given_up_while_our_own_cannot_be_renewed() {
    let mut world = World::new(1, 1);
    world.step().await.unwrap();
    world.queue.state().calls.clear();
    world.queue.state().renewal_fails = true;
    world.dispatch.reap(&mut world.flight).await;
    assert_eq!(world.queue.calls(), ["renew"]);
}

#[tokio::test]
async fn where_no_lease_has_run_out_nothing_is_written() {
    let mut world = World::new(1, 0);
    world.dispatch.reap(&mut world.flight).await;
    assert_eq!(world.queue.calls(), ["expired", "commit"]);
    assert!(world.signals.raised.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_email_that_cannot_be_given_up_holds_up_no_other() {
    let mut world = World::new(1, 0);
    world.queue.state().expired = vec![
        build::email(1, EmailStatus::Gesendet),
        under_way(build::email(2, EmailStatus::InWarteschlange)),
    ];
    world.dispatch.reap(&mut world.flight).await;
    assert_eq!(world.queue.saved(), [(2, EmailStatus::Fehlgeschlagen)]);
}

#[tokio::test]
async fn what_has_landed_is_renewed_until_its_outcome_is_stored() {
    let mut world = World::new(1, 1);
    world.step().await.unwrap();
    let sperren = world.flight.sperren();
    world.server.answer(1, Outcome::Accepted);
    world.flight.landed().await;
    world.dispatch.renew(&world.flight).await;
    assert_eq!(world.queue.state().renewed, sperren);
    world.step().await.unwrap();
    assert!(world.flight.sperren().is_empty());
}

#[tokio::test(start_paused = true)]
async fn leases_are_renewed_at_a_third_of_their_time_and_looked_for_more_often() {
    let world = World::new(1, 1);
    let (stop, running) = world.run().await;
    world.queue.state().calls.clear();
    advance(Duration::from_millis(15_100)).await;
    settle_down().await;
    let calls = world.queue.calls();
    assert!(calls.iter().filter(|call| *call == "renew").count() >= 2);
    assert_eq!(world.queue.state().lease, Duration::from_secs(45));
    assert!(calls.contains(&"expired".to_owned()));
    stop.cancel();
    world.server.answer(1, Outcome::Accepted);
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn leases_are_renewed_while_turns_fail() {
    let world = World::new(2, 1);
    let (stop, running) = world.run().await;
    world.queue.state().calls.clear();
    world.queue.state().away = usize::MAX;
    for _ in 0..60 {
        advance(Duration::from_secs(1)).await;
        settle_down().await;
    }
    let calls = world.queue.calls();
    let renewals = calls.iter().filter(|call| *call == "renew").count();
    assert!(renewals >= 60 / 15, "{renewals}");
    world.queue.state().away = 0;
    world.server.answer(1, Outcome::Accepted);
    stop.cancel();
    running.await.unwrap();
    assert_eq!(world.queue.saved(), [(1, EmailStatus::Gesendet)]);
}

#[tokio::test(start_paused = true)]
async fn a_mail_whose_lease_ran_out_unseen_does_not_go_out_any_more() {
    let mut world = World::new(1, 1);
    world.step().await.unwrap();
    // Frozen for longer than the lease, with nobody to renew it.
    advance(Duration::from_secs(46)).await;
    world.queue.give_away(1);
    world.dispatch.renew(&world.flight).await;
    world.server.answer(1, Outcome::Accepted);
    world.flight.landed().await;
    let landed = world.flight.landed_attempts();
    assert_eq!(landed.first().unwrap().outcome, Outcome::CalledOff);
}

#[tokio::test(start_paused = true)]
async fn a_renewed_lease_counts_from_its_renewal() {
    let mut world = World::new(1, 1);
    world.step().await.unwrap();
    advance(Duration::from_secs(40)).await;
    world.dispatch.renew(&world.flight).await;
    advance(Duration::from_secs(40)).await;
    world.server.answer(1, Outcome::Accepted);
    world.flight.landed().await;
    let landed = world.flight.landed_attempts();
    assert_eq!(landed.first().unwrap().outcome, Outcome::Accepted);
}

#[tokio::test]
async fn claims_of_which_no_answer_came_are_put_back() {
    let mut world = World::new(1, 1);
    world.queue.state().away = 1;
    assert!(world.step().await.is_err());
    world.queue.state().calls.clear();
    world.dispatch.reap(&mut world.flight).await;
    assert_eq!(
        world.queue.calls(),
        ["release 1", "doubted 1", "commit", "expired", "commit"]
    );
    assert_eq!(*world.signals.raised.lock().unwrap(), [Signal::Queue]);
}

#[tokio::test(start_paused = true)]
async fn claims_of_which_no_answer_came_are_put_back_after_a_long_outage_too() {
    let mut world = World::new(1, 1);
    world.queue.state().away = 1;
    assert!(world.step().await.is_err());
    advance(Duration::from_secs(12 * 60)).await;
    for calls in [
        &["release 1", "doubted 1", "commit", "expired", "commit"][..],
        &["expired", "commit"],
    ] {
        world.queue.state().calls.clear();
        world.dispatch.reap(&mut world.flight).await;
        assert_eq!(world.queue.calls(), calls);
    }
}

#[tokio::test]
async fn a_claim_of_which_no_answer_came_is_in_doubt_no_longer_once_its_instance_is_back() {
    let mut world = World::new(1, 1);
    world.queue.state().away = 1;
    assert!(world.step().await.is_err());
    let claimed = under_way(build::email(1, EmailStatus::InWarteschlange));
    let doubted = claimed.abandon(build::instant()).unwrap().into_after();
    assert!(doubted.in_doubt());
    world.queue.state().doubted = vec![doubted];
    world.dispatch.reap(&mut world.flight).await;
    assert_eq!(world.queue.saved(), [(1, EmailStatus::InWarteschlange)]);
    let state = world.queue.state();
    let email = state.saved.first().unwrap();
    assert_eq!((email.fehlerart, email.wiederholungsanzahl), (None, 0));
}
