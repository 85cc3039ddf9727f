//! Who a therapist or patient is: asks the platform's other services, keeps what they answer, and falls back
//! to that when they do not. Nothing here fails: every question has an [`Auskunft`].
//!
//! No connection to the database is held while a service is asked.

mod anfragen;
mod auskunft;
mod in_vain;
mod services;

pub use auskunft::{Auskunft, Bekannte, Eintrag, Stand};

use anfragen::{Anfrage, Anfragen, Antwort};
use comm_domain::outreach::Empfaenger;
use comm_ports::error::StoreError;
use comm_ports::{
    DirectoryCopies, Patient, PatientDirectory, Person, Therapeut, TherapistDirectory,
};
use services::Services;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tracing::warn;

/// How many people are asked about at a time for the sake of lists.
const AT_A_TIME: usize = 8;
/// The platform's directories, where there are any, and what is kept of them.
#[derive(Clone)]
pub struct Directories {
    /// The Therapist Service.
    pub therapists: Option<Arc<dyn TherapistDirectory>>,
    /// The Patient Service.
    pub patients: Option<Arc<dyn PatientDirectory>>,
    /// What they answered last.
    pub copies: Arc<dyn DirectoryCopies>,
    /// How long that counts.
    pub settings: VerzeichnisSettings,
}

/// How long an answer counts, and how long one waits for it.
#[derive(Debug, Clone, Copy)]
pub struct VerzeichnisSettings {
    /// A younger copy is as good as asking.
    pub copy_fresh: Duration,
    /// How long a list waits for people of whom there is no copy yet.
    pub list_wait: Duration,
    /// A copy that was not refreshed for as long is removed.
    pub keep_copies: Duration,
}

impl Default for VerzeichnisSettings {
    fn default() -> Self {
        Self {
            copy_fresh: Duration::from_secs(300),
            list_wait: Duration::from_millis(300),
            keep_copies: Duration::from_secs(90 * 86_400),
        }
    }
}

impl Directories {
    /// No directory is configured.
    pub fn none(copies: Arc<dyn DirectoryCopies>) -> Self {
        Self {
            therapists: None,
            patients: None,
            copies,
            settings: VerzeichnisSettings::default(),
        }
    }
}

/// The directory: cheap to clone, all clones share what is under way.
#[derive(Clone)]
pub struct Verzeichnis {
    inner: Arc<Inner>,
}

struct Inner {
    services: Services,
    /// Questions under way, and those that wait for their turn for the sake of lists.
    asking: Anfragen,
    queued: Anfragen,
    turns: Semaphore,
}

impl Verzeichnis {
    pub(crate) fn new(directories: Directories) -> Self {
        Self {
            inner: Arc::new(Inner {
                services: Services::new(directories),
                asking: Anfragen::default(),
                queued: Anfragen::default(),
                turns: Semaphore::new(AT_A_TIME),
            }),
        }
    }

    /// What is known of a therapist. Takes two seconds at most, and the time that the database takes.
    pub async fn therapeut(&self, id: i64) -> Auskunft<Therapeut> {
        let auskunft = self.look_up(Empfaenger::Therapeut(id)).await;
        auskunft.only(auskunft::therapeut)
    }

    /// What is known of a patient; see [`Self::therapeut`].
    pub async fn patient(&self, id: i64) -> Auskunft<Patient> {
        let auskunft = self.look_up(Empfaenger::Patient(id)).await;
        auskunft.only(auskunft::patient)
    }

    /// Asks now, however young the copy is, so that whoever comes next finds a fresh one.
    pub async fn refresh(&self, wer: Empfaenger) {
        if self.inner.services.is_configured(wer) {
            self.ask(wer).await;
        }
    }

    /// Those of many people who are known: one query, and no waiting for anybody of whom there is a copy.
    ///
    /// Who has none, or an old one, is asked about in the background for the next time; for those without
    /// any a list waits a moment ([`VerzeichnisSettings::list_wait`], all together).
    pub async fn bekannte(&self, therapist_ids: &[i64], patient_ids: &[i64]) -> Bekannte {
        let therapists = therapist_ids.iter().copied().map(Empfaenger::Therapeut);
        let patients = patient_ids.iter().copied().map(Empfaenger::Patient);
        let mut wanted: HashSet<_> = therapists.chain(patients).collect();
        wanted.retain(|wer| self.inner.services.is_configured(*wer));
        let wanted: Vec<_> = wanted.into_iter().collect();
        let mut bekannte = Bekannte::default();
        if wanted.is_empty() {
            return bekannte;
        }
        let copies = self.inner.services.directories.copies.copies(&wanted).await;
        let Some(copies) = readable(copies) else {
            return bekannte;
        };
        let mut missing: HashSet<_> = wanted.into_iter().collect();
        let mut old = Vec::new();
        for kopie in copies {
            let wer = kopie.person.wer(kopie.id);
            missing.remove(&wer);
            let stand = self.inner.services.stand(&kopie);
            if stand != Stand::Frisch {
                old.push(wer);
            }
            bekannte.insert(kopie.id, kopie.person, stand);
        }
        self.complete(&mut bekannte, missing, old).await;
        bekannte
    }

    async fn look_up(&self, wer: Empfaenger) -> Auskunft<Person> {
        if !self.inner.services.is_configured(wer) {
            return Auskunft::NichtEingerichtet;
        }
        let kopie = readable(self.inner.services.directories.copies.copy(wer).await).flatten();
        let kopie = kopie.map(|kopie| (self.inner.services.stand(&kopie), kopie.person));
        if let Some((stand @ Stand::Frisch, person)) = kopie {
            return Auskunft::Bekannt { person, stand };
        }
        match (self.ask(wer).await, kopie) {
            (Antwort::Bekannt(person), _) => Auskunft::Bekannt {
                person,
                stand: Stand::Frisch,
            },
            (Antwort::Unbekannt, _) => Auskunft::Unbekannt,
            (Antwort::Keine, Some((stand, person))) => Auskunft::Bekannt { person, stand },
            (Antwort::Keine, None) => Auskunft::NichtErreichbar,
        }
    }

    /// Asks, or waits for the answer to the same question of somebody else.
    async fn ask(&self, wer: Empfaenger) -> Antwort {
        let inner = Arc::clone(&self.inner);
        let asking = async move { inner.services.ask(wer).await };
        self.inner.asking.join(wer, asking).answer().await
    }

    /// Has everybody asked about whom nobody has asked in vain a moment ago; waits a little for those without
    /// a copy.
    async fn complete(
        &self,
        bekannte: &mut Bekannte,
        missing: HashSet<Empfaenger>,
        old: Vec<Empfaenger>,
    ) {
        let awaited: Vec<_> = missing
            .into_iter()
            .filter(|wer| !self.inner.services.was_in_vain(*wer))
            .map(|wer| (wer, self.ask_later(wer)))
            .collect();
        for wer in old {
            if !self.inner.services.was_in_vain(wer) {
                drop(self.ask_later(wer));
            }
        }
        let until = Instant::now() + self.inner.services.directories.settings.list_wait;
        for (wer, anfrage) in awaited {
            // Answers that are there are taken also after that moment.
            if let Ok(Antwort::Bekannt(person)) = timeout_at(until, anfrage.answer()).await {
                let (Empfaenger::Therapeut(id) | Empfaenger::Patient(id)) = wer;
                bekannte.insert(id, person, Stand::Frisch);
            }
        }
    }

    /// Asks when it is its turn, whether anybody waits for the answer or not.
    fn ask_later(&self, wer: Empfaenger) -> Anfrage {
        let verzeichnis = self.clone();
        let waiting = async move {
            // Nobody closes it.
            let _turn = verzeichnis.inner.turns.acquire().await;
            verzeichnis.ask(wer).await
        };
        self.inner.queued.join(wer, waiting)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Without the database there are no copies.
fn readable<T>(copies: Result<T, StoreError>) -> Option<T> {
    copies
        .inspect_err(|error| warn!(error = %error, "Copies out of the directories cannot be read"))
        .ok()
}

#[cfg(test)]
mod tests;
