//! A queue in memory behind the storage mocks.

use async_trait::async_trait;
use comm_domain::Change;
use comm_domain::outreach::{Email, EmailId, EmailStatus};
use comm_ports::error::StoreError;
use comm_ports::outreach::{Claim, EmailQuery, OutreachStore, OutreachTx, Turn, Verdict};
use comm_ports::page::Page;
use comm_ports::testing::{MockOutreachStore, MockOutreachTx, build};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::sleep;
use uuid::Uuid;

#[derive(Default)]
pub(super) struct State {
    pub(super) waiting: VecDeque<Email>,
    /// Claimed emails with the token that the row has.
    pub(super) held: Vec<(Email, Uuid)>,
    pub(super) expired: Vec<Email>,
    /// Emails in doubt that were claimed with a token whose turn had no answer.
    pub(super) doubted: Vec<Email>,
    pub(super) saved: Vec<Email>,
    /// The calls in their order, those that only read excepted.
    pub(super) calls: Vec<String>,
    pub(super) renewed: Vec<Uuid>,
    /// For how long they were renewed.
    pub(super) lease: Duration,
    pub(super) due: Option<Duration>,
    /// How many turns fail from now on.
    pub(super) away: usize,
    pub(super) renewal_fails: bool,
    pub(super) claim_fails: bool,
    /// An email that the store refuses to save.
    pub(super) poison: Option<i64>,
}

#[derive(Default)]
pub(super) struct Queue(Mutex<State>);

impl Queue {
    pub(super) fn of(waiting: i64) -> Self {
        let queue = Self::default();
        queue.state().waiting = (1..=waiting)
            .map(|id| build::email(id, EmailStatus::InWarteschlange))
            .collect();
        queue
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// The states of the emails that were saved, by id.
    pub(super) fn saved(&self) -> Vec<(i64, EmailStatus)> {
        let state = self.state();
        let mut saved: Vec<_> = state.saved.iter().map(|e| (e.id.0, e.status)).collect();
        saved.sort_by_key(|(id, _)| *id);
        saved
    }

    /// Gives the email to another token, as an instance does that took its lease for expired.
    pub(super) fn give_away(&self, id: i64) -> Email {
        let mut state = self.state();
        let place = state.held.iter().position(|(e, _)| e.id.0 == id).unwrap();
        state.held.remove(place).0
    }
}

impl State {
    fn turn(&mut self, verdicts: &[Verdict], claim: Claim) -> Result<Turn, StoreError> {
        if self.away > 0 {
            self.away -= 1;
            return Err(unavailable());
        }
        if claim.limit > 0 && self.claim_fails {
            self.calls.push(format!("claim {}", claim.limit));
            return Err(StoreError::Corrupt("a row".to_owned()));
        }
        let refused = |verdict: &Verdict| Some(verdict.change.after().id.0) == self.poison;
        if verdicts.iter().any(refused) {
            return Err(StoreError::Corrupt("a row".to_owned()));
        }
        let saved = self.save_claimed(verdicts);
        let claimed = match claim.limit {
            0 => Vec::new(),
            limit => self.claim(claim.sperre, limit),
        };
        self.calls.push("commit".to_owned());
        Ok(Turn { saved, claimed })
    }

    fn claim(&mut self, sperre: Uuid, limit: usize) -> Vec<Email> {
        self.calls.push(format!("claim {limit}"));
        let count = limit.min(self.waiting.len());
        let claimed: Vec<_> = self.waiting.drain(..count).map(under_way).collect();
        let held = claimed.iter().map(|email| (email.clone(), sperre));
        self.held.extend(held);
        claimed
    }

    fn save_claimed(&mut self, verdicts: &[Verdict]) -> Vec<EmailId> {
        let mut saved = Vec::new();
        for verdict in verdicts {
            let email = verdict.change.after();
            let is_as_claimed = self.held.iter().any(|(held, sperre)| {
                (held.id, *sperre, held.updated_at) == (email.id, verdict.sperre, verdict.seen)
                    && held.status == EmailStatus::WirdGesendet
            });
            if is_as_claimed {
                self.save(email);
                saved.push(email.id);
            }
        }
        saved
    }

    fn lock_held(&self, pairs: &[(EmailId, Uuid)]) -> Vec<Email> {
        let wanted = |(email, sperre): &&(Email, Uuid)| pairs.contains(&(email.id, *sperre));
        let held = self.held.iter().filter(wanted);
        held.map(|(email, _)| email.clone()).collect()
    }

    fn save(&mut self, email: &Email) {
        self.calls.push(format!("save {}", email.id));
        self.held.retain(|(held, _)| held.id != email.id);
        self.expired.retain(|expired| expired.id != email.id);
        self.doubted.retain(|doubted| doubted.id != email.id);
        self.saved.push(email.clone());
    }
}

pub(super) fn unavailable() -> StoreError {
    StoreError::Unavailable("away".into())
}

/// As the store's claim does it.
pub(super) fn under_way(email: Email) -> Email {
    let mut record = (*email).clone();
    record.status = EmailStatus::WirdGesendet;
    Email::restore(record)
}

pub(super) fn store(queue: &Arc<Queue>) -> MockOutreachStore {
    let mut store = MockOutreachStore::new();
    let q = queue.clone();
    store
        .expect_turn()
        .returning(move |verdicts, claim| q.state().turn(verdicts, claim));
    let q = queue.clone();
    store.expect_begin().returning(move || Ok(Box::new(tx(&q))));
    let q = queue.clone();
    store.expect_next_due().returning(move || Ok(q.state().due));
    let q = queue.clone();
    store.expect_renew().returning(move |sperren, lease| {
        let mut state = q.state();
        state.lease = lease;
        state.calls.push("renew".to_owned());
        if state.renewal_fails {
            return Err(unavailable());
        }
        state.renewed = sperren.to_vec();
        let ours = state
            .held
            .iter()
            .filter(|(_, sperre)| sperren.contains(sperre));
        Ok(ours.map(|(email, sperre)| (email.id, *sperre)).collect())
    });
    let q = queue.clone();
    store.expect_release().returning(move |sperren| {
        q.state().calls.push(format!("release {}", sperren.len()));
        Ok(sperren.len())
    });
    store
}

fn tx(queue: &Arc<Queue>) -> MockOutreachTx {
    let mut tx = MockOutreachTx::new();
    let q = queue.clone();
    tx.expect_lock_held()
        .returning(move |pairs| Ok(q.state().lock_held(pairs)));
    let q = queue.clone();
    tx.expect_lock_expired().returning(move |except| {
        let mut state = q.state();
        state.calls.push("expired".to_owned());
        let next = state
            .expired
            .iter()
            .position(|email| !except.contains(&email.id));
        Ok(next.map(|place| state.expired[place].clone()))
    });
    let q = queue.clone();
    tx.expect_lock_doubted().returning(move |sperren| {
        let mut state = q.state();
        state.calls.push(format!("doubted {}", sperren.len()));
        Ok(state.doubted.clone())
    });
    let q = queue.clone();
    tx.expect_save_email().returning(move |change| {
        let email = change.into_after();
        q.state().save(&email);
        Ok(email)
    });
    let q = queue.clone();
    tx.expect_commit().returning(move || {
        q.state().calls.push("commit".to_owned());
        Ok(())
    });
    tx
}

/// A store that is slow to take a turn.
pub(super) struct Slow {
    pub(super) store: MockOutreachStore,
    pub(super) delay: Duration,
}

#[async_trait]
impl OutreachStore for Slow {
    async fn begin(&self) -> Result<Box<dyn OutreachTx>, StoreError> {
        self.store.begin().await
    }

    async fn turn(&self, verdicts: &[Verdict], claim: Claim) -> Result<Turn, StoreError> {
        sleep(self.delay).await;
        self.store.turn(verdicts, claim).await
    }

    async fn next_email_id(&self) -> Result<EmailId, StoreError> {
        self.store.next_email_id().await
    }

    async fn insert_email(&self, change: Change<Email>) -> Result<Email, StoreError> {
        self.store.insert_email(change).await
    }

    async fn email(&self, id: EmailId) -> Result<Option<Email>, StoreError> {
        self.store.email(id).await
    }

    async fn attachment(&self, id: EmailId, number: i32) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.attachment(id, number).await
    }

    async fn list_emails(&self, query: &EmailQuery) -> Result<Page<Email>, StoreError> {
        self.store.list_emails(query).await
    }

    async fn next_due(&self) -> Result<Option<Duration>, StoreError> {
        self.store.next_due().await
    }

    async fn renew(
        &self,
        sperren: &[Uuid],
        lease: Duration,
    ) -> Result<Vec<(EmailId, Uuid)>, StoreError> {
        self.store.renew(sperren, lease).await
    }

    async fn release(&self, sperren: &[Uuid]) -> Result<usize, StoreError> {
        self.store.release(sperren).await
    }

    async fn purge_keys(&self, limit: i64) -> Result<usize, StoreError> {
        self.store.purge_keys(limit).await
    }

    async fn take_up_frequent_word(&self, emails: i64) -> Result<bool, StoreError> {
        self.store.take_up_frequent_word(emails).await
    }

    async fn ready(&self) -> Result<bool, StoreError> {
        self.store.ready().await
    }
}
