//! How the people of a list are called and reached, as far as the directory knows them.

use super::Verzeichnis;
use comm_domain::outreach::Empfaenger;
use std::collections::HashMap;
use std::fmt;

/// How a person is called and reached.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Kontakt {
    /// Title, first and last name.
    pub name: Option<String>,
    /// The telephone number as the directory has it.
    pub telefon: Option<String>,
}

/// People are personal data: what is formatted for a log does not show them.
impl fmt::Debug for Kontakt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kontakt(..)")
    }
}

/// Those of many people who are known.
pub(super) struct Kontakte(HashMap<Empfaenger, Kontakt>);

impl Kontakte {
    /// Asks the directory about all of them at once.
    pub(super) async fn look_up(
        verzeichnis: &Verzeichnis,
        wer: impl Iterator<Item = Empfaenger>,
    ) -> Self {
        let (mut therapeuten, mut patienten) = (Vec::new(), Vec::new());
        for person in wer {
            match person {
                Empfaenger::Therapeut(id) => therapeuten.push(id),
                Empfaenger::Patient(id) => patienten.push(id),
            }
        }
        let bekannte = verzeichnis.bekannte(&therapeuten, &patienten).await;
        let therapeuten = bekannte.therapeuten.into_iter().map(|(id, eintrag)| {
            let (name, telefon) = (eintrag.person.name, eintrag.person.telefon);
            (Empfaenger::Therapeut(id), Kontakt { name, telefon })
        });
        let patienten = bekannte.patienten.into_iter().map(|(id, eintrag)| {
            let (name, telefon) = (eintrag.person.name, eintrag.person.telefon);
            (Empfaenger::Patient(id), Kontakt { name, telefon })
        });
        Self(therapeuten.chain(patienten).collect())
    }

    /// What is known of a person, perhaps nothing.
    pub(super) fn of(&self, wer: Empfaenger) -> Kontakt {
        self.0.get(&wer).cloned().unwrap_or_default()
    }
}

/// A directory for tests, which has copies of these people and asks nobody.
#[cfg(test)]
pub(super) fn knowing(people: Vec<(i64, comm_ports::Person)>) -> Verzeichnis {
    use crate::Directories;
    use comm_ports::Kopie;
    use comm_ports::testing::build::instant;
    use comm_ports::testing::{MockDirectoryCopies, MockPatientDirectory, MockTherapistDirectory};
    use std::sync::Arc;

    let mut copies = MockDirectoryCopies::new();
    copies.expect_copies().returning(move |wanted| {
        let wanted = |(id, person): &&(i64, comm_ports::Person)| wanted.contains(&person.wer(*id));
        let copy = |(id, person): &(i64, comm_ports::Person)| Kopie {
            id: *id,
            person: person.clone(),
            abgefragt_am: instant(),
            age: std::time::Duration::ZERO,
        };
        Ok(people.iter().filter(wanted).map(copy).collect())
    });
    let mut therapists = MockTherapistDirectory::new();
    therapists.expect_therapist().returning(|_| Ok(None));
    let mut patients = MockPatientDirectory::new();
    patients.expect_patient().returning(|_| Ok(None));
    copies.expect_forget_copy().returning(|_| Ok(()));
    Verzeichnis::new(Directories {
        therapists: Some(Arc::new(therapists)),
        patients: Some(Arc::new(patients)),
        ..Directories::none(Arc::new(copies))
    })
}

/// A therapist of this name.
#[cfg(test)]
pub(super) fn therapeut(name: &str, telefon: &str) -> comm_ports::Person {
    comm_ports::Person::Therapeut(comm_ports::Therapeut {
        name: Some(name.to_owned()),
        telefon: Some(telefon.to_owned()),
        ..comm_ports::Therapeut::default()
    })
}
