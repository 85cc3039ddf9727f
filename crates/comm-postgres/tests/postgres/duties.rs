//! What the Patient Service has to be told, on a real PostgreSQL.

use crate::support::{Db, db};
use chrono::NaiveDate;
use comm_domain::outreach::LetzterKontakt;
use comm_ports::outreach::{ContactDuties, Kontaktmeldung, Meldung, OutreachStore};
use std::collections::HashSet;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(30);

fn contact(patient_id: i64, day: u32) -> LetzterKontakt {
    LetzterKontakt {
        patient_id,
        datum: NaiveDate::from_ymd_opt(2026, 1, day).unwrap(),
    }
}

impl Db {
    async fn owe(&self, contacts: &[LetzterKontakt], wait: Duration) {
        let mut tx = self.store.begin().await.unwrap();
        tx.owe_contacts(contacts, wait).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn owe_now(&self, patient_id: i64, day: u32) {
        self.owe(&[contact(patient_id, day)], Duration::ZERO).await;
    }

    async fn due(&self, limit: usize) -> Vec<Kontaktmeldung> {
        self.store.claim_due(LEASE, limit).await.unwrap()
    }

    async fn one_due(&self) -> Kontaktmeldung {
        let mut due = self.due(9).await;
        assert_eq!(due.len(), 1);
        due.pop().unwrap()
    }

    async fn end(&self, duty: &Kontaktmeldung, ended: Meldung) {
        self.store.settle(duty, ended).await.unwrap();
    }
}

#[tokio::test]
async fn a_duty_is_written_with_the_change_or_not_at_all() {
    let db = db().await;
    let mut tx = db.store.begin().await.unwrap();
    tx.owe_contacts(&[contact(3, 31)], Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(db.due(9).await, []);
    tx.rollback().await;
    assert_eq!(db.due(9).await, []);
    assert_eq!(db.store.next_duty().await.unwrap(), None);
    db.owe_now(3, 31).await;
    let duty = db.one_due().await;
    assert_eq!((duty.contact, duty.versuche), (contact(3, 31), 0));
}

#[tokio::test]
async fn the_day_never_moves_back_whether_it_was_told_or_not() {
    let db = db().await;
    db.owe_now(3, 20).await;
    db.owe_now(3, 10).await;
    let duty = db.one_due().await;
    assert_eq!(duty.contact, contact(3, 20));
    db.end(&duty, Meldung::Angekommen).await;
    db.owe_now(3, 19).await;
    assert_eq!(db.due(9).await, [], "told already, and later");
    db.owe_now(3, 20).await;
    assert_eq!(db.one_due().await.contact, contact(3, 20), "told again");
}

#[tokio::test]
async fn a_later_day_that_comes_while_one_is_told_is_told_after_it() {
    let db = db().await;
    db.owe_now(3, 20).await;
    let first = db.one_due().await;
    db.owe_now(3, 21).await;
    assert_eq!(db.due(9).await, [], "one at a time");
    assert_eq!(db.store.claim(3, LEASE).await.unwrap(), None);
    let wait = db.store.next_duty().await.unwrap().unwrap();
    assert!(wait > Duration::from_secs(20), "{wait:?}");
    db.end(&first, Meldung::Angekommen).await;
    let second = db.one_due().await;
    assert_eq!(second.contact, contact(3, 21));
    db.end(&second, Meldung::Angekommen).await;
    assert_eq!(
        (db.due(9).await, db.store.next_duty().await.unwrap()),
        (vec![], None)
    );
    let told = "SELECT count(*) FROM communication_service.kontaktmeldungen WHERE gemeldet_am IS NOT NULL AND sperre IS NULL";
    assert_eq!(db.number(told).await, 1);
}

#[tokio::test]
async fn a_refusal_ends_a_duty_until_the_next_contact() {
    let db = db().await;
    db.owe_now(3, 20).await;
    let duty = db.one_due().await;
    db.end(&duty, Meldung::Abgelehnt).await;
    assert_eq!(db.due(9).await, []);
    let refused = "SELECT count(*) FROM communication_service.kontaktmeldungen WHERE faellig_am IS NULL AND gemeldet_am IS NULL";
    assert_eq!(db.number(refused).await, 1);
    db.owe_now(3, 21).await;
    assert_eq!(db.one_due().await.contact, contact(3, 21));
}

#[tokio::test]
async fn what_failed_is_due_later_and_counted_until_there_is_a_new_day() {
    let db = db().await;
    db.owe_now(3, 20).await;
    let duty = db.one_due().await;
    db.end(&duty, Meldung::Spaeter(Duration::from_secs(60)))
        .await;
    assert_eq!(db.due(9).await, []);
    let wait = db.store.next_duty().await.unwrap().unwrap();
    assert!(wait > Duration::from_secs(50) && wait <= Duration::from_secs(60));
    let early = db.store.claim(3, LEASE).await.unwrap().unwrap();
    assert_eq!(
        early.versuche, 1,
        "whoever asks for it by name may have it early"
    );
    db.end(&early, Meldung::Spaeter(Duration::from_secs(60)))
        .await;
    db.owe_now(3, 21).await;
    assert_eq!(db.one_due().await.versuche, 0);
}

#[tokio::test]
async fn a_lease_runs_out_and_its_old_holder_changes_nothing_any_more() {
    let db = db().await;
    db.owe_now(3, 20).await;
    let lost = db.one_due().await;
    db.sql("UPDATE communication_service.kontaktmeldungen SET gesperrt_bis = now() - interval '1 second'").await;
    let duty = db.one_due().await;
    assert_ne!(lost.sperre, duty.sperre);
    db.end(&lost, Meldung::Angekommen).await;
    let open = "SELECT count(*) FROM communication_service.kontaktmeldungen WHERE faellig_am IS NOT NULL AND sperre IS NOT NULL";
    assert_eq!(db.number(open).await, 1);
}

#[tokio::test]
async fn a_head_start_keeps_workers_away_but_not_the_one_who_asks_by_name() {
    let db = db().await;
    db.owe(&[contact(3, 20)], Duration::from_secs(5)).await;
    assert_eq!(db.due(9).await, []);
    assert!(db.store.claim(3, LEASE).await.unwrap().is_some());
    assert_eq!(db.store.claim(4, LEASE).await.unwrap(), None);
}

#[tokio::test]
async fn each_duty_is_given_to_one_of_many() {
    let db = db().await;
    let contacts: Vec<_> = (1..=40).map(|patient| contact(patient, 20)).collect();
    db.owe(&contacts, Duration::ZERO).await;
    let mut claiming = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = db.store.clone();
        claiming.spawn(async move {
            let mut mine = Vec::new();
            for _ in 0..5 {
                mine.extend(store.claim_due(LEASE, 3).await.unwrap());
            }
            mine
        });
    }
    let mut all: Vec<_> = claiming.join_all().await.into_iter().flatten().collect();
    // A row that is being claimed is passed over by the others, so some may be left.
    all.extend(db.due(40).await);
    let patients: HashSet<_> = all.iter().map(|duty| duty.contact.patient_id).collect();
    assert_eq!((all.len(), patients.len()), (40, 40));
}

#[tokio::test]
async fn transactions_that_owe_the_same_patients_do_not_block_each_other_for_good() {
    let db = db().await;
    let mut owing = tokio::task::JoinSet::new();
    for day in 1..=8 {
        let store = db.store.clone();
        owing.spawn(async move {
            for round in 0..10 {
                let contacts: Vec<_> = (1..=20)
                    .map(|patient| contact(patient, day + round))
                    .collect();
                let mut tx = store.begin().await.unwrap();
                tx.owe_contacts(&contacts, Duration::ZERO).await.unwrap();
                tx.commit().await.unwrap();
            }
        });
    }
    owing.join_all().await;
    let latest =
        "SELECT count(*) FROM communication_service.kontaktmeldungen WHERE datum = '2026-01-17'";
    assert_eq!(db.number(latest).await, 20);
}
