//! One request about a person at a time in this process. The database's lock on the person decides between instances;
//! whoever waits here for the same person holds no connection meanwhile, so that a crowd around one therapist keeps
//! nobody else from the database.

use comm_domain::outreach::Empfaenger;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// How many people are remembered before those are forgotten for whom nobody waits.
const REMEMBERED: usize = 1024;

/// Whose turn it is, by person.
#[derive(Default)]
pub(super) struct Turns {
    people: Mutex<HashMap<Empfaenger, Weak<Turn<()>>>>,
}

impl Turns {
    /// Waits until nobody else is at it; the turn ends when the guard is dropped. First come, first served.
    pub(super) async fn of(&self, person: Empfaenger) -> OwnedMutexGuard<()> {
        let turn = self.turn(person);
        turn.lock_owned().await
    }

    fn turn(&self, person: Empfaenger) -> Arc<Turn<()>> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = people.get(&person).and_then(Weak::upgrade) {
            return turn;
        }
        if people.len() >= REMEMBERED {
            people.retain(|_, turn| turn.strong_count() > 0);
        }
        let turn = Arc::default();
        people.insert(person, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test(start_paused = true)]
    async fn people_do_not_wait_for_each_other_but_for_themselves() {
        let turns = Turns::default();
        let first = turns.of(Empfaenger::Therapeut(7)).await;
        // The patient with the same number is somebody else.
        turns.of(Empfaenger::Patient(7)).await;
        let second = turns.of(Empfaenger::Therapeut(7));
        assert!(timeout(Duration::from_secs(1), second).await.is_err());
        drop(first);
        turns.of(Empfaenger::Therapeut(7)).await;
    }

    #[tokio::test]
    async fn people_for_whom_nobody_waits_are_forgotten() {
        let turns = Turns::default();
        let held = turns.of(Empfaenger::Patient(1)).await;
        for id in 1..=3 * i64::try_from(REMEMBERED).unwrap() {
            turns.of(Empfaenger::Therapeut(id)).await;
        }
        let people = turns.people.lock().unwrap();
        assert!(people.len() <= REMEMBERED, "{}", people.len());
        assert!(people.contains_key(&Empfaenger::Patient(1)));
        drop(held);
    }
}
