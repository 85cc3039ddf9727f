//! What an operator asks about events, on a real PostgreSQL.

use crate::outbox::leader;
use crate::support::{Db, db};
use comm_domain::outreach::EmailStatus;
use comm_ports::EventLog;
use comm_ports::event_log::{EventEntry, EventFilter, EventState, StateFilter, Subject};
use comm_ports::testing::build::instant;
use std::time::Duration;

/// Four emails: two published, one parked, one unpublished.
async fn four() -> Db {
    let db = db().await;
    for _ in 0..4 {
        db.insert(EmailStatus::Entwurf).await;
    }
    let mut leader = leader(&db).await;
    leader.mark_published(&[1, 2]).await.unwrap();
    leader.park(3, "too large").await.unwrap();
    db
}

fn ids(entries: &[EventEntry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.id).collect()
}

fn about(id: i64) -> EventFilter {
    EventFilter {
        subject: Some(Subject {
            aggregate: "email".to_owned(),
            id,
        }),
        ..EventFilter::default()
    }
}

fn in_state(state: StateFilter) -> EventFilter {
    EventFilter {
        state,
        ..EventFilter::default()
    }
}

#[tokio::test]
async fn events_are_listed_by_what_they_are_about_and_where_they_stand() {
    let db = four().await;
    let list = |filter: EventFilter, limit| {
        let store = db.store.clone();
        async move { ids(&store.list(&filter, limit).await.unwrap()) }
    };
    assert_eq!(list(EventFilter::default(), 9).await, [1, 2, 3, 4]);
    assert_eq!(list(EventFilter::default(), 2).await, [3, 4], "the newest");
    assert_eq!(list(about(2), 9).await, [2]);
    assert_eq!(list(in_state(StateFilter::Unpublished), 9).await, [3, 4]);
    assert_eq!(list(in_state(StateFilter::Parked), 9).await, [3]);
    let later = EventFilter {
        from: Some(instant() + Duration::from_secs(1)),
        ..EventFilter::default()
    };
    assert_eq!(list(later, 9).await, [] as [i64; 0]);
    let until_then = EventFilter {
        from: Some(instant()),
        before: Some(instant() + Duration::from_secs(1)),
        ..EventFilter::default()
    };
    assert_eq!(list(until_then, 9).await, [1, 2, 3, 4]);
    let all = db.store.list(&EventFilter::default(), 9).await.unwrap();
    assert!(matches!(all[0].state, EventState::Published(_)));
    assert_eq!(all[2].state, EventState::Parked("too large".to_owned()));
    assert_eq!(all[3].state, EventState::Unpublished);
    assert_eq!(all[1].subject.to_string(), "email 2");
}

#[tokio::test]
async fn what_is_asked_for_again_keeps_its_event_id_and_waits_once_more() {
    let db = four().await;
    let event_id = db.store.list(&about(2), 9).await.unwrap()[0].event_id;
    let filter = EventFilter {
        event_ids: vec![event_id],
        ..EventFilter::default()
    };
    assert_eq!(db.store.replay(&filter).await.unwrap(), 1);
    assert_eq!(
        db.store.replay(&filter).await.unwrap(),
        0,
        "it waits already"
    );
    let again = &db.store.list(&about(2), 9).await.unwrap()[0];
    assert_eq!(
        (again.event_id, &again.state),
        (event_id, &EventState::Unpublished)
    );
    let waits_anew = "SELECT count(*) FROM communication_service.outbox \
         WHERE id = 2 AND queued_at > (SELECT published_at FROM communication_service.outbox WHERE id = 1)";
    assert_eq!(db.number(waits_anew).await, 1);

    assert_eq!(
        db.store
            .replay(&in_state(StateFilter::Parked))
            .await
            .unwrap(),
        1
    );
    let all = db.store.replay(&EventFilter::default()).await.unwrap();
    assert_eq!(all, 1, "only the first is still published");
    let mut leader = leader(&db).await;
    let rows = leader.unpublished(9, Duration::ZERO).await.unwrap();
    assert_eq!(
        rows.iter().map(|row| row.id).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
}

/// The end of an email goes first, and so do other events of it that wait by then.
#[tokio::test]
async fn what_is_asked_for_again_of_one_email_comes_in_its_order() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, priority, topic, \
           key, payload, traceparent, occurred_at, published_at) \
         SELECT gen_random_uuid(), 't', 'email', email, nr, prio, 't', 'k', 'p', 't', now(), at \
         FROM (VALUES (1, 1, 1, now()), (2, 1, 1, now()), (1, 2, 0, now()), (3, 1, 1, now()), (1, 3, 1, NULL), (4, 1, 1, NULL), \
           (3, 2, 0, NULL)) AS event (email, nr, prio, at)",
    )
    .await;
    assert_eq!(db.store.replay(&EventFilter::default()).await.unwrap(), 4);
    let mut leader = leader(&db).await;
    let rows = leader.unpublished(9, Duration::ZERO).await.unwrap();
    let order: Vec<_> = rows
        .iter()
        .map(|row| (row.record.aggregate_id, row.record.sequence))
        .collect();
    assert_eq!(
        order,
        [(1, 1), (1, 2), (3, 1), (1, 3), (3, 2), (2, 1), (4, 1)]
    );
    let untouched =
        "SELECT count(*) FROM communication_service.outbox WHERE aggregate_id = 4 AND priority = 1";
    assert_eq!(db.number(untouched).await, 1);
}

#[tokio::test]
async fn many_are_asked_for_again_in_batches() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, topic, key, \
           payload, traceparent, occurred_at, published_at) \
         SELECT gen_random_uuid(), 't', 'email', n, 1, 't', 'k', 'p', 't', now(), now() FROM generate_series(1, 2500) n",
    )
    .await;
    let all = EventFilter::default();
    assert_eq!(db.store.replay(&all).await.unwrap(), 2500);
    assert_eq!(db.store.replay(&all).await.unwrap(), 0);
}

#[tokio::test]
async fn for_a_comparison_published_events_come_page_by_page() {
    let db = four().await;
    let now = db.store.now().await.unwrap();
    let page = db.store.published("topic", now, 0).await.unwrap();
    assert_eq!(ids(&page), [1, 2]);
    assert_eq!(
        ids(&db.store.published("topic", now, 1).await.unwrap()),
        [2]
    );
    assert!(
        db.store
            .published("other", now, 0)
            .await
            .unwrap()
            .is_empty()
    );
    let earlier = now - Duration::from_secs(60);
    assert!(
        db.store
            .published("topic", earlier, 0)
            .await
            .unwrap()
            .is_empty()
    );
}
