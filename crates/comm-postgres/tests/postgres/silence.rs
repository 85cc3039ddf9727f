//! A connection that falls silent without being closed: between the service and PostgreSQL stands a proxy that stops
//! passing anything on, while its kernel goes on to acknowledge.

use crate::support::{db, store_with};
use comm_devkit::postgres::Proxy;
use comm_domain::outreach::{EmailId, EmailStatus};
use comm_ports::error::StoreError;
use comm_ports::outreach::OutreachStore;
use comm_ports::{OutboxStore, Signal, Signals};
use comm_postgres::{DatabaseConfig, PgSignals};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// A statement's limit, and by how much its answer may be late.
const LIMIT: Duration = Duration::from_millis(500);
const NOTICED: Duration = Duration::from_secs(5 + 3);

/// The same database behind a proxy.
async fn behind_a_proxy(url: &str) -> (Proxy, DatabaseConfig) {
    let proxy = Proxy::before(url).await.unwrap();
    let mut config = DatabaseConfig::for_url(&proxy.url(url));
    config.statement_timeout_ms = LIMIT.as_millis().try_into().unwrap();
    (proxy, config)
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_given_up_and_so_are_those_that_lay_idle_beside_it() {
    let db = db().await;
    let email = db.insert(EmailStatus::Entwurf).await;
    let (proxy, config) = behind_a_proxy(&db.database.url()).await;
    let store = store_with(&config);
    let mut idle = Vec::new();
    for _ in 0..5 {
        idle.push(store.begin().await.unwrap());
    }
    for tx in idle {
        tx.rollback().await;
    }

    proxy.fall_silent();
    let begun = Instant::now();
    let silent = timeout(NOTICED, store.email(email.id)).await;
    let error = silent.expect("it is noticed").unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(begun.elapsed() > LIMIT, "PostgreSQL had its time");
    store.email(email.id).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_transaction_whose_connection_falls_silent_is_told_so_at_its_commit() {
    let db = db().await;
    let email = db.insert(EmailStatus::Entwurf).await;
    let (proxy, config) = behind_a_proxy(&db.database.url()).await;
    let mut tx = store_with(&config).begin().await.unwrap();
    tx.lock_email(email.id).await.unwrap().unwrap();

    proxy.fall_silent();
    let commit = timeout(NOTICED, tx.commit()).await.expect("it is noticed");
    let error = commit.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn an_idle_connection_is_not_given_up() {
    let db = db().await;
    let (_proxy, config) = behind_a_proxy(&db.database.url()).await;
    let store = store_with(&config);
    let backend = "SELECT pid::bigint FROM pg_stat_activity WHERE datname = current_database() \
         AND query LIKE '%\"emails\"%' AND pid <> pg_backend_pid()";
    store.email(EmailId(1)).await.unwrap();
    let before = db.number(backend).await;
    sleep(NOTICED).await;
    store.email(EmailId(1)).await.unwrap();
    assert_eq!(db.number(backend).await, before);
}

#[tokio::test]
async fn a_leader_whose_connection_falls_silent_leads_no_more() {
    let db = db().await;
    let (proxy, config) = behind_a_proxy(&db.database.url()).await;
    let mut lease = store_with(&config).try_lead().await.unwrap().unwrap();
    assert!(lease.holds(Duration::ZERO).await);

    proxy.fall_silent();
    let patience = Duration::from_secs(5) + NOTICED;
    let holds = timeout(patience, lease.holds(Duration::ZERO)).await;
    assert!(!holds.expect("it is noticed"));
}

/// PostgreSQL's session is neither idle nor in a statement that it could end: it waits for room to send.
#[tokio::test]
async fn a_leader_that_stands_still_while_it_reads_loses_its_lock() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, topic, key, \
           payload, traceparent, occurred_at) \
         SELECT gen_random_uuid(), 't', 'email', n, 1, 't', 'k', convert_to(repeat('p', 50000), 'utf8'), 't', now() \
         FROM generate_series(1, 2000) n",
    )
    .await;
    let (proxy, config) = behind_a_proxy(&db.database.url()).await;
    let mut lease = store_with(&config).try_lead().await.unwrap().unwrap();
    let reading =
        tokio::spawn(async move { lease.unpublished(2000, Duration::ZERO).await.map(drop) });
    let sends = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'ClientWrite'";
    while db.number(sends).await == 0 {}
    proxy.fall_silent();
    let begun = Instant::now();
    while db.store.try_lead().await.unwrap().is_none() {
        sleep(Duration::from_millis(200)).await;
    }
    assert!(
        begun.elapsed() < Duration::from_secs(25),
        "{:?}",
        begun.elapsed()
    );
    reading.abort();
}

#[tokio::test]
async fn signals_find_another_connection_when_theirs_falls_silent() {
    let db = db().await;
    let (proxy, config) = behind_a_proxy(&db.database.url()).await;
    let here = PgSignals::start(&config);
    let elsewhere = PgSignals::start(&DatabaseConfig::for_url(&db.database.url()));
    let told = async |patience: Duration| {
        let wait = timeout(patience, elsewhere.wait(Signal::Queue));
        wait.await.is_ok()
    };
    let patience = Duration::from_secs(20);
    // Both say once that they are there; then one tells the other.
    assert!(told(patience).await);
    here.raise(Signal::Queue);
    assert!(told(patience).await);

    proxy.fall_silent();
    here.raise(Signal::Queue);
    assert!(!told(Duration::from_secs(1)).await, "it is silent");
    assert!(told(patience).await, "what was not told is told again");
}
