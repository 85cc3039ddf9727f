//! The outbox and signals on a real PostgreSQL: order, priority, parking, purge, health.

use crate::support::{Db, db};
use comm_domain::outreach::{Email, EmailStatus, Fehler, Fehlergrund, Outcome, Versuchsplan};
use comm_ports::outreach::OutreachStore;
use comm_ports::testing::build::instant;
use comm_ports::{OutboxStore, RelayLease, Signal, Signals};
use comm_postgres::{DatabaseConfig, PgSignals};
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(20);
const FLIGHT: Duration = Duration::from_secs(11);

pub(crate) async fn leader(db: &Db) -> Box<dyn RelayLease> {
    db.store.try_lead().await.unwrap().unwrap()
}

/// What the relay would publish next, as (email, sequence).
async fn waiting(leader: &mut dyn RelayLease) -> Vec<(i64, i64)> {
    let rows = leader.unpublished(100, FLIGHT).await.unwrap();
    rows.iter()
        .map(|row| (row.record.aggregate_id, row.record.sequence))
        .collect()
}

/// Claims everything and stores this outcome for the email.
async fn fail(db: &Db, email: &Email) {
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(email.id).await.unwrap().unwrap();
    let outcome = Outcome::Failed(Fehler::in_doubt(Fehlergrund::AntwortFehlt));
    tx.save_email(
        locked
            .settle(outcome, instant(), &Versuchsplan::default())
            .unwrap(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

async fn under_way(db: &Db, count: usize) -> Vec<Email> {
    for _ in 0..count {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    db.all_due().await;
    let mut claimed = db.claim(Uuid::new_v4(), count).await;
    assert_eq!(claimed.len(), count);
    // A claim answers in any order; several emails are locked and saved by ascending id.
    claimed.sort_by_key(|email| email.id);
    claimed
}

#[tokio::test]
async fn only_marked_rows_leave_the_outbox_and_old_ones_are_purged_but_no_parked_ones() {
    let db = db().await;
    for _ in 0..4 {
        db.insert(EmailStatus::Entwurf).await;
    }
    let mut leader = leader(&db).await;
    let rows = leader.unpublished(2, FLIGHT).await.unwrap();
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids, [1, 2], "oldest first");
    leader.mark_published(&[2]).await.unwrap();
    leader.park(4, "too large").await.unwrap();
    assert_eq!(waiting(leader.as_mut()).await, [(1, 1), (3, 1)]);
    let week = Duration::from_secs(7 * 86_400);
    assert_eq!(db.store.purge(week, 10).await.unwrap(), 0);
    db.sql(
        "UPDATE communication_service.outbox SET queued_at = now() - interval '9 days', \
           occurred_at = now() - interval '9 days'; \
         UPDATE communication_service.outbox SET published_at = now() - interval '8 days' WHERE id = 2; \
         UPDATE communication_service.outbox SET parked_at = now() - interval '8 days' WHERE id = 4",
    )
    .await;
    assert_eq!(db.store.purge(week, 10).await.unwrap(), 1);
    assert_eq!(db.store.purge(week, 10).await.unwrap(), 0);
    let left = db.number("SELECT count(*) FROM communication_service.outbox");
    assert_eq!(left.await, 3);
}

#[tokio::test]
async fn what_is_asked_for_again_at_this_moment_is_not_purged() {
    let db = db().await;
    db.insert(EmailStatus::Entwurf).await;
    db.sql("UPDATE communication_service.outbox SET published_at = now() - interval '8 days'")
        .await;
    let mut client = db.database.connect().await.unwrap();
    let tx = client.transaction().await.unwrap();
    let again = "UPDATE communication_service.outbox SET published_at = NULL";
    tx.batch_execute(again).await.unwrap();
    let week = Duration::from_secs(7 * 86_400);
    let store = db.store.clone();
    let purge = tokio::spawn(async move { store.purge(week, 10).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    tx.commit().await.unwrap();
    assert_eq!(purge.await.unwrap().unwrap(), 0);
    assert_eq!(db.rows("outbox").await, 1);
}

#[tokio::test]
async fn a_failed_mail_goes_first_and_takes_along_what_still_waits_of_it() {
    let db = db().await;
    let emails = under_way(&db, 4).await;
    let mut leader = leader(&db).await;
    // Of the fourth, the first event is published already.
    leader.mark_published(&[4]).await.unwrap();
    for email in [&emails[2], &emails[3]] {
        fail(&db, email).await;
    }
    let expected = [(3, 1), (3, 2), (4, 2), (1, 1), (2, 1)];
    assert_eq!(waiting(leader.as_mut()).await, expected);
    let raised = "SELECT count(*) FROM communication_service.outbox WHERE priority = 0";
    assert_eq!(db.number(raised).await, 3, "nothing that was published");
}

/// Locks are taken in the same order, whatever the order in which rows were written or are named.
#[tokio::test(flavor = "multi_thread")]
async fn marks_and_raises_of_the_same_rows_never_lock_each_other_out() {
    let db = db().await;
    let mut leader = leader(&db).await;
    for _ in 0..10 {
        let emails = under_way(&db, 20).await;
        let mut rows = leader.unpublished(100, FLIGHT).await.unwrap();
        rows.sort_by_key(|row| std::cmp::Reverse(row.record.aggregate_id));
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let raise = async {
            let mut tx = db.store.begin().await.unwrap();
            for email in &emails {
                let locked = tx.lock_email(email.id).await.unwrap().unwrap();
                let outcome = Outcome::Failed(Fehler::in_doubt(Fehlergrund::AntwortFehlt));
                let change = locked
                    .settle(outcome, instant(), &Versuchsplan::default())
                    .unwrap();
                tx.save_email(change).await.unwrap();
            }
            tx.commit().await.unwrap();
        };
        let (marked, ()) = tokio::join!(leader.mark_published(&ids), raise);
        marked.unwrap();
        let rest = leader.unpublished(100, FLIGHT).await.unwrap();
        let rest: Vec<i64> = rest.iter().map(|row| row.id).collect();
        leader.mark_published(&rest).await.unwrap();
    }
}

#[tokio::test]
async fn a_later_event_that_does_not_go_first_stays_behind_an_earlier_one_that_does() {
    let db = db().await;
    let emails = under_way(&db, 2).await;
    fail(&db, &emails[1]).await;
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(emails[1].id).await.unwrap().unwrap();
    tx.save_email(
        locked
            .settle(Outcome::Accepted, instant(), &Versuchsplan::default())
            .unwrap(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let mut leader = leader(&db).await;
    let expected = [(2, 1), (2, 2), (1, 1), (2, 3)];
    assert_eq!(waiting(leader.as_mut()).await, expected);
}

#[tokio::test]
async fn a_parked_row_holds_back_its_email_and_no_call_of_the_same_number() {
    let db = db().await;
    let emails = under_way(&db, 2).await;
    fail(&db, &emails[0]).await;
    db.sql(
        "INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, \
           topic, key, payload, traceparent, occurred_at) \
         VALUES (gen_random_uuid(), 'communication.call_scheduled', 'telefonanruf', 1, 1, 't', '1', 'p', 't', now())",
    )
    .await;
    let mut leader = leader(&db).await;
    leader.park(1, "too large").await.unwrap();
    let rows = leader.unpublished(9, FLIGHT).await.unwrap();
    let left: Vec<_> = rows
        .iter()
        .map(|row| (row.record.aggregate.as_str(), row.record.aggregate_id))
        .collect();
    assert_eq!(left, [("email", 2), ("telefonanruf", 1)]);
    let health = db.store.health().await.unwrap();
    assert_eq!((health.parked, health.held_back, health.depth), (1, 1, 3));
}

#[tokio::test]
async fn a_copy_shares_the_sequence_of_its_original_and_nothing_else_may() {
    let db = db().await;
    db.insert(EmailStatus::Entwurf).await;
    let again = |is_copy: bool| {
        format!(
            "INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, \
               is_copy, topic, key, payload, traceparent, occurred_at) \
             VALUES (gen_random_uuid(), 't', 'email', 1, 1, {is_copy}, 't', '1', 'p', 't', now())"
        )
    };
    db.sql(&again(true)).await;
    for is_copy in [false, true] {
        let client = db.database.connect().await.unwrap();
        let error = client.batch_execute(&again(is_copy)).await.unwrap_err();
        let constraint = error.as_db_error().and_then(|error| error.constraint());
        assert_eq!(constraint, Some("outbox_sequence_key"));
    }
    let mut leader = leader(&db).await;
    let rows = leader.unpublished(9, FLIGHT).await.unwrap();
    let copies: Vec<bool> = rows.iter().map(|row| row.record.is_copy).collect();
    assert_eq!(copies, [false, true]);
}

#[tokio::test]
async fn health_is_what_the_tables_say() {
    let db = db().await;
    let health = db.store.health().await.unwrap();
    assert_eq!(health, comm_ports::event_log::OutboxHealth::default());
    for _ in 0..3 {
        db.insert(EmailStatus::Entwurf).await;
    }
    let mut leader = leader(&db).await;
    leader.mark_published(&[1]).await.unwrap();
    db.sql(
        "UPDATE communication_service.outbox SET queued_at = published_at - interval '40 ms' WHERE id = 1; \
         UPDATE communication_service.outbox SET queued_at = now() - interval '90 seconds' WHERE id = 2",
    )
    .await;
    for _ in 0..2 {
        let failures = [("timed out".to_owned(), 2), ("too large".to_owned(), 1)];
        leader.count_failures(&failures).await.unwrap();
    }
    let health = db.store.health().await.unwrap();
    assert_eq!((health.depth, health.parked, health.held_back), (2, 0, 0));
    let age = health.oldest_age.unwrap().as_secs();
    assert!((90..150).contains(&age), "{age} s");
    let latency = health.latency.unwrap();
    assert_eq!((latency.events, latency.p50.as_millis()), (1, 40));
    let mut counts: Vec<_> = health
        .failures
        .iter()
        .map(|failure| (failure.reason.as_str(), failure.count))
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [("timed out", 4), ("too large", 2)]);
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
