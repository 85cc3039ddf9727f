//! People of whom nothing could be learnt a moment ago, so that no list asks about them again and again.

use super::locked;
use comm_domain::outreach::Empfaenger;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// How long a moment is.
pub(super) const IN_VAIN: Duration = Duration::from_secs(30);
/// With so many, those for whom it is over are looked for.
const MANY: usize = 4096;

#[derive(Default)]
pub(super) struct InVain {
    asked_at: Mutex<HashMap<Empfaenger, Instant>>,
}

impl InVain {
    pub(super) fn has(&self, wer: Empfaenger) -> bool {
        let asked_at = locked(&self.asked_at);
        asked_at.get(&wer).is_some_and(|at| at.elapsed() < IN_VAIN)
    }

    pub(super) fn note(&self, wer: Empfaenger) {
        let mut asked_at = locked(&self.asked_at);
        if asked_at.len() >= MANY {
            asked_at.retain(|_, at| at.elapsed() < IN_VAIN);
        }
        asked_at.insert(wer, Instant::now());
    }

    pub(super) fn remove(&self, wer: Empfaenger) {
        locked(&self.asked_at).remove(&wer);
    }
}
