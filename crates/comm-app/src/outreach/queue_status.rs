//! How the queue fares, and whether somebody should look at it (contract, 'Email', `queue-status`).

use super::EmailSettings;
use crate::Adapters;
use comm_domain::outreach::{Fehlergrund, Folge};
use comm_ports::error::StoreError;
use comm_ports::outreach::{Attempts, QueueCounts, QueueFigures};
use std::time::Duration;

/// How long a due email may wait before somebody should look.
const DUE_PATIENCE: Duration = Duration::from_secs(300);

/// The use case. Cheap to clone.
#[derive(Clone)]
pub struct QueueStatus {
    adapters: Adapters,
    settings: EmailSettings,
}

impl QueueStatus {
    pub(crate) fn new(adapters: Adapters, settings: EmailSettings) -> Self {
        Self { adapters, settings }
    }

    /// The figures, out of the database; the day is that of the service's time zone.
    ///
    /// # Errors
    /// Storage.
    pub async fn figures(&self) -> Result<QueueFigures, StoreError> {
        let zone = self.settings.zone;
        let today = zone.begin_of(zone.day_of(self.adapters.clock.now()));
        let blame = Fehlergrund::Zugang.satz(Folge::Wiederholung);
        self.adapters.monitor.figures(today, &blame).await
    }

    /// Counts of all emails, which take their time in a large table.
    ///
    /// # Errors
    /// Storage.
    pub async fn counts(&self) -> Result<QueueCounts, StoreError> {
        self.adapters.monitor.counts().await
    }
}

/// What is wrong with the queue, in English sentences; none means that it is healthy.
pub fn issues(figures: &QueueFigures) -> Vec<String> {
    let mut issues = Vec::new();
    if !figures.running {
        issues.push("No worker is running: nothing is sent".to_owned());
    }
    let Attempts { known, failed } = figures.attempts;
    if failed * 2 > known {
        issues.push(format!("{failed} of the last {known} attempts failed"));
    }
    if let Some(waited) = figures.oldest_due.filter(|waited| *waited > DUE_PATIENCE) {
        let minutes = waited.as_secs() / 60;
        issues.push(format!("An email has been due for {minutes} minutes"));
    }
    if figures.blamed > 0 {
        issues.push(format!(
            "The mail server does not let the service in, and {} emails wait for that: check the settings of the section smtp",
            figures.blamed
        ));
    }
    issues
}

#[cfg(test)]
mod tests {
    use super::*;

    fn healthy() -> QueueFigures {
        QueueFigures {
            running: true,
            ..QueueFigures::default()
        }
    }

    fn assert_only(figures: &QueueFigures, words: &str) {
        let issues = issues(figures);
        assert!(issues.len() == 1 && issues[0].contains(words), "{issues:?}");
    }

    #[test]
    fn a_queue_that_works_has_no_issues() {
        assert_eq!(issues(&healthy()), Vec::<String>::new());
        let half = Attempts {
            known: 20,
            failed: 10,
        };
        let busy = QueueFigures {
            attempts: half,
            oldest_due: Some(Duration::from_secs(300)),
            ..healthy()
        };
        assert_eq!(issues(&busy), Vec::<String>::new());
    }

    #[test]
    fn each_thing_that_is_wrong_is_said() {
        let standing = QueueFigures::default();
        assert_only(&standing, "No worker is running");
        for (known, failed) in [(20, 11), (1, 1), (3, 2)] {
            let attempts = Attempts { known, failed };
            let figures = QueueFigures {
                attempts,
                ..healthy()
            };
            assert_only(&figures, &format!("{failed} of the last {known}"));
        }
        let late = QueueFigures {
            oldest_due: Some(Duration::from_secs(425)),
            ..healthy()
        };
        assert_only(&late, "due for 7 minutes");
        let locked_out = QueueFigures {
            blamed: 3,
            ..healthy()
        };
        assert_only(&locked_out, "3 emails");
    }
}
