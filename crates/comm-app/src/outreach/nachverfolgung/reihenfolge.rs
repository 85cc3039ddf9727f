//! Whose silence is followed up first (contract, 'Follow-up automation').

use super::Nachverfolgungen;
use crate::outreach::telefonanrufe::vorwissen::Vorwissen;
use comm_domain::outreach::Empfaenger;
use comm_domain::outreach::nachverfolgung::Rang;
use comm_ports::outreach::VerfolgbareEmail;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many therapists the directory is asked about at a time.
const AT_A_TIME: usize = 8;

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
        let turns = Arc::new(Semaphore::new(AT_A_TIME));
        let mut asked = JoinSet::new();
        for (therapist_id, emails) in of_therapist {
            let (calls, turns) = (self.calls.clone(), Arc::clone(&turns));
            asked.spawn(async move {
                // Nobody closes it.
                let _turn = turns.acquire().await;
                let person = Empfaenger::Therapeut(therapist_id);
                Fall {
                    therapist_id,
                    emails,
                    vorwissen: calls.ask_leniently(person).await,
                }
            });
        }
        let mut faelle = asked.join_all().await;
        faelle.sort_by_key(|fall| self.rang(fall));
        faelle
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
