//! Claims, leases and due times on a real PostgreSQL.

use crate::support::{LEASE, claim, db, ids};
use comm_domain::outreach::{EmailId, EmailStatus, Outcome, Versuchsplan};
use comm_ports::outreach::OutreachStore;
use comm_ports::testing::build::instant;
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

#[tokio::test]
async fn a_mail_is_given_to_one_of_many_that_claim_at_once() {
    let db = db().await;
    for _ in 0..40 {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    db.all_due().await;
    let mut claiming = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = db.store.clone();
        claiming.spawn(async move {
            let mut mine = Vec::new();
            for _ in 0..5 {
                mine.extend(ids(&claim(&store, Uuid::new_v4(), 3).await));
            }
            mine
        });
    }
    let all: Vec<EmailId> = claiming.join_all().await.into_iter().flatten().collect();
    assert_eq!(all.len(), 40);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 40);
}

#[tokio::test]
async fn the_lowest_priority_number_goes_first_then_the_longest_due() {
    let db = db().await;
    for _ in 0..4 {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    db.sql(
        "UPDATE communication_service.emails SET faellig_am = now() - make_interval(mins => 10 - id::int), \
           rang = CASE WHEN id = 3 THEN 0 ELSE 5 END",
    )
    .await;
    db.sql("UPDATE communication_service.emails SET faellig_am = now() + interval '1 hour' WHERE id = 4").await;
    assert_eq!(ids(&db.claim(Uuid::new_v4(), 1).await), [EmailId(3)]);
    assert_eq!(ids(&db.claim(Uuid::new_v4(), 1).await), [EmailId(1)]);
    assert_eq!(
        ids(&db.claim(Uuid::new_v4(), 9).await),
        [EmailId(2)],
        "4 is not due"
    );
    assert!(db.store.next_due().await.unwrap().unwrap() > Duration::from_secs(3500));
}

#[tokio::test]
async fn a_row_that_nobody_can_read_is_put_off_and_holds_up_no_other() {
    let db = db().await;
    for _ in 0..3 {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    db.all_due().await;
    db.sql(
        "UPDATE communication_service.emails SET empfaenger_email = 'not an address', \
           faellig_am = faellig_am - interval '1 second' WHERE id = 1",
    )
    .await;
    let claimed = db.claim(Uuid::new_v4(), 2).await;
    assert_eq!(ids(&claimed), [EmailId(2)]);
    assert_eq!(ids(&db.claim(Uuid::new_v4(), 2).await), [EmailId(3)]);
    let put_off = "SELECT count(*) FROM communication_service.emails \
         WHERE id = 1 AND status = 'In_Warteschlange' AND sperre IS NULL AND faellig_am > now()";
    assert_eq!(db.number(put_off).await, 1);
}

#[tokio::test]
async fn only_the_token_that_holds_a_mail_can_lock_it_for_an_outcome() {
    let db = db().await;
    let email = db.insert(EmailStatus::InWarteschlange).await;
    let other = db.insert(EmailStatus::InWarteschlange).await;
    db.all_due().await;
    let (mine, theirs) = (Uuid::new_v4(), Uuid::new_v4());
    db.claim(mine, 1).await;
    db.claim(theirs, 1).await;
    let mut tx = db.store.begin().await.unwrap();
    let crossed = [(email.id, theirs), (other.id, mine)];
    assert!(tx.lock_held(&crossed).await.unwrap().is_empty());
    let held = tx
        .lock_held(&[(other.id, theirs), (email.id, mine)])
        .await
        .unwrap();
    assert_eq!(ids(&held), [email.id, other.id], "by ascending id");
}

#[tokio::test]
async fn a_lease_runs_out_unless_it_is_renewed_and_its_holder_may_still_settle() {
    let db = db().await;
    let email = db.insert(EmailStatus::InWarteschlange).await;
    db.all_due().await;
    let sperre = Uuid::new_v4();
    assert_eq!(
        db.claim(sperre, 1).await.first().unwrap().status,
        EmailStatus::WirdGesendet
    );
    db.sql("UPDATE communication_service.emails SET gesperrt_bis = now() - interval '1 second'")
        .await;
    db.store.renew(&[sperre], LEASE).await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.lock_expired(&[]).await.unwrap().is_none(), "renewed");
    tx.commit().await.unwrap();
    db.sql("UPDATE communication_service.emails SET gesperrt_bis = now() - interval '1 second'")
        .await;
    let mut tx = db.store.begin().await.unwrap();
    let expired = tx.lock_expired(&[]).await.unwrap().unwrap();
    let doubted = tx
        .save_email(expired.abandon(instant()).unwrap())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(doubted.in_doubt());
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.lock_expired(&[]).await.unwrap().is_none());
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
    assert_eq!(sent.status, EmailStatus::Gesendet);
    assert!(
        tx.lock_held(&[(email.id, sperre)])
            .await
            .unwrap()
            .is_empty(),
        "the lease is given up"
    );
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_request_to_send_goes_ahead_of_the_queue_but_not_before_senden_ab() {
    let db = db().await;
    for _ in 0..3 {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    let draft = db.insert(EmailStatus::Entwurf).await;
    db.all_due().await;
    db.sql("UPDATE communication_service.emails SET senden_ab = now() + interval '1 hour', faellig_am = now() + interval '1 hour' WHERE id = 2").await;
    let expedite = |id| {
        let store = db.store.clone();
        async move {
            let mut tx = store.begin().await.unwrap();
            let status = tx.expedite(EmailId(id)).await.unwrap();
            tx.commit().await.unwrap();
            status
        }
    };
    assert_eq!(expedite(3).await, Some(EmailStatus::InWarteschlange));
    assert_eq!(expedite(2).await, Some(EmailStatus::InWarteschlange));
    assert_eq!(expedite(draft.id.0).await, Some(EmailStatus::Entwurf));
    assert_eq!(expedite(999).await, None);
    assert_eq!(ids(&db.claim(Uuid::new_v4(), 1).await), [EmailId(3)]);
    assert_eq!(ids(&db.claim(Uuid::new_v4(), 9).await), [EmailId(1)]);
}

#[tokio::test]
async fn a_renewal_says_who_is_still_held_and_a_release_puts_back_what_was_never_sent() {
    let db = db().await;
    let email = db.insert(EmailStatus::InWarteschlange).await;
    db.all_due().await;
    let (ours, lost) = (Uuid::new_v4(), Uuid::new_v4());
    db.claim(ours, 1).await;
    let held = db.store.renew(&[ours, lost], LEASE).await.unwrap();
    assert_eq!(held, [(email.id, ours)]);
    assert_eq!(db.store.release(&[lost]).await.unwrap(), 0);
    assert_eq!(db.store.release(&[ours]).await.unwrap(), 1);
    assert_eq!(db.store.renew(&[ours], LEASE).await.unwrap(), []);
    assert_eq!(ids(&db.claim(lost, 1).await), [email.id]);
}

#[tokio::test]
async fn a_row_that_somebody_holds_keeps_no_other_lease_from_being_renewed() {
    let db = db().await;
    let first = db.insert(EmailStatus::InWarteschlange).await;
    let second = db.insert(EmailStatus::InWarteschlange).await;
    db.all_due().await;
    let ours = Uuid::new_v4();
    db.claim(ours, 2).await;
    let mut editing = db.store.begin().await.unwrap();
    editing.lock_email(first.id).await.unwrap().unwrap();
    let held = db.store.renew(&[ours], LEASE).await.unwrap();
    assert_eq!(held, [(second.id, ours)]);
    editing.rollback().await;
    assert_eq!(db.store.renew(&[ours], LEASE).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_expired_row_that_nobody_can_read_or_save_keeps_none_behind_it() {
    let db = db().await;
    for _ in 0..3 {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    db.all_due().await;
    db.claim(Uuid::new_v4(), 3).await;
    db.sql(
        "UPDATE communication_service.emails SET gesperrt_bis = now() - interval '1 second', \
           empfaenger_email = CASE WHEN id = 1 THEN 'not an address' ELSE empfaenger_email END",
    )
    .await;
    let mut tx = db.store.begin().await.unwrap();
    assert!(tx.lock_expired(&[]).await.unwrap().is_none());
    tx.commit().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    let next = tx.lock_expired(&[EmailId(2)]).await.unwrap().unwrap();
    assert_eq!(next.id, EmailId(3));
}

#[tokio::test]
async fn doubts_about_what_was_claimed_with_a_token_are_found_and_end_at_their_old_place() {
    let db = db().await;
    for _ in 0..3 {
        db.insert(EmailStatus::InWarteschlange).await;
    }
    db.all_due().await;
    let mut tx = db.store.begin().await.unwrap();
    tx.expedite(EmailId(2)).await.unwrap();
    tx.commit().await.unwrap();
    let lost = Uuid::new_v4();
    assert_eq!(db.claim(lost, 2).await.len(), 2);
    assert_eq!(db.claim(Uuid::new_v4(), 1).await.len(), 1);
    db.sql("UPDATE communication_service.emails SET gesperrt_bis = now() - interval '1 second'")
        .await;
    let mut tx = db.store.begin().await.unwrap();
    while let Some(expired) = tx.lock_expired(&[]).await.unwrap() {
        let doubt = expired.abandon(instant()).unwrap();
        tx.save_email(doubt).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    let doubted = tx.lock_doubted(&[lost]).await.unwrap();
    let ids: Vec<i64> = doubted.iter().map(|email| email.id.0).collect();
    assert_eq!(ids, [1, 2]);
    for email in doubted {
        let back = email.settle(Outcome::CalledOff, instant(), &Versuchsplan::default());
        tx.save_email(back.unwrap()).await.unwrap();
    }
    assert!(tx.lock_doubted(&[lost]).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    let next = db.claim(Uuid::new_v4(), 1).await;
    assert_eq!(next.first().unwrap().id, EmailId(2), "still ahead");
}
