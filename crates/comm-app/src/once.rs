//! Requests that are carried out at most once, however often a client repeats them (contract, 'Shared
//! rules', `Idempotency-Key`).
//!
//! Every use case that stores something takes part by three lines in its transaction: look at the key
//! before the work, keep the answer after it, commit.

use crate::error::OutreachError;
use comm_ports::outreach::OutreachTx;
use comm_ports::{KeptAnswer, KeyState, RequestKey};

/// A request with a key, and how the API answers it once the work is done.
pub struct Once<T> {
    /// The client's name for the request.
    pub key: RequestKey,
    /// The answer, in the bytes that are kept. Only success is ever kept.
    pub answer: fn(T) -> KeptAnswer,
}

impl<T> Once<T> {
    /// The answer that was given before, or `None` if the work is to be done now, in this transaction.
    pub(crate) async fn before(
        &self,
        tx: &mut dyn OutreachTx,
    ) -> Result<Option<KeptAnswer>, OutreachError> {
        match tx.claim_key(&self.key).await? {
            KeyState::Free => Ok(None),
            KeyState::Running => Err(OutreachError::StillRunning),
            KeyState::Answered { body_hash, .. } if body_hash != self.key.body_hash => {
                Err(OutreachError::KeyReused)
            }
            KeyState::Answered { answer, .. } => Ok(Some(answer)),
        }
    }

    /// Keeps the answer, in the transaction that did the work.
    pub(crate) async fn keep(
        &self,
        tx: &mut dyn OutreachTx,
        done: T,
    ) -> Result<KeptAnswer, OutreachError> {
        let answer = (self.answer)(done);
        tx.keep_answer(&self.key, &answer).await?;
        Ok(answer)
    }
}
