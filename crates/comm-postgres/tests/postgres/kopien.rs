//! Copies out of the directories, on a real PostgreSQL.

use crate::support::{Db, db};
use comm_domain::outreach::{Angabe, Empfaenger};
use comm_ports::testing::strategies;
use comm_ports::{DirectoryCopies, Kopie, Patient, Person, Therapeut};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn therapist(erreichbarkeit: Angabe) -> Person {
    Person::Therapeut(Therapeut {
        name: text("Dr. J\u{fc}rgen \u{41d}\u{435}\u{432}\u{430}"),
        telefon: text("+49 30 1"),
        email: text("kein@@ort"),
        erreichbarkeit,
        potenziell_verfuegbar: true,
        potenziell_verfuegbar_notizen: text("ab Juli\n\"nachmittags\""),
        status: text("aktiv"),
    })
}

fn patient(name: &str) -> Person {
    Person::Patient(Patient {
        name: text(name),
        telefon: text("0170"),
        email: None,
        status: text("offen"),
    })
}

impl Db {
    async fn answered(&self, id: i64, person: &Person, age: Duration) {
        self.store.keep_copy(id, person, age).await.unwrap();
    }

    async fn copy(&self, wer: Empfaenger) -> Option<Kopie> {
        self.store.copy(wer).await.unwrap()
    }
}

#[tokio::test]
async fn a_copy_comes_back_as_it_was_kept_with_its_age() {
    let db = db().await;
    let hours = Angabe::Object(vec![
        ("mo".to_owned(), Angabe::List(vec!["09:00-10:00".into()])),
        ("di".to_owned(), Angabe::Other("7.5".to_owned())),
        ("mo".to_owned(), Angabe::Null),
    ]);
    db.answered(7, &therapist(hours.clone()), DAY).await;
    db.answered(7, &patient("Jo"), Duration::ZERO).await;
    let kopie = db.copy(Empfaenger::Therapeut(7)).await.unwrap();
    assert!(kopie.person == therapist(hours));
    assert!(kopie.age >= DAY && kopie.age < DAY + Duration::from_secs(60));
    let now = db
        .number("SELECT extract(epoch FROM clock_timestamp())::bigint")
        .await;
    let asked = kopie.abgefragt_am.timestamp();
    assert!((now - 86_400 - asked).abs() < 60, "{asked} at {now}");
    let kopie = db.copy(Empfaenger::Patient(7)).await.unwrap();
    assert!(kopie.person == patient("Jo") && kopie.age < Duration::from_secs(60));
    assert!(db.copy(Empfaenger::Patient(8)).await.is_none());
}

#[tokio::test]
async fn whatever_was_stated_is_kept_as_it_was_stated() {
    let db = db().await;
    let mut runner = TestRunner::deterministic();
    let stated = (0..100).map(|_| {
        strategies::angabe()
            .new_tree(&mut runner)
            .unwrap()
            .current()
    });
    for (id, stated) in (1..).zip(stated) {
        // What a service can state: JSON, and no deeper than is read.
        let json = serde_json::to_string(&stated).unwrap();
        let stated: Angabe = serde_json::from_str(&json).unwrap();
        let again = serde_json::to_string(&stated).unwrap();
        let stated: Angabe = serde_json::from_str(&again).unwrap();
        db.answered(id, &therapist(stated.clone()), Duration::ZERO)
            .await;
        let kopie = db.copy(Empfaenger::Therapeut(id)).await.unwrap();
        assert!(kopie.person == therapist(stated), "{json}");
    }
}

#[tokio::test]
async fn many_are_read_at_once_and_nobody_else() {
    let db = db().await;
    for id in 1..=20 {
        db.answered(id, &therapist(Angabe::Null), Duration::ZERO)
            .await;
        db.answered(id, &patient("Jo"), Duration::ZERO).await;
    }
    let wanted: Vec<_> = (11..=30)
        .map(Empfaenger::Therapeut)
        .chain([Empfaenger::Patient(3), Empfaenger::Patient(3)])
        .collect();
    let copies = db.store.copies(&wanted).await.unwrap();
    let mut read: Vec<_> = copies
        .iter()
        .map(|kopie| kopie.person.wer(kopie.id))
        .collect();
    read.sort_by_key(|wer| (wer.patient_id(), wer.therapist_id()));
    let mut expected: Vec<_> = (11..=20).map(Empfaenger::Therapeut).collect();
    expected.push(Empfaenger::Patient(3));
    assert_eq!(read, expected);
    assert!(db.store.copies(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_answer_to_the_later_question_stays() {
    let db = db().await;
    let seconds = Duration::from_secs;
    for (name, age, stays) in [
        ("erste", 50, "erste"),
        ("spaetere", 40, "spaetere"),
        ("ueberholte", 45, "spaetere"),
        ("neueste", 0, "neueste"),
    ] {
        db.answered(3, &patient(name), seconds(age)).await;
        let kopie = db.copy(Empfaenger::Patient(3)).await.unwrap();
        assert!(kopie.person == patient(stays), "{name}");
    }
    assert_eq!(db.rows("verzeichnis_kopien").await, 1);
}

#[tokio::test]
async fn one_person_is_forgotten_and_the_other_of_the_same_id_is_not() {
    let db = db().await;
    db.answered(7, &therapist(Angabe::Null), Duration::ZERO)
        .await;
    db.answered(7, &patient("Jo"), Duration::ZERO).await;
    for _ in 0..2 {
        let forgotten = db.store.forget_copy(Empfaenger::Therapeut(7)).await;
        forgotten.unwrap();
    }
    assert!(db.copy(Empfaenger::Therapeut(7)).await.is_none());
    assert!(db.copy(Empfaenger::Patient(7)).await.is_some());
}

#[tokio::test]
async fn what_was_not_refreshed_is_purged_in_batches_the_oldest_first() {
    let db = db().await;
    for id in 1..=5 {
        let age = DAY * u32::try_from(90 + id).unwrap();
        db.answered(id, &patient("Jo"), age).await;
    }
    db.answered(6, &patient("Jo"), DAY * 89).await;
    db.answered(1, &patient("Jo"), Duration::ZERO).await;
    let purge = || db.store.purge_copies(DAY * 90, 2);
    assert_eq!(purge().await.unwrap(), 2);
    let left = "SELECT sum(person_id)::bigint FROM communication_service.verzeichnis_kopien";
    assert_eq!(db.number(left).await, 1 + 2 + 3 + 6);
    assert_eq!((purge().await.unwrap(), purge().await.unwrap()), (2, 0));
    assert_eq!(db.number(left).await, 1 + 6);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_passed_over_and_one_that_lacks_fields_is_not() {
    let db = db().await;
    db.answered(1, &patient("Jo"), Duration::ZERO).await;
    db.sql(
        "INSERT INTO communication_service.verzeichnis_kopien (art, person_id, daten, abgefragt_am) VALUES \
         ('patient', 2, '[]', now()), ('patient', 3, '{\"name\": 7}', now()), ('therapist', 4, '{}', now()), \
         ('patient', 5, '{\"name\": \"Jo\", \"spaeteres\": 1}', now())",
    )
    .await;
    let wanted: Vec<_> = (1..=5)
        .flat_map(|id| [Empfaenger::Patient(id), Empfaenger::Therapeut(id)])
        .collect();
    let mut read: Vec<_> = db.store.copies(&wanted).await.unwrap();
    read.sort_by_key(|kopie| kopie.id);
    let ids: Vec<_> = read.iter().map(|kopie| kopie.id).collect();
    assert_eq!(ids, [1, 4, 5]);
    assert!(read[1].person == Person::Therapeut(Therapeut::default()));
}

#[tokio::test]
async fn a_kind_of_people_that_does_not_exist_cannot_be_stored() {
    let db = db().await;
    let client = db.database.connect().await.unwrap();
    let refused = client
        .batch_execute(
            "INSERT INTO communication_service.verzeichnis_kopien VALUES ('praxis', 1, '{}', now())",
        )
        .await
        .unwrap_err();
    let constraint = refused.as_db_error().and_then(|error| error.constraint());
    assert_eq!(constraint, Some("verzeichnis_kopien_art"));
}
