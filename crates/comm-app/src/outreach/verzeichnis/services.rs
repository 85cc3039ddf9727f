//! Asking a service: what is kept of its answer, and what is said about its silence.

use super::anfragen::Antwort;
use super::in_vain::InVain;
use super::{Directories, Stand};
use comm_domain::outreach::{Empfaenger, RecipientType};
use comm_ports::{DirectoryError, Kopie, Person};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::time::Instant;
use tracing::{debug, info, warn};

/// Both services, with what is known of their state.
pub(super) struct Services {
    pub(super) directories: Directories,
    in_vain: InVain,
    therapists_away: AtomicBool,
    patients_away: AtomicBool,
}

impl Services {
    pub(super) fn new(directories: Directories) -> Self {
        Self {
            directories,
            in_vain: InVain::default(),
            therapists_away: AtomicBool::new(false),
            patients_away: AtomicBool::new(false),
        }
    }

    pub(super) fn is_configured(&self, wer: Empfaenger) -> bool {
        match wer {
            Empfaenger::Therapeut(_) => self.directories.therapists.is_some(),
            Empfaenger::Patient(_) => self.directories.patients.is_some(),
        }
    }

    /// How recent a copy counts as.
    pub(super) fn stand(&self, kopie: &Kopie) -> Stand {
        if kopie.age < self.directories.settings.copy_fresh {
            Stand::Frisch
        } else {
            Stand::Kopie {
                vom: kopie.abgefragt_am,
            }
        }
    }

    /// Asks, and keeps the answer.
    pub(super) async fn ask(&self, wer: Empfaenger) -> Antwort {
        let begun = Instant::now();
        let answered = self.request(wer).await;
        self.remember(wer, answered.as_ref());
        let copies = &self.directories.copies;
        let (antwort, stored) = match answered {
            Ok(Some(person)) => {
                let (Empfaenger::Therapeut(id) | Empfaenger::Patient(id)) = wer;
                let kept = copies.keep_copy(id, &person, begun.elapsed()).await;
                (Antwort::Bekannt(person), kept)
            }
            Ok(None) => (Antwort::Unbekannt, copies.forget_copy(wer).await),
            Err(_) => (Antwort::Keine, Ok(())),
        };
        if let Err(error) = stored {
            warn!(error = %error, "What a directory answered could not be kept");
        }
        antwort
    }

    async fn request(&self, wer: Empfaenger) -> Result<Option<Person>, DirectoryError> {
        let nobody = || DirectoryError::Unavailable("there is no such service".into());
        match wer {
            Empfaenger::Therapeut(id) => {
                let service = self.directories.therapists.as_ref().ok_or_else(nobody)?;
                Ok(service.therapist(id).await?.map(Person::Therapeut))
            }
            Empfaenger::Patient(id) => {
                let service = self.directories.patients.as_ref().ok_or_else(nobody)?;
                Ok(service.patient(id).await?.map(Person::Patient))
            }
        }
    }

    /// Notes whether it is worth asking again, and logs when a service goes or comes back.
    fn remember(&self, wer: Empfaenger, answered: Result<&Option<Person>, &DirectoryError>) {
        if matches!(answered, Ok(Some(_))) {
            self.in_vain.remove(wer);
        } else {
            self.in_vain.note(wer);
        }
        let (away, service) = match wer.recipient_type() {
            RecipientType::Therapist => (&self.therapists_away, "Therapist Service"),
            RecipientType::Patient => (&self.patients_away, "Patient Service"),
        };
        let was_away = away.swap(answered.is_err(), Ordering::Relaxed);
        match answered {
            Ok(_) if was_away => info!(service, "A directory answers again"),
            Ok(_) => {}
            Err(DirectoryError::Unavailable(cause) | DirectoryError::Refused(cause)) => {
                if was_away {
                    debug!(service, error = %cause, "A directory still does not answer");
                } else {
                    warn!(service, error = %cause, "A directory does not answer; copies are used until it does");
                }
            }
        }
    }

    /// Whether nothing could be learnt of this person a moment ago.
    pub(super) fn was_in_vain(&self, wer: Empfaenger) -> bool {
        self.in_vain.has(wer)
    }
}
