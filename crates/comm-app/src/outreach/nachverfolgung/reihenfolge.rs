//! Whose silence is followed up first (contract, 'Follow-up automation').

use super::Nachverfolgungen;
use crate::outreach::telefonanrufe::vorwissen::Vorwissen;
use comm_domain::outreach::Empfaenger;
use comm_domain::outreach::nachverfolgung::Rang;
use comm_ports::outreach::VerfolgbareEmail;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How many therapists the directory is asked about at a time: fewer than the failures in a row after which a directory
/// is left alone, so that a few records that it cannot give do not end the questions about all others.
const AT_A_TIME: usize = 4;
/// How often the directory is asked again about those of whom it said nothing.
const PASSES: u64 = 5;
/// Longer than a directory that keeps failing is left alone.
const RESPITE: Duration = Duration::from_secs(6);

/// A therapist with silent emails.
pub(super) struct Fall {
    pub(super) therapist_id: i64,
    /// The oldest first.
    pub(super) emails: Vec<VerfolgbareEmail>,
    pub(super) vorwissen: Vorwissen,
}

impl Nachverfolgungen {
    /// Therapists who may have a place first, then those who were silent longest. The directory is asked before
    /// anything is locked.
    pub(super) async fn in_order(&self, emails: Vec<VerfolgbareEmail>) -> Vec<Fall> {
        let mut of_therapist: BTreeMap<i64, Vec<VerfolgbareEmail>> = BTreeMap::new();
        for email in emails {
            of_therapist
                .entry(email.therapist_id)
                .or_default()
                .push(email);
        }
        let mut known = self.ask_about(of_therapist.keys().copied().collect()).await;
        let fall = |(therapist_id, emails)| {
            let vorwissen = known.remove(&therapist_id)?;
            Some(Fall {
                therapist_id,
                emails,
                vorwissen,
            })
        };
        let mut faelle: Vec<Fall> = of_therapist.into_iter().filter_map(fall).collect();
        faelle.sort_by_key(|fall| self.rang(fall));
        faelle
    }

    /// A directory that gives some records and fails for others is left alone after a while, and then about whoever
    /// comes next, too: so it is asked again about those, in another order, for as long as it answers at all.
    async fn ask_about(&self, mut therapists: Vec<i64>) -> HashMap<i64, Vorwissen> {
        let mut known = HashMap::with_capacity(therapists.len());
        let salt = self.calls.moment().at.timestamp_micros().unsigned_abs();
        for pass in 1.. {
            therapists.sort_by_cached_key(|id| scattered(*id, salt.wrapping_add(pass)));
            let answers = self.ask_each(&therapists).await;
            let it_answers = answers.iter().any(|(_, said)| said.is_current());
            known.extend(answers);
            therapists.retain(|id| known.get(id).is_none_or(Vorwissen::is_missing));
            if therapists.is_empty() || !it_answers || pass == PASSES {
                break;
            }
            sleep(RESPITE).await;
        }
        known
    }

    /// The first one alone: a directory that was left alone lets one question pass before all others.
    async fn ask_each(&self, therapists: &[i64]) -> Vec<(i64, Vorwissen)> {
        let Some((first, others)) = therapists.split_first() else {
            return Vec::new();
        };
        let first = (*first, self.ask_leniently(*first).await);
        let turns = Arc::new(Semaphore::new(AT_A_TIME));
        let mut asked = JoinSet::new();
        for id in others.iter().copied() {
            let (runs, turns) = (self.clone(), Arc::clone(&turns));
            asked.spawn(async move {
                // Nobody closes it.
                let _turn = turns.acquire().await;
                (id, runs.ask_leniently(id).await)
            });
        }
        let mut answers = asked.join_all().await;
        answers.push(first);
        answers
    }

    async fn ask_leniently(&self, therapist_id: i64) -> Vorwissen {
        let person = Empfaenger::Therapeut(therapist_id);
        self.calls.ask_leniently(person).await
    }

    fn rang(&self, fall: &Fall) -> Rang {
        let oldest = fall.emails.iter().map(|email| email.gesendet_am).min();
        Rang {
            verfuegbarkeit: fall.vorwissen.verfuegbarkeit(),
            wartet_seit: self
                .calls
                .settings()
                .zone
                .wall_clock(oldest.unwrap_or_default()),
            therapist_id: fall.therapist_id,
        }
    }
}

/// An order in which neighbours are no neighbours, another one for each `salt`: the multiplication of SplitMix64.
fn scattered(therapist_id: i64, salt: u64) -> u64 {
    let mixed = therapist_id.unsigned_abs() ^ salt.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
