//! What the platform's other services know of people, and what they want to be told.

use crate::error::{Cause, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use comm_domain::outreach::{Angabe, Empfaenger, LetzterKontakt};
use std::fmt;
use std::time::Duration;
use thiserror::Error;

/// Why a service did not do what it was asked. What is said never names a person.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// It is away, too slow or in trouble; trying again later may help.
    #[error("the service is not available")]
    Unavailable(#[source] Cause),
    /// It says no, and would say so again.
    #[error("the service refuses the request")]
    Refused(#[source] Cause),
}

/// A therapist, as the Therapist Service has them. Texts are for people to read: nothing says that the
/// number can be dialled or that mail arrives.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Therapeut {
    /// Title, first and last name.
    pub name: Option<String>,
    /// The telephone number.
    pub telefon: Option<String>,
    /// The mail address.
    pub email: Option<String>,
    /// `telefonische_erreichbarkeit`, as it is stated there.
    pub erreichbarkeit: Angabe,
    /// Whether this therapist is followed up first.
    pub potenziell_verfuegbar: bool,
    /// What is said about that.
    pub potenziell_verfuegbar_notizen: Option<String>,
    /// The state there, such as `aktiv` or `gesperrt`.
    pub status: Option<String>,
}

/// A patient, as the Patient Service has them; see [`Therapeut`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Patient {
    /// First and last name.
    pub name: Option<String>,
    /// The telephone number.
    pub telefon: Option<String>,
    /// The mail address.
    pub email: Option<String>,
    /// The state there.
    pub status: Option<String>,
}

/// One or the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// Out of the Therapist Service.
    Therapeut(Therapeut),
    /// Out of the Patient Service.
    Patient(Patient),
}

impl Person {
    /// Who it is, given the id there.
    pub fn wer(&self, id: i64) -> Empfaenger {
        match self {
            Self::Therapeut(_) => Empfaenger::Therapeut(id),
            Self::Patient(_) => Empfaenger::Patient(id),
        }
    }
}

/// People are personal data: what is formatted for a log does not show them.
impl fmt::Debug for Therapeut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Therapeut(..)")
    }
}

/// See [`Therapeut`].
impl fmt::Debug for Patient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Patient(..)")
    }
}

/// The Therapist Service.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait TherapistDirectory: Send + Sync {
    /// Asks for a therapist, for at most two seconds; `None` if the service knows none with this id.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    async fn therapist(&self, id: i64) -> Result<Option<Therapeut>, DirectoryError>;
}

/// The Patient Service.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait PatientDirectory: Send + Sync {
    /// Asks for a patient, for at most two seconds; `None` if the service knows none with this id.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    async fn patient(&self, id: i64) -> Result<Option<Patient>, DirectoryError>;

    /// Tells it when the patient was last contacted. Tries once, for at most two seconds.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    async fn tell_last_contact(&self, contact: LetzterKontakt) -> Result<(), DirectoryError>;
}

/// What was kept of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kopie {
    /// The id in its service.
    pub id: i64,
    /// The answer.
    pub person: Person,
    /// When the service was asked, by the database's clock.
    pub abgefragt_am: DateTime<Utc>,
    /// How long ago that was.
    pub age: Duration,
}

/// What the directories answered last, kept for the time when they do not answer. Times are the database's.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait DirectoryCopies: Send + Sync {
    /// What is kept of one person.
    ///
    /// # Errors
    /// The database is away.
    async fn copy(&self, wer: Empfaenger) -> Result<Option<Kopie>, StoreError>;

    /// What is kept of these people, in any order.
    ///
    /// # Errors
    /// The database is away.
    async fn copies(&self, wer: &[Empfaenger]) -> Result<Vec<Kopie>, StoreError>;

    /// Keeps an answer to a question that was put this long ago, unless a later one is kept.
    ///
    /// # Errors
    /// The database is away.
    async fn keep_copy(&self, id: i64, person: &Person, age: Duration) -> Result<(), StoreError>;

    /// Forgets a person of whom the service knows nothing any more.
    ///
    /// # Errors
    /// The database is away.
    async fn forget_copy(&self, wer: Empfaenger) -> Result<(), StoreError>;

    /// Forgets at most `limit` people of whom the service was asked longer ago than `keep`; says how many.
    ///
    /// # Errors
    /// The database is away.
    async fn purge_copies(&self, keep: Duration, limit: i64) -> Result<usize, StoreError>;
}
