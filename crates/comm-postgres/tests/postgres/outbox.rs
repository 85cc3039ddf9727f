//! The outbox, the relay's lock and signals on a real PostgreSQL.

use crate::support::{db, store};
use comm_domain::outreach::EmailStatus;
use comm_ports::{OutboxStore, Signal, Signals};
use comm_postgres::{DatabaseConfig, PgSignals};
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn only_marked_rows_leave_the_outbox_and_old_ones_are_purged() {
    let db = db().await;
    for _ in 0..3 {
        db.insert(EmailStatus::Entwurf).await;
    }
    let rows = db.store.unpublished(2).await.unwrap();
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids, [1, 2], "oldest first");
    db.store.mark_published(&[2]).await.unwrap();
    let left: Vec<i64> = db
        .store
        .unpublished(9)
        .await
        .unwrap()
        .iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(left, [1, 3]);
    let week = Duration::from_secs(7 * 86_400);
    assert_eq!(db.store.purge(week, 10).await.unwrap(), 0);
    db.sql("UPDATE communication_service.outbox SET published_at = now() - interval '8 days' WHERE id = 2").await;
    assert_eq!(db.store.purge(week, 10).await.unwrap(), 1);
    assert_eq!(
        db.number("SELECT count(*) FROM communication_service.outbox")
            .await,
        2
    );
}

#[tokio::test]
async fn one_relay_leads_until_it_goes_or_its_connection_is_cut() {
    let db = db().await;
    let other = store(&db.database.url());
    let mut first = db.store.try_lead().await.unwrap().unwrap();
    assert!(first.holds().await);
    assert!(other.try_lead().await.unwrap().is_none());
    db.database.kill_connections().await.unwrap();
    assert!(!first.holds().await);
    let second = other.try_lead().await.unwrap();
    assert!(second.is_some());
}

#[tokio::test]
async fn a_signal_wakes_the_other_instance_and_this_one() {
    let db = db().await;
    let config = DatabaseConfig::for_url(&db.database.url());
    let (here, there) = (PgSignals::start(&config), PgSignals::start(&config));
    // Both say once that they listen now, so that their worker looks for what it has missed.
    for signals in [&here, &there] {
        timeout(PATIENCE, signals.wait(Signal::Queue))
            .await
            .unwrap();
        timeout(PATIENCE, signals.wait(Signal::Outbox))
            .await
            .unwrap();
    }
    here.raise(Signal::Queue);
    timeout(PATIENCE, there.wait(Signal::Queue)).await.unwrap();
    timeout(PATIENCE, here.wait(Signal::Queue)).await.unwrap();
    assert!(
        timeout(Duration::from_millis(200), there.wait(Signal::Outbox))
            .await
            .is_err()
    );
    db.database.kill_connections().await.unwrap();
    timeout(PATIENCE, there.wait(Signal::Outbox)).await.unwrap();
}
