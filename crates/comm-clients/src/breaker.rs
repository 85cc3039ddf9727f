//! A circuit breaker: a service that fails again and again is left alone for a moment, then one question
//! tries whether it is back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Failures in a row that open it.
pub(crate) const MOST_FAILURES: u32 = 5;
/// For how long it stays open.
pub(crate) const PAUSE: Duration = Duration::from_secs(5);

/// Shared by all questions to one service.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// Questions pass; so many failed in a row.
    Closed(u32),
    /// None passes until then.
    Open(Instant),
    /// One is under way and decides.
    HalfOpen,
}

impl Default for State {
    fn default() -> Self {
        Self::Closed(0)
    }
}

/// One question that may be put. Dropped without a word, it says nothing of the service.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
}

impl Breaker {
    /// `None` while the service is left alone.
    pub(crate) fn enter(&self) -> Option<Permit<'_>> {
        let mut state = self.state();
        let is_probe = match *state {
            State::Closed(_) => false,
            State::Open(until) if until <= Instant::now() => {
                *state = State::HalfOpen;
                true
            }
            State::Open(_) | State::HalfOpen => return None,
        };
        Some(Permit {
            breaker: self,
            is_probe,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// The service answered, be it a no.
    pub(crate) fn succeeded(mut self) {
        *self.breaker.state() = State::Closed(0);
        self.is_probe = false;
    }

    /// It did not, or nothing that makes sense.
    pub(crate) fn failed(self) {
        let mut state = self.breaker.state();
        if let State::Closed(failures) = &mut *state {
            *failures += 1;
            if *failures >= MOST_FAILURES {
                *state = State::Open(Instant::now() + PAUSE);
            }
        }
        // If it is the probe, dropping it opens the breaker again.
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            let mut state = self.breaker.state();
            if matches!(*state, State::HalfOpen) {
                *state = State::Open(Instant::now() + PAUSE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn fail(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.enter().unwrap().failed();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_and_not_after_as_many_with_a_success_between() {
        let breaker = Breaker::default();
        for _ in 0..3 {
            fail(&breaker, MOST_FAILURES - 1);
            breaker.enter().unwrap().succeeded();
        }
        fail(&breaker, MOST_FAILURES - 1);
        assert!(breaker.enter().is_some(), "one failure short");
        fail(&breaker, 1);
        assert!(breaker.enter().is_none());
        advance(PAUSE - Duration::from_millis(1)).await;
        assert!(breaker.enter().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_pause_one_question_decides_for_all() {
        let breaker = Breaker::default();
        fail(&breaker, MOST_FAILURES);
        advance(PAUSE).await;
        let probe = breaker.enter().unwrap();
        assert!(breaker.enter().is_none(), "there is one already");
        probe.failed();
        assert!(breaker.enter().is_none(), "it is still away");
        advance(PAUSE).await;
        breaker.enter().unwrap().succeeded();
        fail(&breaker, MOST_FAILURES - 1);
        assert!(breaker.enter().is_some(), "it counts from the beginning");
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_makes_room_for_the_next_one_after_the_pause() {
        let breaker = Breaker::default();
        fail(&breaker, MOST_FAILURES);
        advance(PAUSE).await;
        drop(breaker.enter().unwrap());
        assert!(breaker.enter().is_none());
        advance(PAUSE).await;
        assert!(breaker.enter().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_failure_neither_prolongs_the_pause_nor_takes_the_place_of_the_probe() {
        let breaker = Breaker::default();
        let [early, late] = [(); 2].map(|()| breaker.enter().unwrap());
        fail(&breaker, MOST_FAILURES);
        advance(PAUSE / 2).await;
        early.failed();
        advance(PAUSE / 2).await;
        let probe = breaker.enter().unwrap();
        late.failed();
        assert!(breaker.enter().is_none());
        probe.succeeded();
        assert!(breaker.enter().is_some());
    }
}
