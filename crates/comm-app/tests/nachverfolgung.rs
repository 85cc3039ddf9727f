//! Following up silence: what is locked, stored and given up in which order.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod common;

use chrono::TimeDelta;
use comm_app::outreach::nachverfolgung::Lauf;
use comm_app::{Adapters, Nachverfolgungen, OutreachError, assemble};
use comm_domain::outreach::nachverfolgung::Ergebnis;
use comm_domain::outreach::{EmailId, Empfaenger, TelefonanrufId};
use comm_ports::error::StoreError;
use comm_ports::outreach::{Anruflage, Belegung, Nachverfolgung, VerfolgbareEmail};
use comm_ports::testing::build::instant;
use comm_ports::testing::{
    MockDailyLease, MockDailyStore, MockNachverfolgungStore, MockOutreachStore, MockOutreachTx,
    MockSignals,
};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// A mail to therapist `id` with the same id, silent for more than a week.
fn silent(id: i64) -> VerfolgbareEmail {
    VerfolgbareEmail {
        id: EmailId(id),
        therapist_id: id,
        gesendet_am: instant() - TimeDelta::days(20) + TimeDelta::hours(id),
        antwort_erhalten: false,
        nachverfolgung_erforderlich: None,
        therapeutenanfrage_id: None,
    }
}

/// The use case over these transactions, for mails to these therapists.
fn runs(therapists: &[i64], transactions: Vec<MockOutreachTx>) -> Nachverfolgungen {
    let mails: Vec<_> = therapists.iter().copied().map(silent).collect();
    let mut silence = MockNachverfolgungStore::new();
    let long_ago = instant() - TimeDelta::days(365);
    silence
        .expect_eingerichtet_am()
        .returning(move || Ok(long_ago));
    silence
        .expect_verfolgbare()
        .returning(move |_, _| Ok(mails.clone()));
    let mut store = MockOutreachStore::new();
    let count = transactions.len();
    let transactions = Mutex::new(VecDeque::from(transactions));
    store.expect_begin().times(count).returning(move || {
        let next = transactions.lock().unwrap().pop_front();
        Ok(Box::new(next.unwrap()))
    });
    let mut daily = MockDailyStore::new();
    daily.expect_try_begin().returning(|| {
        let mut lease = MockDailyLease::new();
        lease.expect_holds().returning(|| true);
        lease.expect_release().times(1).return_const(());
        Ok(Some(Box::new(lease)))
    });
    let mut signals = MockSignals::new();
    signals.expect_raise().return_const(());
    let adapters = Adapters {
        store: Arc::new(store),
        nachverfolgungen: Arc::new(silence),
        daily: Arc::new(daily),
        signals: Arc::new(signals),
        ..common::adapters()
    };
    assemble(&adapters, common::settings()).nachverfolgungen
}

/// A transaction that locks these therapists, and then knows of nothing but their silent mails.
fn learns(therapists: &[i64]) -> MockOutreachTx {
    let people: Vec<_> = therapists
        .iter()
        .copied()
        .map(Empfaenger::Therapeut)
        .collect();
    let mut tx = reads();
    tx.expect_lock_kontaktstaende()
        .times(1)
        .withf(move |locked| locked == people)
        .returning(|_| Ok(()));
    tx
}

/// The same without a lock.
fn reads() -> MockOutreachTx {
    let mut tx = MockOutreachTx::new();
    tx.expect_unentschiedene()
        .times(1)
        .returning(|ids| Ok(ids.iter().map(|id| silent(id.0)).collect()));
    tx.expect_belegungen().times(1).returning(|ids, _| {
        let free = ids.iter().map(|id| (*id, Belegung::default()));
        Ok(free.collect())
    });
    tx.expect_anruflagen().times(1).returning(|ids, _| {
        let none = ids.iter().map(|id| (*id, Anruflage::default()));
        Ok(none.collect())
    });
    tx
}

/// It books a call for each, remembers why, and commits.
fn books(mut tx: MockOutreachTx, expected: Vec<(i64, Ergebnis, i64)>) -> MockOutreachTx {
    let mut ids = expected.clone().into_iter();
    tx.expect_next_telefonanruf_id()
        .returning(move || Ok(TelefonanrufId(ids.next().unwrap().2)));
    tx.expect_insert_telefonanruf()
        .times(expected.len())
        .returning(|change, _| Ok(change.into_after()));
    tx.expect_save_nachverfolgungen()
        .times(1)
        .withf(move |decisions| decisions.iter().map(known).eq(expected.iter().copied()))
        .returning(|_| Ok(()));
    tx.expect_commit().times(1).returning(|| Ok(()));
    tx
}

fn known(decision: &Nachverfolgung) -> (i64, Ergebnis, i64) {
    let anruf = decision.telefonanruf_id.unwrap().0;
    (decision.email_id.0, decision.ergebnis, anruf)
}

/// A booking that the store refuses for good.
fn fails(mut tx: MockOutreachTx, error: fn() -> StoreError) -> MockOutreachTx {
    tx.expect_next_telefonanruf_id()
        .returning(|| Ok(TelefonanrufId(1)));
    tx.expect_insert_telefonanruf()
        .returning(move |_, _| Err(error()));
    tx.expect_rollback().times(1).return_const(());
    tx
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("a row".to_owned())
}

#[tokio::test]
async fn a_batch_is_one_transaction_which_locks_first_and_remembers_last() {
    let decided = vec![(3, Ergebnis::Geplant, 71), (5, Ergebnis::Geplant, 72)];
    let tx = books(learns(&[3, 5]), decided);
    let report = runs(&[5, 3], vec![tx]).run_now(Lauf::Echt).await.unwrap();
    assert_eq!(report.neue_anrufe(), 2);
    // The longest waiting comes first.
    let order: Vec<i64> = report
        .zeilen
        .iter()
        .map(|zeile| zeile.therapist_id)
        .collect();
    assert_eq!(order, [3, 5]);
}

#[tokio::test]
async fn a_trial_locks_nobody_and_commits_nothing() {
    let mut tx = reads();
    tx.expect_rollback().times(1).return_const(());
    let report = runs(&[3], vec![tx]).run_now(Lauf::Probe).await.unwrap();
    let zeile = report.zeilen[0];
    assert_eq!(
        (zeile.ergebnis, zeile.telefonanruf_id),
        (Ergebnis::Geplant, None)
    );
    assert!(zeile.termin.is_some());
}

#[tokio::test]
async fn one_therapist_with_whom_something_is_wrong_keeps_back_no_other() {
    let all = fails(learns(&[3, 5]), corrupt);
    let broken = fails(learns(&[3]), corrupt);
    let whole = books(learns(&[5]), vec![(5, Ergebnis::Geplant, 9)]);
    let runs = runs(&[3, 5], vec![all, broken, whole]);
    let report = runs.run_now(Lauf::Echt).await.unwrap();
    let came_to = report
        .zeilen
        .iter()
        .map(|zeile| (zeile.therapist_id, zeile.ergebnis));
    let expected = [(3, Ergebnis::Offen), (5, Ergebnis::Geplant)];
    assert!(came_to.eq(expected), "{report:?}");
}

#[tokio::test]
async fn without_the_database_the_run_ends_and_what_was_booked_stays() {
    let away = || StoreError::Unavailable("away".into());
    let all = fails(learns(&[3, 5]), away);
    let ended = runs(&[3, 5], vec![all]).run_now(Lauf::Echt).await;
    let Err(OutreachError::Store(error)) = ended else {
        panic!("{ended:?}")
    };
    assert!(error.is_transient());
}

#[tokio::test]
async fn an_email_that_was_decided_meanwhile_is_not_decided_again() {
    let mut tx = MockOutreachTx::new();
    tx.expect_lock_kontaktstaende().returning(|_| Ok(()));
    tx.expect_unentschiedene().returning(|_| Ok(Vec::new()));
    tx.expect_belegungen().returning(|_, _| Ok(Vec::new()));
    tx.expect_anruflagen().returning(|_, _| Ok(Vec::new()));
    tx.expect_commit().returning(|| Ok(()));
    let report = runs(&[3], vec![tx]).run_now(Lauf::Echt).await.unwrap();
    assert_eq!(report.zeilen, []);
}
