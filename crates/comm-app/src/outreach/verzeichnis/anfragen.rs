//! Questions under way: whoever asks the same at the same time shares the answer.

use super::locked;
use comm_domain::outreach::Empfaenger;
use comm_ports::Person;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// What a service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Antwort {
    /// This person.
    Bekannt(Person),
    /// That there is nobody with this id.
    Unbekannt,
    /// Nothing that could be understood.
    Keine,
}

type UnderWay = Mutex<HashMap<Empfaenger, watch::Receiver<Option<Antwort>>>>;

/// At most one question about each person.
#[derive(Clone, Default)]
pub(super) struct Anfragen {
    under_way: Arc<UnderWay>,
}

impl Anfragen {
    /// Has `question` asked unless it is under way already, from now on and to its end, even if nobody waits
    /// for the answer.
    pub(super) fn join(
        &self,
        wer: Empfaenger,
        question: impl Future<Output = Antwort> + Send + 'static,
    ) -> Anfrage {
        let (tell, answered) = watch::channel(None);
        {
            let mut under_way = locked(&self.under_way);
            if let Some(answered) = under_way.get(&wer) {
                return Anfrage(answered.clone());
            }
            under_way.insert(wer, answered.clone());
        }
        let ended = Ended {
            wer,
            anfragen: self.clone(),
        };
        tokio::spawn(async move {
            let answer = question.await;
            // Whoever comes from now on asks anew.
            drop(ended);
            tell.send_replace(Some(answer));
        });
        Anfrage(answered)
    }
}

/// One question; many may wait for its answer.
pub(super) struct Anfrage(watch::Receiver<Option<Antwort>>);

impl Anfrage {
    pub(super) async fn answer(mut self) -> Antwort {
        let answer = self.0.wait_for(Option::is_some).await;
        // Whoever asked may be gone without an answer.
        answer.map_or(Antwort::Keine, |answer| {
            answer.clone().unwrap_or(Antwort::Keine)
        })
    }
}

/// Takes the question off the list, also when it ends by a panic or with its runtime.
struct Ended {
    wer: Empfaenger,
    anfragen: Anfragen,
}

impl Drop for Ended {
    fn drop(&mut self) {
        locked(&self.anfragen.under_way).remove(&self.wer);
    }
}
