//! When an attempt that failed for the moment is due again, by the database's clock.

use crate::support::{Db, db, ids};
use chrono::TimeDelta;
use comm_domain::outreach::{
    Email, EmailId, EmailPatch, EmailStatus, Fehler, Fehlerart, Fehlergrund, Outcome, Patch,
    Versuchsplan,
};
use comm_ports::OutboxStore;
use comm_ports::outreach::OutreachStore;
use comm_ports::testing::build::instant;
use std::time::Duration;
use uuid::Uuid;

const DUE_AS_SAID: &str = "SELECT count(*) FROM communication_service.emails \
     WHERE naechster_versuch_am = faellig_am";

/// Claims the one mail that is due, and stores that its attempt failed for the moment.
async fn fail(db: &Db) -> Email {
    let sperre = Uuid::new_v4();
    let claimed = db.claim(sperre, 1).await.pop().unwrap();
    let mut tx = db.store.begin().await.unwrap();
    let held = tx.lock_held(&[(claimed.id, sperre)]).await.unwrap();
    let fehler = Fehler {
        art: Fehlerart::Voruebergehend,
        grund: Fehlergrund::NichtErreichbar,
        server: None,
        enhanced_code: None,
        anhang: None,
    };
    let change = held.into_iter().next().unwrap().settle(
        Outcome::Failed(fehler),
        instant(),
        &Versuchsplan::default(),
    );
    let email = tx.save_email(change.unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    email
}

async fn waiting() -> (Db, Email) {
    let db = db().await;
    db.insert(EmailStatus::InWarteschlange).await;
    db.all_due().await;
    let email = fail(&db).await;
    (db, email)
}

#[tokio::test]
async fn the_next_attempt_is_due_by_the_databases_clock_whatever_ours_says() {
    let (db, email) = waiting().await;
    assert_eq!(email.status, EmailStatus::InWarteschlange);
    assert_eq!(email.fehlerart, Some(Fehlerart::Voruebergehend));
    // Our clock stands at `instant()`, the database's does not.
    let wait = "SELECT CAST(extract(epoch FROM naechster_versuch_am - clock_timestamp()) AS bigint) \
         FROM communication_service.emails";
    let wait = db.number(wait).await;
    assert!((50..=60).contains(&wait), "{wait}");
    assert_eq!(
        db.store
            .email(email.id)
            .await
            .unwrap()
            .unwrap()
            .naechster_versuch_am,
        email.naechster_versuch_am
    );
    assert_eq!(db.number(DUE_AS_SAID).await, 1);
    let due = db.store.next_due().await.unwrap().unwrap();
    assert!((50..=60).contains(&due.as_secs()), "{due:?}");
    assert!(db.claim(Uuid::new_v4(), 1).await.is_empty());
    let mut leader = db.store.try_lead().await.unwrap().unwrap();
    let events = leader.unpublished(10, Duration::ZERO).await.unwrap();
    assert_eq!(events.len(), 1, "a retry is no event");
    db.all_due().await;
    assert_eq!(fail(&db).await.wiederholungsanzahl, 2);
}

#[tokio::test]
async fn the_next_attempt_is_not_before_senden_ab() {
    let db = db().await;
    db.insert(EmailStatus::InWarteschlange).await;
    db.sql("UPDATE communication_service.emails SET faellig_am = now(), senden_ab = now() + interval '1 hour'").await;
    let email = fail(&db).await;
    assert_eq!(email.naechster_versuch_am, email.senden_ab);
    assert_eq!(db.number(DUE_AS_SAID).await, 1);
}

#[tokio::test]
async fn a_request_to_send_overrides_a_back_off_once() {
    let (db, email) = waiting().await;
    let mut tx = db.store.begin().await.unwrap();
    tx.expedite(email.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.store.next_due().await.unwrap(), Some(Duration::ZERO));
    assert_eq!(db.number(DUE_AS_SAID).await, 1);
    let again = fail(&db).await;
    assert_eq!(again.wiederholungsanzahl, 2);
    let due = db.store.next_due().await.unwrap().unwrap();
    assert!((290..=300).contains(&due.as_secs()), "{due:?}");
}

#[tokio::test]
async fn what_a_person_changes_meanwhile_leaves_the_next_attempt_where_it_is() {
    let (db, email) = waiting().await;
    let edit = |patch: EmailPatch| {
        let store = db.store.clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            let email = tx.lock_email(EmailId(1)).await.unwrap().unwrap();
            let change = email
                .apply(patch, instant(), TimeDelta::seconds(5))
                .unwrap();
            let email = tx.save_email(change).await.unwrap();
            tx.commit().await.unwrap();
            email
        }
    };
    let noted = edit(EmailPatch {
        nachverfolgung_notizen: Patch::Set("Notiz".to_owned()),
        ..EmailPatch::default()
    });
    assert_eq!(noted.await.naechster_versuch_am, email.naechster_versuch_am);
    assert_eq!(db.number(DUE_AS_SAID).await, 1);
    let draft = edit(EmailPatch {
        status: Some(EmailStatus::Entwurf),
        ..EmailPatch::default()
    });
    let draft = draft.await;
    assert_eq!((draft.fehlerart, draft.naechster_versuch_am), (None, None));
    db.all_due().await;
    assert_eq!(ids(&db.claim(Uuid::new_v4(), 1).await), []);
}
