//! Many new emails at once: all are stored, or none (contract, `POST /api/emails/bulk`).

use super::emails::finish;
use super::{CreateEmail, Emails, ShownEmail};
use crate::error::OutreachError;
use crate::once::Once;
use comm_domain::Change;
use comm_domain::outreach::{Email, EmailStatus, NewEmail};
use comm_ports::outreach::OutreachTx;
use comm_ports::{KeptAnswer, RequestKey, Signal};
use thiserror::Error;
use tokio::runtime::Handle;

/// Most emails of one request.
pub const BULK_MAX: usize = 1000;

/// The email at one place is wrong in itself, so none was stored.
#[derive(Debug, Error)]
#[error("{error}")]
pub struct BulkError {
    /// Its place in the request, from 0.
    pub index: usize,
    /// What is wrong.
    #[source]
    pub error: OutreachError,
}

/// The emails that a request has stored, in its order.
type Stored = Option<Vec<Email>>;

impl Emails {
    /// Stores new emails in one transaction, at most once where the request has a key. `answer` makes the bytes
    /// that are answered, and kept for the key. The requests are taken one by one, aside.
    ///
    /// # Errors
    /// The request's own error, an email that breaks a rule, a key in use, or storage.
    pub async fn create_all<E>(
        &self,
        requests: Result<impl Iterator<Item = Result<CreateEmail, E>> + Send + 'static, E>,
        answer: fn(Vec<ShownEmail>) -> KeptAnswer,
        key: Option<RequestKey>,
    ) -> Result<KeptAnswer, E>
    where
        E: From<BulkError> + From<OutreachError> + Send + 'static,
    {
        let once = key.map(|key| Once { key, answer });
        let emails = self.clone();
        finish(async move {
            let new = emails.parse_all(requests).await?;
            let begun = emails.adapters.store.begin().await;
            let mut tx = begun.map_err(OutreachError::from)?;
            match emails.store_all(tx.as_mut(), new, answer, once).await {
                Ok((answer, Some(stored))) => {
                    tx.commit().await.map_err(OutreachError::from)?;
                    emails.raise_for_all(&stored);
                    Ok(answer)
                }
                // The key must be free before the client can repeat.
                done => {
                    tx.rollback().await;
                    done.map(|(answer, _)| answer)
                }
            }
        })
        .await
    }

    /// Before there is a transaction, and aside: a thousand bodies take their time to render.
    async fn parse_all<E>(
        &self,
        requests: Result<impl Iterator<Item = Result<CreateEmail, E>> + Send + 'static, E>,
    ) -> Result<Result<Vec<NewEmail>, E>, OutreachError>
    where
        E: From<BulkError> + Send + 'static,
    {
        let emails = self.clone();
        let runtime = Handle::current();
        let parse = move |(index, request): (usize, Result<CreateEmail, E>)| {
            let at = |error| BulkError { index, error };
            let new = runtime.block_on(emails.parse(request?));
            new.map_err(at).map_err(E::from)
        };
        let parse_all = move || requests?.enumerate().map(parse).collect();
        let parsed = tokio::task::spawn_blocking(parse_all).await;
        parsed.map_err(|_| OutreachError::Interrupted)
    }

    /// The answer, and the emails if this request stored them.
    async fn store_all<E: From<BulkError> + From<OutreachError>>(
        &self,
        tx: &mut dyn OutreachTx,
        new: Result<Vec<NewEmail>, E>,
        answer: fn(Vec<ShownEmail>) -> KeptAnswer,
        once: Option<Once<Vec<ShownEmail>>>,
    ) -> Result<(KeptAnswer, Stored), E> {
        if let Some(once) = &once
            && let Some(before) = once.before(tx).await?
        {
            return Ok((before, None));
        }
        let shown = self.insert_all::<E>(tx, new?).await?;
        let emails = shown.iter().map(|shown| shown.email.clone()).collect();
        let answer = match once {
            Some(once) => once.keep(tx, shown).await?,
            None => answer(shown),
        };
        Ok((answer, Some(emails)))
    }

    /// An earlier one of them counts as a contact for a later one.
    async fn insert_all<E: From<BulkError> + From<OutreachError>>(
        &self,
        tx: &mut dyn OutreachTx,
        new: Vec<NewEmail>,
    ) -> Result<Vec<ShownEmail>, E> {
        let ids = tx.next_email_ids(new.len()).await;
        let births = new.into_iter().zip(ids.map_err(OutreachError::from)?);
        let births: Vec<Change<Email>> = births.map(|(new, id)| self.birth(new, id)).collect();
        let mut pruefung = self.lock_for(tx, &births).await?;
        let check = |(index, birth): (usize, &Change<Email>)| {
            let at = |error| BulkError { index, error };
            pruefung.check(birth.after()).map_err(at)
        };
        let warnungen = births.iter().enumerate().map(check);
        let warnungen: Vec<_> = warnungen.collect::<Result<_, _>>()?;
        let inserted = tx.insert_emails(&births).await;
        inserted.map_err(OutreachError::from)?;
        let shown = |(birth, kontaktwarnung): (Change<Email>, _)| ShownEmail {
            kontaktwarnung,
            ..self.show(birth.into_after())
        };
        Ok(births.into_iter().zip(warnungen).map(shown).collect())
    }

    fn raise_for_all(&self, emails: &[Email]) {
        if emails.is_empty() {
            return;
        }
        self.adapters.signals.raise(Signal::Outbox);
        let waits = |email: &Email| email.status == EmailStatus::InWarteschlange;
        if emails.iter().any(waits) {
            self.adapters.signals.raise(Signal::Queue);
        }
    }
}
