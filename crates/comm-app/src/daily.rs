//! The work of every day, by one instance: from a time of day on, and made up for after a stop. What it does may be
//! done twice without harm, since each piece looks under its own lock whether it is still to be done.

use crate::Adapters;
use crate::error::OutreachError;
use crate::outreach::nachverfolgung::Lauf;
use crate::outreach::telefonanrufe::AnrufSettings;
use crate::outreach::{Nachverfolgungen, Telefonanrufe};
use chrono::{NaiveDate, NaiveTime};
use comm_domain::outreach::nachverfolgung::Ergebnis;
use comm_ports::{DailyLease, DailyStore};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

/// How often the clock is looked at, and a lock that another instance has is asked for.
const POLL: Duration = Duration::from_secs(30);
/// How often the lock is confirmed while the work is done.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// The worker.
pub struct Daily {
    adapters: Adapters,
    store: Arc<dyn DailyStore>,
    calls: Telefonanrufe,
    followups: Nachverfolgungen,
    settings: Arc<AnrufSettings>,
}

impl Daily {
    pub(crate) fn new(
        adapters: Adapters,
        calls: Telefonanrufe,
        followups: Nachverfolgungen,
        settings: Arc<AnrufSettings>,
    ) -> Self {
        Self {
            store: Arc::clone(&adapters.daily),
            adapters,
            calls,
            followups,
            settings,
        }
    }

    /// Works until it is told to stop; what is under way then is given up, and made up for by whoever is next.
    pub async fn run(&self, stop: CancellationToken) {
        let Some(daily_at) = self.settings.daily_at else {
            return stop.cancelled().await;
        };
        let mut done = None;
        while !stop.is_cancelled() {
            let due = self.due(daily_at);
            if done < Some(due) {
                tokio::select! {
                    () = stop.cancelled() => return,
                    turn = self.turn(due) => match turn {
                        Ok(is_done) => done = is_done.then_some(due).or(done),
                        Err(error) => warn!(error = %error, "The daily work could not be done; trying again"),
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(POLL) => {}
            }
        }
    }

    /// The latest day whose work is due: today's from `daily_at` on.
    fn due(&self, daily_at: NaiveTime) -> NaiveDate {
        let wall = self.settings.zone.wall_clock(self.adapters.clock.now());
        let begun = wall.time() >= daily_at;
        let today = wall.date();
        match begun {
            true => today,
            false => today.pred_opt().unwrap_or(today),
        }
    }

    /// Does the work of this day unless it was done; says whether it is done now.
    async fn turn(&self, day: NaiveDate) -> Result<bool, OutreachError> {
        let Some(mut lease) = self.store.try_begin().await? else {
            return Ok(false);
        };
        if lease.last_day().await? >= Some(day) {
            debug!("The daily work was done before");
            return Ok(true);
        }
        match under_lease(lease.as_mut(), self.work()).await {
            Some(worked) => worked?,
            None => return Ok(false),
        }
        lease.finish(day).await?;
        Ok(true)
    }

    async fn work(&self) -> Result<(), OutreachError> {
        // Neither keeps back the other.
        let retries = self.calls.catch_up().await;
        let followed = self.followups.run(Lauf::Echt).await?;
        let retries = retries?;
        info!(
            retries_planned = retries.geplant,
            retries_open = retries.offen,
            follow_ups_planned = followed.neue_anrufe(),
            follow_ups_joined = followed.anzahl(Ergebnis::Angeschlossen),
            follow_ups_left = followed.anzahl(Ergebnis::Gelassen),
            follow_ups_open = followed.anzahl(Ergebnis::Offen),
            "The daily work is done"
        );
        Ok(())
    }
}

/// Does work of which there may be one at a time over all instances. `None`: the lock is lost, another instance may be
/// at it, and this one has stopped.
pub(crate) async fn under_lease<T>(
    lease: &mut dyn DailyLease,
    work: impl Future<Output = T>,
) -> Option<T> {
    tokio::select! {
        worked = work => Some(worked),
        () = lost(lease) => {
            warn!("Another instance may do the daily work now; this one stops");
            None
        }
    }
}

/// Ends when the lock is lost.
async fn lost(lease: &mut dyn DailyLease) {
    loop {
        sleep(HEARTBEAT).await;
        if timeout(HEARTBEAT, lease.holds()).await != Ok(true) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outreach::{FollowupSettings, Verzeichnis};
    use crate::testing::{adapters, anrufe};
    use comm_ports::testing::build::instant;
    use comm_ports::testing::{
        MockDailyLease, MockDailyStore, MockNachverfolgungStore, MockTelefonanrufStore,
    };

    fn saturday() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 31).unwrap()
    }

    /// It is 10:15, and nothing is open.
    fn daily(lease: Option<MockDailyLease>) -> Daily {
        let mut store = MockDailyStore::new();
        store
            .expect_try_begin()
            .return_once(|| Ok(lease.map(|lease| Box::new(lease) as Box<dyn DailyLease>)));
        let mut calls = MockTelefonanrufStore::new();
        calls
            .expect_offene_wiederholungen()
            .returning(|_, _| Ok(Vec::new()));
        let mut silent = MockNachverfolgungStore::new();
        silent.expect_eingerichtet_am().returning(|| Ok(instant()));
        silent.expect_verfolgbare().returning(|_, _| Ok(Vec::new()));
        let adapters = Adapters {
            nachverfolgungen: Arc::new(silent),
            daily: Arc::new(store),
            telefonanrufe: Arc::new(calls),
            ..adapters()
        };
        let settings = Arc::new(anrufe());
        let verzeichnis = Verzeichnis::new(adapters.directories.clone());
        let calls = Telefonanrufe::new(adapters.clone(), verzeichnis, Arc::clone(&settings));
        let followups = FollowupSettings::default();
        let followups = Nachverfolgungen::new(adapters.clone(), calls.clone(), followups);
        Daily::new(adapters, calls, followups, settings)
    }

    fn lease(last: Option<NaiveDate>) -> MockDailyLease {
        let mut lease = MockDailyLease::new();
        lease.expect_last_day().returning(move || Ok(last));
        lease
    }

    #[tokio::test]
    async fn the_work_of_a_day_is_done_once_and_remembered() {
        let mut open = lease(saturday().pred_opt());
        open.expect_finish()
            .times(1)
            .withf(|day| *day == saturday())
            .returning(|_| Ok(()));
        assert!(daily(Some(open)).turn(saturday()).await.unwrap());
        // No `finish` is expected here.
        let done = lease(Some(saturday()));
        assert!(daily(Some(done)).turn(saturday()).await.unwrap());
        assert!(!daily(None).turn(saturday()).await.unwrap());
    }

    #[test]
    fn before_the_time_of_day_the_day_before_is_made_up_for() {
        let due = |hour| daily(None).due(NaiveTime::from_hms_opt(hour, 0, 0).unwrap());
        assert_eq!(due(10), saturday());
        assert_eq!(Some(due(11)), saturday().pred_opt());
    }
}
