//! Words that have become frequent. Two of them may seldom meet, or never; then they have a list of their own beside
//! those of the single words, which triggers of `emails` keep as they keep these.

use crate::PgStore;
use crate::error::from_diesel;
use crate::sql::sql;
use comm_ports::error::StoreError;
use diesel::OptionalExtension;
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// Longer than statements of requests may take: two long lists are compared entry by entry.
const SETUP: &str = "SET jit = off; SET default_transaction_isolation = 'read committed'; SET statement_timeout = '10min'";
/// The `statement_timeout` of [`SETUP`].
const STATEMENT: Duration = Duration::from_secs(600);

/// The most frequent one that is not known yet, by PostgreSQL's own statistics: counting all words takes seconds.
const NEXT: &str = "SELECT wort FROM ( \
       SELECT unnest(most_common_vals::text::text[]) AS wort, unnest(most_common_freqs) AS share FROM pg_stats \
       WHERE schemaname = 'communication_service' AND tablename = 'email_suchworte' AND attname = 'wort') AS frequent \
     WHERE share * (SELECT reltuples FROM pg_class WHERE oid = 'communication_service.email_suchworte'::regclass) >= ? \
       AND strpos(wort, ' ') = 0 \
       AND NOT EXISTS (SELECT FROM communication_service.haeufige_suchworte AS known WHERE known.wort = frequent.wort) \
     ORDER BY share DESC, wort LIMIT 1";
const TAKE_UP: &str = "SELECT communication_service.haeufiges_suchwort_aufnehmen(?) AS taken";

#[derive(QueryableByName)]
struct Frequent {
    #[diesel(sql_type = Text)]
    wort: String,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

impl PgStore {
    pub(super) async fn pair_frequent_word(&self, emails: i64) -> Result<bool, StoreError> {
        let next = sql(NEXT).bind::<BigInt, _>(emails);
        let next = next.get_result(&mut *self.conn().await?).await;
        let next: Option<Frequent> = next.optional().map_err(from_diesel)?;
        let Some(Frequent { wort }) = next else {
            return Ok(false);
        };
        let mut conn = self.own_connection(SETUP, STATEMENT).await?;
        let taken = sql(TAKE_UP).bind::<Text, _>(wort);
        let taken: Taken = taken.get_result(&mut conn).await.map_err(from_diesel)?;
        Ok(taken.taken)
    }
}
