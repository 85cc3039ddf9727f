//! Emails and their events on a real PostgreSQL.

use crate::support::{Db, db, ids, store};
use chrono::TimeDelta;
use comm_domain::outreach::{
    Deletion, EmailId, EmailPatch, EmailStatus, Empfaenger, Fehlerart, Outcome, Patch,
    RecipientType, Versuchsplan,
};
use comm_ports::error::StoreError;
use comm_ports::outreach::{EmailFilter, EmailQuery, OutreachStore};
use comm_ports::page::{PageRequest, Position, Total};
use comm_ports::testing::build;
use comm_ports::{OutboxStore, testing::build::instant};
use std::time::Duration;
use uuid::Uuid;

const UNDO: TimeDelta = TimeDelta::seconds(5);

#[tokio::test]
async fn a_new_email_comes_back_as_it_was_with_its_event_beside_it() {
    let db = db().await;
    let change = build::created(1, EmailStatus::InWarteschlange);
    let mut expected = (**change.after()).clone();
    let stored = db.store.insert_email(change).await.unwrap();
    expected.due_in = None;
    assert_eq!(*stored, expected);
    assert_eq!(
        db.store.email(EmailId(1)).await.unwrap().as_ref(),
        Some(&stored)
    );
    let mut leader = db.store.try_lead().await.unwrap().unwrap();
    let events = leader.unpublished(10, Duration::ZERO).await.unwrap();
    assert_eq!(events.len(), 1);
    let record = &events.first().unwrap().record;
    assert_eq!(
        (
            record.aggregate_id,
            record.sequence,
            record.payload.as_slice()
        ),
        (1, 1, &[0, 1, 255][..])
    );
}

#[tokio::test]
async fn a_queued_email_is_due_after_undo_and_not_before_senden_ab() {
    let db = db().await;
    db.insert(EmailStatus::InWarteschlange).await;
    let due = db.store.next_due().await.unwrap().unwrap().as_secs_f64();
    assert!((3.0..=5.0).contains(&due), "{due}");
    let mut new = build::new_email(EmailStatus::InWarteschlange);
    new.senden_ab = Some(instant() + TimeDelta::days(365 * 50));
    db.sql("DELETE FROM communication_service.emails").await;
    let change = new.create(EmailId(77), "m".to_owned(), instant(), UNDO);
    db.store.insert_email(change).await.unwrap();
    assert!(db.store.next_due().await.unwrap().unwrap().as_secs() > 365 * 86_400);
}

#[tokio::test]
async fn ids_count_up_without_a_gap_also_when_many_ask_at_once() {
    let db = db().await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let store = db.store.clone();
        asking.spawn(async move { store.next_email_id().await.unwrap().0 });
    }
    let mut ids = asking.join_all().await;
    ids.sort_unstable();
    assert_eq!(ids, (1..=200).collect::<Vec<i64>>());
}

#[tokio::test]
async fn a_change_and_its_events_are_stored_together_or_not_at_all() {
    let db = db().await;
    let email = db.insert(EmailStatus::Entwurf).await;
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(email.id).await.unwrap().unwrap();
    let patch = EmailPatch {
        antwort_erhalten: Some(true),
        antwortinhalt: Patch::Set("ja".to_owned()),
        status: Some(EmailStatus::Gesendet),
        ..EmailPatch::default()
    };
    tx.save_email(locked.apply(patch, instant(), UNDO).unwrap())
        .await
        .unwrap();
    drop(tx);
    let unchanged = db.store.email(email.id).await.unwrap().unwrap();
    assert_eq!(unchanged.status, EmailStatus::Entwurf);
    assert_eq!(
        db.number("SELECT count(*) FROM communication_service.outbox")
            .await,
        1
    );
}

#[tokio::test]
async fn a_dropped_transaction_is_rolled_back_at_once() {
    let db = db().await;
    let email = db.insert(EmailStatus::Entwurf).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.lock_email(email.id).await.unwrap().unwrap();
    drop(tx);
    // It would wait for the lock until its statement timeout if the first were still open.
    let mut next = db.store.begin().await.unwrap();
    next.lock_email(email.id).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_commit_after_a_failed_statement_is_refused() {
    let db = db().await;
    let email = db.insert(EmailStatus::Entwurf).await;
    let other = db.insert(EmailStatus::Entwurf).await;
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(email.id).await.unwrap().unwrap();
    let patch = EmailPatch {
        betreff: Some("Neu".to_owned()),
        ..EmailPatch::default()
    };
    tx.save_email(locked.apply(patch, instant(), UNDO).unwrap())
        .await
        .unwrap();
    // The events of a row are numbered once: storing this change twice breaks a constraint.
    let twice = || match other.clone().delete(instant()).unwrap() {
        Deletion::Remove(change) | Deletion::Hide(change) => change,
    };
    tx.save_email(twice()).await.unwrap();
    let conflict = tx.save_email(twice()).await.unwrap_err();
    assert!(
        matches!(conflict, StoreError::Conflict { constraint } if constraint == "outbox_sequence_key")
    );
    assert!(tx.commit().await.is_err());
    assert_eq!(
        db.store.email(email.id).await.unwrap().unwrap().betreff,
        "Anfrage"
    );
}

#[tokio::test]
async fn a_hidden_email_is_gone_for_clients_and_a_removed_one_for_good() {
    let db = db().await;
    let mut expected = 0;
    for status in [EmailStatus::Entwurf, EmailStatus::Gesendet] {
        let email = db.insert(EmailStatus::Entwurf).await;
        let mut tx = db.store.begin().await.unwrap();
        let locked = tx.lock_email(email.id).await.unwrap().unwrap();
        let patch = EmailPatch {
            status: Some(status),
            ..EmailPatch::default()
        };
        let saved = tx
            .save_email(locked.apply(patch, instant(), UNDO).unwrap())
            .await
            .unwrap();
        match saved.delete(instant()).unwrap() {
            Deletion::Remove(change) => tx.remove_email(change).await.unwrap(),
            Deletion::Hide(change) => {
                expected += 1;
                drop(tx.save_email(change).await.unwrap());
            }
        }
        tx.commit().await.unwrap();
        assert_eq!(db.store.email(email.id).await.unwrap(), None);
        assert!(
            db.store
                .begin()
                .await
                .unwrap()
                .lock_email(email.id)
                .await
                .unwrap()
                .is_none()
        );
    }
    assert_eq!(expected, 1);
    assert_eq!(
        db.number("SELECT count(*) FROM communication_service.emails")
            .await,
        1
    );
    let page = db.store.list_emails(&EmailQuery::default()).await.unwrap();
    assert!(page.rows.is_empty());
}

#[tokio::test]
async fn pages_and_cursors_show_every_email_once_newest_first() {
    let db = db().await;
    for _ in 0..7 {
        db.insert(EmailStatus::Entwurf).await;
    }
    // Two share an instant: the id decides.
    db.sql("UPDATE communication_service.emails SET created_at = created_at + make_interval(secs => id / 2)").await;
    let all = walk(&db, |_, cursor| cursor).await;
    assert_eq!(all, (1..=7).rev().map(EmailId).collect::<Vec<_>>());
    let mut numbered = Vec::new();
    for page in 1..=4 {
        let request = PageRequest::numbered(page, 2);
        let answer = db.store.list_emails(&asking(&request)).await.unwrap();
        assert_eq!(
            answer.total,
            Some(Total {
                count: 7,
                capped: false
            })
        );
        assert_eq!(answer.next.is_some(), page < 4);
        numbered.extend(ids(&answer.rows));
    }
    assert_eq!(numbered, all);
}

fn asking(page: &PageRequest) -> EmailQuery {
    EmailQuery {
        page: page.clone(),
        ..EmailQuery::default()
    }
}

async fn walk(db: &Db, follow: impl Fn(&PageRequest, Position) -> Position) -> Vec<EmailId> {
    let mut seen = Vec::new();
    let mut request = PageRequest::numbered(1, 2);
    loop {
        let page = db.store.list_emails(&asking(&request)).await.unwrap();
        seen.extend(ids(&page.rows));
        let Some(cursor) = page.next else { return seen };
        match follow(&request, Position::After(cursor)) {
            Position::After(cursor) => request = PageRequest::after(cursor, 2),
            Position::Page(page) => request = PageRequest::numbered(page, 2),
        }
    }
}

/// Filters, and how many of the three emails below each shows.
fn filters() -> [(EmailFilter, i64); 9] {
    let only = |set: fn(&mut EmailFilter)| {
        let mut filter = EmailFilter::default();
        set(&mut filter);
        filter
    };
    [
        (EmailFilter::default(), 3),
        (only(|filter| filter.therapist_id = Some(7)), 1),
        (only(|filter| filter.patient_id = Some(9)), 1),
        (only(|filter| filter.patient_id = Some(7)), 0),
        (
            only(|filter| filter.recipient_type = Some(RecipientType::Therapist)),
            2,
        ),
        (
            only(|filter| filter.recipient_type = Some(RecipientType::Patient)),
            1,
        ),
        (
            only(|filter| filter.status = Some(EmailStatus::InWarteschlange)),
            1,
        ),
        (
            only(|filter| filter.fehlerart = Some(Fehlerart::AusgangUnklar)),
            1,
        ),
        (
            only(|filter| {
                filter.therapist_id = Some(8);
                filter.status = Some(EmailStatus::Entwurf);
            }),
            0,
        ),
    ]
}

#[tokio::test]
async fn filters_show_what_they_name() {
    let db = db().await;
    db.insert(EmailStatus::Entwurf).await;
    let mut new = build::new_email(EmailStatus::InWarteschlange);
    new.empfaenger = Empfaenger::Patient(9);
    let to_patient = new.create(EmailId(50), "m".to_owned(), instant(), UNDO);
    db.store.insert_email(to_patient).await.unwrap();
    db.sql(
        "INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, fehlerart, message_id, \
           created_at, updated_at, sequence) \
         VALUES (8, 'b', 'h', 't', false, 'a@example.org', 'n', 'b@example.org', 'n', 'Fehlgeschlagen', \
           'ausgang_unklar', 'x', now(), now(), 1)",
    )
    .await;
    for (filter, expected) in filters() {
        let page = db
            .store
            .list_emails(&EmailQuery {
                filter: filter.clone(),
                ..EmailQuery::default()
            })
            .await
            .unwrap();
        assert_eq!(page.total.unwrap().count, expected, "{filter:?}");
        assert_eq!(page.rows.len() as i64, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn a_database_that_cuts_connections_or_goes_away_is_unavailable_and_recovers() {
    let db = db().await;
    let email = db.insert(EmailStatus::Entwurf).await;
    let mut tx = db.store.begin().await.unwrap();
    tx.lock_email(email.id).await.unwrap().unwrap();
    db.database.kill_connections().await.unwrap();
    assert!(tx.lock_email(email.id).await.unwrap_err().is_transient());
    drop(tx);
    assert_eq!(db.store.email(email.id).await.unwrap(), Some(email));
    let nowhere = store("postgresql://postgres@127.0.0.1:1/none");
    assert!(nowhere.email(EmailId(1)).await.unwrap_err().is_transient());
    assert!(nowhere.next_email_id().await.unwrap_err().is_transient());
    assert!(nowhere.ready().await.unwrap_err().is_transient());
}

#[tokio::test]
async fn an_email_under_way_keeps_its_lease_when_a_client_edits_it() {
    let db = db().await;
    let email = db.insert(EmailStatus::InWarteschlange).await;
    db.all_due().await;
    let sperre = Uuid::new_v4();
    db.claim(sperre, 1).await;
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(email.id).await.unwrap().unwrap();
    let answered = EmailPatch {
        antwort_erhalten: Some(true),
        ..EmailPatch::default()
    };
    tx.save_email(locked.apply(answered, instant(), UNDO).unwrap())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    let held = tx
        .lock_held(&[(email.id, sperre)])
        .await
        .unwrap()
        .pop()
        .unwrap();
    let sent = tx
        .save_email(
            held.settle(Outcome::Accepted, instant(), &Versuchsplan::default())
                .unwrap(),
        )
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        (sent.status, sent.antwort.erhalten, sent.sequence),
        (EmailStatus::Gesendet, true, 3)
    );
}

#[tokio::test]
async fn many_at_the_same_moment_are_all_stored_but_for_the_one_that_is_refused() {
    let db = db().await;
    let taken = db.insert(EmailStatus::Entwurf).await.id.0;
    let mut racing = tokio::task::JoinSet::new();
    for id in 100..300 {
        let store = db.store.clone();
        racing.spawn(async move {
            let id = if id == 150 { taken } else { id };
            let created = build::created(id, EmailStatus::InWarteschlange);
            (id, store.insert_email(created).await)
        });
    }
    for (id, stored) in racing.join_all().await {
        match stored {
            Ok(email) => assert_eq!(email.id.0, id),
            Err(StoreError::Conflict { .. }) => assert_eq!(id, taken),
            Err(error) => panic!("{id}: {error}"),
        }
    }
    assert_eq!(
        (db.rows("emails").await, db.rows("outbox").await),
        (200, 200)
    );
}

#[tokio::test]
async fn an_email_whose_commit_fails_is_not_called_stored() {
    let db = db().await;
    db.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'too late'; END $$; \
         CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON communication_service.emails \
           DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    .await;
    let id = db.store.next_email_id().await.unwrap();
    let created = build::created(id.0, EmailStatus::Entwurf);
    assert!(db.store.insert_email(created).await.is_err());
    assert_eq!(db.store.email(id).await.unwrap(), None);
}
