//! Who somebody is, with services and copies in memory. Time stands still unless all wait.

mod bad_days;
mod lists;
mod lookups;

use super::in_vain::IN_VAIN;
use super::*;
use async_trait::async_trait;
use comm_domain::outreach::LetzterKontakt;
use comm_ports::testing::build::instant;
use comm_ports::{DirectoryError, Kopie};
use std::collections::HashMap;
use tokio::time::sleep;

/// How both services are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Mood {
    /// They know everybody below id 1000.
    #[default]
    Well,
    /// The same, after this time.
    Slow(Duration),
    Unavailable,
    Refusing,
    Hanging,
    Panicking,
}

/// A person, and when the service was asked.
type Kept = (Person, Instant);

#[derive(Default)]
struct State {
    mood: Mood,
    asked: Vec<Empfaenger>,
    under_way: usize,
    most_under_way: usize,
    copies: HashMap<Empfaenger, Kept>,
    reads: usize,
    database_is_away: bool,
}

/// Both services, and the copies.
#[derive(Default)]
pub(super) struct World {
    state: Mutex<State>,
}

/// One more question under way, until it is dropped.
struct UnderWay<'a>(&'a World);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        locked(&self.0.state).under_way -= 1;
    }
}

/// Who a service says that this is; asked for the `nth` time, since records change.
pub(super) fn person(wer: Empfaenger, nth: usize) -> Person {
    let name = Some(format!("{wer:?}, {nth}"));
    match wer {
        Empfaenger::Therapeut(_) => Person::Therapeut(Therapeut {
            name,
            ..Therapeut::default()
        }),
        Empfaenger::Patient(_) => Person::Patient(Patient {
            name,
            ..Patient::default()
        }),
    }
}

pub(super) fn therapist(id: i64, nth: usize) -> Therapeut {
    auskunft::therapeut(person(Empfaenger::Therapeut(id), nth)).unwrap()
}

pub(super) fn fresh<T>(person: T) -> Auskunft<T> {
    let stand = Stand::Frisch;
    Auskunft::Bekannt { person, stand }
}

/// A copy from so long before [`instant`].
pub(super) fn copy_from(age: Duration) -> Stand {
    Stand::Kopie {
        vom: instant() - age,
    }
}

impl World {
    pub(super) fn new() -> (Arc<Self>, Verzeichnis) {
        Self::with(VerzeichnisSettings::default())
    }

    pub(super) fn with(settings: VerzeichnisSettings) -> (Arc<Self>, Verzeichnis) {
        let world = Arc::new(Self::default());
        let verzeichnis = Verzeichnis::new(Directories {
            therapists: Some(world.clone()),
            patients: Some(world.clone()),
            copies: world.clone(),
            settings,
        });
        (world, verzeichnis)
    }

    pub(super) fn are(&self, mood: Mood) {
        locked(&self.state).mood = mood;
    }

    pub(super) fn database_goes(&self) {
        locked(&self.state).database_is_away = true;
    }

    pub(super) fn database_returns(&self) {
        locked(&self.state).database_is_away = false;
    }

    /// Keeps what was answered the 0th time, so long ago.
    pub(super) fn has_copy(&self, wer: Empfaenger, age: Duration) {
        let kept = (person(wer, 0), Instant::now() - age);
        locked(&self.state).copies.insert(wer, kept);
    }

    pub(super) fn copy_of(&self, wer: Empfaenger) -> Option<Kept> {
        locked(&self.state).copies.get(&wer).cloned()
    }

    pub(super) fn asked(&self) -> Vec<Empfaenger> {
        locked(&self.state).asked.clone()
    }

    pub(super) fn reads(&self) -> usize {
        locked(&self.state).reads
    }

    pub(super) fn most_under_way(&self) -> usize {
        locked(&self.state).most_under_way
    }

    async fn answer(&self, wer: Empfaenger) -> Result<Option<Person>, DirectoryError> {
        let (mood, nth) = {
            let mut state = locked(&self.state);
            state.asked.push(wer);
            state.under_way += 1;
            state.most_under_way = state.most_under_way.max(state.under_way);
            let nth = state.asked.iter().filter(|other| **other == wer).count();
            (state.mood, nth)
        };
        let _under_way = UnderWay(self);
        // As good clients do, so that nobody waits longer.
        let away = || Err(DirectoryError::Unavailable("away".into()));
        match mood {
            Mood::Well => sleep(Duration::from_millis(20)).await,
            Mood::Slow(delay) => sleep(delay).await,
            Mood::Hanging => {
                sleep(Duration::from_secs(2)).await;
                return away();
            }
            Mood::Unavailable => return away(),
            Mood::Refusing => return Err(DirectoryError::Refused("403".into())),
            Mood::Panicking => panic!("a defect of the client"),
        }
        let (Empfaenger::Therapeut(id) | Empfaenger::Patient(id)) = wer;
        Ok((id < 1000).then(|| person(wer, nth)))
    }

    fn database(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = locked(&self.state);
        if state.database_is_away {
            return Err(StoreError::Unavailable("away".into()));
        }
        Ok(state)
    }
}

#[async_trait]
impl TherapistDirectory for World {
    async fn therapist(&self, id: i64) -> Result<Option<Therapeut>, DirectoryError> {
        let person = self.answer(Empfaenger::Therapeut(id)).await?;
        Ok(person.and_then(auskunft::therapeut))
    }
}

#[async_trait]
impl PatientDirectory for World {
    async fn patient(&self, id: i64) -> Result<Option<Patient>, DirectoryError> {
        let person = self.answer(Empfaenger::Patient(id)).await?;
        Ok(person.and_then(auskunft::patient))
    }

    async fn tell_last_contact(&self, _: LetzterKontakt) -> Result<(), DirectoryError> {
        Err(DirectoryError::Unavailable("nobody tells".into()))
    }
}

#[async_trait]
impl DirectoryCopies for World {
    async fn copy(&self, wer: Empfaenger) -> Result<Option<Kopie>, StoreError> {
        Ok(self.copies(&[wer]).await?.pop())
    }

    async fn copies(&self, wer: &[Empfaenger]) -> Result<Vec<Kopie>, StoreError> {
        let mut state = self.database()?;
        state.reads += 1;
        let kept = wer
            .iter()
            .filter_map(|wer| Some((wer, state.copies.get(wer)?)));
        let copies = kept.map(|(wer, (person, at))| {
            let (Empfaenger::Therapeut(id) | Empfaenger::Patient(id)) = *wer;
            Kopie {
                id,
                person: person.clone(),
                abgefragt_am: instant() - at.elapsed(),
                age: at.elapsed(),
            }
        });
        Ok(copies.collect())
    }

    async fn keep_copy(&self, id: i64, person: &Person, age: Duration) -> Result<(), StoreError> {
        let kept = (person.clone(), Instant::now() - age);
        self.database()?.copies.insert(person.wer(id), kept);
        Ok(())
    }

    async fn forget_copy(&self, wer: Empfaenger) -> Result<(), StoreError> {
        self.database()?.copies.remove(&wer);
        Ok(())
    }

    async fn purge_copies(&self, _: Duration, _: i64) -> Result<usize, StoreError> {
        Ok(0)
    }
}
