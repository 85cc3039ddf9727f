//! One turn after the other.

use super::{World, hold, settings, temporary};
use crate::dispatch::QueueSettings;
use crate::testing::message_id;
use comm_domain::outreach::{
    EmailStatus,
    EmailStatus::{Fehlgeschlagen, Gesendet, InWarteschlange, WirdGesendet},
    Fehlerart, Fehlergrund, Folge, Outcome,
};
use comm_ports::Signal;
use comm_ports::testing::build::{self, instant};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const LONGEST: Duration = Duration::from_secs(60);

fn claims(world: &World) -> Vec<String> {
    let calls = world.queue.calls();
    calls
        .into_iter()
        .filter(|c| c.starts_with("claim"))
        .collect()
}

#[tokio::test]
async fn a_turn_claims_a_batch_and_never_more_than_connections_are_free() {
    let two = QueueSettings {
        batch_size: 2,
        ..settings()
    };
    let mut world = World::with(3, 9, two);
    assert_eq!(
        world.step().await.unwrap(),
        Duration::ZERO,
        "more may be due"
    );
    assert_eq!(
        world.step().await.unwrap(),
        LONGEST,
        "no connection is free"
    );
    assert_eq!(claims(&world), ["claim 2", "claim 1"]);
    world.step().await.unwrap();
    assert_eq!(claims(&world).len(), 2, "nothing is claimed ahead");
    assert_eq!(world.server.under_way(), [1, 2, 3].map(message_id));

    world.server.answer(2, Outcome::Accepted);
    super::settle_down().await;
    world.step().await.unwrap();
    assert_eq!(claims(&world), ["claim 2", "claim 1", "claim 1"]);
    assert_eq!(world.server.under_way(), [1, 3, 4].map(message_id));
}

#[tokio::test]
async fn a_batch_size_of_nothing_counts_as_one() {
    let none = QueueSettings {
        batch_size: 0,
        ..settings()
    };
    let mut world = World::with(3, 1, none);
    world.step().await.unwrap();
    assert_eq!(world.server.under_way(), [message_id(1)]);
}

#[tokio::test]
async fn a_turn_says_when_there_is_something_to_do_again() {
    let mut world = World::new(2, 0);
    assert_eq!(world.step().await.unwrap(), LONGEST, "nothing waits");
    for (due, pause) in [
        (Duration::from_secs(7), Duration::from_secs(7)),
        (Duration::from_secs(3600), LONGEST),
        (Duration::ZERO, Duration::from_millis(20)),
    ] {
        world.queue.state().due = Some(due);
        assert_eq!(world.step().await.unwrap(), pause);
    }
}

#[tokio::test]
async fn a_mail_goes_out_composed_under_its_message_id() {
    let mut world = World::new(1, 1);
    world.step().await.unwrap();
    let mails = world.server.mails.lock().unwrap();
    let mail = mails.first().unwrap();
    assert_eq!(
        (mail.message_id.as_str(), mail.date),
        ("1@example.org", instant())
    );
    assert_eq!(mail.from, build::mailbox("info", "Vermittlung"));
    assert_eq!(mail.to, build::mailbox("praxis", "Dr. Ada Beispiel"));
    assert_eq!(mail.subject, "Anfrage");
    assert_eq!(mail.html, "<p>Guten Tag</p>\n<footer>");
    assert_eq!(mail.text, "Guten Tag\n-- footer");
}

#[tokio::test]
async fn outcomes_are_stored_before_new_mails_are_claimed_and_reported_after_the_commit() {
    let mut world = World::new(1, 2);
    world.step().await.unwrap();
    assert!(world.signals.raised.lock().unwrap().is_empty());
    world.server.answer(1, Outcome::Accepted);
    world.flight.landed().await;
    world.step().await.unwrap();
    let calls = world.queue.calls();
    assert_eq!(calls, ["claim 1", "commit", "save 1", "claim 1", "commit"]);
    assert_eq!(world.queue.saved(), [(1, Gesendet)]);
    assert_eq!(*world.signals.raised.lock().unwrap(), [Signal::Outbox]);
    assert_eq!(world.flight.held(), 1, "only the second is still held");
}

#[tokio::test]
async fn an_outcome_whose_lease_is_gone_is_dropped_and_frees_its_connection() {
    let mut world = World::new(1, 2);
    world.step().await.unwrap();
    world.queue.give_away(1);
    world.server.answer(1, Outcome::Accepted);
    super::settle_down().await;
    world.step().await.unwrap();
    assert_eq!(world.queue.saved(), []);
    assert_eq!(world.server.under_way(), [message_id(2)]);
    assert_eq!(world.flight.held(), 1);
}

/// The first attempt hangs for so long that its lease is given away; a person queues the email anew, and
/// the same instance claims it again. Then both attempts end before the next turn.
#[tokio::test]
async fn of_two_attempts_of_one_email_only_the_one_that_holds_it_counts() {
    for first_lands_first in [true, false] {
        let mut world = World::new(2, 1);
        world.step().await.unwrap();
        let first = world.flight.sperren();
        let again = world.queue.give_away(1);
        world.queue.state().waiting.push_back(again);
        let (email, refused) = (Arc::new(build::email(1, WirdGesendet)), InWarteschlange);
        world.step().await.unwrap();
        let both = world.flight.sperren();
        let second = both.iter().find(|sperre| !first.contains(sperre)).unwrap();
        let mut landed = vec![
            (first.first().copied().unwrap(), Outcome::Accepted),
            (*second, Outcome::Failed(temporary())),
        ];
        if !first_lands_first {
            landed.reverse();
        }
        world.flight = super::Flight::default();
        for (sperre, outcome) in landed {
            world
                .flight
                .launch(email.clone(), sperre, hold(), async move { outcome });
            world.flight.landed().await;
        }
        world.step().await.unwrap();
        assert_eq!(world.queue.saved(), [(1, refused)], "{first_lands_first}");
    }
}

#[tokio::test]
async fn an_outcome_that_the_domain_refuses_holds_up_no_other() {
    let mut world = World::new(2, 2);
    world.step().await.unwrap();
    for (email, _) in &mut world.queue.state().held {
        if email.id.0 == 1 {
            *email = build::email(1, EmailStatus::Entwurf);
        }
    }
    world.server.answer(1, Outcome::Accepted);
    world.server.answer(2, Outcome::Accepted);
    super::settle_down().await;
    world.step().await.unwrap();
    assert_eq!(world.queue.saved(), [(2, Gesendet)]);
    assert_eq!(world.flight.held(), 0);
}

#[tokio::test]
async fn outcomes_that_cannot_be_stored_are_kept_for_the_next_turn() {
    let mut world = World::new(2, 2);
    world.step().await.unwrap();
    world.server.answer(1, Outcome::Accepted);
    super::settle_down().await;
    world.queue.state().away = 2;
    for _ in 0..2 {
        assert!(world.step().await.unwrap_err().is_transient());
        assert_eq!(world.flight.held(), 2);
    }
    world.step().await.unwrap();
    assert_eq!(world.queue.saved(), [(1, Gesendet)]);
}

#[tokio::test]
async fn a_row_that_cannot_be_claimed_does_not_keep_outcomes_from_being_stored() {
    let mut world = World::new(2, 1);
    world.step().await.unwrap();
    world.server.answer(1, Outcome::Accepted);
    super::settle_down().await;
    world.queue.state().claim_fails = true;
    assert!(world.step().await.is_err());
    assert_eq!(world.queue.calls().last().unwrap(), "commit");
    assert_eq!(world.flight.held(), 0);
}

#[tokio::test]
async fn nothing_is_claimed_once_the_work_is_to_stop() {
    let mut world = World::new(2, 1);
    let stop = CancellationToken::new();
    stop.cancel();
    world.dispatch.step(&mut world.flight, &stop).await.unwrap();
    assert_eq!(claims(&world), [] as [&str; 0]);
}

#[tokio::test]
async fn an_attempt_that_panics_leaves_its_email_in_doubt() {
    let mut world = World::new(2, 2);
    world.server.poisoned.lock().unwrap().insert(1);
    world.step().await.unwrap();
    world.step().await.unwrap();
    assert_eq!(world.queue.saved(), [(1, Fehlgeschlagen)]);
    let state = world.queue.state();
    let email = state.saved.first().unwrap();
    assert_eq!(email.fehlerart, Some(Fehlerart::AusgangUnklar));
    assert_eq!(
        email.fehlermeldung.as_deref(),
        Some(Fehlergrund::Abgebrochen.satz(Folge::Ende).as_str())
    );
}

#[tokio::test]
async fn an_outcome_that_the_store_refuses_holds_up_no_other_and_is_given_up() {
    let mut world = World::new(2, 2);
    world.step().await.unwrap();
    world.queue.state().poison = Some(1);
    world.server.answer(1, Outcome::Accepted);
    world.server.answer(2, Outcome::Accepted);
    super::settle_down().await;
    assert!(world.step().await.is_err());
    assert_eq!(world.queue.saved(), [(2, Gesendet)]);
    assert_eq!(world.flight.held(), 0, "its lease runs out");
    world.step().await.unwrap();
}
