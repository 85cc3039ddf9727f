//! Attempts that failed for the moment.

use super::{World, settings, temporary};
use crate::dispatch::QueueSettings;
use chrono::TimeDelta;
use comm_domain::outreach::{Email, EmailStatus, Fehlerart, Fehlergrund, Outcome, Versuchsplan};
use comm_ports::testing::build::{self, instant};
use comm_ports::{Origin, Signal};

/// One attempt of email 1 that ends like this; answers what was stored.
async fn attempt(world: &mut World, outcome: Outcome) -> Email {
    world.step().await.unwrap();
    world.server.answer(1, outcome);
    super::settle_down().await;
    world.step().await.unwrap();
    let mut state = world.queue.state();
    state.saved.pop().unwrap()
}

fn one_pause() -> QueueSettings {
    QueueSettings {
        backoff: Versuchsplan::of_minutes(&[2.0]).unwrap(),
        ..settings()
    }
}

#[tokio::test]
async fn a_passing_failure_waits_for_its_configured_pause_and_the_last_one_is_final() {
    let mut world = World::with(1, 1, one_pause());
    let waiting = attempt(&mut world, Outcome::Failed(temporary())).await;
    assert_eq!(waiting.status, EmailStatus::InWarteschlange);
    assert_eq!(waiting.due_in, Some(TimeDelta::minutes(2)));
    assert_eq!(world.flight.held(), 0, "its connection is free");

    world.queue.state().waiting.push_back(waiting);
    let failed = attempt(&mut world, Outcome::Failed(temporary())).await;
    assert_eq!(failed.status, EmailStatus::Fehlgeschlagen);
    assert_eq!(failed.fehlerart, Some(Fehlerart::Voruebergehend));
    assert_eq!(failed.wiederholungsanzahl, 2);
}

#[tokio::test]
async fn a_set_up_at_fault_never_uses_the_attempts_up() {
    let mut world = World::with(1, 1, one_pause());
    let mut fehler = temporary();
    fehler.grund = Fehlergrund::Zugang;
    for _ in 0..5 {
        let waiting = attempt(&mut world, Outcome::Failed(fehler.clone())).await;
        assert_eq!(waiting.status, EmailStatus::InWarteschlange);
        assert_eq!(waiting.due_in, Some(TimeDelta::minutes(1)));
        world.queue.state().waiting.push_back(waiting);
    }
}

#[tokio::test]
async fn a_server_that_is_away_holds_up_no_other_mail() {
    let mut world = World::new(1, 2);
    attempt(&mut world, Outcome::Failed(temporary())).await;
    assert_eq!(world.server.under_way(), [crate::testing::message_id(2)]);
    assert!(
        world
            .signals
            .raised
            .lock()
            .unwrap()
            .contains(&Signal::Outbox)
    );
}

#[tokio::test]
async fn every_attempt_has_the_date_on_which_the_mail_was_ready_to_be_sent() {
    let hours = TimeDelta::hours;
    for (queued, senden_ab, date) in [
        (instant() - hours(3), None, instant() - hours(3)),
        (
            instant() - hours(3),
            Some(instant() - hours(1)),
            instant() - hours(1),
        ),
        (
            instant() - hours(3),
            Some(instant() - hours(9)),
            instant() - hours(3),
        ),
    ] {
        let mut world = World::new(1, 0);
        let mut record = (*build::email(1, EmailStatus::InWarteschlange)).clone();
        record.in_warteschlange_am = Some(queued);
        record.senden_ab = senden_ab;
        world
            .queue
            .state()
            .waiting
            .push_back(Email::restore(record));
        let waiting = attempt(&mut world, Outcome::Failed(temporary())).await;
        world.queue.state().waiting.push_back(waiting);
        attempt(&mut world, Outcome::Accepted).await;
        let mails = world.server.mails.lock().unwrap();
        let dates: Vec<_> = mails.iter().map(|mail| mail.date).collect();
        assert_eq!(dates, [date, date]);
        assert!(mails.iter().all(|mail| mail.origin == Origin::Person));
    }
}
