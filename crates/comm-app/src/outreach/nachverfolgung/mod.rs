//! Following up silence: who did not answer an email is called (contract, 'Follow-up automation'). What is decided
//! about one email is comm-domain's; here it is done for all that are due, in batches of therapists, each batch in a
//! transaction under the locks of its therapists' contact states.

mod bericht;
mod planung;
mod reihenfolge;
mod settings;
mod stapel;

pub use bericht::{Berichtszeile, Lauf, Nachverfolgungsbericht};
pub use settings::{FollowupConfig, FollowupSettings, not_before};

use super::Telefonanrufe;
use super::emails::finish;
use crate::Adapters;
use crate::daily::under_lease;
use crate::error::OutreachError;
use crate::once::Once;
use chrono::{DateTime, Days, NaiveDate, Utc};
use comm_ports::outreach::VerfolgbareEmail;
use comm_ports::{KeptAnswer, Signal};
use planung::Massstab;
use stapel::Stand;
use tracing::info;

/// How many therapists share a transaction.
const BATCH: usize = 50;
/// After how many emails the log hears of a run.
const PROGRESS: usize = 5000;

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct Nachverfolgungen {
    adapters: Adapters,
    calls: Telefonanrufe,
    settings: FollowupSettings,
}

impl Nachverfolgungen {
    pub(crate) fn new(
        adapters: Adapters,
        calls: Telefonanrufe,
        settings: FollowupSettings,
    ) -> Self {
        Self {
            adapters,
            calls,
            settings,
        }
    }

    /// Runs now. A trial runs beside any other run; of real ones there is one at a time over all instances, the
    /// daily one included.
    ///
    /// # Errors
    /// Another run is under way, or storage: what was booked before stays.
    pub async fn run_now(&self, lauf: Lauf) -> Result<Nachverfolgungsbericht, OutreachError> {
        let runs = self.clone();
        finish(async move {
            if lauf == Lauf::Probe {
                return runs.run(lauf).await;
            }
            let lease = runs.adapters.daily.try_begin().await?;
            let mut lease = lease.ok_or(OutreachError::RunUnderWay)?;
            let done = under_lease(lease.as_mut(), runs.run(lauf)).await;
            lease.release().await;
            done.ok_or(OutreachError::RunUnderWay)?
        })
        .await
    }

    /// A real run at most once, however often the request is repeated.
    ///
    /// # Errors
    /// A key in use, or as [`Self::run_now`].
    pub async fn run_once(
        &self,
        once: Once<Nachverfolgungsbericht>,
    ) -> Result<KeptAnswer, OutreachError> {
        let runs = self.clone();
        finish(async move { runs.run_and_keep(once).await }).await
    }

    async fn run_and_keep(
        &self,
        once: Once<Nachverfolgungsbericht>,
    ) -> Result<KeptAnswer, OutreachError> {
        let mut tx = self.adapters.store.begin().await?;
        let before = once.before(tx.as_mut()).await;
        tx.rollback().await;
        if let Some(answer) = before? {
            return Ok(answer);
        }
        let bericht = self.run_now(Lauf::Echt).await?;
        // The run was many transactions, each of which could be repeated without harm; the answer is kept by a last one.
        let mut tx = self.adapters.store.begin().await?;
        if let Some(answer) = once.before(tx.as_mut()).await? {
            return Ok(answer);
        }
        let answer = once.keep(tx.as_mut(), bericht).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// The caller of a real run holds the lock of the daily work.
    pub(crate) async fn run(&self, lauf: Lauf) -> Result<Nachverfolgungsbericht, OutreachError> {
        let zone = self.calls.settings().zone;
        let heute = self.calls.moment().heute();
        let store = self.adapters.nachverfolgungen.as_ref();
        let not_before = self.settings.since(store).await?;
        let massstab = Massstab {
            regeln: self.settings.regeln(not_before, zone),
            kontaktregeln: self.calls.settings().kontaktregeln.service,
            zone,
            heute,
        };
        let emails = self.due(not_before, heute).await?;
        let total = emails.len();
        let mut zeilen = Vec::with_capacity(total);
        let mut stand = Stand::new(lauf, massstab);
        let mut told = 0;
        for faelle in self.in_order(emails).await.chunks(BATCH) {
            zeilen.extend(self.batch_or_each(faelle, &mut stand).await?);
            if zeilen.len() - told >= PROGRESS {
                told = zeilen.len();
                info!(
                    done = told,
                    of = total,
                    "Silent emails are being followed up"
                );
            }
        }
        if lauf == Lauf::Echt {
            self.adapters.signals.raise(Signal::Outbox);
        }
        Ok(Nachverfolgungsbericht {
            lauf,
            am: heute,
            zeilen,
        })
    }

    /// Those whose time of silence is over, without imported history.
    async fn due(
        &self,
        not_before: DateTime<Utc>,
        heute: NaiveDate,
    ) -> Result<Vec<VerfolgbareEmail>, OutreachError> {
        let zone = self.calls.settings().zone;
        let ago = |days: u32| heute.checked_sub_days(Days::new(days.into()));
        let first = ago(self.settings.max_age_days).map_or(not_before, |day| zone.begin_of(day));
        let Some(last) = ago(self.settings.wait_days).and_then(|day| day.succ_opt()) else {
            return Ok(Vec::new());
        };
        let (von, bis) = (first.max(not_before), zone.begin_of(last));
        Ok(self.adapters.nachverfolgungen.verfolgbare(von, bis).await?)
    }
}
