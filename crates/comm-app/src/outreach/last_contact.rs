//! Telling the Patient Service when a patient was last contacted (contract, 'Email', last point).
//!
//! The duty is written in the transaction of the contact. The request that made it tries at once and
//! waits a little; whatever it does not achieve, and every contact by the queue, is the worker's.

use crate::Adapters;
use crate::backoff::Backoff;
use comm_domain::outreach::{Email, LetzterKontakt, Telefonanruf};
use comm_domain::{Change, Zeitzone};
use comm_ports::error::StoreError;
use comm_ports::outreach::{ContactDuties, Kontaktmeldung, Meldung, OutreachTx};
use comm_ports::{DirectoryError, PatientDirectory, Signal};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// How long a duty is left to the request that made it, before a worker may take it.
pub(super) const HEAD_START: Duration = Duration::from_secs(5);
/// How long that request waits before it is answered.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longer than an attempt and storing its outcome take, unless the database is in trouble; then it is told
/// twice, which does no harm.
const LEASE: Duration = Duration::from_secs(10);
/// How many patients a worker tells about at a time.
const AT_A_TIME: usize = 8;
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// A worker also looks by itself.
const POLL: Duration = Duration::from_secs(60);
/// A due row that another instance is about to take must not make the worker spin.
const SHORTEST_POLL: Duration = Duration::from_millis(100);

/// The Patient Service, what it is owed, and the time zone in which days are counted.
#[derive(Clone)]
pub struct PatientService {
    /// Speaks to it.
    pub directory: Arc<dyn PatientDirectory>,
    /// What it still has to be told.
    pub duties: Arc<dyn ContactDuties>,
    /// The service's time zone.
    pub zone: Zeitzone,
}

impl Adapters {
    /// The contact that a change makes and that the Patient Service has to be told of.
    pub(crate) fn contact(&self, change: &Change<Email>) -> Option<LetzterKontakt> {
        let service = self.patient_service.as_ref()?;
        LetzterKontakt::of(change, service.zone)
    }

    /// The same of a call.
    pub(crate) fn call_contact(&self, change: &Change<Telefonanruf>) -> Option<LetzterKontakt> {
        self.patient_service.as_ref()?;
        LetzterKontakt::of_anruf(change)
    }

    /// Writes duties down, due after `wait`, in the transaction of the contacts.
    pub(crate) async fn owe(
        &self,
        tx: &mut dyn OutreachTx,
        contacts: impl IntoIterator<Item = LetzterKontakt>,
        wait: Duration,
    ) -> Result<(), StoreError> {
        let contacts = latest(contacts);
        if contacts.is_empty() {
            return Ok(());
        }
        tx.owe_contacts(&contacts, wait).await
    }

    /// After the commit: tries to tell, and waits for it at most two seconds. What does not get through
    /// is the worker's.
    pub(crate) async fn tell_now(&self, contact: Option<LetzterKontakt>) {
        let (Some(service), Some(contact)) = (self.patient_service.clone(), contact) else {
            return;
        };
        let signals = Arc::clone(&self.signals);
        let attempt = tokio::spawn(async move {
            match service.duties.claim(contact.patient_id, LEASE).await {
                Ok(Some(duty)) => service.tell(duty).await,
                Ok(None) => {}
                Err(error) => warn!(error = %error, "A last contact could not be told at once"),
            }
            // A worker may have to come back to it.
            signals.raise(Signal::LastContact);
        });
        if timeout(PATIENCE, attempt).await.is_err() {
            info!("The Patient Service takes its time; a last contact is told later");
        }
    }
}

/// One contact per patient, the latest, by ascending id.
fn latest(contacts: impl IntoIterator<Item = LetzterKontakt>) -> Vec<LetzterKontakt> {
    let mut contacts: Vec<_> = contacts.into_iter().collect();
    contacts.sort_unstable_by(|a, b| b.cmp(a));
    contacts.dedup_by_key(|contact| contact.patient_id);
    contacts.reverse();
    contacts
}

impl PatientService {
    /// One attempt, and how it ended. If that cannot be stored, the lease runs out.
    async fn tell(&self, duty: Kontaktmeldung) {
        let ended = match self.directory.tell_last_contact(duty.contact).await {
            Ok(()) => Meldung::Angekommen,
            Err(DirectoryError::Refused(cause)) => {
                warn!(error = %cause, "The Patient Service refuses to be told of a last contact; the duty ends");
                Meldung::Abgelehnt
            }
            Err(DirectoryError::Unavailable(cause)) => {
                let pause = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE).after(duty.versuche);
                warn!(
                    error = %cause,
                    failures = duty.versuche.saturating_add(1),
                    again_in = pause.as_secs(),
                    "The Patient Service could not be told of a last contact; trying again"
                );
                Meldung::Spaeter(pause)
            }
        };
        if let Err(error) = self.duties.settle(&duty, ended).await {
            warn!(error = %error, "Whether a last contact was told could not be stored; it is told again");
        }
    }
}

/// The worker. Instances share the duties.
pub struct LastContacts {
    service: PatientService,
    adapters: Adapters,
}

impl LastContacts {
    /// `None` without a Patient Service.
    pub(crate) fn new(adapters: &Adapters) -> Option<Self> {
        Some(Self {
            service: adapters.patient_service.clone()?,
            adapters: adapters.clone(),
        })
    }

    /// Works until it is told to stop; an attempt under way is finished.
    pub async fn run(&self, stop: CancellationToken) {
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30));
        while !stop.is_cancelled() {
            let turn = self.step().await;
            let works = turn.is_ok();
            let pause = match turn {
                Ok(pause) => {
                    backoff.succeeded();
                    pause
                }
                Err(error) => {
                    warn!(error = %error, "Last contacts cannot be read; trying again");
                    backoff.failed()
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.adapters.signals.wait(Signal::LastContact), if works => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// Tells what is due, several at a time; says how long there is nothing to do.
    async fn step(&self) -> Result<Duration, StoreError> {
        let duties = &self.service.duties;
        let claimed = duties.claim_due(LEASE, AT_A_TIME).await?;
        let full = claimed.len() == AT_A_TIME;
        let mut telling = JoinSet::new();
        for duty in claimed {
            let service = self.service.clone();
            telling.spawn(async move { service.tell(duty).await });
        }
        while telling.join_next().await.is_some() {}
        if full {
            return Ok(Duration::ZERO);
        }
        let due = duties.next_duty().await?;
        Ok(due.map_or(POLL, |due| due.clamp(SHORTEST_POLL, POLL)))
    }
}

#[cfg(test)]
mod tests;
