//! Reads and one-shot writes.

use super::email_row::EmailRow;
use super::{anhang, email_list, email_queue, email_turn, keys};
use crate::error::from_diesel;
use crate::migrations;
use crate::tx::PgTx;
use crate::{PgStore, sql::sql};
use async_trait::async_trait;
use comm_domain::Change;
use comm_domain::outreach::{Email, EmailId};
use comm_ports::error::StoreError;
use comm_ports::outreach::{Claim, EmailQuery, OutreachStore, OutreachTx, Turn, Verdict};
use comm_ports::page::Page;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tracing::warn;
use uuid::Uuid;

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Nullable<Text>)]
    version: Option<String>,
}

#[async_trait]
impl OutreachStore for PgStore {
    async fn begin(&self) -> Result<Box<dyn OutreachTx>, StoreError> {
        let conn = self.conn().await?;
        let encoder = Arc::clone(&self.encoder);
        Ok(Box::new(PgTx::begin(conn, encoder).await?))
    }

    async fn next_email_id(&self) -> Result<EmailId, StoreError> {
        self.email_ids.next().await.map(EmailId)
    }

    async fn insert_email(&self, change: Change<Email>) -> Result<Email, StoreError> {
        self.births.store(change).await
    }

    async fn email(&self, id: EmailId) -> Result<Option<Email>, StoreError> {
        email_list::one(id.0, &mut *self.conn().await?)
            .await
            .map_err(from_diesel)?
            .map(Email::try_from)
            .transpose()
    }

    async fn attachment(&self, id: EmailId, number: i32) -> Result<Option<Vec<u8>>, StoreError> {
        anhang::content(id.0, number, &mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }

    async fn list_emails(&self, query: &EmailQuery) -> Result<Page<Email>, StoreError> {
        self.email_page(query).await
    }

    async fn turn(&self, verdicts: &[Verdict], claim: Claim) -> Result<Turn, StoreError> {
        let (saved, claimed) = match self.domain_limit {
            Some(most) if claim.limit > 0 => {
                let settle_only = Claim { limit: 0, ..claim };
                let (saved, _) = self.settle_and_claim(verdicts, &settle_only).await?;
                (saved, self.claim_throttled(&claim, most).await?)
            }
            _ => self.settle_and_claim(verdicts, &claim).await?,
        };
        let claimed = email_queue::readable(claimed);
        if !claimed.unreadable.is_empty()
            && let Err(error) = self.put_off(&claimed.unreadable).await
        {
            // The others are claimed all the same.
            warn!(%error, "Emails that cannot be read stay under way");
        }
        let claimed = claimed.emails;
        Ok(Turn { saved, claimed })
    }

    async fn next_due(&self) -> Result<Option<Duration>, StoreError> {
        email_queue::next_due(self.domain_limit, &mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }

    async fn renew(
        &self,
        sperren: &[Uuid],
        lease: Duration,
    ) -> Result<Vec<(EmailId, Uuid)>, StoreError> {
        let held: Vec<email_queue::Held> = email_queue::renew(sperren, lease)
            .load(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)?;
        Ok(held
            .into_iter()
            .map(|row| (EmailId(row.id), row.sperre))
            .collect())
    }

    async fn release(&self, sperren: &[Uuid]) -> Result<usize, StoreError> {
        email_queue::release(sperren)
            .execute(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }

    async fn purge_keys(&self, limit: i64) -> Result<usize, StoreError> {
        keys::purge(limit)
            .execute(&mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }

    async fn take_up_frequent_word(&self, emails: i64) -> Result<bool, StoreError> {
        self.pair_frequent_word(emails).await
    }

    async fn ready(&self) -> Result<bool, StoreError> {
        let exists = "SELECT CAST(to_regclass( \
             'communication_service.__diesel_schema_migrations') AS text) AS version";
        let newest = "SELECT max(version) AS version \
             FROM communication_service.__diesel_schema_migrations";
        let mut conn = self.conn().await?;
        let table: Version = sql(exists)
            .get_result(&mut conn)
            .await
            .map_err(from_diesel)?;
        if table.version.is_none() {
            return Ok(false);
        }
        let applied: Version = sql(newest)
            .get_result(&mut conn)
            .await
            .map_err(from_diesel)?;
        // A newer version than ours is another instance's, in the middle of a release: that is fine.
        Ok(applied.version >= migrations::newest_version())
    }
}

impl PgStore {
    async fn put_off(&self, unreadable: &[i64]) -> Result<(), StoreError> {
        email_queue::put_off(unreadable)
            .execute(&mut *self.conn().await?)
            .await
            .map(drop)
            .map_err(from_diesel)
    }

    async fn settle_and_claim(
        &self,
        verdicts: &[Verdict],
        claim: &Claim,
    ) -> Result<(Vec<EmailId>, Vec<EmailRow>), StoreError> {
        let statement = email_turn::statement(verdicts, claim, self.encoder.as_ref())?;
        email_turn::run(statement, &mut *self.conn().await?)
            .await
            .map_err(from_diesel)
    }

    async fn claim_throttled(
        &self,
        claim: &Claim,
        most: NonZeroU32,
    ) -> Result<Vec<EmailRow>, StoreError> {
        let mut tx = PgTx::begin(self.conn().await?, Arc::clone(&self.encoder)).await?;
        let claimed = tx.claim_throttled(claim, most).await?;
        Box::new(tx).commit().await?;
        Ok(claimed)
    }
}
