//! What the directory can say about a person.

use chrono::{DateTime, Utc};
use comm_ports::{Patient, Person, Therapeut};
use std::collections::HashMap;

/// The answer to the question who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auskunft<T> {
    /// There is no directory: nobody can say.
    NichtEingerichtet,
    /// The directory knows this person, or knew them lately.
    Bekannt {
        /// What it says.
        person: T,
        /// How recent that is.
        stand: Stand,
    },
    /// The directory says that there is nobody with this id.
    Unbekannt,
    /// The directory does not answer, and there is no copy.
    NichtErreichbar,
}

/// How recent an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// From now, or recent enough to count as such.
    Frisch,
    /// A copy, used because the directory does not answer; in a list, because it was not waited for.
    Kopie {
        /// When the directory was asked.
        vom: DateTime<Utc>,
    },
}

/// A person with how recent it is what is known of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eintrag<T> {
    /// What is known.
    pub person: T,
    /// How recent that is.
    pub stand: Stand,
}

/// Those of many people who are known, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bekannte {
    /// The therapists.
    pub therapeuten: HashMap<i64, Eintrag<Therapeut>>,
    /// The patients.
    pub patienten: HashMap<i64, Eintrag<Patient>>,
}

impl Bekannte {
    pub(super) fn insert(&mut self, id: i64, person: Person, stand: Stand) {
        match person {
            Person::Therapeut(person) => {
                self.therapeuten.insert(id, Eintrag { person, stand });
            }
            Person::Patient(person) => {
                self.patienten.insert(id, Eintrag { person, stand });
            }
        }
    }
}

impl Auskunft<Person> {
    /// The same about one kind of people; whoever is of the other kind is unknown among these.
    pub(super) fn only<T>(self, kind: fn(Person) -> Option<T>) -> Auskunft<T> {
        match self {
            Self::NichtEingerichtet => Auskunft::NichtEingerichtet,
            Self::Unbekannt => Auskunft::Unbekannt,
            Self::NichtErreichbar => Auskunft::NichtErreichbar,
            Self::Bekannt { person, stand } => kind(person).map_or(Auskunft::Unbekannt, |person| {
                Auskunft::Bekannt { person, stand }
            }),
        }
    }
}

pub(super) fn therapeut(person: Person) -> Option<Therapeut> {
    match person {
        Person::Therapeut(therapeut) => Some(therapeut),
        Person::Patient(_) => None,
    }
}

pub(super) fn patient(person: Person) -> Option<Patient> {
    match person {
        Person::Patient(patient) => Some(patient),
        Person::Therapeut(_) => None,
    }
}
