//! The relay's lock on a real PostgreSQL: one leader, and what is left of it when it goes.

use crate::outbox::leader;
use crate::support::{db, store};
use comm_domain::outreach::EmailStatus;
use comm_ports::{OutboxStore, RelayLease};
use std::time::Duration;

const FLIGHT: Duration = Duration::from_secs(11);

/// Tries until the server has noticed that the leader before is gone.
async fn successor(store: &comm_postgres::PgStore) -> Box<dyn RelayLease> {
    loop {
        if let Some(lease) = store.try_lead().await.unwrap() {
            return lease;
        }
    }
}

#[tokio::test]
async fn one_relay_leads_until_it_goes_or_its_connection_is_cut() {
    let db = db().await;
    let other = store(&db.database.url());
    let mut first = leader(&db).await;
    assert!(first.holds(Duration::ZERO).await);
    assert!(other.try_lead().await.unwrap().is_none());
    db.database.kill_connections().await.unwrap();
    assert!(!first.holds(Duration::ZERO).await);
    let mut second = successor(&other).await;
    assert!(second.holds(Duration::ZERO).await);
}

#[tokio::test]
async fn a_leader_whose_lock_is_gone_can_neither_read_nor_mark_nor_park() {
    let db = db().await;
    db.insert(EmailStatus::Entwurf).await;
    let mut first = leader(&db).await;
    let end = "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_locks \
         WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) x";
    assert_eq!(db.number(end).await, 1);
    assert!(first.mark_published(&[1]).await.is_err());
    assert!(first.park(1, "too large").await.is_err());
    assert!(first.unpublished(9, FLIGHT).await.is_err());
    let touched = "SELECT count(*) FROM communication_service.outbox \
         WHERE published_at IS NOT NULL OR parked_at IS NOT NULL";
    assert_eq!(db.number(touched).await, 0);
}

#[tokio::test]
async fn a_successor_learns_how_long_events_of_the_leader_before_may_still_arrive() {
    let db = db().await;
    let mut first = leader(&db).await;
    assert_eq!(first.in_flight(), Duration::ZERO);
    assert!(first.unpublished(9, FLIGHT).await.unwrap().is_empty());
    drop(first);
    let mut second = successor(&db.store).await;
    assert_eq!(second.in_flight(), Duration::ZERO, "nothing was read");

    db.insert(EmailStatus::Entwurf).await;
    assert_eq!(second.unpublished(9, FLIGHT).await.unwrap().len(), 1);
    drop(second);
    let third = successor(&db.store).await;
    let rest = third.in_flight();
    assert!(rest > Duration::from_secs(5) && rest <= FLIGHT, "{rest:?}");
    drop(third);
    let mut fourth = successor(&db.store).await;
    assert!(fourth.holds(Duration::from_secs(60)).await);
    assert!(fourth.holds(Duration::ZERO).await, "which shortens nothing");
    drop(fourth);
    let fifth = successor(&db.store).await;
    assert!(fifth.in_flight() > Duration::from_secs(40));

    fifth.release().await;
    let sixth = successor(&db.store).await;
    assert_eq!(
        sixth.in_flight(),
        Duration::ZERO,
        "an orderly end leaves nothing"
    );
}
