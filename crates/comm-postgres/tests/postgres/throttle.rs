//! The limit per recipient domain, over all instances.

use crate::support::{self, Db, db, ids, store};
use comm_domain::outreach::{EmailId, EmailStatus};
use comm_ports::outreach::OutreachStore;
use comm_postgres::PgStore;
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

const ATTEMPTS: &str = "SELECT count(*) FROM communication_service.versandtakt";

/// With this many mails waiting, all due, the oldest first, and a store that limits each domain.
async fn limited(mails: usize, most: u32) -> (Db, PgStore) {
    let db = db().await;
    for _ in 0..mails {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    db.sql("UPDATE communication_service.emails SET faellig_am = now() - make_interval(mins => 100 - id::int)").await;
    let limited = store(&db.database.url()).with_domain_limit(NonZeroU32::new(most));
    (db, limited)
}

async fn address(db: &Db, id: i64, address: &str) {
    db.sql(&format!(
        "UPDATE communication_service.emails SET empfaenger_email = '{address}' WHERE id = {id}"
    ))
    .await;
}

async fn claim(store: &PgStore, limit: usize) -> Vec<EmailId> {
    let mut ids = ids(&support::claim(store, Uuid::new_v4(), limit).await);
    ids.sort_unstable();
    ids
}

async fn wait(store: &PgStore) -> Option<u64> {
    let wait = store.next_due().await.unwrap();
    wait.map(|wait| wait.as_secs())
}

/// Lets the attempts of the last minute grow older.
async fn pass(db: &Db, seconds: u32) {
    db.sql(&format!(
        "UPDATE communication_service.versandtakt SET begonnen_am = begonnen_am - make_interval(secs => {seconds})"
    ))
    .await;
}

#[tokio::test]
async fn a_domain_gets_its_share_of_a_minute_and_the_others_go_ahead() {
    let (db, store) = limited(6, 2).await;
    for id in [5, 6] {
        address(&db, id, &format!("a{id}@other.example")).await;
    }
    assert_eq!(claim(&store, 3).await, [1, 2, 5].map(EmailId));
    assert_eq!(claim(&store, 9).await, [6].map(EmailId));
    assert_eq!(claim(&store, 9).await, []);
    let wait = wait(&store).await.unwrap();
    assert!(
        (50..=60).contains(&wait),
        "nothing to look at before: {wait}"
    );
}

#[tokio::test]
async fn any_minute_counts_and_not_the_one_on_the_clock() {
    let (db, store) = limited(5, 2).await;
    assert_eq!(claim(&store, 1).await, [1].map(EmailId));
    pass(&db, 40).await;
    assert_eq!(claim(&store, 9).await, [2].map(EmailId));
    let until_the_first_is_forgotten = wait(&store).await.unwrap();
    assert!((15..=20).contains(&until_the_first_is_forgotten));
    pass(&db, 20).await;
    assert_eq!(wait(&store).await, Some(0));
    assert_eq!(claim(&store, 9).await, [3].map(EmailId));
    assert_eq!(db.number(ATTEMPTS).await, 2, "what is over is forgotten");
}

#[tokio::test]
async fn instances_that_claim_at_once_share_one_limit() {
    let (db, store) = limited(40, 7).await;
    let other = db.database.connect().await.unwrap();
    // A claim under way on another instance: else a mail that comes in between could be one too many.
    other
        .batch_execute("BEGIN; SELECT pg_advisory_xact_lock(x'00434F4D54414B54'::bigint)")
        .await
        .unwrap();
    let mut claiming = JoinSet::new();
    for _ in 0..5 {
        let store = store.clone();
        claiming.spawn(async move { claim(&store, 4).await });
    }
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while db.number(waiting).await < 5 {}
    other.batch_execute("COMMIT").await.unwrap();
    let mut all: Vec<EmailId> = claiming.join_all().await.into_iter().flatten().collect();
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3, 4, 5, 6, 7].map(EmailId));
}

#[tokio::test]
async fn a_domain_is_one_however_it_is_written() {
    let (db, store) = limited(3, 1).await;
    address(&db, 1, "a@Praxis.Example").await;
    address(&db, 2, "\"odd@local\"@praxis.example").await;
    address(&db, 3, "a@sub.praxis.example").await;
    assert_eq!(claim(&store, 9).await, [1, 3].map(EmailId));
}

#[tokio::test]
async fn what_is_not_due_yet_is_waited_for_even_if_its_domain_is_free() {
    let (db, store) = limited(1, 1).await;
    db.sql("UPDATE communication_service.emails SET faellig_am = now() + interval '1 hour'")
        .await;
    assert_eq!(claim(&store, 9).await, []);
    assert!(wait(&store).await.unwrap() > 3500);
}

#[tokio::test]
async fn without_a_limit_nothing_is_counted() {
    let (db, store) = limited(20, 0).await;
    assert_eq!(claim(&store, 20).await.len(), 20);
    assert_eq!(db.number(ATTEMPTS).await, 0);
    assert_eq!(store.next_due().await.unwrap(), None::<Duration>);
}
